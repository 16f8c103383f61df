"""Addresses: of a store, a blog, a post, and what is none of them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scraper.shopify.urls import blog_of, canonical_post_url
from tests.each_row import each_row
from tests.made_up import SIGNS

STORE = "https://shop.example"


@each_row(
    ("link", "expected"),
    [
        pytest.param("/blogs/news/first-post", f"{STORE}/blogs/news/first-post", id="rooted"),
        pytest.param("second", f"{STORE}/blogs/news/second", id="relative"),
        pytest.param(
            "//Shop.Example:443/blogs/news/a", f"{STORE}/blogs/news/a", id="scheme-relative"
        ),
        pytest.param(
            "HTTPS://SHOP.example/blogs/news/a/", f"{STORE}/blogs/news/a", id="case and slash"
        ),
        pytest.param(
            "/blogs/news/a?utm_source=x&page=2#comments",
            f"{STORE}/blogs/news/a",
            id="query and fragment",
        ),
        pytest.param("/en-gb/blogs/news/a", f"{STORE}/blogs/news/a", id="locale"),
        pytest.param("//shop.example//blogs//news/a", f"{STORE}/blogs/news/a", id="double slashes"),
        pytest.param("/blogs/news/caf\u00e9", f"{STORE}/blogs/news/caf%C3%A9", id="raw non-ASCII"),
        pytest.param("/blogs/news/caf%c3%a9%7e", f"{STORE}/blogs/news/caf%C3%A9~", id="escapes"),
        pytest.param("/blogs/news/50%-off", f"{STORE}/blogs/news/50%25-off", id="stray percent"),
        pytest.param("/blogs/news/a%2fb", f"{STORE}/blogs/news/a%2Fb", id="escaped slash stays"),
        pytest.param("/blogs/news/a.html", f"{STORE}/blogs/news/a", id="mirror's suffix"),
        pytest.param("  /blogs/news/a\n", f"{STORE}/blogs/news/a", id="blanks around"),
        pytest.param(
            "http://127.0.0.1:8000/blogs/news/a",
            "http://127.0.0.1:8000/blogs/news/a",
            id="port stays",
        ),
    ],
)
def test_post_address_is_canonical(link, expected):
    address = canonical_post_url(link, f"{STORE}/blogs/news/here")
    assert address is not None
    assert address.url == expected


@each_row(
    "link",
    [
        pytest.param("/blogs/news", id="blog index"),
        pytest.param("/blogs/news/", id="blog index with slash"),
        pytest.param("/blogs/news/tagged/sleep", id="tag page"),
        pytest.param("/blogs/news/tagged", id="tag page without tag"),
        pytest.param("/blogs/news.atom", id="feed"),
        pytest.param("/blogs/news/a.atom", id="feed of a post"),
        pytest.param("/blogs/news/a.json", id="json"),
        pytest.param("/blogs/news/a/comments", id="comments"),
        pytest.param("/products/a", id="product"),
        pytest.param("mailto:a@shop.example?subject=/blogs/news/a", id="mailto"),
        pytest.param("javascript:go('/blogs/news/a')", id="javascript"),
        pytest.param("ftp://shop.example/blogs/news/a", id="ftp"),
        pytest.param("https://a:b@shop.example/blogs/news/a", id="credentials"),
        pytest.param("/blogs/news/..", id="dots"),
        pytest.param("/blogs/news/%2e%2e", id="escaped dots"),
        pytest.param("/blogs/news/%20", id="blank handle"),
        pytest.param("https://[bad/blogs/news/a", id="broken host"),
        pytest.param(
            "https://sharer.example/?u=https://shop.example/blogs/news/a", id="share link"
        ),
        pytest.param("#/blogs/", id="fragment"),
    ],
)
def test_no_post_address(link):
    assert canonical_post_url(link, f"{STORE}/pages/about") is None


def test_relative_address_without_base_is_none():
    assert canonical_post_url("/blogs/news/a") is None


def test_locale_is_parsed_beside_the_address():
    address = canonical_post_url(f"{STORE}/EN-gb/blogs/news/a")
    assert address is not None
    assert (address.locale, address.page_url) == ("en-gb", f"{STORE}/en-gb/blogs/news/a")


def test_post_address_names_its_blog():
    address = canonical_post_url(f"{STORE}/fr/blogs/news/a")
    assert address is not None
    assert (address.blog.url, address.blog.page_url) == (
        f"{STORE}/blogs/news",
        f"{STORE}/fr/blogs/news",
    )


@given(st.text(SIGNS, max_size=60), st.text(SIGNS, max_size=20))
@example("/blogs/\ud800/\udfff", STORE)
@example("https://\u2100.example/blogs/a/b", "")
def test_any_text_is_an_address_or_none_and_canonical_is_stable(path, base):
    for link in (path, f"/blogs/news/{path}", f"https://shop.example/blogs/{path}/x"):
        address = canonical_post_url(link, base or STORE)
        if address is not None:
            again = canonical_post_url(address.url)
            assert again is not None
            assert again.url == address.url
            assert address.url.isascii()


@each_row(
    ("link", "url", "locale"),
    [
        pytest.param("/blogs/news", f"{STORE}/blogs/news", "", id="plain"),
        pytest.param("/blogs/news/?page=3", f"{STORE}/blogs/news", "", id="a later page"),
        pytest.param("/pt-br/blogs/news", f"{STORE}/blogs/news", "pt-br", id="locale"),
    ],
)
def test_blog_address(link, url, locale):
    blog = blog_of(link, STORE)
    assert blog is not None
    assert (blog.url, blog.locale, blog.feed_url) == (url, locale, f"{url}.atom")


@each_row(
    "link",
    [
        "/blogs",
        "/blogs/news/a",
        "/blogs/news.atom",
        "/blogs/news%EF%B9%96page=2.html",
        "/pages/blogs/x",
    ],
)
def test_no_blog_address(link):
    assert blog_of(link, STORE) is None
