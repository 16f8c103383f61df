"""Which source lists which address, as periods: an unchanged listing writes nothing."""

from __future__ import annotations

import sqlite3
from collections import Counter
from sys import intern
from typing import NamedTuple

from scraper.archive.statements import insert, update
from scraper.crawl_evidence import ListedPost, Listing, ListingSource
from scraper.history.removal import ListingMention, ListingsRead

OWN_SOURCES: frozenset[ListingSource] = frozenset({"sitemap", "feed", "index", "pager"})
"""Sources of the store itself; addresses from the archive are no listing."""


class _Row(NamedTuple):
    id: int
    source_url: str
    lastmod: str


class ListingStore:
    """The listings of one crawl, compared with those open when it started. The caller holds the
    transaction.

    `listed` are the canonical addresses that the store's own sources list. For a resumed crawl,
    `since` is its start: pages read before will not list their neighbours again. The rows of a
    source are read once, with its first listing. `complete` are the sources that were read to the
    end: addresses that they no longer list end with the crawl, if it is healthy. `failed` are the
    addresses of listings that could not be read; `walked` says that index pages were read.
    `dates_trusted` says that the dates of the listings witness edits. `left_out` are the handles of
    known blogs that the crawl leaves out, of whose listings it says nothing.
    """

    def __init__(self, connection: sqlite3.Connection, store_id: int, *, since: str = "") -> None:
        self._connection = connection
        self._store_id = store_id
        self.listed: set[str] = self._listed_since(since) if since else set()
        self.complete: frozenset[ListingSource] = frozenset()
        self.failed: frozenset[str] = frozenset()
        self.walked = False
        self.dates_trusted = True
        self.left_out: frozenset[str] = frozenset()
        self._documents: set[ListingMention] = set()
        self._open: dict[ListingSource, dict[str, _Row]] = {}
        self._listed_by: dict[ListingSource, set[str]] = {}
        self._new: Counter[ListingSource] = Counter()

    def record(self, listing: Listing, at: str) -> None:
        """Record which addresses a source lists."""
        self._documents.add(ListingMention(source=listing.source, document=listing.source_url))
        rows = self._rows(listing.source)
        seen = self._listed_by.setdefault(listing.source, set())
        for post in listing.posts:
            page_url = post.page_url or post.url
            seen.add(page_url)
            if listing.source in OWN_SOURCES:
                self.listed.add(post.url)
            row = rows.get(page_url)
            if row is None:
                rows[page_url] = _Row(
                    self._begin(listing, post, at), listing.source_url, post.lastmod
                )
                self._new[listing.source] += 1
            elif row.lastmod != post.lastmod:
                update(
                    self._connection,
                    "listings",
                    row.id,
                    lastmod=post.lastmod,
                    source_url=listing.source_url,
                )
                rows[page_url] = _Row(row.id, listing.source_url, post.lastmod)

    def read(self) -> ListingsRead:
        """Return what this crawl read of the listings."""
        return ListingsRead(
            whole=frozenset(self.complete),
            documents=frozenset(self._documents),
            failed=self.failed,
        )

    def mentions_of(self, url: str) -> frozenset[ListingMention]:
        """Return the listings that ever named a post: sitemaps, feeds and index pages."""
        rows = self._connection.execute(
            "SELECT DISTINCT source, source_url FROM listings "
            "WHERE store_id = ? AND url = ? AND source IN ('sitemap', 'feed', 'index')",
            [self._store_id, url],
        )
        return frozenset(
            ListingMention(source=source, document=document) for source, document in rows
        )

    def count(self, source: ListingSource) -> tuple[int, int]:
        """Return how many addresses a source listed when the crawl started, and how many it lists
        now."""
        before = len(self._crawled_rows(source)) - self._new[source]
        return before, len(self._listed_by.get(source, ()))

    def end_unlisted(self, at: str) -> None:
        """End the listings that complete sources no longer have."""
        for source in self.complete:
            named = self._listed_by.get(source, set())
            for page_url, row in self._crawled_rows(source).items():
                if page_url not in named:
                    update(self._connection, "listings", row.id, gone_at=at)

    def _crawled_rows(self, source: ListingSource) -> dict[str, _Row]:
        """The rows of a source but those of blogs that are left out."""
        return {
            page_url: row
            for page_url, row in self._rows(source).items()
            if page_url.split("/")[-2] not in self.left_out
        }

    def end_pager(self, url: str, at: str) -> None:
        """End a pager's listing of an address that leads nowhere, so that it is not fetched
        again."""
        row = self._rows("pager").pop(url, None)
        if row:
            update(self._connection, "listings", row.id, gone_at=at)

    def _listed_since(self, since: str) -> set[str]:
        rows = self._connection.execute(
            "SELECT url FROM listings WHERE store_id = ? AND source = 'pager' "
            "AND gone_at IS NULL AND first_seen_at >= ?",
            [self._store_id, since],
        )
        return {url for (url,) in rows}

    def _rows(self, source: ListingSource) -> dict[str, _Row]:
        if source not in self._open:
            found = self._connection.execute(
                "SELECT page_url, id, source_url, lastmod FROM listings "
                "WHERE store_id = ? AND source = ? AND gone_at IS NULL",
                [self._store_id, source],
            )
            self._open[source] = {
                page_url: _Row(id_, intern(source_url), lastmod)
                for page_url, id_, source_url, lastmod in found
            }
        return self._open[source]

    def _begin(self, listing: Listing, post: ListedPost, at: str) -> int:
        page_url = post.page_url or post.url
        if page_url != post.url:
            _save_locale_address(self._connection, self._store_id, post.url, page_url, at)
        return insert(
            self._connection,
            "listings",
            store_id=self._store_id,
            url=post.url,
            page_url=page_url,
            source=listing.source,
            source_url=listing.source_url,
            lastmod=post.lastmod,
            first_seen_at=at,
        )


def save_locale_addresses(
    connection: sqlite3.Connection, store_id: int, post_id: int, url: str
) -> None:
    """Save the locale copies that listings have of a post's address, when the post is first seen
    there."""
    connection.execute(
        """
        INSERT INTO post_urls (post_id, url, kind, first_seen_at, last_seen_at)
        SELECT ?, page_url, 'locale', min(first_seen_at), max(first_seen_at)
        FROM listings
        WHERE store_id = ? AND url = ? AND page_url != url AND gone_at IS NULL GROUP BY page_url
        ON CONFLICT (post_id, url) DO NOTHING
        """,
        [post_id, store_id, url],
    )


def pending_addresses(connection: sqlite3.Connection, store_id: int) -> tuple[str, ...]:
    """Return addresses that only a pager lists and that are no post's yet: a crawl ended before it
    fetched them."""
    rows = connection.execute(
        """
        SELECT DISTINCT url FROM listings
        WHERE store_id = ? AND source = 'pager' AND gone_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM post_urls WHERE post_urls.url = listings.url)
        ORDER BY url
        """,
        [store_id],
    )
    return tuple(url for (url,) in rows)


def _save_locale_address(
    connection: sqlite3.Connection, store_id: int, url: str, page_url: str, at: str
) -> None:
    """Save the locale copy of a known post as one of its addresses."""
    connection.execute(
        """
        INSERT INTO post_urls (post_id, url, kind, first_seen_at, last_seen_at)
        SELECT posts.id, ?, 'locale', ?, ? FROM post_urls AS own
        JOIN posts ON posts.id = own.post_id AND posts.url = own.url
        WHERE posts.store_id = ? AND own.url = ?
        ON CONFLICT (post_id, url) DO NOTHING
        """,
        [page_url, at, at, store_id, url],
    )
