"""Runs of the schedule."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from scraper.archive.current_page import CurrentPage, take_current_page
from scraper.archive.rows import read_row, read_rows
from scraper.archive.statements import insert, to_json, transaction, update
from scraper.archive.store_history import BEGUN, CRAWLS_OF_STORES, stores_at
from scraper.crawl_evidence import HUNG
from scraper.schedule.timetable.history import RunOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRun:
    """A run without a recorded end. `store` is its name in stores.toml, `host` its host."""

    id: int
    store: str
    host: str
    started_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlOfRun:
    """The crawl that a run started or resumed."""

    id: int
    outcome: str
    health: str
    reason: str


def begin_run(db: Database, *, store: str, host: str, due_at: str, at: str) -> int:
    """Record a run before its crawl starts; returns its id."""
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
    """Record how a run ended; `exit_code` is that of its process: below 0 for the signal that
    killed it, None if nobody saw it end."""
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
    """Return the runs that have not ended, oldest first."""
    return read_rows(
        db,
        OpenRun,
        "SELECT id, store, host, started_at FROM schedule_runs "
        "WHERE outcome = 'running' ORDER BY id",
    )


def crawl_of_run(db: Database, host: str, started_at: str) -> CrawlOfRun | None:
    """Return the newest crawl of the store at a host since a run started, resumed ones too."""
    return read_row(
        db,
        CrawlOfRun,
        f"SELECT crawls.id, outcome, health, reason {CRAWLS_OF_STORES} AND {BEGUN} >= ? "
        "ORDER BY crawls.id DESC LIMIT 1",
        [to_json(stores_at(db, host)), started_at],
    )


def reject_current_page(
    db: Database, archive: Path, host: str, crawl_id: int, *, reason: str, at: str
) -> CurrentPage | None:
    """Record the page at which a crawl hung until it was killed, or ran out of memory (`EXHAUSTED`
    follows from that reason), so that no crawl of the store reads those bytes again, or once more
    only, and return it; None where it was at none. The page itself died with the crawl; the next
    one stores it."""
    page = take_current_page(archive, f"https://{host}")
    if page is None:
        return None
    with transaction(db.conn):
        insert(
            db.conn,
            "captures",
            crawl_id=crawl_id,
            url=page.url,
            final_url=page.url,
            resource_type="post",
            http_status=0,
            verdict="rejected",
            detail=f"{HUNG}: {reason} while {page.step} the page",
            fetched_at=at,
            body_hash=page.body_hash,
        )
    return page
