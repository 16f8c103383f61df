"""Pages that list posts and blogs."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.exceptions import FeedError
from scraper.shopify.listings import read_blog_index, read_home
from tests.conftest import FURTHER
from tests.each_row import each_row

URL = "https://shop.example/blogs/news?page=2"
PAGE = b"""<html><head><title>News - Page 2 | Fern</title>\
<meta property="og:site_name" content="Fern">
<meta property="og:title" content="News &ndash; Fern"></head><body>
<a href="/blogs/recipes">Recipes</a><a href="/products/tea">Tea</a>
<h3><a class="full-unstyled-link" href="/blogs/news/b?utm=1">B</a></h3>\
<a href="https://shop.example/blogs/news/b#c">again</a>
<a href="http://www.shop.example/blogs/news/a">A</a>\
<a href="https://other.example/blogs/news/x">elsewhere</a>
<a href="/blogs/news/tagged/tea">tea</a><a href=" /blogs/recipes/c ">C</a>\
<a href="javascript:void('/blogs/news/z')">Z</a><a>none</a>
<a href="?page=1">1</a><a href="?page=4">4</a>\
<a href="/blogs/news?page=3&sort=x">3</a><a href="/blogs/recipes?page=3">other blog</a>
</body></html>"""


def test_posts_come_in_order_each_once_at_the_stores_origin():
    assert read_blog_index(PAGE, URL).posts == (
        "https://shop.example/blogs/news/b",
        "https://shop.example/blogs/news/a",
        "https://shop.example/blogs/recipes/c",
    )


def test_the_page_names_its_blog():
    index = read_blog_index(PAGE, URL)
    assert (index.title, index.blog_handle, index.feed_url) == (
        "News",
        "news",
        "https://shop.example/blogs/news.atom",
    )


def test_next_page_is_the_nearest_higher_one_of_the_same_blog():
    assert read_blog_index(PAGE, URL).next_page == "https://shop.example/blogs/news?page=3"


def test_next_page_by_the_head_alone_in_a_locale():
    page = b'<link rel="next" href="/fr/blogs/news?page=2"><a href="/fr/blogs/news/a">A</a>'
    assert (
        read_blog_index(page, "https://shop.example/fr/blogs/news").next_page
        == "https://shop.example/fr/blogs/news?page=2"
    )


@each_row(
    "page",
    [
        pytest.param(
            b'<a href="/blogs/news/a">A</a><a href="?page=1">1</a><a href="?page=2">2</a>',
            id="last page",
        ),
        pytest.param(b'<a href="?page=3">next</a>', id="a pager that never ends, no posts"),
        pytest.param(
            b'<a href="/blogs/news/a">A</a>\
<a href="https://other.example/blogs/news?page=3">3</a>',
            id="other store",
        ),
        pytest.param(
            b'<a href="/blogs/news/a">A</a><a href="?page=99999999999999999999">9</a>'
            b'<a href="?page=-3">3</a>',
            id="no number",
        ),
    ],
)
def test_no_next_page(page):
    assert read_blog_index(page, URL).next_page == ""


def test_blogs_are_learned_from_blogs_posts_and_tags():
    blogs = read_home(
        PAGE + b'<a href="/fr/blogs/conseils/tagged/the">T</a>', "https://shop.example/"
    )
    assert [blog.handle for blog in blogs] == ["recipes", "news", "conseils"]
    assert blogs[2].url == "https://shop.example/blogs/conseils"


@given(st.binary(max_size=300))
def test_any_bytes_give_an_index(noise):
    for body in (
        noise,
        b'<a href="' + noise + b'">',
        b'<link rel="next" href="?page=' + noise + b'">',
    ):
        index = read_blog_index(body, URL)
        assert all(post.startswith("https://shop.example/blogs/") for post in index.posts)


@FURTHER
def test_an_index_of_a_million_links_is_refused_as_a_source():
    started = time.process_time()
    with pytest.raises(FeedError, match=r"^too_many_tags: "):
        read_blog_index(
            b'<a href="/blogs/news/a">A</a>' * 1_000_000, "https://shop.example/blogs/news"
        )
    assert time.process_time() - started < 5


def test_a_link_with_a_hundred_thousand_attributes_is_still_a_link():
    link = f'<a href="/blogs/news/a" {" ".join(f"a{number}=v" for number in range(100_000))}>A</a>'
    assert read_blog_index(link.encode(), "https://shop.example/blogs/news").posts == (
        "https://shop.example/blogs/news/a",
    )
