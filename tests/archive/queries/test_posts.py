"""Posts by any of their names, missing posts, revisions and related posts."""

from __future__ import annotations

import pytest

from scraper.archive.queries.posts import (
    find_post,
    missing_posts,
    read_revision,
    related_posts,
    revision_numbers,
)
from scraper.exceptions import NoSuchPost, NoSuchRevision
from tests.archive.queries.sample import OTHER, TEA
from tests.archive.shop import Shop
from tests.each_row import each_row
from tests.factories import make_post, url_of

PASTED = [
    f"{scheme}{host}/blogs/news/slow-tea{rest}"
    for scheme in ("https://", "http://", "HTTPS://", "")
    for host in ("shop.example", "www.shop.example", "Shop.Example")
    for rest in ("", "/?utm_source=mail&fbclid=1#top")
] + [
    "<https://shop.example/fr/blogs/news/slow-tea>",
    "/blogs/news/slow-tea",
    "blogs/news/slow-tea/",
]
"""Addresses as browsers, mails and people write them."""


@each_row(
    "query",
    [
        "1",
        url_of("slow-tea"),
        url_of("slow-tea") + "/",
        *PASTED,
        "shop.example: news/slow-tea",
        "slow-tea",
        "It’s Slow Tea",
        "it's slow tea",
    ],
)
def test_a_post_is_found_by(two_crawls: Shop, query):
    assert find_post(two_crawls.db, query).id == 1


def test_a_post_is_found_by_a_formerurl_of(two_crawls: Shop):
    two_crawls.crawl(3, make_post("new-name", article_id="2", title="Other"), TEA)
    assert find_post(two_crawls.db, url_of("other")).url == url_of("new-name")


@each_row(
    "query",
    [
        "99",
        "nothing",
        "",
        url_of("slow"),
        "https://other.example/blogs/news/slow-tea",
        "https://shop.example:8443/blogs/news/slow-tea",
        "https://shop.example/",
        "https://[shop.example/blogs",
    ],
)
def test_a_query_without_a_match_raises(two_crawls: Shop, query):
    with pytest.raises(NoSuchPost, match="no post matches"):
        find_post(two_crawls.db, query)


def test_an_ambiguous_query_names_the_labels(two_crawls: Shop):
    two_crawls.crawl(3, TEA, OTHER, make_post("third", article_id="3", title="Other"))
    with pytest.raises(
        NoSuchPost,
        match=r"2 posts match 'Other': shop.example: news/other, shop.example: news/third",
    ):
        find_post(two_crawls.db, "Other")


def test_revision_numbers_are_in_the_order_in_which_they_were_current(two_crawls: Shop):
    two_crawls.crawl(3, gone=[TEA.url], verdict="server_error", listed=[TEA.url, OTHER.url])
    two_crawls.crawl(4, TEA, OTHER)
    post = find_post(two_crawls.db, "slow-tea")
    assert (revision_numbers(two_crawls.db, post), read_revision(two_crawls.db, post, 2).text) == (
        [1, 2, 1],
        "Half the words only.",
    )


def test_an_unknown_revision_raises(two_crawls: Shop):
    with pytest.raises(NoSuchRevision, match="has no revision 3: it has 2"):
        read_revision(two_crawls.db, find_post(two_crawls.db, "slow-tea"), 3)


def test_edges_are_read_from_both_ends(two_crawls: Shop):
    out, into = (
        related_posts(two_crawls.db, find_post(two_crawls.db, handle))
        for handle in ("slow-tea", "other")
    )
    assert [(edge.direction, edge.title, edge.resolved) for edge in (*out, *into)] == [
        ("out", "Other", True),
        ("out", "lost", False),
        ("in", "It’s Slow Tea", True),
    ]


def test_ended_edges_are_left_out(two_crawls: Shop):
    two_crawls.crawl(3, make_post("slow-tea", article_id="1"), OTHER)
    assert related_posts(two_crawls.db, find_post(two_crawls.db, "slow-tea")) == []


def test_edges_can_be_filtered_by_kind(two_crawls: Shop):
    assert related_posts(two_crawls.db, find_post(two_crawls.db, "slow-tea"), ("older",)) == []


def test_missing_posts_are_read_until_they_are_removed(two_crawls: Shop):
    missing = []
    for day in (3, 4):
        two_crawls.crawl(day, TEA, gone=[OTHER.url])
        missing.append([post.title for post in missing_posts(two_crawls.db, "shop.example")])
    assert missing == [["Other"], []]
