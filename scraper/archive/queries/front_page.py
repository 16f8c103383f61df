"""The front page: is the archive alive, and what is in it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from scraper.archive.queries.change_stream import Filter, StreamItem, read_stream
from scraper.archive.rows import make_row, read_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCard:
    """A store, its last good crawl and its last run of any kind. Times are UTC, empty where there
    was none."""

    id: int
    name: str
    origin: str
    n_live: int
    n_missing: int
    n_removed: int
    last_good_at: str
    last_id: int
    last_kind: str
    last_started_at: str
    last_finished_at: str
    last_outcome: str
    last_health: str
    last_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRow:
    """Trouble that is open, or was; `closed_at` is empty while it is open."""

    store: str
    kind: str
    opened_at: str
    closed_at: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """How much the archive holds; `first_seen_at` is when it began, empty where it holds
    nothing."""

    n_stores: int
    n_posts: int
    n_revisions: int
    n_changes: int
    first_seen_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontPage:
    """All that the front page shows, of one moment: stores by name, trouble that is open, oldest
    first, and the newest changes."""

    stores: tuple[StoreCard, ...]
    incidents: tuple[IncidentRow, ...]
    holdings: Holdings
    latest: tuple[StreamItem, ...]


def read_front(connection: sqlite3.Connection, *, limit: int) -> FrontPage:
    """The front page, with at most `limit` changes."""
    return FrontPage(
        stores=tuple(read_rows(connection, StoreCard, _STORES)),
        incidents=tuple(read_rows(connection, IncidentRow, _INCIDENTS)),
        holdings=make_row(Holdings, connection.execute(_HOLDINGS).fetchone()),
        latest=read_stream(connection, Filter(), limit=limit).items,
    )


_STORES = """
    SELECT stores.id, stores.name, stores.origin,
        (SELECT count(*) FROM posts WHERE store_id = stores.id AND state = 'live'),
        (SELECT count(*) FROM posts WHERE store_id = stores.id AND state = 'missing'),
        (SELECT count(*) FROM posts WHERE store_id = stores.id AND state = 'removed'),
        coalesce(good.finished_at, ''), coalesce(last.id, 0), coalesce(last.kind, ''), coalesce(last.started_at, ''),
        coalesce(last.finished_at, ''), coalesce(last.outcome, ''), coalesce(last.health, ''), coalesce(last.reason, '')
    FROM stores
    LEFT JOIN crawls AS good ON good.id = stores.last_good_crawl_id
    LEFT JOIN crawls AS last ON last.id = (SELECT max(id) FROM crawls WHERE store_id = stores.id)
    ORDER BY stores.name
"""
_INCIDENTS = """
    SELECT coalesce(stores.name, 'the archive'), incidents.kind, opened_at, coalesce(closed_at, ''), detail
    FROM incidents LEFT JOIN stores ON stores.id = incidents.store_id
    WHERE closed_at IS NULL ORDER BY opened_at, incidents.id
"""
_HOLDINGS = """
    SELECT (SELECT count(*) FROM stores), (SELECT count(*) FROM posts), (SELECT count(*) FROM revisions), (SELECT count(*) FROM changes),
        coalesce((SELECT min(first_seen_at) FROM stores), '')
"""
