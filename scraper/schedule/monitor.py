"""What the runner watches between crawls: stores without a good crawl for too long, and room on the
disk. Each is told as an incident."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta

from sqlite_utils import Database

from scraper.archive.statements import transaction
from scraper.archive.write.incidents import close_incidents, close_of_others, note_incident
from scraper.archive.write.schedule_runs import read_past, store_at
from scraper.schedule.timetable.due import overdue_at
from scraper.schedule.timetable.stores import StoreConfig
from scraper.timestamps import format_timestamp

LOOK_EVERY = timedelta(minutes=10)


class Watch:
    """Looks every ten minutes, and after each crawl. `free_mb` says how many megabytes are free
    where the archive stands; fewer than `least_free_mb` are an incident."""

    def __init__(self, *, free_mb: Callable[[], float], least_free_mb: float) -> None:
        self.free_mb, self.least_free_mb = free_mb, least_free_mb
        self._next: datetime | None = None

    def is_time(self, now: datetime) -> bool:
        """Whether to look again."""
        return self._next is None or now >= self._next

    def look_soon(self) -> None:
        """Look again at the next occasion."""
        self._next = None

    def look(
        self, db: Database, idle: Collection[StoreConfig], names: Collection[str], now: datetime
    ) -> list[str]:
        """Open and close incidents, and tell of each that was; `idle` are the stores that are
        neither being crawled nor due, `names` those of all stores."""
        self._next = now + LOOK_EVERY
        at = format_timestamp(now)
        free = self.free_mb()
        short = (
            f"{free:,.0f} MB are free where the archive stands, fewer than {self.least_free_mb:,.0f}"
            if free < self.least_free_mb
            else ""
        )
        told: list[str] = []
        with transaction(db.conn):
            if note_incident(db.conn, None, "disk_space", short, at):
                told.append(short or "there is room on the disk again")
            for store in idle:
                told += self._look_at(db, store, now)
            close_of_others(db.conn, "overdue", names, at)
        return told

    def _look_at(self, db: Database, store: StoreConfig, now: datetime) -> Iterator[str]:
        past = read_past(db, store.host, format_timestamp(now + timedelta(hours=1)))
        limit = overdue_at(store, past)
        late = limit is not None and now > limit
        last = f"the last one began {past.good_at}" if past.good_at else "there never was one"
        detail = f"no good crawl of {store.name} for twice its interval: {last}" if late else ""
        store_id = store_at(db, store.host)
        moved = note_incident(
            db.conn, store_id, "overdue", detail, format_timestamp(now), subject=store.name
        )
        if (
            not late and store_id is not None
        ):  # it may have been opened before the store was archived
            moved = (
                close_incidents(
                    db.conn, None, kinds=["overdue"], at=format_timestamp(now), subject=store.name
                )
                > 0
                or moved
            )
        if moved:
            yield detail or f"{store.name} is crawled well again"
