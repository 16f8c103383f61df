"""What the runner checks between crawls: overdue stores and free disk space. Each problem becomes
an incident."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from sqlite_utils import Database

from scraper.archive.statements import transaction
from scraper.archive.store_history import read_store_history, store_at
from scraper.archive.write.incidents import close_incidents, close_other_subjects, set_incident
from scraper.schedule.health import describe_overdue, latest_credible
from scraper.schedule.timetable.due import overdue_at
from scraper.schedule.timetable.stores import StoreConfig
from scraper.timestamps import format_timestamp

CHECK_EVERY = timedelta(minutes=10)


class Monitor:
    """Checks every store each ten minutes, and a store after its crawl. `free_mb` returns the
    megabytes free on the archive's disk; fewer than `least_free_mb` are an incident."""

    def __init__(self, *, free_mb: Callable[[], float], least_free_mb: float) -> None:
        self.free_mb, self.least_free_mb = free_mb, least_free_mb
        self._next: datetime | None = None
        self._crawled: set[str] = set()

    def is_due(self, now: datetime) -> bool:
        """Whether it is time for a check."""
        return bool(self._crawled) or self._is_due_for_all(now)

    def check_soon(self, name: str) -> None:
        """Make a check of the store due."""
        self._crawled.add(name)

    def check(
        self,
        db: Database,
        stores: Mapping[str, StoreConfig],
        is_idle: Callable[[str], bool],
        now: datetime,
    ) -> list[str]:
        """Open and close incidents, and return a line for each. Of all `stores`, by name, those are
        checked that are neither being crawled nor due."""
        is_for_all = self._is_due_for_all(now)
        names = stores.keys() if is_for_all else self._crawled & stores.keys()
        with transaction(db.conn):
            lines = [*self._check_disk(db, now)]
            for name in sorted(filter(is_idle, names)):
                lines += _check_store(db, stores[name], now)
            if is_for_all:
                close_other_subjects(db.conn, "overdue", names, format_timestamp(now))
                self._next = now + CHECK_EVERY
        self._crawled.clear()
        return lines

    def _is_due_for_all(self, now: datetime) -> bool:
        return self._next is None or now >= self._next

    def _check_disk(self, db: Database, now: datetime) -> Iterator[str]:
        free, detail = self.free_mb(), ""
        if free < self.least_free_mb:
            detail = (
                f"{free:,.0f} MB are free on the archive's disk, fewer than "
                f"{self.least_free_mb:,.0f}"
            )
        if set_incident(db.conn, None, "disk_space", detail, format_timestamp(now)):
            yield detail or "enough disk space is free again"


def _check_store(db: Database, store: StoreConfig, now: datetime) -> Iterator[str]:
    at = format_timestamp(now)
    history = read_store_history(db, store.host, latest_credible(now))
    limit = overdue_at(store, history)
    is_overdue = limit is not None and now > limit
    detail = ""
    if is_overdue:
        detail = f"{store.name}: {describe_overdue(history)}"
    store_id = store_at(db, store.host)
    has_changed = set_incident(db.conn, store_id, "overdue", detail, at, subject=store.name)
    if not is_overdue and store_id is not None:
        # The incident may have been opened before the store was archived.
        closed = close_incidents(db.conn, None, kinds=["overdue"], at=at, subject=store.name)
        has_changed = has_changed or closed > 0
    if has_changed:
        yield detail or f"{store.name}: no longer overdue"
