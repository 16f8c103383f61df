"""Runs of the schedule: what the runner tried, and what the archive says of a store's past."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database

from scraper.archive.statements import insert, to_json, transaction, update
from scraper.archive.write.store.relocation import find_store_at
from scraper.schedule.timetable.history import Attempt, RunOutcome, StoreHistory


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRun:
    """A run that has not ended, as far as the archive knows. `store` is its name in the file of
    stores, `host` where that is."""

    id: int
    store: str
    host: str
    started_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlOfRun:
    """The crawl that a run began or went on with."""

    id: int
    outcome: str
    health: str
    reason: str


def begin_run(db: Database, *, store: str, host: str, due_at: str, at: str) -> int:
    """Note, before a crawl is begun, that it will be; gives the run's number."""
    with transaction(db.conn):
        (again,) = db.execute(
            "SELECT count(*) FROM schedule_runs WHERE store = ? AND started_at = ?", [store, at]
        ).fetchone()
        label = f"{store}, {at}" + (f" ({again + 1})" if again else "")
        return insert(
            db.conn,
            "schedule_runs",
            label=label,
            store=store,
            host=host,
            due_at=due_at,
            started_at=at,
        )


def end_run(
    db: Database,
    run_id: int,
    *,
    outcome: RunOutcome,
    at: str,
    exit_code: int | None = None,
    crawl_id: int | None = None,
    detail: str = "",
) -> None:
    """Note how a run ended; `exit_code` is that of its process, below 0 for the signal that killed
    it, None where nobody saw it end."""
    with transaction(db.conn):
        update(
            db.conn,
            "schedule_runs",
            run_id,
            outcome=outcome,
            ended_at=at,
            exit_code=exit_code,
            crawl_id=crawl_id,
            detail=detail,
        )


def open_runs(db: Database) -> list[OpenRun]:
    """Runs that have not ended, oldest first."""
    rows = db.execute(
        "SELECT id, store, host, started_at FROM schedule_runs WHERE outcome = 'running' ORDER BY id"
    )
    return [
        OpenRun(id=row[0], store=row[1], host=row[2], started_at=row[3]) for row in rows.fetchall()
    ]


def crawl_of_run(db: Database, host: str, started_at: str) -> CrawlOfRun | None:
    """The newest crawl of the store at a host that was begun, or gone on with, since a run was."""
    sql = f"SELECT crawls.id, outcome, health, reason {_CRAWLS} AND {_BEGUN} >= ? ORDER BY crawls.id DESC LIMIT 1"
    row = db.execute(sql, [to_json(stores_at(db, host)), started_at]).fetchone()
    return CrawlOfRun(id=row[0], outcome=row[1], health=row[2], reason=row[3]) if row else None


def stores_at(db: Database, host: str) -> list[int]:
    """The numbers of the archived stores at a host, whatever the scheme and a leading ``www.``; of
    none, that of the one that left it."""
    here = [f"{scheme}://{www}{host}" for scheme in ("https", "http") for www in ("", "www.")]
    found = {known.id: known.origin for origin in here if (known := find_store_at(db.conn, origin))}
    return [store_id for store_id, origin in found.items() if origin in here] or list(found)


def store_at(db: Database, host: str) -> int | None:
    """The number of the archived store at a host, the newest of several, or None."""
    return max(stores_at(db, host), default=None)


def read_store_history(db: Database, host: str, until: str) -> StoreHistory:
    """The past of the store at a host, as far as `until` (UTC): what is dated later was written
    while the clock was wrong."""
    known = [to_json(stores_at(db, host)), until]
    (complete_at,) = db.execute(
        f"SELECT coalesce(max({_BEGUN}), '') {_CRAWLS_UNTIL} AND outcome = 'complete'", known
    ).fetchone()
    good = db.execute(
        f"SELECT {_BEGUN}, finished_at {_CRAWLS_UNTIL} {_GOOD} ORDER BY 1 DESC LIMIT 1", known
    ).fetchone() or ("", "")
    refusal = f"SELECT retry_at {_CRAWLS_UNTIL} AND {_BEGUN} > ? AND health = 'blocked' ORDER BY crawls.id DESC LIMIT 1"
    refused = db.execute(refusal, [*known, complete_at]).fetchone()
    attempts = db.execute(_ATTEMPTS, [host, until, complete_at]).fetchall()
    (first,) = db.execute(
        "SELECT coalesce(min(started_at), '') FROM schedule_runs WHERE host = ?", [host]
    ).fetchone()
    return StoreHistory(
        complete_at=complete_at,
        good_at=good[0],
        good_finished_at=good[1],
        retry_at=refused[0] if refused else "",
        attempts=tuple(
            Attempt(started_at=row[0], ended_at=row[1], outcome=row[2]) for row in attempts
        ),
        first_attempt_at=first,
    )


_BEGUN = "max(crawls.started_at, crawls.resumed_at)"
_CRAWLS = "FROM crawls WHERE store_id IN (SELECT value FROM json_each(?)) AND kind = 'crawl'"
_CRAWLS_UNTIL = f"{_CRAWLS} AND {_BEGUN} <= ?"
_GOOD = "AND outcome = 'complete' AND health = 'healthy'"
_ATTEMPTS = """
    SELECT started_at, coalesce(ended_at, ''), outcome FROM schedule_runs WHERE host = ? AND started_at <= ? AND started_at > ? ORDER BY id
"""
