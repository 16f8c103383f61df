"""Stores and their blogs."""

from __future__ import annotations

import sqlite3

from scraper.archive.rows import named_rows
from scraper.archive.statements import insert, update
from scraper.archive.write.context import CrawlContext
from scraper.crawl_evidence import BlogSeen, DiscoverySummary, StoreSeen

UNKNOWN_BLOG = "unknown"
"""The handle of the blog for posts whose blog is unknown (text dumps)."""


def add_store(connection: sqlite3.Connection, store: StoreSeen, at: str) -> tuple[int, str]:
    """Add a store and return its id and name: the given name, else its host, else its origin,
    whichever is unused."""
    taken = {name for (name,) in connection.execute("SELECT name FROM stores")}
    name = next(
        name
        for name in (store.name, store.origin.partition("://")[2], store.origin)
        if name and name not in taken
    )
    store_id = insert(connection, "stores", name=name, origin=store.origin, first_seen_at=at)
    insert(connection, "store_urls", store_id=store_id, origin=store.origin, first_seen_at=at)
    return store_id, name


def update_store(crawl: CrawlContext, store: StoreSeen) -> None:
    """Save what the store's pages claim about it; other columns keep their values."""
    claims: dict[str, str | int | None] = {
        "platform": store.platform,
        "myshopify_domain": store.myshopify_domain,
        "shop_id": store.shop_id,
        "utc_offset_s": store.utc_offset_s,
    }
    known = {name: value for name, value in claims.items() if value not in {"", "unknown", None}}
    if known:
        update(crawl.connection, "stores", crawl.store_id, **known)


def save_blog(crawl: CrawlContext, blog: BlogSeen, at: str) -> int:
    """Save a blog of the store, or new values of it, and return its id."""
    row = next(
        named_rows(
            crawl.connection,
            "SELECT id, title, url, feed_url FROM blogs WHERE store_id = ? AND handle = ?",
            [crawl.store_id, blog.handle],
        ),
        None,
    )
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
    blog_id = int(row.pop("id"))
    claims = {name: getattr(blog, name) or value for name, value in row.items()}
    if claims != row:
        update(crawl.connection, "blogs", blog_id, **claims)
    return blog_id


def record_discovery(crawl: CrawlContext, survey: DiscoverySummary, at: str) -> None:
    """Record when discovery was complete, and the store's own 404 page if it was learned."""
    if survey.walked:
        update(crawl.connection, "stores", crawl.store_id, full_discovery_at=at)
    if any(survey.not_found):
        title, heading = survey.not_found
        update(
            crawl.connection,
            "stores",
            crawl.store_id,
            not_found_title=title,
            not_found_heading=heading,
        )


def record_moved_dates(crawl: CrawlContext, survey: DiscoverySummary) -> bool:
    """Record how the store's dates moved, and return whether they witness edits in this crawl. Of a
    crawl that is resumed, what it found at first stands: it has read some of the posts."""
    if survey.dates_moved != "singly":
        update(crawl.connection, "crawls", crawl.crawl_id, dates_moved=survey.dates_moved)
    (found,) = crawl.connection.execute(
        "SELECT dates_moved FROM crawls WHERE id = ?", [crawl.crawl_id]
    ).fetchone()
    return bool(found != "untrusted")
