"""The demo store's posts, word for word, in every theme."""

from __future__ import annotations

import pytest

from scraper.demo import THEMES, DemoPost, DemoStore
from scraper.items import Post
from tests.conftest import Sample
from tests.demo.authored import reading_text, related_items
from tests.demo.theme_strings import found_in
from tests.extract.pages import demo_page, demo_pages, extracted

Pairs = list[tuple[DemoPost, Post]]


@pytest.fixture(scope="module", params=list(THEMES))
def pairs(request, sample: Sample) -> Pairs:
    store = DemoStore(theme=request.param)
    pages = {page.post.body_html: page for page in demo_pages(request.param)}
    for day in range(2, store.last_day + 1):
        for post in store.posts(day):
            if post.body_html not in pages:
                pages[post.body_html] = demo_page(store, day, post)
    some = sample(list(pages.values()), 7, list(THEMES).index(request.param))
    return [(page.post, extracted(page)) for page in some]


def words(text: str) -> list[str]:
    return text.replace("•", " ").replace(" | ", " ").split()


def test_every_text_is_the_authors(pairs):
    assert [
        post.path for post, found in pairs if words(found.text) != words(reading_text(post))
    ] == []


def test_no_boilerplate_is_in_any_text(pairs, request):
    theme = request.node.callspec.params["pairs"]
    assert {
        found.url: strings for _, found in pairs if (strings := found_in(theme, found.text))
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
        assert sorted(edges) == sorted(item.title for item in related_items(post)), post.path


def test_ids_are_the_stores(pairs):
    assert [found.article_id for _, found in pairs] == [str(post.article_id) for post, _ in pairs]
