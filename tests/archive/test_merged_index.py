"""The merged index answers as the archives do that it was filled from."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_utils import Database

from scraper.archive.database import open_for_reading, open_for_writing
from scraper.archive.maintenance.merged_index import (
    MERGED_INDEX,
    find_archive,
    index_archive,
    indexed_keys,
    open_index,
)
from scraper.archive.maintenance.partition import merge_archives
from scraper.archive.queries.search import search
from scraper.archive.queries.texts.said import SaidResult, read_said
from scraper.exceptions import NotAnArchive
from tests.archive.shop import Shop
from tests.factories import make_post

CLAIM = "Stops night cramps."
NAMES = ("anise", "barley", "clove")


def origin(name: str) -> str:
    return f"https://{name}.example"


def write(path: Path, days: Sequence[tuple[int, str]]) -> None:
    """A store, whose post reads so from a day on; the name of the file is the store's."""
    with closing(open_for_writing(path)) as db:
        shop = Shop(db, origin(path.stem))
        for day, text in days:
            url = f"{shop.origin}/blogs/news/slow-tea"
            shop.crawl(day, make_post(url=url, text=text, title=f"Tea of {path.stem}"))


@pytest.fixture
def archives(tmp_path: Path) -> dict[str, Path]:
    """Barley said it first, anise from its second crawl on, clove until its third."""
    paths = {name: tmp_path / f"{name}.db" for name in NAMES}
    write(paths["anise"], [(3, "Good tea."), (5, CLAIM)])
    write(paths["barley"], [(4, CLAIM)])
    write(paths["clove"], [(4, "Good tea."), (6, CLAIM), (8, "Good tea.")])
    return paths


@pytest.fixture
def index(tmp_path: Path, archives: dict[str, Path]) -> Path:
    path = tmp_path / "index.db"
    with open_index(path) as db:
        for name, archive in archives.items():
            index_archive(db, name, "1", archive)
    return path


def first(path: Path, phrase: str = CLAIM) -> SaidResult:
    """Who said it first, ids apart."""
    kind = {"kind": MERGED_INDEX} if path.name == "index.db" else {}
    with closing(open_for_reading(path, **kind)) as db:
        found = read_said(db.conn, phrase, first=True, limit=10)
    return replace(found, posts=tuple(replace(post, id=0, changes={}) for post in found.posts))


def test_it_answers_who_said_it_first(index: Path, archives: dict[str, Path]) -> None:
    pairs = ((path, path.with_name("none.db")) for path in archives.values())
    merge_archives(pairs, index.with_name("merged"))
    found = first(index)
    assert found == first(index.with_name("merged") / "archive.db")
    assert [
        (
            post.store,
            post.periods[0].period.added_not_before,
            post.periods[0].period.added_not_after,
        )
        for post in found.posts
    ] == [
        ("barley.example", "", "2026-03-04T06:01:00Z"),
        ("anise.example", "2026-03-03T06:01:00Z", "2026-03-05T06:01:00Z"),
        ("clove.example", "2026-03-04T06:01:00Z", "2026-03-06T06:01:00Z"),
    ]
    assert [post.is_now for post in found.posts] == [True, True, False]


def test_an_archive_takes_the_place_of_its_earlier_state(
    index: Path, archives: dict[str, Path]
) -> None:
    write(archives["anise"], [(9, "Better tea.")])
    with open_index(index) as db:
        index_archive(db, "anise", "2", archives["anise"])
        assert indexed_keys(db) == {"anise": "2", "barley": "1", "clove": "1"}
        db.execute("INSERT INTO revisions_fts (revisions_fts, rank) VALUES ('integrity-check', 1)")
        contents = db.execute("SELECT text FROM contents ORDER BY text").fetchall()
        assert contents == [("Better tea.",), ("Good tea.",), (CLAIM,)]
    with open_index(index.with_name("fresh") / "index.db") as db:
        for name, path in archives.items():
            index_archive(db, name, "1", path)
    assert first(index) == first(index.with_name("fresh") / "index.db")
    assert len(first(index, "Better tea").posts) == 1


def test_a_hit_leads_to_its_archive(index: Path, archives: dict[str, Path]) -> None:
    with open_index(index) as db, closing(open_for_reading(archives["clove"])) as own:
        (hit,) = search(db.conn, '"Tea of clove"', all_revisions=False).hits
        of_post = find_archive(db.conn, "posts", hit.post_id)
        of_change = find_archive(db.conn, "changes", max_id(db, "changes"))
        assert of_post == of_change == find_archive(db.conn, "stores", max_id(db, "stores"))
        assert of_post is not None
        assert (of_post.name, hit.post_id - of_post.posts_moved) == ("clove", 1)
        assert max_id(db, "changes") - of_post.changes_moved == max_id(own, "changes")
        assert find_archive(db.conn, "posts", 1000) is None


def max_id(db: Database, table: str) -> int:
    ((found,),) = db.execute(f"SELECT max(id) FROM {table}").fetchall()
    return int(found)


def test_no_archive_is_taken_for_it(index: Path, archives: dict[str, Path]) -> None:
    with pytest.raises(NotAnArchive):
        open_for_reading(index)
    with pytest.raises(NotAnArchive), open_index(archives["clove"]):
        pass
