"""robots.txt: what its rules, its absence and its trouble allow."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from scraper.documents.robots import parse_robots
from tests.each_row import each_row

AGENT = "Blogkeep/0.1 (+https://blogkeep.example/about)"
RULES = b"""\xef\xbb\xbfUser-agent: *
Disallow: /search
Disallow: /blogs/*+*
Disallow: /*/blogs/*%2B*
Crawl-delay: 2.5
Sitemap: https://shop.example/sitemap.xml
Sitemap: https://shop.example/sitemap.xml
User-agent: Nutch
Disallow: /
"""


@each_row(
    ("path", "allowed"),
    [
        ("/blogs/news/a-post", True),
        ("/blogs/news.atom", True),
        ("/sitemap_blogs_1.xml", True),
        ("/blogs/news/tagged/a+b", False),
        ("/en-gb/blogs/news/tagged/a%2Bb", False),
        ("/search?q=x", False),
    ],
)
def test_wildcards_are_obeyed(path, allowed):
    assert parse_robots(RULES, 200, AGENT).allows(f"https://shop.example{path}") is allowed


def test_delay_and_sitemaps_are_read():
    robots = parse_robots(RULES, 200, AGENT)
    assert (robots.crawl_delay_s, robots.sitemaps) == (2.5, ("https://shop.example/sitemap.xml",))


def test_a_group_of_our_own_name_counts_first():
    robots = parse_robots(
        RULES + b"User-agent: blogkeep\nDisallow: /blogs/\nCrawl-delay: 7\n", 200, AGENT
    )
    assert not robots.allows("https://shop.example/blogs/news/a-post")
    assert robots.allows("https://shop.example/search")
    assert robots.crawl_delay_s == 7


@each_row(
    ("name", "allowed"),
    [
        (b"Blogkeep/0.1", False),
        (b"Blogkeep/9", False),
        (b"blogkeep/0.0 # seen in the log", False),
        (b"other\nUser-Agent : BLOGKEEP/2.x", False),
        (b"Blogkeeper/0.1", True),
        (b"other/0.1", True),
        *((name, True) for name in (b"archive/1.0", b"store/2", b"http/1.1", b"Blog/1", b"b/1")),
    ],
)
def test_the_version_behind_our_name_does_not_count(name, allowed):
    robots = parse_robots(b"User-agent: " + name + b"\nDisallow: /\n", 200, AGENT)
    assert robots.allows("https://shop.example/blogs/news") is allowed


def test_rules_are_read_in_utf_16():
    body = "User-agent: *\nDisallow: /blogs\n".encode("utf-16")
    assert not parse_robots(body, 200, AGENT).allows("https://shop.example/blogs/news")


@each_row(("rate", "delay_s"), [(b"1/10s", 10), (b"1/%ss" % (b"9" * 400), 10**9)])
def test_request_rate_is_a_delay_too(rate, delay_s):
    robots = parse_robots(b"User-agent: *\nRequest-rate: " + rate, 200, AGENT)
    assert robots.crawl_delay_s == delay_s


@each_row("delay", [b"nan", b"inf", b"-3", b"soon", b""])
def test_a_delay_that_is_none_is_unsaid(delay):
    assert parse_robots(b"User-agent: *\nCrawl-delay: " + delay, 200, AGENT).crawl_delay_s is None


@each_row(
    ("status", "allowed"),
    [
        (404, True),
        (410, True),
        (401, True),
        (403, True),
        (429, False),
        (430, False),
        (500, False),
        (503, False),
        (0, False),
        (301, False),
    ],
)
def test_what_its_absence_means(status, allowed):
    robots = parse_robots(b"User-agent: *\nDisallow:\n", status, AGENT)
    assert robots.allows("https://shop.example/blogs/news/a") is allowed


def test_rules_beyond_half_a_megabyte_are_not_read():
    robots = parse_robots(
        b"User-agent: *\n" + b"# filler\n" * 60_000 + b"Disallow: /\n", 200, AGENT
    )
    assert robots.allows("https://shop.example/a")


def test_a_rule_of_many_wildcards_costs_little():
    robots = parse_robots(b"User-agent: *\nDisallow: /" + b"*a" * 3000 + b"$\n", 200, AGENT)
    started = time.process_time()
    robots.allows("https://shop.example/" + "a" * 2000 + "b")
    assert time.process_time() - started < 1


@given(
    st.binary(max_size=300),
    st.sampled_from(
        ["https://shop.example/a", "https://[bad", "", "/x", "https://shop.example/%zz"]
    ),
)
def test_any_bytes_give_rules(body, url):
    assert parse_robots(b"User-agent: *\nDisallow: /" + body, 200, AGENT).allows(url) in (
        True,
        False,
    )
