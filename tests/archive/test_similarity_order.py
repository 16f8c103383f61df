"""The computed edges follow from the texts and tags that stand: not from the order in which posts
came, from how often they were compared, or from what they said in between."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_utils import Database

from scraper.archive.database import prepare
from scraper.archive.similarity.index import similarity_path
from scraper.archive.similarity.update import update_similarity
from scraper.exceptions import NotAnArchive
from scraper.items import Post
from tests.archive.shop import Shop
from tests.factories import at, make_post, url_of

Edges = list[tuple[str, str, str, float, str]]

TOPICS = 9
COPIES = 17  # more than `REPRESENTATIVES`


def _posts() -> list[Post]:
    """Posts of nine topics, some of them near copies, whose terms are rare, common and between."""
    chance = random.Random(3)
    posts = []
    for number in range(30):
        topic = number % TOPICS
        words = [f"all{chance.randrange(12)}" for _ in range(30)]
        words += [f"some{int(60 * chance.random() ** 2)}" for _ in range(30)]
        words += [f"topic{topic}x{chance.randrange(20)}" for _ in range(25)]
        chance.shuffle(words)
        posts.append(_post(number, " ".join(words), topic))
    notice = " ".join(f"notice{number}" for number in range(80))
    return posts + [_post(100 + number, f"{notice} copy{number}", 0) for number in range(COPIES)]


def _post(number: int, text: str, topic: int) -> Post:
    tags = (f"Topic {topic}", "All", f"Half {topic % 2}")
    return make_post(f"post-{number}", article_id=str(number + 1), text=text, tags=tags)


def _edited(posts: Sequence[Post], chance: random.Random) -> list[Post]:
    """The posts with the texts of others, cut short, and other tags."""
    texts = [post.text for post in posts]
    chance.shuffle(texts)
    return [
        replace(make_post(post.handle, article_id=post.article_id, text=text[40:]), tags=("All",))
        for post, text in zip(posts, texts, strict=True)
    ]


class _Archive:
    """An archive in memory with an index on the disk, crawled day by day."""

    def __init__(self, index: Path) -> None:
        self.shop = Shop(Database(memory=True))
        prepare(self.shop.db)
        self.index = index
        self._day = 0
        self._urls: set[str] = set()

    def crawl(self, posts: Sequence[Post], gone: Sequence[str] = ()) -> None:
        self._day += 1
        self._urls |= {post.url for post in posts}
        self.shop.crawl(self._day, *posts, gone=gone, listed=sorted(self._urls - set(gone)))

    def update(self) -> int:
        return update_similarity(self.shop.db.conn, self.index, at(self._day, 59))

    def edges(self) -> Edges:
        return sorted(
            self.shop.rows(
                """
                SELECT posts.url, target.url, kind, weight, anchor FROM links
                JOIN posts ON posts.id = from_post_id
                JOIN posts AS target ON target.id = to_post_id
                WHERE gone_at IS NULL AND kind IN ('similar', 'copy')
                """
            )
        )

    def copy(self, index: Path) -> _Archive:
        """Another archive that holds the same, with the same index at another place."""
        other = _Archive(index)
        other.shop.db.conn.deserialize(self.shop.db.conn.serialize())
        prepare(other.shop.db)
        other._day, other._urls = self._day, set(self._urls)
        shutil.copyfile(self.index, index)
        return other


@pytest.fixture
def archive(tmp_path: Path) -> _Archive:
    return _Archive(tmp_path / "similarity.db")


@pytest.fixture(scope="module")
def all_at_once(tmp_path_factory: pytest.TempPathFactory) -> _Archive:
    """All posts came at once and were compared once. It is read and copied, never changed."""
    archive = _Archive(tmp_path_factory.mktemp("index") / "similarity.db")
    archive.crawl(_posts())
    archive.update()
    return archive


@pytest.fixture
def compared(all_at_once: _Archive, tmp_path: Path) -> _Archive:
    return all_at_once.copy(tmp_path / "similarity.db")


@pytest.fixture(scope="module")
def expected(all_at_once: _Archive) -> Edges:
    """The edges when all posts come at once and are compared once."""
    return all_at_once.edges()


def test_there_are_edges_of_both_kinds(expected: Edges):
    kinds = [kind for _, _, kind, _, _ in expected]
    assert kinds.count("similar") > 150
    assert kinds.count("copy") > COPIES


@pytest.mark.parametrize(("seed", "batch"), [(1, 3), (2, 7), (3, 30)])
def test_any_order_in_many_updates_gives_the_same_edges(
    archive: _Archive, expected: Edges, seed: int, batch: int
):
    posts = _posts()
    random.Random(seed).shuffle(posts)
    for start in range(0, len(posts), batch):
        archive.crawl(posts[start : start + batch])
        archive.update()
    assert archive.edges() == expected


@pytest.mark.parametrize("seed", [1, 2])
def test_edits_that_end_in_the_same_texts_give_the_same_edges(
    archive: _Archive, expected: Edges, seed: int
):
    chance = random.Random(seed)
    posts = _posts()
    chance.shuffle(posts)
    archive.crawl(_edited(posts, chance))
    archive.update()
    for start in range(0, len(posts), 16):
        archive.crawl(posts[start : start + 16])
        archive.update()
        archive.crawl(_edited(posts[: start + 16], chance)[:3])
        archive.update()
    archive.crawl(posts)
    archive.update()
    assert archive.edges() == expected


def test_a_post_that_comes_and_goes_leaves_the_same_edges(compared: _Archive, expected: Edges):
    compared.crawl([_post(200, _posts()[0].text, 0)])
    compared.update()
    for _ in range(2):
        compared.crawl(_posts()[:1], gone=[url_of("post-200")])
    compared.update()
    assert compared.edges() == expected


def test_a_killed_update_gives_the_same_edges(
    archive: _Archive, expected: Edges, monkeypatch: pytest.MonkeyPatch
):
    posts = _posts()
    archive.crawl(posts[:28])
    archive.update()
    archive.crawl(posts[28:])
    for name in ("add_document", "find_copies", "set_edges"):
        with monkeypatch.context() as patch:
            patch.setattr("scraper.archive.similarity.update.CHUNK", 3)
            patch.setattr(f"scraper.archive.similarity.update.{name}", _dies_at_call(name, 7))
            with pytest.raises(RuntimeError, match="killed"):
                archive.update()
    archive.update()
    assert archive.edges() == expected


def _dies_at_call(name: str, number: int):
    from scraper.archive.similarity import update  # noqa: PLC0415 - what is patched

    real, calls = getattr(update, name), []

    def call(*arguments):
        calls.append(arguments)
        if len(calls) == number:
            raise RuntimeError("killed")
        return real(*arguments)

    return call


def test_a_deleted_index_is_built_again_and_changes_nothing(compared: _Archive, expected: Edges):
    rows = compared.shop.rows("SELECT * FROM links ORDER BY id")
    compared.index.unlink()
    assert compared.update() == len(_posts())
    assert compared.shop.rows("SELECT * FROM links ORDER BY id") == rows
    assert compared.edges() == expected


@pytest.mark.parametrize(
    "damage",
    [
        b"no database at all" * 400,
        b"SQLite format 3\0" + b"\xff" * 9000,
        b"",
    ],
    ids=["text", "bad header", "empty"],
)
def test_a_damaged_index_is_built_again(compared: _Archive, expected: Edges, damage: bytes):
    compared.index.write_bytes(damage)
    compared.update()
    assert compared.edges() == expected


def test_an_index_with_damaged_pages_is_built_again(archive: _Archive, expected: Edges):
    posts = _posts()
    archive.crawl(posts[:-1])
    archive.update()
    whole = archive.index.read_bytes()
    archive.index.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
    archive.crawl(posts[-1:])
    archive.update()
    assert archive.edges() == expected


def test_the_index_of_another_archive_is_built_again(
    archive: _Archive, expected: Edges, tmp_path: Path
):
    other = _Archive(tmp_path / "similarity.db")
    other.crawl(_edited(_posts(), random.Random(1)))
    other.update()
    archive.crawl(_posts())
    archive.update()
    assert archive.edges() == expected


def test_an_index_of_an_older_version_is_built_again(
    compared: _Archive, expected: Edges, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("scraper.archive.similarity.index.VERSION", 99)
    assert compared.update() == len(_posts())
    assert compared.update() == 0
    assert compared.edges() == expected


@pytest.mark.parametrize(
    ("archive_name", "index_name"),
    [("archive.db", "similarity.db"), ("shop.db", "shop.similarity.db")],
)
def test_the_index_stands_beside_its_archive(tmp_path: Path, archive_name: str, index_name: str):
    assert similarity_path(tmp_path / archive_name) == tmp_path / index_name


def test_a_database_of_another_program_is_not_deleted(archive: _Archive):
    with closing(sqlite3.connect(archive.index)) as connection:
        connection.execute("CREATE TABLE songs (id INTEGER PRIMARY KEY)")
    archive.crawl(_posts()[:3])
    with pytest.raises(NotAnArchive):
        archive.update()
    with closing(sqlite3.connect(archive.index)) as connection:
        assert connection.execute("SELECT count(*) FROM songs").fetchone() == (0,)


def test_anchors_name_terms_of_both_posts(compared: _Archive):
    tags = dict(compared.shop.rows("SELECT url, tags FROM posts"))
    for start, end, kind, _, anchor in compared.edges():
        for term in anchor.split(", ") if kind == "similar" else ():
            if term.startswith("#"):
                both = json.loads(tags[start].lower()) + json.loads(tags[end].lower())
                assert both.count(term[1:]) == 2
