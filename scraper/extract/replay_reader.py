"""Extract saved pages again by today's rules, each with its store's template and its crawl's
feeds."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from functools import partial
from typing import Any

from scraper.crawl_evidence import CapturedFeed, CapturedPage
from scraper.documents.charsets import declared_charset, to_utf8
from scraper.exceptions import FeedError
from scraper.extract import extract_post, extract_text_dump, take_post
from scraper.extract.page.parsed_page import decode
from scraper.extract.platform_post import at_platform
from scraper.items import FeedEntry, Post
from scraper.platforms.listings import parse_any_feed
from scraper.platforms.posts import read_page_address
from scraper.shopify.feeds import parse_feed
from scraper.shopify.urls import blog_of, canonical_post_url

CACHED_CRAWLS = 64
"""Crawls whose feed entries stay in memory; of all others only the addresses."""


class ReplayReader:
    """Extracts saved pages; `feeds` returns the feeds that a crawl fetched, by its number.

    `call` runs each extraction: as it is, or in a process of its own.
    """

    def __init__(
        self,
        feeds: Callable[[int], Iterable[CapturedFeed]],
        call: Callable[[Callable[[], Post]], Post] = lambda extract: extract(),
    ) -> None:
        self._feeds = feeds
        self._call = call
        self._named: dict[int, frozenset[str]] = {}
        self._entries: OrderedDict[int, dict[str, FeedEntry]] = OrderedDict()

    def read(self, page: CapturedPage) -> Post:
        """Return the post of a page or a file. Raises ExtractionError where today's rules find
        none."""
        if page.resource_type == "dump":
            return self._call(partial(extract_text_dump, decode(page.body)))
        if page.imported:
            return self._call(
                partial(
                    _read_file,
                    page.body,
                    page.url,
                    url=f"{page.store_origin}/",
                    template=page.template,
                    addresses=page.addresses,
                    seen_at=page.fetched_at,
                )
            )
        content_types = [value for name, value in page.headers if name.lower() == "content-type"]
        return self._call(
            partial(
                _read_answer,
                to_utf8(page.body),
                final_url=page.final_url,
                charset=declared_charset(content_types[-1] if content_types else ""),
                entry=self._entry(page),
                template=page.template,
                addresses=page.addresses,
                seen_at=page.fetched_at,
            )
        )

    def _entry(self, page: CapturedPage) -> FeedEntry | None:
        """What the feeds of the page's crawl said of the address that was asked for, as the crawl
        itself would have had it."""
        path = _path(page.url)
        if page.crawl_id in self._named and path not in self._named[page.crawl_id]:
            return None
        if page.crawl_id not in self._entries:
            self._entries[page.crawl_id] = self._read_feeds(page.crawl_id)
            self._named[page.crawl_id] = frozenset(self._entries[page.crawl_id])
            if len(self._entries) > CACHED_CRAWLS:
                self._entries.popitem(last=False)
        return self._entries[page.crawl_id].get(path)

    def _read_feeds(self, crawl_id: int) -> dict[str, FeedEntry]:
        entries: dict[str, FeedEntry] = {}
        for feed in self._feeds(crawl_id):
            with suppress(FeedError):  # the crawl could not read it either
                entries |= {_path(entry.url): entry for entry in _entries_of(feed)}
        return entries


def _entries_of(feed: CapturedFeed) -> tuple[FeedEntry, ...]:
    """The entries of a feed: Shopify's is at the address of a blog, any other at any address."""
    if blog_of(feed.url.removesuffix(".atom")):
        return parse_feed(feed.body, feed.url).entries
    return parse_any_feed(feed.body, feed.url)


def _path(url: str) -> str:
    """Return the part of a post's canonical address that is the same on each of the store's
    hosts."""
    address = canonical_post_url(url) or read_page_address(url)
    return address.url.removeprefix(address.origin) if address else url


def _read_file(body: bytes, own_url: str, *, addresses: Collection[str], **more: Any) -> Post:
    post = extract_post(body, addresses=addresses, **more)
    return at_platform(post, url=own_url, body=body, addresses=addresses)


def _read_answer(
    body: bytes,
    *,
    final_url: str,
    addresses: Collection[str],
    entry: FeedEntry | None,
    **more: Any,
) -> Post:
    post = take_post(body, final_url=final_url, addresses=addresses, entry=entry, **more)
    return at_platform(post, url=final_url, body=body, addresses=addresses, entry=entry)
