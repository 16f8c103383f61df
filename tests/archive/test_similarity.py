"""Which posts are alike, as edges: brought up to date for what changed, and for nothing else."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from sqlite_utils import Database

from scraper.archive.similarity.documents import add_document
from scraper.archive.similarity.index import IN_MEMORY
from scraper.archive.similarity.update import update_similarity
from scraper.graph.similarity import REPRESENTATIVES
from tests.archive.shop import Shop
from tests.conftest import FURTHER
from tests.factories import at, make_post, url_of

TEA = (
    "Warm the pot before the oolong leaves go in, pour the kettle slowly and let the oolong steep "
    "for four quiet minutes by the window."
)
YOGA = (
    "Unroll the mat, breathe into the shoulders, then hold the warrior pose on the mat until both "
    "hips feel open and the breath is slow."
)
SOUP = (
    "Roast the squash with thyme, blend the squash with stock, and ladle the soup into deep bowls "
    "with a spoon of cream and pepper."
)


def _posts():
    texts = {"tea": TEA, "yoga": YOGA, "soup": SOUP}
    more = {"tea": "Oolong again tomorrow.", "yoga": "The warrior waits.", "soup": "More squash."}
    first = [
        make_post(name, article_id=str(turn), text=text, tags=())
        for turn, (name, text) in enumerate(texts.items(), start=1)
    ]
    second = [
        make_post(
            f"{name}-2",
            article_id=str(turn),
            text=f"{more[name]} {' '.join(reversed(text.split()))}",
            tags=(),
        )
        for turn, (name, text) in enumerate(texts.items(), start=4)
    ]
    return [*first, *second]


@dataclass(frozen=True)
class ComparedShop(Shop):
    """A store whose archive has a similarity index."""

    index: Path = IN_MEMORY


@pytest.fixture
def shop(db: Database, tmp_path: Path) -> ComparedShop:
    return ComparedShop(db, index=tmp_path / "similarity.db")


def _compare(shop: ComparedShop, day: int) -> int:
    return update_similarity(shop.db.conn, shop.index, at(day, 59))


def _nearest(shop: ComparedShop, handle: str) -> str | None:
    rows = shop.rows(
        """
        SELECT target.handle FROM links JOIN posts ON posts.id = from_post_id
        JOIN posts AS target ON target.id = to_post_id
        WHERE kind = 'similar' AND gone_at IS NULL AND posts.handle = ? ORDER BY position LIMIT 1
        """,
        handle,
    )
    return rows[0] if rows else None


@pytest.fixture
def compared(shop: ComparedShop) -> ComparedShop:
    shop.crawl(1, *_posts())
    assert _compare(shop, 1) == 6
    return shop


def test_each_post_is_nearest_to_the_other_on_its_matter(compared: ComparedShop):
    for name in ("tea", "yoga", "soup"):
        assert (_nearest(compared, name), _nearest(compared, f"{name}-2")) == (f"{name}-2", name)


def test_an_edge_has_a_score_and_the_words_that_made_it(compared: ComparedShop):
    ((weight, words, first, gone),) = compared.rows(
        "SELECT weight, anchor, first_seen_at, gone_at FROM links "
        "WHERE kind = 'similar' AND from_post_id = 1 AND position = 0"
    )
    assert 0.2 < weight <= 1
    assert "oolong" in words.split(", ")
    assert (first, gone) == (at(1, 59), None)


def test_what_is_alike_is_so_both_ways(compared: ComparedShop):
    pairs = set(
        compared.rows("SELECT from_post_id, to_post_id, weight FROM links WHERE kind = 'similar'")
    )
    assert pairs == {(end, start, weight) for start, end, weight in pairs}


def test_where_nothing_changed_nothing_is_written(compared: ComparedShop):
    compared.crawl(2, *_posts())
    before = compared.db.conn.total_changes
    assert _compare(compared, 2) == 0
    assert compared.db.conn.total_changes == before


def test_only_what_changed_is_compared(compared: ComparedShop):
    posts, weight = (
        _posts(),
        (
            "SELECT weight FROM links WHERE kind = 'similar' AND gone_at IS NULL "
            "AND from_post_id = 3 AND to_post_id = 6"
        ),
    )
    (before,) = compared.rows(weight)
    compared.crawl(
        2,
        make_post(
            "soup-2", article_id="6", text=f"The oolong steeps. {TEA} Pour the kettle.", tags=()
        ),
        *posts[:5],
    )
    assert _compare(compared, 2) == 1
    assert _nearest(compared, "soup-2") in {"tea", "tea-2"}
    assert max(compared.rows(weight), default=0) < before / 2


def test_an_edge_goes_on_while_its_score_moves(compared: ComparedShop):
    compared.crawl(
        2,
        make_post(
            "tea-2",
            article_id="4",
            text=f"Oolong leaves. {' '.join(reversed(TEA.split()))}",
            tags=(),
        ),
        *_posts()[:3],
    )
    _compare(compared, 2)
    rows = compared.rows(
        "SELECT first_seen_at, gone_at FROM links "
        "WHERE kind = 'similar' AND from_post_id = 1 AND to_post_id = 4"
    )
    assert rows == [(at(1, 59), None)]


def test_a_removed_post_is_alike_nothing_and_is_again_when_it_is_back(compared: ComparedShop):
    posts = [post for post in _posts() if post.handle != "tea-2"]
    for day in (2, 3):
        compared.crawl(day, *posts, gone=[url_of("tea-2")])
    _compare(compared, 3)
    gone = compared.rows(
        "SELECT count(*) FROM links WHERE kind = 'similar' AND gone_at IS NULL "
        "AND 4 IN (from_post_id, to_post_id)"
    )
    compared.crawl(4, *_posts())
    _compare(compared, 4)
    assert (gone, _nearest(compared, "tea"), _nearest(compared, "tea-2")) == ([0], "tea-2", "tea")


def test_a_crawl_leaves_what_is_alike_alone(compared: ComparedShop):
    open_edges = "SELECT id FROM links WHERE kind = 'similar' AND gone_at IS NULL"
    before = compared.rows(open_edges)
    compared.crawl(
        2, make_post("tea", article_id="1", text=f"{TEA} Twice.", tags=()), *_posts()[1:]
    )
    assert compared.rows(open_edges) == before


def test_one_text_at_two_addresses_is_a_copy_and_what_is_only_alike_is_none(compared: ComparedShop):
    compared.crawl(
        2,
        make_post("tea-again", article_id="9", text=TEA.replace("quiet", "slow"), tags=()),
        *_posts(),
    )
    _compare(compared, 2)
    pairs = compared.rows(
        "SELECT from_post_id, to_post_id FROM links WHERE kind = 'copy' AND gone_at IS NULL "
        "ORDER BY 1"
    )
    assert pairs == [(1, 7), (7, 1)]
    assert compared.rows("SELECT from_post, to_post FROM near_copies") == [("Tea", "Tea Again")]


def test_a_copy_is_found_in_another_store_too_and_ends_when_it_is_rewritten(compared: ComparedShop):
    other = Shop(compared.db, "https://other.example")
    url = "https://other.example/blogs/news/tea"
    other.crawl(2, make_post("tea", article_id="9", text=TEA, url=url, tags=()))
    _compare(compared, 2)
    found = compared.rows("SELECT from_store, to_store FROM near_copies")
    other.crawl(
        3,
        make_post(
            "tea",
            article_id="9",
            text=f"Quite another text. {SOUP[::-1]} and so on and on",
            url=url,
            tags=(),
        ),
    )
    _compare(compared, 3)
    assert (found, compared.rows("SELECT * FROM near_copies")) == (
        [("shop.example", "other.example")],
        [],
    )


def test_languages_are_compared_separately(shop: ComparedShop):
    german = [
        make_post(
            f"{post.handle}-de",
            article_id=f"1{post.article_id}",
            text=post.text,
            tags=(),
            language="de",
        )
        for post in _posts()
    ]
    shop.crawl(1, *_posts(), *german)
    _compare(shop, 1)
    mixed = shop.rows(
        "SELECT count(*) FROM links JOIN posts AS a ON a.id = from_post_id "
        "JOIN posts AS b ON b.id = to_post_id "
        "WHERE kind = 'similar' AND a.language != b.language"
    )
    assert mixed == [0]


def test_a_comparison_that_was_cut_short_is_gone_on_with(
    shop: ComparedShop, monkeypatch: pytest.MonkeyPatch
):
    shop.crawl(1, *_posts())
    monkeypatch.setattr("scraper.archive.similarity.update.CHUNK", 2)
    calls = count()

    def add_or_die(connection: sqlite3.Connection, post_id: int) -> None:
        if next(calls) == 3:
            raise RuntimeError("killed")
        add_document(connection, post_id)

    monkeypatch.setattr("scraper.archive.similarity.update.add_document", add_or_die)
    with pytest.raises(RuntimeError, match="killed"):
        _compare(shop, 1)
    _compare(shop, 1)
    for name in ("tea", "yoga", "soup"):
        assert (_nearest(shop, name), _nearest(shop, f"{name}-2")) == (f"{name}-2", name)


@FURTHER
def test_many_posts_with_one_text_are_copies_of_a_few_others_each(shop: ComparedShop):
    text = " ".join(f"word{i}" for i in range(60))
    shop.crawl(
        1,
        *(make_post(f"copy-{i}", article_id=str(1000 + i), text=f"{text} {i}") for i in range(80)),
    )
    _compare(shop, 1)
    held = dict(
        shop.db.execute(
            "SELECT from_post_id, count(*) FROM links WHERE kind = 'copy' AND gone_at IS NULL "
            "GROUP BY 1"
        ).fetchall()
    )
    assert set(held) == set(range(1, 81))
    assert (
        shop.db.execute("SELECT count(*) FROM links WHERE kind = 'copy'").fetchone()[0]
        <= 80 * 3 * REPRESENTATIVES
    )


def test_a_copy_is_found_among_many_posts_that_say_the_same_at_their_end(
    shop: ComparedShop, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("scraper.graph.similarity.REPRESENTATIVES", 4)
    notice = " ".join(f"notice{i}" for i in range(60))
    posts = [
        make_post(
            f"post-{i}",
            article_id=str(1000 + i),
            text=f"{' '.join(f'own{i}x{j}' for j in range(60))} {notice}",
        )
        for i in range(60)
    ]
    twins = [
        make_post(f"twin-{i}", article_id=str(2000 + i), text=f"{TEA} {SOUP} {notice} {i}")
        for i in range(2)
    ]
    shop.crawl(1, *posts, *twins)
    _compare(shop, 1)
    assert shop.rows(
        "SELECT from_post_id, to_post_id FROM links WHERE kind = 'copy' ORDER BY 1"
    ) == [(61, 62), (62, 61)]


@FURTHER
def test_copies_are_found_where_more_posts_are_one_text_than_are_read_of_a_hash(
    shop: ComparedShop, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("scraper.graph.similarity.REPRESENTATIVES", 20)
    text = " ".join(f"word{i}" for i in range(150))
    shop.crawl(
        1,
        *(
            make_post(f"copy-{i}", article_id=str(1000 + i), text=f"own{i} {text} too{i}")
            for i in range(60)
        ),
    )
    _compare(shop, 1)
    held = set(
        shop.rows("SELECT DISTINCT from_post_id FROM links WHERE kind = 'copy' AND gone_at IS NULL")
    )
    assert held == set(range(1, 61))
