"""Recognise a store at a new address, and move it there with all its posts."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

from scraper.archive.store_lookup import (
    SELECT_STORE,
    StoreRow,
    addresses_of,
    same_value,
    similar_stores,
)
from scraper.crawl_evidence import StoreSeen
from scraper.history.identity import FormerAnswer, MoveSigns, is_same_store
from scraper.history.store_addresses import same_host


def match_store(
    connection: sqlite3.Connection, store: StoreSeen, listed: Collection[str]
) -> StoreRow | None:
    """Return the stored store that a crawl has found: the one at its origin, or the only one that
    moved there, or None.

    `listed` are the addresses of posts that the origin lists. `history.identity.is_same_store`
    defines by which signs a store has moved; if two match, neither is taken.
    """
    row = connection.execute(f"{SELECT_STORE} WHERE origin = ?", [store.origin]).fetchone()
    if row:
        return StoreRow(*row)
    moved = [
        known
        for known in similar_stores(connection, store)
        if is_same_store(_signs(connection, known, store, listed))
    ]
    return moved[0] if len(moved) == 1 else None


def _signs(
    connection: sqlite3.Connection, known: StoreRow, store: StoreSeen, listed: Collection[str]
) -> MoveSigns:
    rows = connection.execute(
        "SELECT url FROM posts WHERE store_id = ? AND url != '' AND state != 'removed'", [known.id]
    )
    ours = {url.removeprefix(known.origin) for (url,) in rows}
    theirs = {url.removeprefix(store.origin) for url in listed}
    return MoveSigns(
        same_shop_id=same_value(known.shop_id, store.shop_id),
        same_domain=same_value(known.myshopify_domain, store.myshopify_domain),
        former=_former_address(known, store),
        same_host=same_host(known.origin, store.origin),
        known=len(ours),
        listed=len(theirs),
        shared=len(ours & theirs),
    )


def _former_address(known: StoreRow, store: StoreSeen) -> FormerAnswer:
    if known.origin in store.led_from:
        return "leads_here"
    return "deserted" if known.origin in store.deserted else "stands"


def add_former_origin(
    connection: sqlite3.Connection, store_id: int, origin: str, *, crawl_id: int, at: str
) -> None:
    """Record that a store was seen at another origin of its own host at `at` (UTC), in the past."""
    if origin not in addresses_of(connection, store_id):
        connection.execute(
            "INSERT INTO store_urls (store_id, origin, crawl_id, first_seen_at, gone_at) "
            "VALUES (?1, ?2, ?3, ?4, ?4)",
            [store_id, origin, crawl_id, at],
        )


def lock_addresses(connection: sqlite3.Connection, known: StoreRow) -> tuple[str, ...]:
    """Return the origins under which another process may crawl this store: all of its own that no
    other store has now."""
    others = {
        origin
        for (origin,) in connection.execute("SELECT origin FROM stores WHERE id != ?", [known.id])
    }
    return tuple(origin for origin in addresses_of(connection, known.id) if origin not in others)


def move_store(
    connection: sqlite3.Connection, known: StoreRow, *, origin: str, crawl_id: int, at: str
) -> None:
    """Move a store with its blogs, posts and listings to `origin`; addresses under its old origin
    become former ones.

    This renames no post and makes no change. Edges keep the URL with which they were first seen
    (see `post.links`). The caller holds the transaction.
    """
    values = {
        "store": known.id,
        "former": f"{known.origin}/",
        "origin": f"{origin}/",
        "begin": len(known.origin) + 2,
        "at": at,
    }
    connection.execute(
        "UPDATE store_urls SET gone_at = ? WHERE store_id = ? AND gone_at IS NULL", [at, known.id]
    )
    connection.execute(
        "INSERT INTO store_urls (store_id, origin, crawl_id, first_seen_at) VALUES (?, ?, ?, ?)",
        [known.id, origin, crawl_id, at],
    )
    connection.execute("UPDATE stores SET origin = ? WHERE id = ?", [origin, known.id])
    for statement in _MOVES:
        connection.execute(statement, values)


def _moved(column: str) -> str:
    return (
        f"CASE WHEN {_is_below(column)} THEN :origin || substr({column}, :begin) ELSE {column} END"
    )


def _is_below(column: str) -> str:
    return f"substr({column}, 1, :begin - 1) = :former"


_MOVES = (
    # Present addresses move to the new origin. Former addresses and redirects stay: nobody knows
    # whether the new origin has them.
    f"""
    INSERT INTO post_urls (post_id, url, kind, first_seen_at, last_seen_at)
    SELECT post_id, {_moved("url")}, kind, :at, :at FROM post_urls
    WHERE kind IN ('canonical', 'alias', 'locale') AND {_is_below("url")}
        AND post_id IN (SELECT id FROM posts WHERE store_id = :store)
    ON CONFLICT (post_id, url)
    DO UPDATE SET kind = excluded.kind, last_seen_at = excluded.last_seen_at
    """,
    f"""
    UPDATE post_urls SET kind = 'former'
    WHERE kind IN ('canonical', 'alias', 'locale') AND {_is_below("url")}
        AND post_id IN (SELECT id FROM posts WHERE store_id = :store)
    """,
    f"UPDATE posts SET url = {_moved('url')} WHERE store_id = :store",
    f"""
    UPDATE blogs SET url = {_moved("url")}, feed_url = {_moved("feed_url")} WHERE store_id = :store
    """,
    f"""
    INSERT INTO listings (store_id, url, page_url, source, source_url, lastmod, first_seen_at)
    SELECT store_id, {_moved("url")}, {_moved("page_url")}, source, {_moved("source_url")},
        lastmod, :at FROM listings
    WHERE store_id = :store AND gone_at IS NULL AND {_is_below("page_url")}
    """,
    f"""
    UPDATE listings SET gone_at = :at
    WHERE store_id = :store AND gone_at IS NULL AND {_is_below("page_url")}
    """,
)
