"""The demo store's posts, word for word, in every theme."""

from __future__ import annotations

import pytest

from scraper.demo import THEMES, DemoPost, DemoStore
from scraper.demo.pages import article_page
from scraper.demo.views import Site
from scraper.extract import extract_post
from scraper.items import Post

Pairs = list[tuple[DemoPost, Post]]


@pytest.fixture(scope="module", params=list(THEMES))
def pairs(request) -> Pairs:
    store = DemoStore(theme=request.param)
    posts = {
        post.body_html: (day, post)
        for day in range(1, store.last_day + 1)
        for post in store.posts(day)
    }
    return [(post, _extracted(store, day, post)) for day, post in posts.values()]


def _extracted(store: DemoStore, day: int, post: DemoPost) -> Post:
    site = Site(store=store, day=day, authority="shop.example")
    return extract_post(article_page(site, post), url=site.url(post.path))


def words(text: str) -> list[str]:
    return text.replace("•", " ").replace(" | ", " ").split()


def test_every_text_is_the_authors(pairs):
    assert [
        post.path for post, found in pairs if words(found.text) != words(post.reading_text)
    ] == []


def test_no_boilerplate_is_in_any_text(pairs, request):
    theme = THEMES[request.node.callspec.params["pairs"]]
    assert {
        found.url: theme.found_in(found.text) for _, found in pairs if theme.found_in(found.text)
    } == {}


def test_titles_and_authors_are_right(pairs):
    assert [(found.title, found.author) for _, found in pairs] == [
        (post.title, post.author) for post, _ in pairs
    ]


def test_typed_lists_are_edges_in_their_order(pairs):
    for post, found in pairs:
        edges = [
            link.anchor for link in found.links + found.self_links if link.kind == "related_list"
        ]
        assert sorted(edges) == sorted(item.title for item in post.related), post.path


def test_ids_are_the_stores(pairs):
    assert [found.article_id for _, found in pairs] == [str(post.article_id) for post, _ in pairs]
