"""Sitemaps by their names, and feeds as RSS and Atom."""

from __future__ import annotations

import pytest

from scraper.exceptions import FeedError
from scraper.platforms.listings import find_feeds, parse_any_feed, sitemap_kind
from tests.each_row import each_row

HOME = "https://tea.example/"
KINDS = {
    "wp-sitemap-posts-post-1.xml": (True, False),
    "post-sitemap.xml": (True, False),
    "sitemap-posts.xml": (True, False),
    "blog-posts-sitemap.xml": (True, False),
    "wp-sitemap-posts-page-1.xml": (False, True),
    "page-sitemap.xml": (False, True),
    "post_tag-sitemap.xml": (False, True),
    "wp-sitemap-taxonomies-category-1.xml": (False, True),
    "wp-sitemap-users-1.xml": (False, True),
    "sitemap-authors.xml": (False, True),
    "sitemap.xml": (False, False),
}


@each_row("name", KINDS)
def test_the_name_of_a_sitemap_says_what_it_lists(name: str):
    kind = sitemap_kind(HOME + name)
    assert (kind.names_posts, kind.names_others) == KINDS[name]


RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Tea</title>
<link>https://tea.example</link><item><title>On  mint</title>
<link>https://tea.example/2024/05/mint/?utm=feed</link><dc:creator>Ida</dc:creator>
<pubDate>Tue, 07 May 2024 10:11:12 +0200</pubDate><guid>https://tea.example/?p=7</guid>
<description>Short</description><content:encoded><![CDATA[<p>Long</p>]]></content:encoded></item>
<item><title>No address</title></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Tea</title><entry><title>On mint</title>
<link rel="edit" href="/edit/7"/><link href="/2024/05/mint/"/><id>tag:tea,7</id>
<updated>2024-05-08T00:00:00Z</updated><published>2024-05-07T08:11:12Z</published>
<author><name>Ida</name></author>
<content type="html">&lt;p&gt;Long&lt;/p&gt;</content></entry></feed>"""


@pytest.mark.parametrize("feed", [RSS, ATOM], ids=["RSS", "Atom"])
def test_a_feed_gives_the_posts_under_their_own_addresses(feed: str):
    (entry,) = parse_any_feed(feed.encode(), f"{HOME}feed/")
    assert (entry.url, entry.title, entry.author, entry.published_at, entry.content_html) == (
        "https://tea.example/2024/05/mint/",
        "On mint",
        "Ida",
        "2024-05-07T08:11:12Z",
        "<p>Long</p>",
    )


def test_a_time_without_a_zone_is_no_time_of_this_machine():
    feed = RSS.replace("+0200", "-0000")
    (entry,) = parse_any_feed(feed.encode(), f"{HOME}feed/")
    assert (entry.published_at, entry.published_raw) == ("", "Tue, 07 May 2024 10:11:12 -0000")


def test_entries_have_names_of_their_own_and_one_that_several_share_is_none():
    item = "<item><link>https://tea.example/{}/</link><guid>{}</guid></item>"
    items = "".join(item.format(path, guid) for path, guid in ("a1", "b2", "c2"))
    entries = parse_any_feed(f"<rss><channel>{items}</channel></rss>".encode(), HOME)
    assert [entry.guid for entry in entries] == ["1", "", ""]


HOSTILE = {
    "a page": b"<!doctype html><html><body>no feed</body></html>",
    "cut short": RSS.encode()[:300],
    "entities": b'<!DOCTYPE rss [<!ENTITY a "a">]><rss><channel><item>&a;</item></channel></rss>',
    "too many": b"<rss><channel>"
    + b"<item><link>https://a.example/x</link></item>" * 6000
    + b"</channel></rss>",
}


@each_row("name", HOSTILE)
def test_what_is_no_feed_is_refused(name: str):
    with pytest.raises(FeedError):
        parse_any_feed(HOSTILE[name], HOME)


def test_the_feeds_of_a_page_are_its_posts_not_its_comments():
    page = (
        '<head><link rel="alternate" type="application/rss+xml" href="/feed/">'
        '<link rel="alternate" type="application/rss+xml" href="/comments/feed/">'
        '<link rel="alternate" type="application/atom+xml" href="https://tea.example/atom">'
        '<link rel="alternate" hreflang="de" href="/de/"></head>'
    )
    assert find_feeds(page.encode(), HOME) == (f"{HOME}feed/", f"{HOME}atom")
