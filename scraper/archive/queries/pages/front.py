"""The front page: the health of each store, open incidents, and the latest changes."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from scraper.archive.queries.change_feed import ChangeFilter, FeedPage, read_feed
from scraper.archive.rows import read_rows

MAX_COUNTED = 1000
"""Changes since a visit that are counted; of more the page says "1,000 or more"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCard:
    """A store, its last good crawl and its last run of any kind. Times are UTC, empty if there was
    none."""

    id: int
    name: str
    origin: str
    platform: str
    first_seen_at: str
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
    retry_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRow:
    """An open incident of a store, or of ``the archive`` (`store_id` is 0). `retry_at` is when a
    store that refused us may be asked again."""

    store_id: int
    store: str
    origin: str
    retry_at: str
    kind: str
    opened_at: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveTotals:
    """How much the archive holds. `newest_change` is the id of the last change, `first_seen_at` the
    beginning of the archive, empty for an empty one."""

    n_stores: int
    n_posts: int
    n_revisions: int
    newest_change: int
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
        stores=tuple(read_stores(connection)),
        incidents=tuple(read_incidents(connection)),
        totals=totals,
        latest=read_feed(connection, ChangeFilter(), limit=limit),
    )


def read_stores(connection: sqlite3.Connection, store_id: int = 0) -> list[StoreCard]:
    """Read all stores by name, or the one with this id."""
    return read_rows(connection, StoreCard, _STORES, [store_id])


def read_incidents(connection: sqlite3.Connection, store_id: int = 0) -> list[IncidentRow]:
    """Read the open incidents from the oldest on, of all stores or of one."""
    return read_rows(connection, IncidentRow, _INCIDENTS, [store_id])


def count_changes_after(connection: sqlite3.Connection, change_id: int) -> int:
    """Count the store's own changes found after a change, up to `MAX_COUNTED`."""
    (count,) = connection.execute(_AFTER, [change_id, MAX_COUNTED]).fetchone()
    return int(count)


_STORES = """
    SELECT stores.id, stores.name, stores.origin, stores.platform, stores.first_seen_at,
        (SELECT count(*) FROM posts WHERE store_id = stores.id AND state = 'live') AS n_live,
        (SELECT count(*) FROM posts WHERE store_id = stores.id AND state = 'missing') AS n_missing,
        (SELECT count(*) FROM posts WHERE store_id = stores.id AND state = 'removed') AS n_removed,
        coalesce(good.finished_at, '') AS last_good_at, coalesce(last.id, 0) AS last_id,
        coalesce(last.kind, '') AS last_kind, coalesce(last.started_at, '') AS last_started_at,
        coalesce(last.finished_at, '') AS last_finished_at,
        coalesce(last.outcome, '') AS last_outcome, coalesce(last.health, '') AS last_health,
        coalesce(last.reason, '') AS last_reason, coalesce(last.retry_at, '') AS retry_at
    FROM stores
    LEFT JOIN crawls AS good ON good.id = stores.last_good_crawl_id
    LEFT JOIN crawls AS last ON last.id = (SELECT max(id) FROM crawls WHERE store_id = stores.id)
    WHERE ?1 IN (0, stores.id)
    ORDER BY stores.name
"""
_INCIDENTS = """
    SELECT coalesce(stores.id, 0) AS store_id, coalesce(stores.name, 'the archive') AS store,
        coalesce(stores.origin, '') AS origin, incidents.kind, opened_at, detail,
        coalesce((SELECT retry_at FROM crawls WHERE store_id = stores.id ORDER BY id DESC LIMIT 1),
            '') AS retry_at
    FROM incidents LEFT JOIN stores ON stores.id = incidents.store_id
    WHERE closed_at IS NULL AND ?1 IN (0, incidents.store_id)
    ORDER BY opened_at, incidents.id LIMIT 200
"""
_TOTALS = """
    SELECT (SELECT count(*) FROM stores) AS n_stores, (SELECT count(*) FROM posts) AS n_posts,
        (SELECT count(*) FROM revisions) AS n_revisions,
        (SELECT coalesce(max(id), 0) FROM changes) AS newest_change,
        coalesce((SELECT min(first_seen_at) FROM stores), '') AS first_seen_at
"""
_AFTER = """
    SELECT count(*) FROM (
        SELECT 1 FROM changes WHERE id > ?
            AND origin = 'observed' AND NOT (kind = 'created' AND not_before IS NULL) LIMIT ?
    )
"""
