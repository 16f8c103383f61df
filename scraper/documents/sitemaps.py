"""Sitemaps: which addresses a store lists, and when each changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from scraper.documents.safe_xml import child_text, local_name, read_elements
from scraper.exceptions import FeedError
from scraper.hosts import LONGEST_URL
from scraper.timestamps import to_utc

MOST_ENTRIES = 50_000
"""Entries of one file: the sitemap protocol's own limit."""

_KINDS: dict[str, Literal["index", "urlset"]] = {"sitemapindex": "index", "urlset": "urlset"}
_BLOG_SITEMAP = re.compile(
    r"(?:/(?P<locale>[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,4}){0,2}))?/sitemap_blogs[\w-]*\.xml(?:\.gz)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapEntry:
    """An address as listed. `lastmod` is UTC, or empty; `lastmod_raw` as served. On a blog's post
    it equals the feed's `updated`."""

    url: str
    lastmod: str
    lastmod_raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """A sitemap (``urlset``) or an index of sitemaps. `refused` counts entries without a web
    address."""

    kind: Literal["index", "urlset"]
    entries: tuple[SitemapEntry, ...]
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BlogSitemaps:
    """The blog sitemaps of an index: `own` in the store's own language, `localised` as pairs of
    locale and address."""

    own: tuple[str, ...]
    localised: tuple[tuple[str, str], ...]


def parse_sitemap(body: bytes) -> Sitemap:
    """Read a sitemap or a sitemap index, gzip-packed or plain; addresses keep their query, for
    Shopify ranges some files by it.

    Raises FeedError, with the reason, for what is not well-formed, not a sitemap, too large, or
    holds a document type.
    """
    elements = read_elements(body, ("url", "sitemap"), "sitemap")
    root = local_name(next(elements))
    if root not in _KINDS:
        raise FeedError(f"the sitemap is none: its root element is {root[:40]!r}")
    entries: list[SitemapEntry] = []
    refused = 0
    for element in elements:
        url = child_text(element, "loc")
        if not _is_web_address(url):
            refused += 1
            continue
        raw = child_text(element, "lastmod")[:64]
        entries.append(SitemapEntry(url=url, lastmod=to_utc(raw), lastmod_raw=raw))
        if len(entries) > MOST_ENTRIES:
            raise FeedError(f"the sitemap lists more than {MOST_ENTRIES} addresses")
    return Sitemap(kind=_KINDS[root], entries=tuple(entries), refused=refused)


def _is_web_address(url: str) -> bool:
    return (
        url.lower().startswith(("https://", "http://"))
        and len(url) <= LONGEST_URL
        and not re.search(r"\s", url)
    )


def blog_sitemaps(sitemap: Sitemap) -> BlogSitemaps:
    """Pick the sitemaps of blogs from an index, by the names that Shopify gives them
    (``/sitemap_blogs_1.xml``)."""
    own: list[str] = []
    localised: list[tuple[str, str]] = []
    for entry in sitemap.entries if sitemap.kind == "index" else ():
        found = _BLOG_SITEMAP.fullmatch(_path_of(entry.url))
        if found and found["locale"]:
            localised.append((found["locale"].lower(), entry.url))
        elif found:
            own.append(entry.url)
    return BlogSitemaps(own=tuple(dict.fromkeys(own)), localised=tuple(dict.fromkeys(localised)))


def _path_of(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""
