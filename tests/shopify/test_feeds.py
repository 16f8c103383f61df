"""Atom feeds: entries as the author wrote them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.exceptions import FeedError
from scraper.items import FeedEntry
from scraper.shopify.feeds import parse_feed
from tests.each_row import each_row
from tests.made_up import SIGNS

URL = "https://shop.example/blogs/news.atom"
FEED = b"""<?xml version="1.0" encoding="UTF-8"?>
<feed xml:lang="en-US" xmlns="http://www.w3.org/2005/Atom" xmlns:s="http://jadedpixel.com/-/spec/shopify">
  <id>https://shop.example/blogs/news.atom</id>
  <link rel="alternate" type="text/html" href="https://shop.example/blogs/news"/>
  <link rel="self" type="application/atom+xml" href="https://shop.example/blogs/news.atom"/>
  <title>Fern &amp; Moss - News - Notes</title>
  <updated>2026-03-01T10:00:00-05:00</updated>
  <author><name>Fern &amp; Moss</name></author>
  <entry>
    <id>https://shop.example/blogs/news/old-handle</id>
    <published>2026-02-01T09:00:00-05:00</published>
    <updated>2026-03-01T10:00:00-05:00</updated>
    <link rel="alternate" type="text/html" \
href="https://shop.example/blogs/news/slow-mornings?x=1"/>
    <title>Slow
       mornings</title>
    <author><name>Ida Berg</name></author>
    <summary type="html"><![CDATA[<p>Short.</p><p>\
<a class="read-more" href="/x">More</a></p>]]></summary>
    <content type="html">
      <![CDATA[<p>Tea &amp; <iframe src="https://video.example/1"></iframe></p>]]>
    </content>
  </entry>
  <entry>
    <id>tag:shop.example,2026:1</id>
    <title>No address</title>
  </entry>
  <entry>
    <id>https://shop.example/blogs/news/second</id>
    <content type="xhtml">\
<div xmlns="http://www.w3.org/1999/xhtml">One <b>two</b> three</div></content>
  </entry>
</feed>"""


def test_head_of_the_feed():
    feed = parse_feed(FEED, URL)
    assert (feed.title, feed.blog_title, feed.language) == (
        "Fern & Moss - News - Notes",
        "News - Notes",
        "en-US",
    )
    assert (feed.blog_handle, feed.blog_url, feed.url) == (
        "news",
        "https://shop.example/blogs/news",
        URL,
    )
    assert feed.updated_at == "2026-03-01T15:00:00Z"


def test_entry_stays_raw_but_for_its_address_and_times():
    assert parse_feed(FEED, URL).entries[0] == FeedEntry(
        url="https://shop.example/blogs/news/slow-mornings",
        title="Slow mornings",
        author="Ida Berg",
        published_at="2026-02-01T14:00:00Z",
        published_raw="2026-02-01T09:00:00-05:00",
        updated_at="2026-03-01T15:00:00Z",
        updated_raw="2026-03-01T10:00:00-05:00",
        summary_html='<p>Short.</p><p><a class="read-more" href="/x">More</a></p>',
        content_html='<p>Tea &amp; <iframe src="https://video.example/1"></iframe></p>',
    )


def test_entries_without_a_posts_address_are_counted():
    feed = parse_feed(FEED, URL)
    assert (len(feed.entries), feed.refused) == (2, 1)


def test_xhtml_content_is_what_stands_in_its_wrapper():
    assert "two</b> three" in parse_feed(FEED, URL).entries[1].content_html


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/fr/blogs/journal.atom",
        "https://shop.example/blogs/journal/tagged/tea.atom",
    ],
)
def test_blog_is_read_from_the_feeds_own_address(url):
    assert parse_feed(FEED, url).blog_handle == "journal"


def test_an_empty_blog_has_a_feed_without_entries():
    feed = parse_feed(
        b'<feed xmlns="http://www.w3.org/2005/Atom"><title>Shop - News</title></feed>', URL
    )
    assert (feed.entries, feed.blog_title, feed.updated_at) == ((), "News", "")


@each_row(
    ("body", "reason"),
    [
        pytest.param(b"<rss><channel/></rss>", "no Atom feed", id="RSS"),
        pytest.param(b"<!DOCTYPE html><html></html>", "document type", id="page"),
        pytest.param(FEED[:900], "well-formed", id="cut"),
        pytest.param(FEED.replace(b"Ida", b"&ida;"), "well-formed", id="unknown entity"),
        pytest.param(FEED.replace(b"Ida", b"\x00"), "well-formed", id="NUL"),
    ],
)
def test_refusals_name_their_reason(body, reason):
    with pytest.raises(FeedError, match=reason):
        parse_feed(body, URL)


def test_more_entries_than_any_feed_has_are_refused():
    entry = b"<entry><id>https://shop.example/blogs/news/a</id></entry>"
    with pytest.raises(FeedError, match="more than"):
        parse_feed(b'<feed xmlns="http://www.w3.org/2005/Atom">' + entry * 1001 + b"</feed>", URL)


@given(st.binary(max_size=120), st.text(SIGNS, max_size=40))
def test_any_bytes_are_read_or_refused(noise, url):
    for body in (noise, FEED[:600] + noise + FEED[600:]):
        with suppress(FeedError):
            parse_feed(body, url)
