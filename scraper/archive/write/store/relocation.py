"""A store that answers at another address: known again there, and moved with all its posts, its
addresses of before kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from typing import NamedTuple

from scraper.history.identity import MoveSigns, is_same_store
from scraper.history.store_addresses import same_host
from scraper.items import StoreSeen


class StoreRow(NamedTuple):
    """A store of the archive as it stands: its present origin, and what its pages said of it."""

    id: int
    name: str
    origin: str
    shop_id: str
    myshopify_domain: str


def find_store_at(connection: sqlite3.Connection, origin: str) -> StoreRow | None:
    """The store that answers at an origin, or else the one that left it last."""
    row = connection.execute(
        f"""
        {_STORE} WHERE origin = ?1
        UNION ALL SELECT * FROM ({_STORE} JOIN (
            SELECT store_id, max(id) AS latest FROM store_urls WHERE origin = ?1
        ) ON store_id = stores.id)
        LIMIT 1
        """,
        [origin],
    ).fetchone()
    return StoreRow(*row) if row else None


def match_store(
    connection: sqlite3.Connection, store: StoreSeen, listed: Collection[str]
) -> StoreRow | None:
    """The store of the archive that a crawl has found: the one at its origin, or else the only one
    that moved there.

    `listed` are the addresses of posts that the origin names. By which signs a store counts as
    moved is said in `history.identity.is_same_store`; where two fit, neither is taken.
    """
    row = connection.execute(f"{_STORE} WHERE origin = ?", [store.origin]).fetchone()
    if row:
        return StoreRow(*row)
    moved = [
        known
        for known in resembling(connection, store)
        if is_same_store(_signs(connection, known, store, listed))
    ]
    return moved[0] if len(moved) == 1 else None


def resembling(connection: sqlite3.Connection, store: StoreSeen) -> list[StoreRow]:
    """The stores of the archive of which this one, at another origin, bears the number, the
    permanent domain or the host."""
    rows = [
        StoreRow(*row)
        for row in connection.execute(f"{_STORE} WHERE origin != ? ORDER BY id", [store.origin])
    ]
    return [
        known
        for known in rows
        if _alike(known.shop_id, store.shop_id)
        or _alike(known.myshopify_domain, store.myshopify_domain)
        or same_host(known.origin, store.origin)
    ]


def _signs(
    connection: sqlite3.Connection, known: StoreRow, store: StoreSeen, listed: Collection[str]
) -> MoveSigns:
    rows = connection.execute(
        "SELECT url FROM posts WHERE store_id = ? AND url != '' AND state != 'removed'", [known.id]
    )
    ours = {url.removeprefix(known.origin) for (url,) in rows}
    theirs = {url.removeprefix(store.origin) for url in listed}
    return MoveSigns(
        same_shop_id=_alike(known.shop_id, store.shop_id),
        same_domain=_alike(known.myshopify_domain, store.myshopify_domain),
        former="leads_here"
        if known.origin in store.led_from
        else "deserted"
        if known.origin in store.deserted
        else "stands",
        same_host=same_host(known.origin, store.origin),
        known=len(ours),
        listed=len(theirs),
        shared=len(ours & theirs),
    )


def _alike(ours: str, theirs: str) -> bool | None:
    return None if "unknown" in (ours, theirs) or not theirs else ours == theirs


def addresses_of(
    connection: sqlite3.Connection, store_id: int, *, crawl_id: int | None = None
) -> tuple[str, ...]:
    """The origins at which a store stood, its present one last; with `crawl_id`, as they were in
    that crawl."""
    rows = connection.execute(
        "SELECT origin FROM store_urls WHERE store_id = ?1 AND (?2 IS NULL OR coalesce(crawl_id, 0) <= ?2) ORDER BY id DESC",
        [store_id, crawl_id],
    )
    return tuple(reversed(dict.fromkeys(origin for (origin,) in rows)))


def lock_addresses(connection: sqlite3.Connection, known: StoreRow) -> tuple[str, ...]:
    """The origins at which somebody might be crawling this very store: all of its own that are no
    other store's by now."""
    others = {
        origin
        for (origin,) in connection.execute("SELECT origin FROM stores WHERE id != ?", [known.id])
    }
    return tuple(origin for origin in addresses_of(connection, known.id) if origin not in others)


def move_store(
    connection: sqlite3.Connection, known: StoreRow, *, origin: str, crawl_id: int, at: str
) -> None:
    """Put a store, its blogs, its posts and what lists them at `origin`; what stood at its origin
    of before is a former address.

    No post was renamed by that: no change is told. Edges keep the address that they were first seen
    with; `edges` knows it for the same. The caller holds the transaction.
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


_STORE = "SELECT stores.id, stores.name, stores.origin, stores.shop_id, stores.myshopify_domain FROM stores"


def _moved(column: str) -> str:
    return f"CASE WHEN {_stood(column)} THEN :origin || substr({column}, :begin) ELSE {column} END"


def _stood(column: str) -> str:
    return f"substr({column}, 1, :begin - 1) = :former"


_MOVES = (
    # What stands now stands at the new address; where a handle of before, or an address of before,
    # led to is told by nobody there.
    f"""
    INSERT INTO post_urls (post_id, url, kind, first_seen_at, last_seen_at)
    SELECT post_id, {_moved("url")}, kind, :at, :at FROM post_urls
    WHERE kind IN ('canonical', 'alias', 'locale') AND {_stood("url")} AND post_id IN (SELECT id FROM posts WHERE store_id = :store)
    ON CONFLICT (post_id, url) DO UPDATE SET kind = excluded.kind, last_seen_at = excluded.last_seen_at
    """,
    f"""
    UPDATE post_urls SET kind = 'former'
    WHERE kind IN ('canonical', 'alias', 'locale') AND {_stood("url")} AND post_id IN (SELECT id FROM posts WHERE store_id = :store)
    """,
    f"UPDATE posts SET url = {_moved('url')} WHERE store_id = :store",
    f"UPDATE blogs SET url = {_moved('url')}, feed_url = {_moved('feed_url')} WHERE store_id = :store",
    f"""
    INSERT INTO listings (store_id, url, page_url, source, source_url, lastmod, first_seen_at)
    SELECT store_id, {_moved("url")}, {_moved("page_url")}, source, {_moved("source_url")}, lastmod, :at FROM listings
    WHERE store_id = :store AND gone_at IS NULL AND {_stood("page_url")}
    """,
    f"UPDATE listings SET gone_at = :at WHERE store_id = :store AND gone_at IS NULL AND {_stood('page_url')}",
)
