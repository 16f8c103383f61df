"""An archive in memory that forbids what history must never suffer, and is sound when the test is
over."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from scraper.archive.captures.schema import CAPTURES
from scraper.archive.captures.writer import CaptureWriter
from scraper.archive.database import open_for_reading, open_for_writing, prepare
from scraper.archive.verify import verify
from scraper.archive.write.search_index import index_new_revisions
from scraper.items import Post
from tests.archive.compared import ComparedArchive, Copy, Edges, make_posts
from tests.archive.full_archive import fill
from tests.archive.shop import Shop
from tests.conftest import Sample

MAY_CHANGE = {
    "contents": set(),
    "revisions": {"first_seen_at", "last_seen_at"},
    "observations": {"first_seen_at", "last_seen_at", "count"},
    "captures": {"revision_id"},
    "changes": {"group_id", "origin", "cause", "severity"},
    "reextractions": set(),
    "change_groups": set(),
    "change_fields": set(),
    "code_mentions": set(),
    "discount_codes": set(),
    "store_urls": {"gone_at"},
    "links": {
        "to_post_id",
        "kind",
        "position",
        "first_seen_at",
        "last_seen_at",
        "gone_at",
        "weight",
        "anchor",
    },
    "images": set(),
    "non_post_links": {"position", "first_seen_at", "last_seen_at", "gone_at"},
}
"""The columns of what was once written that may be written again; of every other table, all. A
period begins earlier where a file of an earlier time shows the same; the severity of a change is
bounded by who made it, as its group says."""


MAY_GO = {"image_queue"}
"""What is only work to be done."""


@pytest.fixture(scope="session")
def empty() -> bytes:
    """An archive with nothing in it, brought to today's schema once for all tests."""
    database = Database(memory=True)
    prepare(database)
    return database.conn.serialize()


@pytest.fixture(scope="session")
def verifications(sample: Sample) -> Iterator[bool]:
    """Whether the next archive is verified in the end: each is, with ``--short`` each fifth."""
    return itertools.cycle(turn in sample(range(5), 5) for turn in range(5))


@pytest.fixture
def db(empty: bytes, verifications: Iterator[bool]) -> Iterator[Database]:
    database = Database(memory=True)
    database.conn.deserialize(empty)
    prepare(database)
    database.conn.set_authorizer(_guard(set(database.table_names()) - {"_sqlite_migrations"}))
    yield database
    database.conn.set_authorizer(None)
    if next(verifications):
        assert_sound(database)


@pytest.fixture
def shop(db: Database) -> Shop:
    return Shop(db)


@pytest.fixture
def archive(tmp_path: Path) -> ComparedArchive:
    """An archive whose posts are compared; its index is a file."""
    return ComparedArchive(tmp_path / "similarity.db")


@pytest.fixture(scope="session")
def expected(all_compared: Copy, tmp_path_factory: pytest.TempPathFactory) -> Edges:
    """The edges when all posts come at once and are compared once."""
    return ComparedArchive(tmp_path_factory.mktemp("index") / "similarity.db", all_compared).edges()


@pytest.fixture
def complete(tmp_path: Path, all_compared: Copy) -> ComparedArchive:
    """An archive in which all posts were compared at once."""
    return ComparedArchive(tmp_path / "similarity.db", all_compared)


@pytest.fixture
def but_one(tmp_path: Path, all_but_one_compared: Copy) -> ComparedArchive:
    """An archive in which all posts but the last were compared at once."""
    return ComparedArchive(tmp_path / "similarity.db", all_but_one_compared)


@pytest.fixture(scope="session")
def all_compared(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return _compared(make_posts(), tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="session")
def all_but_one_compared(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return _compared(make_posts()[:-1], tmp_path_factory.mktemp("index"))


def _compared(posts: list[Post], folder: Path) -> Copy:
    archive = ComparedArchive(folder / "similarity.db")
    archive.crawl(posts)
    archive.update()
    return archive.copy()


def assert_sound(database: Database) -> None:
    """Nothing is wrong by `scrapy verify`'s own checks, nor by the search index's own."""
    # A crawl that was left open is indexed when the next one begins, so that must be enough for
    # every revision.
    index_new_revisions(database.conn)
    database.execute(
        "INSERT INTO revisions_fts (revisions_fts, rank) VALUES ('integrity-check', 1)"
    )
    assert [problem for result in verify(database) for problem in result.problems] == []


def wrong_checks(path: Path) -> set[str]:
    """The checks of `scrapy verify` that find something in an archive."""
    with closing(open_for_reading(path)) as database:
        return {result.name for result in verify(database) if result.found}


def _guard(tables: set[str]):
    own = {table for table in tables if not table.startswith("revisions_fts")}

    def allow(
        action: int, table: str | None, column: str | None, schema: str | None, source: str | None
    ) -> int:
        if table not in own:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_DELETE and table not in MAY_GO:
            return sqlite3.SQLITE_DENY
        if action == sqlite3.SQLITE_UPDATE and column not in MAY_CHANGE.get(table, {column}):
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK

    return allow


@pytest.fixture(scope="session")
def filled() -> bytes:
    """The archive that tests of `verify` spoil."""
    database = Database(sqlite3.connect(":memory:", isolation_level=None))
    prepare(database)
    fill(database)
    return database.conn.serialize()


@pytest.fixture
def spoilt(filled: bytes) -> Database:
    """An archive that nothing guards."""
    database = Database(sqlite3.connect(":memory:", isolation_level=None))
    database.conn.deserialize(filled)
    prepare(database)
    database.execute("PRAGMA foreign_keys = OFF")
    return database


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[CaptureWriter]:
    made = CaptureWriter(
        open_for_writing(tmp_path / "captures.db", CAPTURES).conn, tmp_path / "captures.db", after=0
    )
    yield made
    made.close()
