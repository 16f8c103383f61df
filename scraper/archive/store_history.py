"""The history of a store's crawls that planning needs, and the stores at a host."""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database

from scraper.archive.rows import read_rows
from scraper.archive.statements import to_json
from scraper.schedule.timetable.history import Attempt, StoreHistory

BEGUN: Final = "max(crawls.started_at, crawls.resumed_at)"
"""When a crawl began, or was resumed."""

CRAWLS_OF_STORES: Final = (
    "FROM crawls WHERE store_id IN (SELECT value FROM json_each(?)) AND kind = 'crawl'"
)


def stores_at(db: Database, host: str) -> list[int]:
    """Return the ids of the archived stores at a host, with any scheme, with or without ``www.``;
    if there are none, the id of the one that was there last."""
    here = [f"{scheme}://{www}{host}" for scheme in ("https", "http") for www in ("", "www.")]
    for sql in (_STORES_AT, _STORES_ONCE_AT):
        if found := [store_id for (store_id,) in db.execute(sql, [to_json(here)])]:
            return found
    return []


def store_at(db: Database, host: str) -> int | None:
    """Return the id of the archived store at a host, the newest of several, or None."""
    return max(stores_at(db, host), default=None)


def read_store_history(db: Database, host: str, until: str) -> StoreHistory:
    """Return the history of the store at a host up to `until` (UTC): rows with later dates were
    written while the clock was wrong."""
    known = [to_json(stores_at(db, host)), until]
    (complete_at,) = db.execute(
        f"SELECT coalesce(max({BEGUN}), '') {_CRAWLS_UNTIL} AND outcome = 'complete'", known
    ).fetchone()
    good_at, good_finished_at = db.execute(
        f"SELECT {BEGUN}, finished_at {_CRAWLS_UNTIL} {_GOOD} ORDER BY 1 DESC LIMIT 1", known
    ).fetchone() or ("", "")
    (retry_at,) = db.execute(
        f"SELECT retry_at {_CRAWLS_UNTIL} AND {BEGUN} > ? AND health = 'blocked' "
        "ORDER BY crawls.id DESC LIMIT 1",
        [*known, complete_at],
    ).fetchone() or ("",)
    (first,) = db.execute(
        "SELECT coalesce(min(started_at), '') FROM schedule_runs WHERE host = ?", [host]
    ).fetchone()
    return StoreHistory(
        complete_at=complete_at,
        good_at=good_at,
        good_finished_at=good_finished_at,
        retry_at=retry_at,
        attempts=tuple(read_rows(db, Attempt, _ATTEMPTS, [host, until, complete_at])),
        first_attempt_at=first,
    )


_STORES_AT = "SELECT id FROM stores WHERE origin IN (SELECT value FROM json_each(?))"
_STORES_ONCE_AT = """
    SELECT DISTINCT store_id FROM store_urls WHERE id IN (
        SELECT max(id) FROM store_urls WHERE origin IN (SELECT value FROM json_each(?))
        GROUP BY origin
    )
"""
_CRAWLS_UNTIL = f"{CRAWLS_OF_STORES} AND {BEGUN} <= ?"
_GOOD = "AND outcome = 'complete' AND health = 'healthy'"
_ATTEMPTS = """
    SELECT started_at, coalesce(ended_at, '') AS ended_at, outcome, detail FROM schedule_runs
    WHERE host = ? AND started_at <= ? AND started_at > ? ORDER BY id
"""
