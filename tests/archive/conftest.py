"""An archive in memory that forbids what history must never suffer, and is sound when the test is over."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from sqlite_utils import Database

from scraper.archive.database import prepare
from scraper.archive.search import index_new_revisions
from tests.archive.shop import Shop

MAY_CHANGE = {
    "contents": set(),
    "revisions": {"last_seen_at"},
    "sightings": {"last_seen_at", "times"},
    "captures": {"post_id"},
    "changes": {"group_id"},
    "change_groups": set(),
    "change_fields": set(),
    "code_mentions": set(),
    "discount_codes": set(),
    "links": {"to_post_id", "kind", "position", "last_seen_at", "gone_at"},
}
"""The columns of what was once written that may be written again; of every other table, all."""

ORDERLY = {
    "a change's bracket runs forward": "SELECT count(*) FROM changes WHERE not_before > not_after",
    "a post stands at a revision of its own": """
        SELECT count(*) FROM posts LEFT JOIN revisions ON revisions.id = revision_id WHERE revisions.post_id IS NOT posts.id
    """,
    "revisions are numbered without a gap": """
        SELECT count(*) FROM posts
        WHERE revision_count != (SELECT count(*) FROM revisions WHERE post_id = posts.id)
            OR revision_count != (SELECT max(number) FROM revisions WHERE post_id = posts.id)
    """,
    "no two revisions of a post are equal": """
        SELECT count(*) FROM (SELECT 1 FROM revisions GROUP BY post_id, content_id, fields_hash HAVING count(*) > 1)
    """,
    "neighbouring sightings differ": """
        SELECT count(*) FROM sightings AS a JOIN sightings AS b ON b.post_id = a.post_id
            AND b.id = (SELECT min(id) FROM sightings WHERE post_id = a.post_id AND id > a.id)
        WHERE (a.revision_id, a.verdict) IS (b.revision_id, b.verdict)
    """,
    "a link runs forward": "SELECT count(*) FROM links WHERE first_seen_at > last_seen_at OR gone_at < last_seen_at",
}


@pytest.fixture
def db() -> Iterator[Database]:
    database = Database(memory=True)
    prepare(database)
    database.conn.set_authorizer(_guard(set(database.table_names()) - {"_sqlite_migrations"}))
    yield database
    database.conn.set_authorizer(None)
    assert_sound(database)


@pytest.fixture
def shop(db: Database) -> Shop:
    return Shop(db)


def assert_sound(database: Database) -> None:
    """The file is whole, keys point at rows, the search index holds every revision, and history is in order."""
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    # A crawl that was left open is indexed when the next one begins, so that must be enough for every revision.
    index_new_revisions(database.conn)
    database.execute("INSERT INTO revisions_fts (revisions_fts, rank) VALUES ('integrity-check', 1)")
    broken = [rule for rule, sql in ORDERLY.items() if database.execute(sql).fetchone()[0]]
    assert broken == []


def _guard(tables: set[str]):
    own = {table for table in tables if not table.startswith("revisions_fts")}

    def allow(action: int, table: str | None, column: str | None, schema: str | None, source: str | None) -> int:
        if table not in own:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_DELETE:
            return sqlite3.SQLITE_DENY
        if action == sqlite3.SQLITE_UPDATE and column not in MAY_CHANGE.get(table, {column}):
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK

    return allow
