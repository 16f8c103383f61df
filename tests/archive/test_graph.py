"""The graph as it stood on a day."""

from __future__ import annotations

import pytest

from scraper.archive.queries.graph import read_graph
from scraper.exceptions import UsageProblem
from tests.archive.shop import Shop
from tests.factories import at, make_link, make_post, url_of


def _edges(shop: Shop, on: str | None = None) -> list[tuple[str, str | None]]:
    graph = read_graph(shop.db.conn, on=on)
    titles = {post.id: post.title for post in graph.posts}
    return [(titles[edge.from_id], titles.get(edge.to_id or 0)) for edge in graph.edges]


def test_edges_stand_from_the_day_on_which_they_were_seen_to_the_day_before_they_were_gone(
    shop: Shop,
):
    shop.crawl(
        1,
        make_post("a", title="A", links=(make_link("b"),)),
        make_post("b", title="B"),
        make_post("c", title="C"),
    )
    shop.crawl(
        2,
        make_post("a", title="A", links=(make_link("c"),)),
        make_post("b", title="B"),
        make_post("c", title="C"),
    )
    assert (_edges(shop, at(1)[:10]), _edges(shop, at(2)[:10]), _edges(shop)) == (
        [("A", "B")],
        [("A", "C")],
        [("A", "C")],
    )


def test_a_post_is_as_it_was_on_the_day(shop: Shop):
    shop.crawl(1, make_post("old", title="Before", article_id="1"))
    shop.crawl(2, make_post("new", title="After", article_id="1"))
    before, after = (read_graph(shop.db.conn, on=at(day)[:10]).posts[0] for day in (1, 2))
    assert (before.title, before.url) == ("Before", url_of("old"))
    assert (after.title, after.url) == ("After", url_of("new"))
    assert read_graph(shop.db.conn).posts == (after,)


def test_a_removed_post_is_gone_since_it_was_first_not_found(shop: Shop):
    shop.crawl(1, make_post("a"), make_post("b"))
    for day in (2, 3):
        shop.crawl(day, make_post("b"), gone=[url_of("a")])
    states = [
        [(post.state, post.gone_at) for post in read_graph(shop.db.conn, on=on).posts]
        for on in (at(1)[:10], at(2)[:10], None)
    ]
    assert states == [
        [("live", ""), ("live", "")],
        [("removed", at(2, 30)), ("live", "")],
        [("removed", at(2, 30)), ("live", "")],
    ]


def test_a_post_that_was_not_yet_there_is_not_in_the_graph(shop: Shop):
    shop.crawl(1, make_post("a"))
    shop.crawl(2, make_post("a"), make_post("b"))
    assert len(read_graph(shop.db.conn, on=at(1)[:10]).posts) == 1


def test_a_graph_of_one_store(shop: Shop):
    Shop(shop.db, "https://other.example").crawl(
        1, make_post("x", url="https://other.example/blogs/news/x")
    )
    shop.crawl(2, make_post("a"))
    assert [post.store for post in read_graph(shop.db.conn, store="other.example").posts] == [
        "other.example"
    ]


def test_a_day_that_is_none_is_refused(shop: Shop):
    with pytest.raises(UsageProblem):
        read_graph(shop.db.conn, on="yesterday")
