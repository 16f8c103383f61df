"""The front page: the health of each store, open incidents, and the latest changes."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from scraper.archive.queries.change_feed import ChangeFilter, FeedPage, read_feed
from scraper.archive.rows import read_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCard:
    """A store, its last good crawl and its last run of any kind. Times are UTC, empty if there was
    none."""

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
    """An open incident of a store, or of ``the archive``."""

    store: str
    kind: str
    opened_at: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveTotals:
    """How much the archive holds; `first_seen_at` is its beginning, empty for an empty archive."""

    n_stores: int
    n_posts: int
    n_revisions: int
    n_changes: int
    first_seen_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontPage:
    """The front page at one moment: stores by name, open incidents from the oldest on, and the
    newest changes."""

    stores: tuple[StoreCard, ...]
    incidents: tuple[IncidentRow, ...]
    totals: ArchiveTotals
    latest: FeedPage


def read_front_page(connection: sqlite3.Connection, *, limit: int) -> FrontPage:
    """Read the front page with at most `limit` changes."""
    (totals,) = read_rows(connection, ArchiveTotals, _TOTALS)
    return FrontPage(
        stores=tuple(read_rows(connection, StoreCard, _STORES)),
        incidents=tuple(read_rows(connection, IncidentRow, _INCIDENTS)),
        totals=totals,
        latest=read_feed(connection, ChangeFilter(), limit=limit),
    )


_STORES = """
    SELECT stores.id, stores.name, stores.origin,
        (SELECT count(*) FROM posts WHERE store_id = stores.id AND state = 'live') AS n_live,
        (SELECT count(*) FROM posts WHERE store_id = stores.id AND state = 'missing') AS n_missing,
        (SELECT count(*) FROM posts WHERE store_id = stores.id AND state = 'removed') AS n_removed,
        coalesce(good.finished_at, '') AS last_good_at, coalesce(last.id, 0) AS last_id,
        coalesce(last.kind, '') AS last_kind, coalesce(last.started_at, '') AS last_started_at,
        coalesce(last.finished_at, '') AS last_finished_at,
        coalesce(last.outcome, '') AS last_outcome, coalesce(last.health, '') AS last_health,
        coalesce(last.reason, '') AS last_reason
    FROM stores
    LEFT JOIN crawls AS good ON good.id = stores.last_good_crawl_id
    LEFT JOIN crawls AS last ON last.id = (SELECT max(id) FROM crawls WHERE store_id = stores.id)
    ORDER BY stores.name
"""
_INCIDENTS = """
    SELECT coalesce(stores.name, 'the archive') AS store, incidents.kind, opened_at, detail
    FROM incidents LEFT JOIN stores ON stores.id = incidents.store_id
    WHERE closed_at IS NULL ORDER BY opened_at, incidents.id
"""
_TOTALS = """
    SELECT (SELECT count(*) FROM stores) AS n_stores, (SELECT count(*) FROM posts) AS n_posts,
        (SELECT count(*) FROM revisions) AS n_revisions,
        (SELECT count(*) FROM changes) AS n_changes,
        coalesce((SELECT min(first_seen_at) FROM stores), '') AS first_seen_at
"""
