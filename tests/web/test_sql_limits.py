"""SQL of visitors on Datasette's pages: bounded values and results, and no page waits for it."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from scraper.archive.queries import run_query
from scraper.web.server import make_datasette
from tests.conftest import ThreeDays

LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300) "
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def ask_sql(archive: Path, *statements: str, form: str = "json") -> list[httpx.Response]:
    async def answers() -> list[httpx.Response]:
        datasette = make_datasette(archive)
        paths = [f"/archive.{form}?{urlencode({'sql': sql})}" for sql in statements]
        return [await datasette.client.get(path) for path in paths]

    return asyncio.run(answers())


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT randomblob(250000000)",
        "SELECT zeroblob(250000000)",
        "SELECT hex(zeroblob(60000000))",
        "SELECT zeroblob(20000000)",
        f"{LONG} SELECT randomblob(100000) FROM n",
        f"{LONG} SELECT group_concat(hex(zeroblob(500000))) FROM n",
        f"SELECT {', '.join(['1'] * 201)}",
        f"SELECT 'a' LIKE '{'%a' * 501}'",
        "ATTACH '/etc/passwd' AS other",
    ],
)
def test_large_results_are_refused(three_days: ThreeDays, sql: str):
    refused, after = ask_sql(three_days.db, sql, "SELECT 1 AS one")
    assert refused.status_code == 400
    assert len(refused.content) < 250_000
    assert after.json()["rows"] == [[1]]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT instr('tea pot', 'pot'), instr('tea', 'x'), instr('tea', ''), instr(NULL, 'a')",
        "SELECT instr(x'0102', x'02'), instr(1234, 3), instr('été', 't'), instr(2.5, '.')",
        "SELECT replace('tea', 'e', 'é'), replace('tea', '', 'x'), replace(121, 1, 3)",
        "SELECT replace('tea', NULL, 'x'), replace('aaa', 'aa', 'b'), replace('a', 'a', '')",
        "SELECT trim('  tea '), ltrim('  tea '), rtrim(' tea  '), trim(NULL), trim('\ttea')",
        "SELECT trim('xyteayx', 'xy'), ltrim('xxa', 'x'), rtrim('éa', 'é'), trim('tea', '')",
        "SELECT trim(1231, 1), trim('tea', NULL), trim(x'2061'), trim(2.50, 2)",
    ],
)
def test_functions_of_linear_time_equal_those_of_sqlite(sql: str):
    with closing(sqlite3.connect(":memory:")) as own, closing(sqlite3.connect(":memory:")) as ours:
        run_query.limit_connection(ours)
        assert ours.execute(sql).fetchall() == own.execute(sql).fetchall()


def test_functions_take_linear_time_and_bounded_memory(three_days: ThreeDays):
    found, large = ask_sql(
        three_days.db,
        "SELECT instr(zeroblob(20000000), cast(zeroblob(10000000) || 'x' AS blob)) AS place",
        "SELECT length(replace(hex(zeroblob(1000000)), '0', hex(zeroblob(1000000)))) AS n",
    )
    assert found.json()["rows"] == [[0]]
    assert large.json()["rows"] == [[None]]


def test_trimming_takes_linear_time(three_days: ThreeDays):
    long, signs = ask_sql(
        three_days.db,
        "SELECT length(trim(hex(zeroblob(1900000)), 'x0' || hex(zeroblob(50000)))) AS n",
        "SELECT trim(group_concat(char(value)), group_concat(char(value))) AS n "
        "FROM (WITH RECURSIVE n(value) AS (SELECT 200 UNION ALL SELECT value + 1 FROM n "
        "LIMIT 300) SELECT value FROM n)",
    )
    assert long.json()["rows"] == [[0]]
    assert signs.json()["rows"] == [[None]]


def test_an_error_is_answered_without_printing_everything(
    three_days: ThreeDays, capsys: pytest.CaptureFixture[str]
):
    (answer,) = ask_sql(three_days.db, f"SELECT {'tea' * 5000}")
    assert answer.status_code == 400
    assert capsys.readouterr().out == ""


def test_a_wide_format_has_no_result(three_days: ThreeDays):
    (answer,) = ask_sql(three_days.db, "SELECT printf('%1000000000d', 1) AS wide")
    assert answer.json()["rows"] == [[None]]


def test_results_within_the_limits_are_shown(three_days: ThreeDays):
    (answer,) = ask_sql(three_days.db, "SELECT hex(zeroblob(1000000)) AS zeros", form="csv")
    assert answer.status_code == 200
    assert len(answer.text) > 2_000_000


def test_the_rows_of_each_request_are_counted_anew(
    three_days: ThreeDays, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(run_query, "MAX_RESULT_BYTES", 100_000)
    answers = ask_sql(three_days.db, *["SELECT hex(zeroblob(40000)) AS zeros"] * 4)
    assert [answer.status_code for answer in answers] == [200] * 4


def test_pages_do_not_wait_for_slow_sql(three_days: ThreeDays):
    async def finished() -> list[str]:
        datasette = make_datasette(three_days.db)
        order: list[str] = []

        async def ask(path: str) -> None:
            answer = await datasette.client.get(path)
            order.append(f"{answer.status_code} {path[:10]}")

        await ask("/")
        slow = [
            asyncio.create_task(ask(f"/archive.json?{urlencode({'sql': ENDLESS})}"))
            for _ in range(8)
        ]
        await asyncio.sleep(0.1)
        for path in ("/", "/-/changes", "/archive/posts.json?_size=5", "/-/search?q=tea"):
            await ask(path)
        await asyncio.gather(*slow)
        return order

    order = asyncio.run(finished())
    assert order[:3] == ["200 /", "200 /", "200 /-/changes"]
    assert order[3:5] == ["200 /archive/p", "200 /-/search?"]
    assert order[5:] == ["400 /archive.j"] * 8
