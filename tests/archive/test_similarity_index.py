"""The file of the similarity index: opened only where something changed, built again only where it
cannot be used."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from scraper.archive.similarity.index import similarity_path
from scraper.archive.similarity.search import SimilarPosts, TermSearch
from scraper.exceptions import NotAnArchive
from tests.archive.compared import ComparedArchive, Edges, edited, make_posts
from tests.conftest import FURTHER


def test_a_deleted_index_is_built_again_and_changes_nothing(
    complete: ComparedArchive, expected: Edges
):
    rows = complete.shop.rows("SELECT * FROM links ORDER BY id")
    complete.index.unlink()
    assert complete.update() == len(make_posts())
    assert complete.shop.rows("SELECT * FROM links ORDER BY id") == rows
    assert complete.edges() == expected


def _damage_pages(whole: bytes) -> bytes:
    return whole[:8192] + b"\xff" * (len(whole) - 8192)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda _: b"no database at all" * 400, id="text", marks=FURTHER),
        pytest.param(
            lambda _: b"SQLite format 3\0" + b"\xff" * 9000, id="bad header", marks=FURTHER
        ),
        pytest.param(lambda whole: whole[:5000], id="cut short", marks=FURTHER),
        pytest.param(_damage_pages, id="damaged pages"),
    ],
)
def test_a_damaged_index_is_built_again_and_the_log_says_so(
    but_one: ComparedArchive,
    expected: Edges,
    caplog: pytest.LogCaptureFixture,
    damage: Callable[[bytes], bytes],
):
    posts = make_posts()
    but_one.index.write_bytes(damage(but_one.index.read_bytes()))
    but_one.crawl(posts[-1:])
    assert but_one.update() == len(posts)
    assert but_one.edges() == expected
    assert f"{but_one.index} is damaged" in caplog.text


def test_an_empty_file_is_no_index_yet(archive: ComparedArchive, expected: Edges):
    archive.index.touch()
    archive.crawl(make_posts())
    archive.update()
    assert archive.edges() == expected


@pytest.mark.parametrize("pragma", ["locking_mode = EXCLUSIVE", "locking_mode = NORMAL"])
def test_a_locked_index_is_an_error_and_stays(
    but_one: ComparedArchive, expected: Edges, caplog: pytest.LogCaptureFixture, pragma: str
):
    """One that nobody else can read, and one that nobody else can write."""
    posts = make_posts()
    but_one.crawl(posts[-1:])
    but_one.shop.db.conn.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(but_one.index, isolation_level=None)) as other:
        other.execute(f"PRAGMA {pragma}")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            but_one.update()
    assert but_one.update() == 1
    assert but_one.edges() == expected
    assert not caplog.text


def test_a_broken_rule_of_the_index_is_an_error_and_no_damage(
    but_one: ComparedArchive, caplog: pytest.LogCaptureFixture
):
    posts = make_posts()
    with closing(sqlite3.connect(but_one.index)) as connection:
        connection.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON documents "
            "BEGIN SELECT RAISE(ABORT, 'refused'); END"
        )
    but_one.crawl(posts[-1:])
    with pytest.raises(sqlite3.IntegrityError, match="refused"):
        but_one.update()
    with closing(sqlite3.connect(but_one.index)) as connection:
        rows = connection.execute("SELECT count(*) FROM documents").fetchone()
    assert rows == (len(posts) - 1,)
    assert not caplog.text


def _file_times(index: Path) -> dict[str, int]:
    """When the files of the index, and the names in its folder, changed last."""
    return {
        path.name: path.stat().st_mtime_ns
        for path in (index.parent, *index.parent.glob(f"{index.name}*"))
    }


def test_a_recrawl_that_changes_nothing_does_not_open_the_index(complete: ComparedArchive):
    complete.crawl(make_posts())
    before, statements = _file_times(complete.index), []
    complete.shop.db.conn.set_trace_callback(statements.append)
    assert complete.update() == 0
    complete.shop.db.conn.set_trace_callback(None)
    assert _file_times(complete.index) == before
    assert [sql for sql in statements if not sql.strip().startswith("SELECT")] == []


@pytest.mark.parametrize(
    "change",
    [
        "revision_id = (SELECT max(id) FROM revisions)",
        "url = url || '-2'",
        "language = 'fr'",
        "state = 'removed'",
    ],
)
def test_a_change_of_a_post_is_compared_once(complete: ComparedArchive, change: str):
    with complete.shop.db.conn:
        complete.shop.db.conn.execute(f"UPDATE posts SET {change} WHERE id = 1")
    assert complete.shop.rows("SELECT id FROM posts WHERE is_compared = 0") == [1]
    assert complete.update() == (not change.startswith("state"))
    assert complete.shop.rows("SELECT id FROM posts WHERE is_compared = 0") == []


def test_a_change_during_an_update_is_compared_by_the_next(
    archive: ComparedArchive, monkeypatch: pytest.MonkeyPatch
):
    search = TermSearch.find_similar

    def change(self: TermSearch, post_id: int) -> SimilarPosts:
        archive.shop.db.conn.execute("UPDATE posts SET language = 'fr' WHERE id = 1")
        return search(self, post_id)

    archive.crawl(make_posts()[:3])
    with monkeypatch.context() as patch:
        patch.setattr(TermSearch, "find_similar", change)
        assert archive.update() == 3
    assert archive.update() == 1
    assert archive.update() == 0


def test_a_deleted_index_is_built_again_where_nothing_changed(archive: ComparedArchive):
    archive.crawl(make_posts()[:3])
    archive.update()
    archive.index.unlink()
    assert archive.update() == 3
    assert archive.index.exists()


@FURTHER
def test_the_index_of_another_archive_is_built_again(
    archive: ComparedArchive, expected: Edges, tmp_path: Path
):
    other = ComparedArchive(tmp_path / "similarity.db")
    other.crawl(edited(make_posts(), random.Random(1)))
    other.update()
    archive.crawl(make_posts())
    archive.update()
    assert archive.edges() == expected


def test_an_index_of_an_older_version_is_built_again(
    but_one: ComparedArchive, expected: Edges, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("scraper.archive.similarity.index.VERSION", 99)
    but_one.crawl(make_posts()[-1:])
    assert but_one.update() == len(make_posts())
    assert but_one.update() == 0
    assert but_one.edges() == expected


@pytest.mark.parametrize(
    ("archive_name", "index_name"),
    [("archive.db", "similarity.db"), ("shop.db", "shop.similarity.db")],
)
def test_the_index_stands_beside_its_archive(tmp_path: Path, archive_name: str, index_name: str):
    assert similarity_path(tmp_path / archive_name) == tmp_path / index_name


def test_a_database_of_another_program_is_not_deleted(archive: ComparedArchive):
    with closing(sqlite3.connect(archive.index)) as connection:
        connection.execute("CREATE TABLE songs (id INTEGER PRIMARY KEY)")
    archive.crawl(make_posts()[:3])
    with pytest.raises(NotAnArchive):
        archive.update()
    with closing(sqlite3.connect(archive.index)) as connection:
        assert connection.execute("SELECT count(*) FROM songs").fetchone() == (0,)
