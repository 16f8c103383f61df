"""The health of the archive at one time: each store compared with its timetable, open incidents,
and free disk space."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from scraper.archive.database import open_for_reading
from scraper.archive.queries.status import StoreStatus, open_general_incidents, read_status
from scraper.schedule.timetable.due import Plan, longest_duration, overdue_at, plan_run
from scraper.schedule.timetable.history import Attempt, StoreHistory
from scraper.schedule.timetable.stores import StoreConfig
from scraper.timestamps import format_timestamp, parse_timestamp

CLOCK_ERROR = timedelta(hours=1)
"""Rows dated later than this after now were written while the clock was wrong."""

Incident = tuple[str, str, str]
"""Kind, opening (UTC), detail."""


def latest_credible(now: datetime) -> str:
    """The latest time at `now` that a row is believed."""
    return format_timestamp(now + CLOCK_ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreHealth:
    """A store of the file: its status in the archive, its next run, whether a crawl is under way,
    and its problems in words."""

    store: StoreConfig
    status: StoreStatus
    plan: Plan
    under_way: bool
    overdue: bool
    due: bool
    problems: tuple[str, ...]

    @property
    def next_run(self) -> str:
        """When it is crawled next, for people: ``now``, ``under way``, ``paused``, ``never``, or
        a timestamp."""
        if self.store.paused:
            return "paused"
        if self.under_way:
            return "under way"
        if self.due:
            return "now"
        return format_timestamp(self.plan.at) if self.plan.at else "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The health of all stores at `at`. Sizes are in bytes, 0 for missing files; `problems` are
    those that concern no single store."""

    at: datetime
    stores: tuple[StoreHealth, ...]
    incidents: tuple[Incident, ...]
    free_bytes: int
    archive_bytes: int
    captures_bytes: int
    problems: tuple[str, ...]

    @property
    def is_healthy(self) -> bool:
        """Whether there is no problem at all."""
        return not self.problems and not any(store.problems for store in self.stores)


def read_health(
    stores: Iterable[StoreConfig],
    archive: Path,
    captures: Path,
    now: datetime,
    *,
    least_free_mb: float,
) -> Health:
    """Read the health from the archive; a missing archive counts as one without crawls."""
    if archive.exists() and archive.stat().st_size:
        with closing(open_for_reading(archive)) as db:
            until = latest_credible(now)
            statuses = [(store, read_status(db, store.host, store.name, until)) for store in stores]
            incidents = tuple(one for one in open_general_incidents(db) if one[0] != "disk_space")
    else:
        statuses, incidents = [(store, StoreStatus()) for store in stores], ()
    folder = next(parent for parent in archive.absolute().parents if parent.exists())
    free = shutil.disk_usage(folder).free
    problems = [_describe(incident) for incident in incidents]
    if free < least_free_mb * 1e6:
        low_space = f"{free / 1e6:,.0f} MB are free on the disk, fewer than {least_free_mb:,.0f}"
        problems.insert(0, low_space)
    return Health(
        at=now,
        stores=tuple(judge_store(store, status, now) for store, status in statuses),
        incidents=incidents,
        free_bytes=free,
        archive_bytes=_size(archive),
        captures_bytes=_size(captures),
        problems=tuple(problems),
    )


def judge_store(store: StoreConfig, status: StoreStatus, now: datetime) -> StoreHealth:
    """Compare a store with its timetable and list its problems. While a crawl runs, the store is
    not overdue until that crawl has taken too long."""
    now = now.replace(microsecond=0)
    running = _running_attempt(status.past)
    limit = overdue_at(store, status.past)
    if limit and running:
        limit = max(limit, parse_timestamp(running.started_at) + longest_duration(status.past))
    overdue = limit is not None and now > limit
    problems = [_describe(incident) for incident in status.incidents if incident[0] != "overdue"]
    if overdue:
        problems.insert(0, describe_overdue(status.past))
    elif not store.paused and not status.past.good_at and not running:
        problems.insert(0, "no good crawl yet")
    problems += _last_failure(status.past)
    plan = plan_run(store, status.past, now)
    return StoreHealth(
        store=store,
        status=status,
        plan=plan,
        under_way=running is not None,
        overdue=overdue,
        due=plan.at == now,
        problems=tuple(problems),
    )


def describe_overdue(history: StoreHistory) -> str:
    """Why a store is overdue, with the start of its last good crawl."""
    if not history.good_at:
        return "no good crawl for twice its interval: it never had one"
    return f"no good crawl for twice its interval: the last one began {history.good_at}"


def _last_failure(history: StoreHistory) -> list[str]:
    """What the last run that ended failed with, if it did and no incident says so."""
    ended = [attempt for attempt in history.attempts if attempt.outcome != "running"]
    if not ended or ended[-1].outcome != "failed":
        return []
    reason = f": {ended[-1].detail}" if ended[-1].detail else ""
    return [f"the run that began {ended[-1].started_at} failed{reason}"]


def _running_attempt(history: StoreHistory) -> Attempt | None:
    if history.attempts and history.attempts[-1].outcome == "running":
        return history.attempts[-1]
    return None


def _describe(incident: Incident) -> str:
    kind, opened_at, detail = incident
    return f"{kind.replace('_', ' ')} since {opened_at}: {detail}"


def _size(path: Path) -> int:
    return sum(
        Path(f"{path}{end}").stat().st_size for end in ("", "-wal") if Path(f"{path}{end}").exists()
    )
