"""Sitemaps: what they list, and what is refused."""

from __future__ import annotations

import gzip
import time
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.documents.sitemaps import (
    BlogSitemaps,
    SitemapEntry,
    blog_sitemaps,
    parse_sitemap,
)
from scraper.exceptions import FeedError
from tests.conftest import FURTHER, Sample
from tests.each_row import each_row

NS = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)
URLSET = f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- kept up to date -->
<urlset {NS}>
  <url><loc> https://shop.example/blogs/news </loc>\
<lastmod>2026-03-01T00:00:00+01:00</lastmod></url>
  <url>
    <image:image><image:loc>https://cdn.example/pic.jpg</image:loc>\
<image:title>A &amp; B</image:title></image:image>
    <loc>https://shop.example/blogs/news/a?x=1&amp;y=2</loc><lastmod>2026-03-02</lastmod>
  </url>
  <url><loc>javascript:alert(1)</loc></url>
  <url><lastmod>2026-03-02</lastmod></url>
  <url><loc>https://shop.example/blogs/news/b</loc></url>
</urlset>""".encode()
INDEX = f"""<sitemapindex {NS}>
<sitemap><loc>https://shop.example/sitemap_products_1.xml?from=1&amp;to=9</loc></sitemap>
<sitemap><loc>https://shop.example/sitemap_blogs_1.xml</loc></sitemap>
<sitemap><loc>https://shop.example/sitemap_blogs_2.xml?from=5</loc></sitemap>
<sitemap><loc>https://shop.example/fr/sitemap_blogs_1.xml</loc></sitemap>
<sitemap><loc>https://shop.example/pt-BR/sitemap_blogs_1.xml</loc></sitemap>
<sitemap><loc>https://shop.example/sitemap_pages_1.xml</loc></sitemap>
</sitemapindex>""".encode()


def test_entries_keep_address_and_both_forms_of_time():
    assert parse_sitemap(URLSET).entries == (
        SitemapEntry(
            url="https://shop.example/blogs/news",
            lastmod="2026-02-28T23:00:00Z",
            lastmod_raw="2026-03-01T00:00:00+01:00",
        ),
        SitemapEntry(
            url="https://shop.example/blogs/news/a?x=1&y=2",
            lastmod="2026-03-02",
            lastmod_raw="2026-03-02",
        ),
        SitemapEntry(url="https://shop.example/blogs/news/b", lastmod="", lastmod_raw=""),
    )


def test_entries_without_a_web_address_are_counted():
    assert parse_sitemap(URLSET).refused == 2


@each_row(
    "body",
    [
        pytest.param(gzip.compress(URLSET), id="gzip"),
        pytest.param(b"\xef\xbb\xbf" + URLSET, id="byte order mark"),
        pytest.param(b"\n  " + URLSET, id="space in front"),
        pytest.param(URLSET.decode().replace("UTF-8", "UTF-16").encode("utf-16"), id="UTF-16"),
        pytest.param(URLSET.replace(b"UTF-8", b"iso-8859-1"), id="Latin-1"),
        pytest.param(URLSET.replace(NS.encode(), b'xmlns:image="i"'), id="no namespace"),
    ],
)
def test_forms_of_the_same_sitemap(body):
    assert parse_sitemap(body) == parse_sitemap(URLSET)


def test_blog_sitemaps_are_picked_and_locales_separated():
    assert blog_sitemaps(parse_sitemap(INDEX)) == BlogSitemaps(
        own=(
            "https://shop.example/sitemap_blogs_1.xml",
            "https://shop.example/sitemap_blogs_2.xml?from=5",
        ),
        localised=(
            ("fr", "https://shop.example/fr/sitemap_blogs_1.xml"),
            ("pt-br", "https://shop.example/pt-BR/sitemap_blogs_1.xml"),
        ),
    )


def test_a_urlset_has_no_blog_sitemaps():
    assert blog_sitemaps(parse_sitemap(URLSET)) == BlogSitemaps(own=(), localised=())


@each_row(
    ("body", "reason"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"User-agent: *", "not XML", id="text"),
        pytest.param(b"<html><body>Not here</body></html>", "root element", id="page"),
        pytest.param(URLSET[:-20], "well-formed", id="cut"),
        pytest.param(URLSET.replace(b"</loc>", b"", 1), "well-formed", id="broken"),
        pytest.param(gzip.compress(URLSET)[:-9], "cut short", id="cut gzip"),
        pytest.param(b"\x1f\x8bnonsense", "broken", id="false gzip"),
        pytest.param(
            b'<?xml version="1.0" encoding="UTF-7"?>+ADw-urlset/+AD4-', "encoding", id="UTF-7"
        ),
        pytest.param(
            b'<?xml version="1.0"' + b" " * 400 + b'encoding="UTF-7"?>+ADwAIQ-DOCTYPE u+AD4-',
            "well-formed",
            id="UTF-7 declared far off",
        ),
        pytest.param(
            URLSET.decode().replace("UTF-8", "utf-8").encode("utf-16")[:-1],
            "encoding",
            id="half a character",
        ),
        pytest.param(
            b"<urlset>" + b"<a>" * 3000 + b"</a>" * 3000 + b"</urlset>", "well-formed", id="deep"
        ),
    ],
)
def test_refusals_name_their_reason(body, reason):
    with pytest.raises(FeedError, match=reason):
        parse_sitemap(body)


LAUGHS = (
    b'<!DOCTYPE u [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, (b"&%c;" % (97 + i)) * 10) for i in range(9))
    + b"]><urlset><url><loc>https://a.example/&j;</loc></url></urlset>"
)
EXTERNAL = (
    b'<!DOCTYPE u [<!ENTITY f SYSTEM "file:///etc/hostname">]><urlset><url><loc>'
    b"https://a.example/&f;</loc></url></urlset>"
)


@each_row(
    "body",
    [
        pytest.param(LAUGHS, id="billion laughs"),
        pytest.param(EXTERNAL, id="external entity"),
        pytest.param(
            b'<!DOCTYPE u SYSTEM "https://evil.example/u.dtd"><urlset/>', id="external type"
        ),
        pytest.param(
            b"<!--" + b"<urlset>" * 20_000 + b"-->" + b" " * 3000 + LAUGHS,
            id="behind a long comment",
        ),
        pytest.param(
            '<?xml version="1.0" encoding="UTF-16"?>'.encode("utf-16")
            + LAUGHS.decode().encode("utf-16-le"),
            id="in UTF-16",
        ),
    ],
)
def test_document_types_are_refused_unread(body):
    started = time.process_time()
    with pytest.raises(FeedError, match="document type"):
        parse_sitemap(body)
    assert time.process_time() - started < 1


@FURTHER
def test_a_gzip_bomb_is_refused_within_its_bound():
    bomb = gzip.compress(b"<urlset>" + b" " * 200_000_000 + b"</urlset>", 1)
    tracemalloc.start()
    with pytest.raises(FeedError, match="larger than"):
        parse_sitemap(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 160_000_000


@FURTHER
def test_more_entries_than_the_protocol_allows_are_refused():
    body = b"<urlset>" + b"<url><loc>https://a.example/b</loc></url>" * 50_001 + b"</urlset>"
    with pytest.raises(FeedError, match="more than 50000"):
        parse_sitemap(body)


def test_ten_megabytes_of_posts_are_read_quickly(sample: Sample):
    numbers = sample(range(40_000), 10)
    row = (
        "<url><loc>https://a.example/blogs/news/{0}</loc><lastmod>2026-03-01T00:00:00Z</lastmod>"
        "<note>{1}</note></url>"
    )
    body = ("<urlset>" + "".join(row.format(i, "x" * 150) for i in numbers) + "</urlset>").encode()
    assert len(body) > 250 * len(numbers)
    started = time.process_time()
    assert len(parse_sitemap(body).entries) == len(numbers)
    assert time.process_time() - started < len(numbers) / 8_000


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(noise):
    for body in (
        noise,
        b"<urlset>" + noise + b"</urlset>",
        URLSET[:300] + noise + URLSET[300:],
        gzip.compress(noise),
    ):
        with suppress(FeedError):
            parse_sitemap(body)
