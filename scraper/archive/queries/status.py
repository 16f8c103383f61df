"""The status of each store for `blogkeep status` and the scheduler, and open incidents; whether
the archive can be read at all."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field

from sqlite_utils import Database

from scraper.archive.statements import to_json
from scraper.archive.store_history import read_store_history, stores_at
from scraper.schedule.timetable.history import StoreHistory


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreStatus:
    """A store's last crawl with its counts, its history, the number of its live posts, and its open
    incidents as kind, opening time and detail.

    Without a crawl, `health` is ``never crawled`` and the times are empty.
    """

    health: str = "never crawled"
    reason: str = ""
    started_at: str = ""
    finished_at: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    posts: int = 0
    past: StoreHistory = field(default_factory=StoreHistory)
    incidents: tuple[tuple[str, str, str], ...] = ()


COUNTS = (
    "n_listed",
    "n_fetched",
    "n_not_modified",
    "n_new",
    "n_changed",
    "n_missing",
    "n_blocked",
    "n_error",
    "n_confident",
    "n_feed_checked",
    "n_feed_matched",
)


def check_readable(connection: sqlite3.Connection) -> None:
    """Raises sqlite3.Error if the archive cannot be read."""
    connection.execute("SELECT 1 FROM stores LIMIT 1").fetchone()


def read_status(db: Database, host: str, name: str, until: str) -> StoreStatus:
    """Read the status of the store at a host; `name` is its name in the stores file, `until` as in
    `read_store_history`."""
    values = {"stores": to_json(stores_at(db, host)), "name": name}
    incidents = tuple(
        (kind, opened_at, detail)
        for kind, opened_at, detail in db.execute(_INCIDENTS, values).fetchall()
    )
    past = read_store_history(db, host, until)
    crawl = db.execute(_LAST_CRAWL, values).fetchone()
    if crawl is None:
        return StoreStatus(past=past, incidents=incidents)
    (posts,) = db.execute(_COUNT_POSTS, values).fetchone()
    health, reason, started_at, finished_at, *counts = crawl
    return StoreStatus(
        health=health,
        reason=reason,
        started_at=started_at,
        finished_at=finished_at,
        counts=dict(zip(COUNTS, counts, strict=True)),
        posts=posts,
        past=past,
        incidents=incidents,
    )


def open_general_incidents(db: Database) -> list[tuple[str, str, str]]:
    """Read the open incidents of no store and no subject: kind, opening time and detail."""
    return [
        (kind, opened_at, detail)
        for kind, opened_at, detail in db.execute(_GENERAL_INCIDENTS).fetchall()
    ]


_OF_STORES = "store_id IN (SELECT value FROM json_each(:stores))"
_LAST_CRAWL = f"""
    SELECT
        CASE outcome WHEN 'running' THEN 'under way' WHEN 'killed' THEN 'killed' ELSE health END,
        reason, started_at, coalesce(finished_at, ''), {", ".join(COUNTS)}
    FROM crawls WHERE {_OF_STORES} AND kind = 'crawl' ORDER BY id DESC LIMIT 1
"""
_COUNT_POSTS = f"SELECT count(*) FROM posts WHERE {_OF_STORES} AND state = 'live'"
_INCIDENTS = f"""
    SELECT kind, opened_at, detail FROM incidents
    WHERE closed_at IS NULL AND ({_OF_STORES} OR (store_id IS NULL AND subject = :name))
    ORDER BY id
"""
_GENERAL_INCIDENTS = """
    SELECT kind, opened_at, detail FROM incidents
    WHERE closed_at IS NULL AND store_id IS NULL AND subject = '' ORDER BY id
"""
