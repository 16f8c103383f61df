"""A store of 2,000 posts, 20 of them edited: what a recrawl asks for, finds and writes, a day later
and on a day without news."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from scraper.archive.file_hashes import hashes_path
from scraper.demo import DemoServer
from tests.bulk_store import BulkStore
from tests.campaign.runs import Bench, crawl, verified
from tests.conftest import rows

POSTS, EDITED = 2000, 20
TABLES = (
    "posts",
    "post_urls",
    "contents",
    "revisions",
    "observations",
    "changes",
    "change_fields",
    "links",
    "code_mentions",
    "listings",
)


def run(bench: Bench) -> None:
    """Crawl, let a day pass, crawl the edited store, crawl it once more."""
    db = bench.archive("edits")
    with DemoServer(
        BulkStore(POSTS, page_bytes=20_000, edited_share=EDITED / POSTS), fresh_tokens=True
    ) as server:
        bench.log.check(crawl(server.url, db)[0] == 0, "edits: the first crawl")
        _a_day_passes(db)
        server.requests.clear()
        server.day = 2
        bench.log.check(crawl(server.url, db)[0] == 0, "edits: the second day")
        edited = {change.post.path for change in server.store.changes(2)}
        asked = [request.path for request in server.requests]
        recorded = {str(url).removeprefix(server.url) for (url,) in rows(db, _TOLD)}
        bench.log.check(
            recorded == edited and len(edited) == EDITED,
            f"edits: {len(recorded & edited)} found, {len(recorded - edited)} invented",
        )
        _check_asked(bench, asked, edited)
        _check_unchanged(bench, server, db)
    clean, said = verified(db)
    bench.log.check(clean, f"edits: verify says {said[-300:]}")


_TOLD = "SELECT posts.url FROM changes JOIN posts ON posts.id = post_id WHERE crawl_id = 2"


def _check_asked(bench: Bench, asked: Iterable[str], edited: set[str]) -> None:
    posts = [path for path in asked if "/note-" in path]
    swept = [path for path in posts if path not in edited]
    bench.log.report(
        f"second day: {len(edited & set(posts))} edited posts asked for, {len(swept)} more by the "
        "sweep of a day"
    )
    bench.log.check(len(posts) == len(set(posts)), "edits: each post is asked for once")
    bench.log.check(len(swept) < POSTS / 10, f"edits: {len(swept)} posts swept in one day")


def _check_unchanged(bench: Bench, server: DemoServer, db: Path) -> None:
    before = {table: rows(db, f"SELECT * FROM {table} ORDER BY id") for table in TABLES}
    server.requests.clear()
    bench.log.check(crawl(server.url, db)[0] == 0, "edits: a day without news")
    moved = [
        table for table in TABLES if rows(db, f"SELECT * FROM {table} ORDER BY id") != before[table]
    ]
    bench.log.check(not moved, f"edits: a day without news writes to {', '.join(moved)}")
    bench.log.report(f"without news: {len(server.requests)} requests, {len(moved)} tables written")


def _a_day_passes(db: Path) -> None:
    """Put all that was seen a day further back, for the sweep goes by the clock."""
    with closing(sqlite3.connect(db, isolation_level=None)) as connection:
        for table, column in connection.execute(_MOMENTS).fetchall():
            moved = f"strftime('%Y-%m-%dT%H:%M:%SZ', {column}, '-1 day')"
            connection.execute(f"UPDATE {table} SET {column} = {moved} WHERE {column} != ''")
    hashes_path(db).unlink(missing_ok=True)  # another program wrote


_MOMENTS = """
    SELECT tables.name, columns.name
    FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns
    WHERE tables.type = 'table' AND tables.name NOT LIKE 'revisions_fts%'
        AND tables.name NOT LIKE '\\_%' ESCAPE '\\'
        AND (columns.name GLOB '*seen_at' OR columns.name IN (
            'started_at', 'heartbeat_at', 'finished_at', 'fetched_at', 'full_discovery_at',
            'last_changed_at', 'not_before', 'not_after'))
"""
