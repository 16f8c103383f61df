"""Time limits of queries."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from scraper.archive.queries.run_query import (
    MAX_CACHE_ENTRIES,
    QueryCache,
    run_with_timeout,
    time_limit,
)
from scraper.exceptions import QueryFailed
from tests.archive.shop import Shop
from tests.conftest import FURTHER

_COUNT = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
    "SELECT max(i) FROM n"
)


def test_a_slow_query_is_stopped(shop: Shop):
    def endless(connection: sqlite3.Connection) -> object:
        return connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
        ).fetchone()

    with pytest.raises(QueryFailed):
        run_with_timeout(shop.db.conn, 50, endless)
    assert (
        run_with_timeout(
            shop.db.conn, 50, lambda connection: connection.execute("SELECT 1").fetchone()[0]
        )
        == 1
    )


@FURTHER
def test_the_time_limit_holds_inside_the_full_text_index():
    with closing(sqlite3.connect(":memory:", check_same_thread=False)) as connection:
        connection.execute("CREATE VIRTUAL TABLE texts USING fts5(text)")
        connection.executemany("INSERT INTO texts VALUES (?)", [["tea pot " * 500]] * 500)
        # A third of a second, during which SQLite never asks whether to go on.
        slow = " AND ".join(["tea"] * 1000 + ["cup"])
        with pytest.raises(QueryFailed):
            run_with_timeout(
                connection,
                20,
                lambda reader: reader.execute(
                    "SELECT count(*) FROM texts WHERE texts MATCH ?", [f"{slow} OR {slow}"]
                ).fetchone(),
            )


def test_no_interrupt_reaches_the_next_query():
    with closing(sqlite3.connect(":memory:", check_same_thread=False)) as connection:
        for _ in range(20):
            with time_limit(connection, 0):
                time.sleep(0.01)
            assert connection.execute(_COUNT).fetchone() == (20_000,)


def test_a_cached_result_is_valid_until_the_archive_changes(tmp_path: Path):
    with (
        closing(sqlite3.connect(tmp_path / "a.db")) as reader,
        closing(sqlite3.connect(tmp_path / "a.db")) as writer,
    ):
        cache, runs = QueryCache(), iter(range(10))

        def version() -> int:
            return int(reader.execute("PRAGMA data_version").fetchone()[0])

        first = [cache.get_or_run(version, "key", lambda: next(runs)) for _ in range(2)]
        writer.execute("CREATE TABLE t (a)")
        writer.commit()
        assert (first, cache.get_or_run(version, "key", lambda: next(runs))) == ([0, 0], 1)


def test_two_who_ask_at_once_have_it_computed_once():
    cache, runs = QueryCache(), iter(range(10))

    async def ask() -> int:
        async with cache.lock("key"):
            return await asyncio.to_thread(
                cache.get_or_run, lambda: 1, "key", lambda: (time.sleep(0.01), next(runs))[1]
            )

    async def both() -> list[int]:
        return await asyncio.gather(ask(), ask(), ask())

    assert asyncio.run(both()) == [0, 0, 0]


def test_the_least_recently_used_result_leaves_a_full_cache():
    cache = QueryCache()
    for key in [*range(MAX_CACHE_ENTRIES), 0, "one more"]:
        cache.get_or_run(lambda: 1, key, lambda: "old")
    results = [cache.get_or_run(lambda: 1, key, lambda: "new") for key in (0, 1)]
    assert results == ["old", "new"]
