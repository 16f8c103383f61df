"""The short form of `make attack ATTACKS=damage`: bytes of a small archive are changed."""

from __future__ import annotations

import hashlib
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from scraper.archive.captures.schema import CAPTURES
from scraper.archive.captures.writer import capture_writer
from scraper.archive.database import ARCHIVE, open_for_writing, prepare
from scraper.archive.file_hashes import hashes_path
from scraper.archive.seals.leaves import SOURCES
from scraper.history.crawl_health import CrawlEnd
from scraper.items import Visit
from tests.archive.shop import Shop, listing
from tests.attack.damage import FILES, Damage, finds_problem, flip_bytes
from tests.conftest import FURTHER
from tests.factories import TEXT, at, make_capture, make_code, make_link, make_post

FLIPS = 60

HASHED = {
    "contents": {"html", "markdown", "text"},
    "seals": {"form", "origin", "sealed_at", "n_leaves", "root", "previous", "hash"},
    "tombstones": {"leaf_hash"},
    "timestamps": {"stamped_at", "root"},
    "stamped_seals": {"path"},
    "crawls": {"seal_id"},
    "captures": {"post_id", "body_id", "revision_id"},
    "revisions": {"capture_id"},
    "changes": {"from_revision_id", "to_revision_id", "group_id"},
    "change_fields": {"field", "old_value", "new_value"},
}
"""Columns whose value a hash covers, or that a leaf holds under another name."""


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A small archive with captures, in which one post is edited and one removed."""
    folder = tmp_path / "sound"
    folder.mkdir()
    db = open_for_writing(folder / "archive.db")
    with capture_writer(folder / "captures.db", db.conn) as captures:
        for day in (1, 2, 3):
            edit = "Edited words.\n" if day > 1 else ""
            posts = [
                make_post("a", article_id="1", text=f"{edit}{TEXT}", codes=(make_code(),)),
                make_post("b", article_id="2", text=f"{TEXT} b", links=(make_link("a"),)),
            ]
            writer = Shop(db).begin(day, captures=captures)
            writer.record(listing(*(post.url for post in posts)), at(day))
            for minute, post in enumerate(posts, start=1):
                body = f"<p>{post.text} {day}</p>".encode() * 9
                capture = make_capture(
                    post.url,
                    at(day, minute),
                    body=body,
                    body_hash=hashlib.sha256(body).hexdigest(),
                    body_bytes=len(body),
                    headers=(("Content-Type", "text/html"),),
                )
                visit = Visit(capture=capture, resource_type="post", post=post, lastmod=at(day))
                writer.record_visit(visit)
            writer.finish_crawl(CrawlEnd(finished=True), at=at(day, 59))
    db.close()
    for path in folder.glob("*.db"):
        _without_slack(path)
        hashes_path(path).unlink()
    return folder


def _without_slack(path: Path) -> None:
    """Write a database in small pages: of large ones nearly all bytes of so few rows are empty."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA page_size = 512")
        connection.execute("VACUUM")


@FURTHER
def test_every_changed_byte_that_is_read_is_found_without_hashes(
    archive: Path, tmp_path: Path
) -> None:
    assert not finds_problem(archive)
    damage = _flip(archive, tmp_path)
    assert damage.missed == []
    assert damage.found + damage.unread == FLIPS
    assert damage.found > FLIPS / 3


@FURTHER
def test_every_changed_byte_is_found(archive: Path, tmp_path: Path) -> None:
    for name, kind in zip(FILES, (ARCHIVE, CAPTURES), strict=True):
        open_for_writing(archive / name, kind).close()
    assert not finds_problem(archive)
    assert _flip(archive, tmp_path) == Damage(found=FLIPS)


def _flip(archive: Path, tmp_path: Path) -> Damage:
    copy = tmp_path / "copy"
    copy.mkdir()
    return flip_bytes(archive, copy, FLIPS, random.Random(21))


def test_every_column_is_in_an_index_a_leaf_or_a_hash() -> None:
    """What is in none of them could be changed in the file, and nobody would know."""
    db = Database(memory=True)
    prepare(db)
    bare = set()
    tables = db.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%STRICT'"
    ).fetchall()
    for (table,) in tables:
        for _, column, _, _, _, _, hidden in db.execute(f"PRAGMA table_xinfo({table})"):
            leaf = SOURCES.get(table, "")
            covered = {"id"} | _indexed(db, table) | HASHED.get(table, set())
            if not hidden and column not in covered and column not in leaf:
                bare.add(f"{table}.{column}")
    assert len(tables) > 20
    assert bare == set()


def _indexed(db: Database, table: str) -> set[str]:
    return {
        column
        for _, index, *_ in db.execute(f"PRAGMA index_list({table})").fetchall()
        for _, _, column in db.execute(f"PRAGMA index_info({index})")
    }


@pytest.mark.parametrize("name", FILES)
def test_an_altered_definition_is_found(archive: Path, name: str) -> None:
    with closing(sqlite3.connect(archive / name)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'url TEXT NOT NULL', 'url TEXT NOt NULL')"
        )
        connection.commit()
    assert finds_problem(archive)
