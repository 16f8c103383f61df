"""How the archive is at one moment: each store against its timetable, what trouble stands open, and
room on the disk."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from scraper.archive.database import open_for_reading
from scraper.archive.queries.status import StoreStatus, open_incidents_of_none, read_status
from scraper.schedule.timetable.due import Plan, allowed, overdue_at, plan_run
from scraper.schedule.timetable.stores import StoreConfig
from scraper.timestamps import format_timestamp, parse_timestamp

CLOCK_ERROR = timedelta(hours=1)

Incident = tuple[str, str, str]
"""Kind, opening (UTC), detail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreHealth:
    """A store of the file: what is archived of it, its next run, whether one is under way, and what
    is wrong, in words, if anything."""

    store: StoreConfig
    status: StoreStatus
    plan: Plan
    under_way: bool
    overdue: bool
    due: bool
    trouble: tuple[str, ...]

    @property
    def next_run(self) -> str:
        """When it is crawled next, for a person: ``now``, ``under way``, ``paused``, ``never``, or
        the time (UTC)."""
        if self.store.paused:
            return "paused"
        if self.under_way or self.due:
            return "under way" if self.under_way else "now"
        return format_timestamp(self.plan.at) if self.plan.at else "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """All of it at `at`. Sizes are bytes, of files that are not there 0; `trouble` is what is wrong
    beside the stores."""

    at: datetime
    stores: tuple[StoreHealth, ...]
    incidents: tuple[Incident, ...]
    free_bytes: int
    archive_bytes: int
    captures_bytes: int
    trouble: tuple[str, ...]

    @property
    def well(self) -> bool:
        """Whether nothing is wrong."""
        return not self.trouble and not any(store.trouble for store in self.stores)


def read_health(
    stores: Iterable[StoreConfig],
    archive: Path,
    captures: Path,
    now: datetime,
    *,
    least_free_mb: float,
) -> Health:
    """Look at the archive; one that is not there yet holds no crawls."""
    if archive.exists() and archive.stat().st_size:
        with closing(open_for_reading(archive)) as db:
            until = format_timestamp(now + CLOCK_ERROR)
            statuses = [(store, read_status(db, store.host, store.name, until)) for store in stores]
            incidents = tuple(one for one in open_incidents_of_none(db) if one[0] != "disk_space")
    else:
        statuses, incidents = [(store, StoreStatus()) for store in stores], ()
    folder = next(parent for parent in archive.absolute().parents if parent.exists())
    free = shutil.disk_usage(folder).free
    short = (
        [f"{free / 1e6:,.0f} MB are free on the disk, fewer than {least_free_mb:,.0f}"]
        if free < least_free_mb * 1e6
        else []
    )
    return Health(
        at=now,
        stores=tuple(judge_store(store, status, now) for store, status in statuses),
        incidents=incidents,
        free_bytes=free,
        archive_bytes=_size(archive),
        captures_bytes=_size(captures),
        trouble=(*short, *(_told(incident) for incident in incidents)),
    )


def judge_store(store: StoreConfig, status: StoreStatus, now: datetime) -> StoreHealth:
    """A store against its timetable and its incidents. One that is being crawled gets as long as
    that may take before it is overdue."""
    now = now.replace(microsecond=0)
    plan, past = plan_run(store, status.past, now), status.past
    running = (
        past.attempts[-1] if past.attempts and past.attempts[-1].outcome == "running" else None
    )
    limit = overdue_at(store, past)
    if limit and running:
        limit = max(limit, parse_timestamp(running.started_at) + allowed(past))
    overdue = limit is not None and now > limit
    trouble = [_told(incident) for incident in status.incidents if incident[0] != "overdue"]
    if overdue:
        last = f"the last one began {past.good_at}" if past.good_at else "there never was one"
        trouble.insert(0, f"no good crawl for twice its interval: {last}")
    elif not store.paused and not past.good_at and not running:
        trouble.insert(0, "it was never crawled well")
    return StoreHealth(
        store=store,
        status=status,
        plan=plan,
        under_way=running is not None,
        overdue=overdue,
        due=plan.at == now,
        trouble=tuple(trouble),
    )


def _told(incident: Incident) -> str:
    kind, opened_at, detail = incident
    return f"{kind.replace('_', ' ')} since {opened_at}: {detail}"


def _size(path: Path) -> int:
    return sum(
        Path(f"{path}{end}").stat().st_size for end in ("", "-wal") if Path(f"{path}{end}").exists()
    )
