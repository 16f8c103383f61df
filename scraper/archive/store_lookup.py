"""The stores that an archive holds: by an address, old or new, or by what their pages say."""

from __future__ import annotations

import sqlite3
from typing import Final, NamedTuple

from scraper.crawl_evidence import StoreSeen
from scraper.history.store_addresses import same_host

SELECT_STORE: Final = """
    SELECT stores.id, stores.name, stores.origin, stores.shop_id, stores.myshopify_domain
    FROM stores
"""
"""The columns of a `StoreRow`."""


class StoreRow(NamedTuple):
    """A stored store: its present origin, and what its pages claim about it."""

    id: int
    name: str
    origin: str
    shop_id: str
    myshopify_domain: str


def find_store_at(connection: sqlite3.Connection, origin: str) -> StoreRow | None:
    """Return the store at an origin, or the last one that was there, or None."""
    row = connection.execute(
        f"""
        {SELECT_STORE} WHERE origin = ?1
        UNION ALL SELECT * FROM ({SELECT_STORE} JOIN (
            SELECT store_id, max(id) AS latest FROM store_urls WHERE origin = ?1
        ) ON store_id = stores.id)
        LIMIT 1
        """,
        [origin],
    ).fetchone()
    return StoreRow(*row) if row else None


def similar_stores(connection: sqlite3.Connection, store: StoreSeen) -> list[StoreRow]:
    """Return the stored stores that share this one's shop id, permanent domain or host, at another
    origin."""
    rows = [
        StoreRow(*row)
        for row in connection.execute(
            f"{SELECT_STORE} WHERE origin != ? ORDER BY id", [store.origin]
        )
    ]
    return [
        known
        for known in rows
        if same_value(known.shop_id, store.shop_id)
        or same_value(known.myshopify_domain, store.myshopify_domain)
        or same_host(known.origin, store.origin)
    ]


def same_value(ours: str, theirs: str) -> bool | None:
    """Whether two values that name a store are the same; None where one is unknown."""
    return None if "unknown" in (ours, theirs) or not theirs else ours == theirs


def addresses_of(
    connection: sqlite3.Connection, store_id: int, *, crawl_id: int | None = None
) -> tuple[str, ...]:
    """Return the origins of a store, its present one last; with `crawl_id`, as they were in that
    crawl."""
    rows = connection.execute(
        "SELECT origin FROM store_urls "
        "WHERE store_id = ?1 AND (?2 IS NULL OR coalesce(crawl_id, 0) <= ?2) "
        "ORDER BY gone_at IS NULL DESC, gone_at DESC, id DESC",
        [store_id, crawl_id],
    )
    return tuple(reversed(dict.fromkeys(origin for (origin,) in rows)))
