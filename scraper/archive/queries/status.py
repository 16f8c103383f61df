"""What the archive says of a store at a glance, and what trouble stands open."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlite_utils import Database

from scraper.archive.statements import to_json
from scraper.archive.write.schedule_runs import read_past, stores_at
from scraper.schedule.timetable.history import StoreHistory


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreStatus:
    """A store's last crawl (`health` is ``never crawled`` where there is none) with what it
    counted, its past, its live posts, and its open incidents as kind, opening and detail.
    `started_at` and `finished_at` are empty where there is none."""

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


def read_status(db: Database, host: str, name: str, until: str) -> StoreStatus:
    """What is archived of the store at a host, `name` being what the file of stores calls it;
    `until` as in `read_past`."""
    of_store = "store_id IN (SELECT value FROM json_each(?))"
    where = [to_json(stores_at(db, host))]
    crawl = db.execute(
        f"""
        SELECT CASE outcome WHEN 'running' THEN 'under way' WHEN 'killed' THEN 'killed' ELSE health END, reason, started_at,
            coalesce(finished_at, ''), {", ".join(COUNTS)}
        FROM crawls WHERE {of_store} AND kind = 'crawl' ORDER BY id DESC LIMIT 1
        """,
        where,
    ).fetchone()
    (posts,) = db.execute(
        f"SELECT count(*) FROM posts WHERE {of_store} AND state = 'live'", where
    ).fetchone()
    incidents = db.execute(
        f"""
        SELECT kind, opened_at, detail FROM incidents
        WHERE closed_at IS NULL AND ({of_store} OR (store_id IS NULL AND subject = ?)) ORDER BY id
        """,
        [*where, name],
    ).fetchall()
    past = read_past(db, host, until)
    if crawl is None:
        return StoreStatus(past=past, incidents=tuple(incidents))
    health, reason, started_at, finished_at, *counts = crawl
    return StoreStatus(
        health=health,
        reason=reason,
        started_at=started_at,
        finished_at=finished_at,
        counts=dict(zip(COUNTS, counts, strict=True)),
        posts=posts,
        past=past,
        incidents=tuple(incidents),
    )


def open_incidents_of_none(db: Database) -> list[tuple[str, str, str]]:
    """Trouble that is no store's and has no subject: kind, opening, detail."""
    rows = db.execute(
        "SELECT kind, opened_at, detail FROM incidents WHERE closed_at IS NULL AND store_id IS NULL AND subject = '' ORDER BY id"
    )
    return [(row[0], row[1], row[2]) for row in rows.fetchall()]
