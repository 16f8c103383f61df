"""Stores, their blogs, and which source named which address."""

from __future__ import annotations

import sqlite3

from scraper.archive.context import CrawlContext
from scraper.archive.statements import insert, update
from scraper.items import BlogSeen, Listing, StoreSeen

UNKNOWN_BLOG = "unknown"
"""The handle of the blog that holds posts whose blog is not known (text dumps)."""


def open_store(connection: sqlite3.Connection, store: StoreSeen, at: str) -> tuple[int, str]:
    """The id and the name of the store at an origin; a new row if it is not known. Its name is the one given, else its host, else its
    origin, the first that no other store bears."""
    row = connection.execute("SELECT id, name FROM stores WHERE origin = ?", [store.origin]).fetchone()
    if row:
        return int(row[0]), str(row[1])
    taken = {name for (name,) in connection.execute("SELECT name FROM stores")}
    name = next(name for name in (store.name, store.origin.partition("://")[2], store.origin) if name and name not in taken)
    return insert(connection, "stores", name=name, origin=store.origin, first_seen_at=at), name


def note_store(crawl: CrawlContext, store: StoreSeen) -> None:
    """Fill in what the store's pages say of it; what they do not say stays as it was."""
    said: dict[str, str | int] = {"platform": store.platform, "myshopify_domain": store.myshopify_domain, "shop_id": store.shop_id}
    told = {column: value for column, value in said.items() if value not in {"", "unknown"}}
    if store.utc_offset_s is not None:
        told["utc_offset_s"] = store.utc_offset_s
    if told:
        update(crawl.connection, "stores", crawl.store_id, **told)


def note_blog(crawl: CrawlContext, blog: BlogSeen, at: str) -> int:
    """Note a blog of the store, or more about it, and return its id."""
    row = crawl.connection.execute(
        "SELECT id, title, url, feed_url FROM blogs WHERE store_id = ? AND handle = ?", [crawl.store_id, blog.handle]
    ).fetchone()
    if row is None:
        return insert(
            crawl.connection,
            "blogs",
            store_id=crawl.store_id,
            label=f"{crawl.store_name}: {blog.handle}",
            handle=blog.handle,
            title=blog.title,
            url=blog.url,
            feed_url=blog.feed_url,
            first_seen_at=at,
        )
    told = {"title": blog.title or row[1], "url": blog.url or row[2], "feed_url": blog.feed_url or row[3]}
    if tuple(told.values()) != row[1:]:
        update(crawl.connection, "blogs", row[0], **told)
    return int(row[0])


def note_listing(crawl: CrawlContext, listing: Listing, at: str) -> None:
    """Note which addresses a source named."""
    crawl.connection.executemany(
        """
        INSERT INTO listings (store_id, url, page_url, source, source_url, lastmod, first_seen_at, last_seen_at, last_crawl_id)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (store_id, page_url, source) DO UPDATE SET source_url = excluded.source_url, lastmod = excluded.lastmod,
            first_seen_at = min(listings.first_seen_at, excluded.first_seen_at),
            last_seen_at = max(listings.last_seen_at, excluded.last_seen_at), last_crawl_id = excluded.last_crawl_id
        """,
        [
            (crawl.store_id, e.url, e.page_url or e.url, listing.source, listing.source_url, e.lastmod, at, at, crawl.crawl_id)
            for e in listing.posts
        ],
    )


def note_locale_addresses(crawl: CrawlContext) -> None:
    """Locale copies that a source of this crawl named are addresses of the same post."""
    crawl.connection.execute(
        """
        INSERT INTO post_urls (post_id, url, kind, first_seen_at, last_seen_at)
        SELECT post_urls.post_id, listings.page_url, 'locale', min(listings.first_seen_at), max(listings.last_seen_at)
        FROM listings JOIN post_urls ON post_urls.url = listings.url
        WHERE listings.last_crawl_id = ? AND listings.page_url != listings.url
        GROUP BY post_urls.post_id, listings.page_url
        ON CONFLICT (post_id, url) DO UPDATE SET last_seen_at = excluded.last_seen_at
        """,
        [crawl.crawl_id],
    )
