"""Stores, and their blogs."""

from __future__ import annotations

import sqlite3

from scraper.archive.statements import insert, update
from scraper.archive.write.context import CrawlContext
from scraper.items import BlogSeen, DiscoverySummary, StoreSeen

UNKNOWN_BLOG = "unknown"
"""The handle of the blog that holds posts whose blog is not known (text dumps)."""


def add_store(connection: sqlite3.Connection, store: StoreSeen, at: str) -> tuple[int, str]:
    """A new store's id and its name: the one given, else its host, else its origin, the first that
    no other store bears."""
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
    """Fill in what the store's pages say of it; what they do not say stays as it was."""
    said: dict[str, str | int] = {
        "platform": store.platform,
        "myshopify_domain": store.myshopify_domain,
        "shop_id": store.shop_id,
    }
    told = {column: value for column, value in said.items() if value not in {"", "unknown"}}
    if store.utc_offset_s is not None:
        told["utc_offset_s"] = store.utc_offset_s
    if told:
        update(crawl.connection, "stores", crawl.store_id, **told)


def save_blog(crawl: CrawlContext, blog: BlogSeen, at: str) -> int:
    """Note a blog of the store, or more about it, and return its id."""
    row = crawl.connection.execute(
        "SELECT id, title, url, feed_url FROM blogs WHERE store_id = ? AND handle = ?",
        [crawl.store_id, blog.handle],
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
    told = {
        "title": blog.title or row[1],
        "url": blog.url or row[2],
        "feed_url": blog.feed_url or row[3],
    }
    if tuple(told.values()) != row[1:]:
        update(crawl.connection, "blogs", row[0], **told)
    return int(row[0])


def record_discovery(crawl: CrawlContext, survey: DiscoverySummary, at: str) -> None:
    """Note that the store's listings were walked whole, and its own page for what is not there,
    where it was learned."""
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
