"""Redirects: which are renames, which are other forms of one address, which say that a post is
gone."""

from __future__ import annotations

import pytest

from scraper.responses.verdicts import Answer, judge
from tests.each_row import each_row

POST = "https://shop.example/blogs/news/a"


def _moved(url: str, location: str, status: int = 301):
    return judge(Answer(url=url, status=status, headers={"location": location}))


@each_row("status", [301, 302, 303, 307, 308])
def test_a_post_that_moved_to_another_post_is_renamed(status):
    judged = _moved(POST, "/blogs/recipes/b", status)
    assert (judged.verdict, judged.target, judged.same_address) == (
        "renamed",
        "https://shop.example/blogs/recipes/b",
        False,
    )


@each_row(
    "location",
    [
        pytest.param("https://www.shop.example/blogs/news/a", id="www twin"),
        pytest.param("/blogs/news/a/", id="slash"),
        pytest.param("/en-gb/blogs/news/a", id="market"),
        pytest.param("?page=2", id="query"),
    ],
)
def test_another_form_of_the_address_is_no_rename(location):
    judged = _moved(POST, location)
    assert (judged.verdict, judged.same_address) == ("renamed", True)


def test_https_of_the_same_host_is_no_rename():
    assert _moved("http://shop.example/blogs/news/a", POST).same_address


@each_row(
    "location",
    [
        "/",
        "https://shop.example",
        "/en-gb",
        "/blogs/news",
        "/blogs/news/tagged/tea",
        "/search?q=a",
        "/collections/all",
        "/pages/about",
        "/products/tea",
    ],
)
def test_a_post_that_leads_elsewhere_in_the_store(location):
    assert _moved(POST, location).verdict == "redirected_home"


@each_row(
    ("location", "verdict"),
    [
        pytest.param("/password", "password_page", id="password"),
        pytest.param("/fr/password?x=1", "password_page", id="password in a locale"),
        pytest.param("/challenge?return_to=/", "challenge", id="challenge"),
        pytest.param("https://other.example/blogs/news/a", "redirected_off", id="other host"),
        pytest.param("https://shop.example:8443/blogs/news/a", "redirected_off", id="other port"),
        pytest.param(
            "https://shop.example@evil.example/blogs/news/a",
            "redirected_off",
            id="store as user name",
        ),
        pytest.param("http://169.254.169.254/latest", "redirected_off", id="private address"),
        pytest.param(
            "https://other.example/password", "redirected_off", id="password of another host"
        ),
        pytest.param("", "unreadable", id="no target"),
        pytest.param("javascript:alert(1)", "unreadable", id="javascript"),
        pytest.param("https://[bad", "unreadable", id="broken"),
        pytest.param(POST, "unreadable", id="itself"),
        pytest.param("https://shop.example:99999/", "unreadable", id="no port"),
        pytest.param("https://shop.example:p/", "unreadable", id="words for a port"),
        pytest.param("/" + "r" * 4096, "unreadable", id="too long"),
    ],
)
def test_other_targets(location, verdict):
    assert _moved(POST, location).verdict == verdict


@each_row(
    ("url", "location", "verdict"),
    [
        pytest.param(
            "https://shop.example/blogs/news", "/blogs/journal", "renamed", id="blog renamed"
        ),
        pytest.param("https://shop.example/blogs/news", "/", "redirected_home", id="blog gone"),
        pytest.param(
            "https://shop.example/", "https://www.shop.example/", "renamed", id="home at its twin"
        ),
    ],
)
def test_addresses_that_are_no_posts(url, location, verdict):
    assert _moved(url, location).verdict == verdict
