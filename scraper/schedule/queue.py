"""Which run of a store begins next on one machine, planned from the archive."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta

from scraper.archive.connection import ArchiveConnection
from scraper.archive.store_history import read_store_history
from scraper.archive.write.schedule_runs import begin_run, end_run
from scraper.schedule.health import latest_credible
from scraper.schedule.runs import Run, RunResult
from scraper.schedule.timetable.agenda import Agenda
from scraper.schedule.timetable.due import Plan, plan_run
from scraper.schedule.timetable.stores import StoreConfig
from scraper.timestamps import format_timestamp

PLAN_LIFETIME = timedelta(hours=6)
"""How long a plan is valid. Before a crawl starts it is made again: one by hand may have run."""

BUSY = timedelta(seconds=30)
"""How long a store is left alone that somebody else crawls."""


class ArchiveQueue:
    """The queue of one runner, in its memory: it is planned again from the archive, where
    every run is recorded. `is_running` answers whether anybody crawls the store at a host."""

    def __init__(self, archive: ArchiveConnection, is_running: Callable[[str], bool]) -> None:
        self.archive, self.is_running = archive, is_running
        self.agenda = Agenda()
        self.stores: Mapping[str, StoreConfig] = {}

    def use(self, stores: Mapping[str, StoreConfig]) -> None:
        """Use these stores, and plan those that differ from the last ones."""
        for name in self.stores.keys() - stores.keys():
            self.agenda.remove(name)
        for name, store in stores.items():
            if self.stores.get(name) != store:
                self.agenda.forget(name)
        self.stores = stores

    def due(self, now: datetime, *, busy: Collection[str], limit: int) -> list[str]:
        """The stores that are due, at most `limit`, without the `busy` ones."""
        self.agenda.advance(now)
        unplanned = [name for name in self.agenda.unplanned() if name not in busy]
        self._plan([self.stores[name] for name in unplanned], now)
        self.agenda.advance(now)
        return self.agenda.due(busy=busy, limit=limit)

    def take(self, now: datetime, *, busy: Collection[str], limit: int) -> Iterator[Run]:
        """Begin the runs that are due, at most `limit`, of stores that are not `busy`; each is
        begun when it is asked for."""
        for name in self.due(now, busy=busy, limit=limit):
            if run := self._begin(self.stores[name], now):
                yield run

    def end(self, run_id: int, name: str, result: RunResult, now: datetime) -> None:
        """Record how a run ended, also one that an earlier runner began, and plan the next one of
        the store."""
        with self.archive.open() as db:
            end_run(
                db,
                run_id,
                outcome=result.outcome,
                at=format_timestamp(now),
                exit_code=result.exit_code,
                crawl_id=result.crawl.id if result.crawl else None,
                detail=result.detail,
            )
        if name in self.stores:
            self.agenda.forget(name)

    def is_idle(self, name: str) -> bool:
        """Whether a store is planned, and not due."""
        return self.agenda.plan(name) is not None and not self.agenda.is_due(name)

    def next_at(self, now: datetime) -> datetime | None:
        """When the next store needs attention, after `now`."""
        return self.agenda.next_at(now)

    def _plan(self, stores: list[StoreConfig], now: datetime) -> None:
        if not stores:
            return
        with self.archive.open() as db:
            latest = latest_credible(now)
            histories = [read_store_history(db, store.host, latest) for store in stores]
        for store, history in zip(stores, histories, strict=True):
            self.agenda.set(store.name, plan_run(store, history, now), now + PLAN_LIFETIME)

    def _begin(self, store: StoreConfig, now: datetime) -> Run | None:
        """Record that a run begins; None if the store is, or was, crawled in the meantime."""
        if self.is_running(store.host):  # started by somebody else
            later = now + BUSY
            self.agenda.set(store.name, Plan(at=later, due_at=None), later)
            return None
        self._plan([store], now)
        plan = self.agenda.plan(store.name)
        if plan is None or plan.at is None or plan.due_at is None or plan.at > now:
            return None
        due_at, started_at = format_timestamp(plan.due_at), format_timestamp(now)
        with self.archive.open() as db:
            run_id = begin_run(db, store=store.name, host=store.host, due_at=due_at, at=started_at)
        return Run(
            id=run_id,
            store=store,
            due_at=due_at,
            started_at=started_at,
            failed_runs=plan.failed_runs,
        )
