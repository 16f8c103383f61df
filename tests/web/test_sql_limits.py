"""SQL of visitors on Datasette's pages: bounded values and results, and no page waits for it."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from scraper.archive.queries import run_query
from scraper.archive.query_process import QueryProcess
from scraper.archive.query_worker import FunctionCall, QueryOptions
from scraper.web.server import SETTINGS, make_datasette
from tests.conftest import ThreeDays
from tests.each_row import each_row
from tests.web.test_security import ask

LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300) "
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
FOLLOW = {"follow_redirects": True}  # to the address that SQL has from Datasette 1.0 on


def ask_sql(archive: Path, *statements: str, form: str = "json") -> list[httpx.Response]:
    async def answers() -> list[httpx.Response]:
        client = make_datasette(archive).client
        options = {"_shape": "arrays", "_extra": "columns"}
        queries = [urlencode({"sql": sql, **options}) for sql in statements]
        return [await client.get(f"/archive.{form}?{query}", **FOLLOW) for query in queries]

    return asyncio.run(answers())


def test_a_defect_in_a_function_that_is_called_apart_is_raised_with_its_place(
    three_days: ThreeDays,
):
    options = QueryOptions(archive=three_days.db, cache_size_kb=0, max_heap_bytes=0, functions={})
    with closing(QueryProcess(options)) as process:
        for _ in range(2):
            with pytest.raises(TypeError) as raised:
                process.execute(FunctionCall(function=divmod, arguments=(1,), kill_after_ms=60_000))
            assert "query_worker.py" in raised.value.__notes__[0]


@each_row(
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


def test_an_error_is_answered_without_printing_everything(
    three_days: ThreeDays, capsys: pytest.CaptureFixture[str]
):
    (answer,) = ask_sql(three_days.db, f"SELECT {'tea' * 5000}")
    assert answer.status_code == 400
    assert capsys.readouterr().out == ""


def test_a_wide_format_and_the_place_of_the_file_have_no_result(three_days: ThreeDays):
    answers = ask_sql(
        three_days.db,
        "SELECT printf('%1000000000d', 1) AS wide",
        "SELECT file FROM PRAGMA_DATABASE_LIST",  # first: SQLite keeps a name as first typed
        "SELECT file FROM pragma_database_list",
    )
    assert [answer.json()["rows"] for answer in answers] == [[[None]]] * 3


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
    # Their limit is longer than any test takes (tests/conftest.py): the queries end because they
    # are killed, after the pages.
    async def read_beside() -> tuple[list[int], int]:
        datasette = make_datasette(three_days.db)

        async def ask(path: str) -> int:
            return (await datasette.client.get(path, **FOLLOW)).status_code

        await ask("/")
        hostile = [
            f"/archive.json?{urlencode({'sql': ENDLESS})}",
            f"/archive/posts.json?{urlencode({'_where': f'id = ({ENDLESS})'})}",
            f"/archive/posts.json?{urlencode({'_facet': 'state', '_where': f'id = ({ENDLESS})'})}",
        ]
        slow = [asyncio.create_task(ask(path)) for path in hostile * 3]
        pages = ["/", "/-/changes", "/archive/posts.json?_size=5", "/-/search?q=tea"]
        read = [await ask(path) for path in pages]
        n_running = sum(not task.done() for task in slow)
        while not all(task.done() for task in slow):
            datasette.get_database("archive").end_queries()
            await asyncio.sleep(0.01)
        await asyncio.gather(*slow, return_exceptions=True)
        return read, n_running

    assert asyncio.run(read_beside()) == ([200] * 4, 9)


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param(
            # SQLite computes once what is the same in each row.
            "SELECT sum(length(printf('%.*c', 30000000 + i, 'x'))) AS n FROM "
            f"({LONG} SELECT i FROM n) WHERE i > 0",
            id="one slow function after another",
        ),
        pytest.param(ENDLESS, id="endless"),
        pytest.param(
            "SELECT instr(zeroblob(20000000), cast(zeroblob(10000000) || 'x' AS blob)) AS n",
            id="one function, within which SQLite looks at no clock",
        ),
    ],
)
def test_sql_is_interrupted_when_its_time_is_over(
    three_days: ThreeDays, monkeypatch: pytest.MonkeyPatch, sql: str
):
    # Enough for the questions that Datasette itself asks for a page, on a busy machine too.
    monkeypatch.setitem(SETTINGS, "sql_time_limit_ms", 250)
    filtered = ask(three_days.db, f"/archive/posts?{urlencode({'_where': f'id = ({sql})'})}")
    assert filtered.status_code == 400
    slow, after = ask_sql(three_days.db, sql, "SELECT 1 AS one")
    assert slow.status_code == 400
    assert "time limit" in slow.text
    assert after.json()["rows"] == [[1]]


def test_two_columns_of_one_name_are_both_shown(three_days: ThreeDays):
    (answer,) = ask_sql(three_days.db, 'SELECT 1 AS a, 2 AS a, 3 AS "q"""')
    assert answer.json()["rows"] == [[1, 2, 3]]
    assert answer.json()["columns"] == ["a", "a", 'q"']
