"""The computed edges follow from the texts and tags that stand: not from the order in which posts
came, from how often they were compared, or from what they said in between."""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scraper.graph.similarity import DEPTH
from tests.archive.compared import COPIES, ComparedArchive, Edges, edited, make_posts, similar_post
from tests.conftest import FURTHER
from tests.factories import url_of


def test_the_posts_have_more_similar_ones_than_are_saved(
    complete: ComparedArchive, expected: Edges
):
    """Else the order in which they come could not matter."""
    with closing(sqlite3.connect(complete.index)) as connection:
        full = connection.execute(
            "SELECT count(*) FROM neighbours JOIN documents ON id = post_id WHERE last_score > 0"
        ).fetchone()
    assert full[0] > 20 * DEPTH
    assert sum(kind == "copy" for _, _, kind, _, _ in expected) > COPIES


@pytest.mark.parametrize(
    ("seed", "batch"),
    [pytest.param(1, 3, marks=FURTHER), pytest.param(2, 7, marks=FURTHER), (3, 30)],
)
def test_any_order_in_many_updates_gives_the_same_edges(
    archive: ComparedArchive, expected: Edges, seed: int, batch: int
):
    posts = make_posts()
    random.Random(seed).shuffle(posts)
    for start in range(0, len(posts), batch):
        archive.crawl(posts[start : start + batch])
        archive.update()
    assert archive.edges() == expected


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=FURTHER)])
def test_copies_that_come_one_by_one_have_the_same_edges(
    archive: ComparedArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
):
    """Each comes to stand for all, or ceases to, as others come and go."""
    monkeypatch.setattr("scraper.graph.similarity.REPRESENTATIVES", 3)
    copies = make_posts()[-COPIES:]
    at_once = ComparedArchive(tmp_path / "at-once.db")
    at_once.crawl(copies[:-2])
    at_once.update()
    random.Random(seed).shuffle(order := list(copies))
    for copy in order:
        archive.crawl([copy])
        archive.update()
    for _ in range(2):
        archive.crawl(copies[:-2], gone=[copy.url for copy in copies[-2:]])
    archive.update()
    assert archive.edges() == at_once.edges()


@FURTHER
@pytest.mark.parametrize("seed", [1, 2])
def test_edits_that_end_in_the_same_texts_give_the_same_edges(
    archive: ComparedArchive, expected: Edges, seed: int
):
    chance = random.Random(seed)
    posts = make_posts()
    chance.shuffle(posts)
    archive.crawl(edited(posts, chance))
    archive.update()
    for start in range(0, len(posts), 16):
        archive.crawl(posts[start : start + 16])
        archive.update()
        archive.crawl(edited(posts[: start + 16], chance)[:3])
        archive.update()
    archive.crawl(posts)
    archive.update()
    assert archive.edges() == expected


def test_a_post_that_comes_and_goes_leaves_the_same_edges(
    complete: ComparedArchive, expected: Edges
):
    complete.crawl([similar_post(200, make_posts()[0].text, 0)])
    complete.update()
    for _ in range(2):
        complete.crawl(make_posts()[:1], gone=[url_of("post-200")])
    complete.update()
    assert complete.edges() == expected


def test_a_killed_update_gives_the_same_edges(
    archive: ComparedArchive, expected: Edges, monkeypatch: pytest.MonkeyPatch
):
    posts = make_posts()
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

    def call(*arguments, **named):
        calls.append(arguments)
        if len(calls) == number:
            raise RuntimeError("killed")
        return real(*arguments, **named)

    return call


def test_anchors_name_terms_of_both_posts(complete: ComparedArchive):
    tags = dict(complete.shop.rows("SELECT url, tags FROM posts"))
    for start, end, kind, _, anchor in complete.edges():
        for term in anchor.split(", ") if kind == "similar" else ():
            if term.startswith("#"):
                both = json.loads(tags[start].lower()) + json.loads(tags[end].lower())
                assert both.count(term[1:]) == 2
