"""Stores by their names and addresses, and what is known of each: its blogs, origins, template."""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database

from scraper.archive.store_lookup import addresses_of, find_store_at, similar_stores
from scraper.archive.store_templates import load_template
from scraper.crawl_evidence import StoreSeen
from scraper.exceptions import NoSuchStore
from scraper.history.store_addresses import same_host
from scraper.items import Template


def find_store(db: Database, query: str) -> str:
    """Find a store by its name or address and return its name; empty, for all stores, of an empty
    query. Raises NoSuchStore."""
    if not query:
        return ""
    address = query.rstrip("/")
    row = db.execute(_STORE_NAME, [address]).fetchone()
    if row is not None:
        (name,) = row
        return str(name)
    store = find_store_at(db.conn, address)
    if store is None:
        names = ", ".join(read_store_names(db)[:5])
        raise NoSuchStore(f"no store {query!r} is archived here; there is {names or 'none'}")
    return store.name


def select_stores(db: Database, query: str) -> list[tuple[int, str]]:
    """Return id and name of the store with this name or address, or of all for an empty query.

    Raises NoSuchStore.
    """
    name = find_store(db, query)
    rows = db.execute("SELECT id, name FROM stores WHERE ? IN ('', name) ORDER BY id", [name])
    return [(store_id, store) for store_id, store in rows.fetchall()]


def find_store_id(connection: sqlite3.Connection, name: str) -> int:
    """Return the id of a store by its name, 0 for an empty name. Raises NoSuchStore."""
    if not name:
        return 0
    row = connection.execute("SELECT id FROM stores WHERE name = ?", [name]).fetchone()
    if row is None:
        raise NoSuchStore(f"there is no store {name!r} in this archive")
    (store_id,) = row
    return int(store_id)


def read_store_names(connection: sqlite3.Connection | Database) -> list[str]:
    """Read the names of all stores in alphabetical order."""
    return [name for (name,) in connection.execute("SELECT name FROM stores ORDER BY name")]


def read_origins(db: Database) -> list[str]:
    """Read the current origins of all stores, in order of their ids."""
    return [origin for (origin,) in db.execute("SELECT origin FROM stores ORDER BY id")]


def read_blog_labels(connection: sqlite3.Connection, store_id: int) -> list[str]:
    """Read the labels of a store's blogs, or of all blogs for 0."""
    rows = connection.execute(_BLOG_LABELS, [store_id])
    return [label for (label,) in rows]


def read_template(db: Database, origin: str) -> Template | None:
    """Read the last template of the store at `origin`, or None."""
    store = find_store_at(db.conn, origin)
    return load_template(db.conn, store.id) if store else None


def store_addresses(db: Database, origin: str) -> tuple[str, ...]:
    """Read all origins of the store that is, or last was, at `origin`; the current one is last.

    Empty if no store is known there.
    """
    store = find_store_at(db.conn, origin)
    return addresses_of(db.conn, store.id) if store else ()


def read_store_marks(db: Database, origin: str) -> StoreSeen | None:
    """Read what is known of the store that is, or last was, at `origin`, or at another spelling of
    it (http or https, with or without ``www.``); None if there is none."""
    known = find_store_at(db.conn, origin)
    if known is None:
        found = next((other for other in read_origins(db) if same_host(other, origin)), "")
        known = find_store_at(db.conn, found) if found else None
    if known is None:
        return None
    shop_id, domain = (
        "" if value == "unknown" else value for value in (known.shop_id, known.myshopify_domain)
    )
    return StoreSeen(origin=known.origin, shop_id=shop_id, myshopify_domain=domain)


def stores_resembling(db: Database, store: StoreSeen) -> tuple[str, ...]:
    """Return the origins of archived stores at other hosts with the same shop id or permanent
    domain."""
    return tuple(
        known.origin
        for known in similar_stores(db.conn, store)
        if not same_host(known.origin, store.origin)
    )


def read_move(db: Database, crawl_id: int) -> tuple[str, str] | None:
    """Return the old and the new origin if a crawl found that its store has moved, or None."""
    row = db.execute(_MOVE, [crawl_id]).fetchone()
    if row is None:
        return None
    old, new = row
    return str(old), str(new)


_STORE_NAME = "SELECT name FROM stores WHERE ?1 IN (name, origin)"
_BLOG_LABELS = "SELECT label FROM blogs WHERE ? IN (0, store_id) ORDER BY label"
_MOVE = """
    SELECT previous.origin, current.origin
    FROM store_urls AS current
    JOIN store_urls AS previous ON previous.id = (
        SELECT max(id) FROM store_urls WHERE store_id = current.store_id AND id < current.id
    )
    WHERE current.crawl_id = ?
"""
