"""The loop of the runner: begin what is due, note what came of it, wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from scraper.archive.database import open_for_writing, write_errors
from scraper.archive.write.schedule_runs import (
    CrawlOfRun,
    OpenRun,
    begin_run,
    crawl_of_run,
    end_run,
    open_runs,
    read_past,
)
from scraper.exceptions import AlreadyCrawling, StoresProblem
from scraper.schedule.clock import Clock
from scraper.schedule.monitor import Watch
from scraper.schedule.processes import Child, Crawls
from scraper.schedule.timetable.due import Plan, due_stores, outcome_of_run, plan_run
from scraper.schedule.timetable.history import RunOutcome
from scraper.schedule.timetable.stores import StoreConfig, StoresFile
from scraper.timestamps import format_timestamp

CLOCK_ERROR = timedelta(hours=1)
"""What the archive dates later than so long from now was written while the clock was wrong."""

LOOK_S = 30.0
"""At least so often, in seconds, the runner looks at the clock, which a machine's sleep moves, and
at the file of stores."""

CHILD_S = 1.0
"""So often it looks after crawls under way."""

PLANNED_ANEW = timedelta(hours=6)
"""A plan holds so long, and is looked at again before anything is begun: a crawl by hand can only
put off what is due."""


@dataclass(slots=True)
class _Going:
    """A crawl that this runner began."""

    run_id: int
    store: StoreConfig
    child: Child
    started_at: str


@dataclass(frozen=True, slots=True)
class _Ended:
    """How a run ended."""

    outcome: RunOutcome
    exit_code: int | None = None
    crawl: CrawlOfRun | None = None
    detail: str = ""

    @property
    def healthy(self) -> bool:
        return (
            self.outcome == "complete" and self.crawl is not None and self.crawl.health == "healthy"
        )

    @property
    def in_words(self) -> str:
        found = (
            [self.crawl.health, self.crawl.reason]
            if self.crawl and self.crawl.health != "unknown"
            else []
        )
        later = "to be gone on with" if self.outcome in {"stopped", "lost"} else ""
        return ", ".join(
            dict.fromkeys(word for word in [self.outcome, *found, self.detail, later] if word)
        )


class Runner:
    """Crawls the stores that `stores` names into `archive` when they are due, at most
    `most_at_once` side by side.

    `stores` gives the file as it stands now, and raises StoresProblem where it cannot be used: the
    last good one then holds. `pinged` is called with each store after a healthy crawl, `alert`
    after each crawl and every ten minutes, `tell` with a line for people. Told to stop, it begins
    nothing more, and after `grace_s` kills what still runs: the crawl is gone on with next time.
    """

    def __init__(
        self,
        archive: Path,
        *,
        stores: Callable[[], StoresFile],
        clock: Clock,
        crawls: Crawls,
        watch: Watch,
        pinged: Callable[[StoreConfig], None],
        tell: Callable[[str], None],
        alert: Callable[[], None] = lambda: None,
        most_at_once: int,
        grace_s: float,
        look_s: float = LOOK_S,
        child_s: float = CHILD_S,
    ) -> None:
        self.archive = archive
        self.clock, self.crawls, self.watch = clock, crawls, watch
        self.pinged, self.tell, self.alert = pinged, tell, alert
        self.most_at_once, self.grace_s = most_at_once, grace_s
        self.look_s, self.child_s = look_s, child_s
        self.stores: dict[str, StoreConfig] = {}
        self.plans: dict[str, tuple[Plan, datetime]] = {}
        self.going: dict[str, _Going] = {}
        self.left_behind: list[OpenRun] = []
        self.not_well = 0
        self.due: list[str] = []
        self._read_stores = stores
        self._problem = ""
        self._db: Database | None = None
        self._stop_by: datetime | None = None

    def run(self, *, once: bool) -> None:
        """Run until told to stop; with `once`, until nothing is due and what was begun has ended.
        `not_well` then counts the runs that did not bring a healthy crawl. Raises StoresProblem
        where there is no usable file of stores to begin with."""
        self.stores = dict(self._read_stores().stores)
        with self._open() as db:
            self.left_behind = open_runs(db)
        while True:
            self.step()
            if self._stop_by is not None and (not self.going or self.clock.now() >= self._stop_by):
                break
            if once and not self.going and not self.due:
                break
            self.clock.wait(self._pause_s())
        self._kill_all()
        self._close()

    def stop(self) -> None:
        """Begin nothing more, and end with the crawls under way or after the time of grace; called
        again, at once."""
        self._stop_by = self.clock.now() + timedelta(
            seconds=self.grace_s if self._stop_by is None else 0
        )

    def step(self) -> None:
        """Look once: note what ended, begin what is due."""
        try:
            self._step()
        finally:
            self._close()

    def _step(self) -> None:
        for name in [name for name, going in self.going.items() if going.child.poll() is not None]:
            self._note_end(self.going[name])
        self._note_left_behind()
        if self._stop_by is None:
            self._look_at_file()
            for name in self._due():
                self._begin(self.stores[name])
            self.due = self._due()
            self._watch()

    def _due(self) -> list[str]:
        now = self.clock.now()
        stale = [
            store
            for name, store in self.stores.items()
            if name not in self.plans or now >= self.plans[name][1]
        ]
        self._plan([store for store in stale if store.name not in self.going], now)
        room = self.most_at_once - len(self.going) - len(self.left_behind)
        plans = {name: plan for name, (plan, _) in self.plans.items() if name in self.stores}
        return due_stores(plans, now, busy=self._busy(), room=room)

    def _busy(self) -> set[str]:
        hosts = {run.host for run in self.left_behind}
        return {*self.going, *(name for name, store in self.stores.items() if store.host in hosts)}

    def _plan(self, stores: list[StoreConfig], now: datetime) -> None:
        if not stores:
            return
        with self._open() as db:
            pasts = [
                read_past(db, store.host, format_timestamp(now + CLOCK_ERROR)) for store in stores
            ]
        for store, past in zip(stores, pasts, strict=True):
            self.plans[store.name] = plan_run(store, past, now), now + PLANNED_ANEW

    def _begin(self, store: StoreConfig) -> None:
        now = self.clock.now()
        if self.crawls.is_going(store.host):
            # Somebody else's: look again in a while.
            self.plans[store.name] = (
                replace(self.plans[store.name][0], at=now + timedelta(seconds=LOOK_S)),
                now + timedelta(seconds=LOOK_S),
            )
            return
        self._plan([store], now)
        plan, _ = self.plans[store.name]
        if plan.at is None or plan.due_at is None or plan.at > now:
            return  # it was crawled since
        started_at = format_timestamp(now)
        with self._open() as db:
            run_id = begin_run(
                db,
                store=store.name,
                host=store.host,
                due_at=format_timestamp(plan.due_at),
                at=started_at,
            )
        try:
            child = self.crawls.start(store)
        except (AlreadyCrawling, OSError) as error:
            self._end(run_id, store.name, _Ended("failed", detail=str(error)))
            self.not_well += 1
            return
        self.going[store.name] = _Going(run_id, store, child, started_at)
        again = f", try {plan.tries + 1}" if plan.tries else ""
        self.tell(f"{store.name}: begun, due {format_timestamp(plan.due_at)}{again}")

    def _note_end(self, going: _Going) -> None:
        code, crawl = going.child.poll(), self._crawl_of(going.store.host, going.started_at)
        ended = _Ended(_outcome(code, crawl), code, crawl, going.child.told())
        del self.going[going.store.name]
        self._end(going.run_id, going.store.name, ended)
        self.not_well += not ended.healthy
        if ended.healthy:
            self.pinged(going.store)

    def _note_left_behind(self) -> None:
        """Runs of a runner that was killed: their crawls may have gone on without it."""
        for run in list(self.left_behind):
            if self.crawls.is_going(run.host):
                continue
            crawl = self._crawl_of(run.host, run.started_at)
            self.left_behind.remove(run)
            self._end(run.id, run.store, _Ended(_outcome(None, crawl), crawl=crawl))

    def _crawl_of(self, host: str, started_at: str) -> CrawlOfRun | None:
        with self._open() as db:
            return crawl_of_run(db, host, started_at)

    def _end(self, run_id: int, name: str, ended: _Ended) -> None:
        crawl_id = ended.crawl.id if ended.crawl else None
        at = format_timestamp(self.clock.now())
        with self._open() as db:
            end_run(
                db,
                run_id,
                outcome=ended.outcome,
                at=at,
                exit_code=ended.exit_code,
                crawl_id=crawl_id,
                detail=ended.detail,
            )
        self.plans.pop(name, None)
        self.watch.look_soon()
        self.tell(f"{name}: {ended.in_words}")

    def _look_at_file(self) -> None:
        try:
            stores = dict(self._read_stores().stores)
        except StoresProblem as problem:
            if str(problem) != self._problem:
                self._problem = str(problem)
                self.tell(f"the stores are as they were: {problem}")
            return
        self._problem = ""
        for name in {*self.stores, *stores}:
            if self.stores.get(name) != stores.get(name):
                self.plans.pop(name, None)
        self.stores = stores

    def _watch(self) -> None:
        now = self.clock.now()
        if not self.watch.is_time(now):
            return
        busy = self._busy()
        idle = [
            store
            for name, store in self.stores.items()
            if name not in busy and (plan := self.plans.get(name)) and not _is_due(plan[0], now)
        ]
        with self._open() as db:
            told = self.watch.look(db, idle, set(self.stores), now)
        for line in told:
            self.tell(line)
        self.alert()

    def _pause_s(self) -> float:
        now = self.clock.now()
        nexts = [
            (plan.at - now).total_seconds()
            for name, (plan, _) in self.plans.items()
            if plan.at and name in self.stores
        ]
        longest = self.child_s if self.going or self._stop_by is not None else self.look_s
        return max(min([longest, *(seconds for seconds in nexts if seconds > 0)]), 0.05)

    def _kill_all(self) -> None:
        for going in list(self.going.values()):
            going.child.kill()
            del self.going[going.store.name]
            crawl = self._crawl_of(going.store.host, going.started_at)
            self._end(going.run_id, going.store.name, _Ended("stopped", crawl=crawl))

    def _close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    @contextmanager
    def _open(self) -> Iterator[Database]:
        """The archive, opened at most once in a step, and not held between two: so a crawl that
        ends can close it whole."""
        with write_errors(self.archive):
            if self._db is None:
                self._db = open_for_writing(self.archive)
            yield self._db


def _outcome(exit_code: int | None, crawl: CrawlOfRun | None) -> RunOutcome:
    return outcome_of_run(exit_code, crawl.outcome if crawl else "", crawl.health if crawl else "")


def _is_due(plan: Plan, now: datetime) -> bool:
    return plan.at is not None and plan.at <= now
