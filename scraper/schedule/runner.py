"""The loop of the schedule: start the crawls that are due, record their outcome, wait."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from scraper.archive.connection import ArchiveConnection
from scraper.archive.write.schedule_runs import (
    CrawlOfRun,
    OpenRun,
    crawl_of_run,
    open_runs,
    reject_current_page,
)
from scraper.exceptions import AlreadyCrawling, ArchiveBusy, StoresProblem
from scraper.schedule.clock import Clock
from scraper.schedule.monitor import Monitor
from scraper.schedule.processes import Crawls
from scraper.schedule.queue import ArchiveQueue
from scraper.schedule.runs import ActiveRun, Run, RunResult, outcome_of
from scraper.schedule.timetable.stores import StoreConfig, StoresFile
from scraper.timestamps import format_timestamp

CHECK_S = 30.0
"""The longest wait between two steps, in seconds: the machine may sleep, and the file of stores may
change."""

POLL_S = 0.1
"""The longest wait while crawls run, in seconds."""


class Runner:
    """Crawls stores into `archive` when they are due, at most `max_crawls` at the same time.

    `stores` reads the file of stores and raises StoresProblem; the last valid file then stays in
    use. `ping` is called with each store after a healthy crawl, `alert` after each crawl and every
    ten minutes, `report` with a line for people. After `stop` no further crawl starts, and crawls
    that still run after `stop_timeout_s` seconds are killed; the next run resumes them. So are
    crawls that have printed no heartbeat for `stall_timeout_s` seconds (0: no limit).
    """

    def __init__(
        self,
        archive: Path,
        *,
        stores: Callable[[], StoresFile],
        clock: Clock,
        crawls: Crawls,
        monitor: Monitor,
        ping: Callable[[StoreConfig], None],
        report: Callable[[str], None],
        alert: Callable[[], None] = lambda: None,
        max_crawls: int,
        stop_timeout_s: float,
        stall_timeout_s: float = 0.0,
        check_s: float = CHECK_S,
        poll_s: float = POLL_S,
    ) -> None:
        self.archive = archive
        self.clock, self.crawls, self.monitor = clock, crawls, monitor
        self.ping, self.report, self.alert = ping, report, alert
        self.max_crawls, self.stop_timeout_s = max_crawls, stop_timeout_s
        self.stall_timeout_s = stall_timeout_s
        self.check_s, self.poll_s = check_s, poll_s
        self.stores: dict[str, StoreConfig] = {}
        self.connection = ArchiveConnection(archive)
        self.queue = ArchiveQueue(self.connection, crawls.is_running)
        self.active: dict[str, ActiveRun] = {}
        self.orphans: list[OpenRun] = []
        self.unhealthy_runs = 0
        self.due: list[str] = []
        self._read_stores = stores
        self._file: StoresFile | None = None
        self._problem = ""
        self._stop_by: datetime | None = None

    def run(self, *, once: bool) -> None:
        """Run until `stop` is called; with `once`, until no store is due and all crawls have ended.
        `unhealthy_runs` then counts the runs without a healthy crawl. Raises StoresProblem if there
        is no valid file of stores at the start."""
        self._use(self._read_stores())
        with self.connection.open() as db:
            self.orphans = open_runs(db)
        while True:
            self.step()
            if self._stop_by is not None and (not self.active or self.clock.now() >= self._stop_by):
                break
            if once and not self.active and not self.due:
                break
            self.clock.wait(self._pause_s())
        self._kill_all()
        self.connection.close()

    def stop(self) -> None:
        """Start no further crawl, and end with the running ones or after the timeout. A second call
        ends at once."""
        self._stop_by = self.clock.now() + timedelta(
            seconds=self.stop_timeout_s if self._stop_by is None else 0
        )

    def step(self) -> None:
        """Record the runs that have ended, and start the crawls that are due. What an archive that
        is busy does not let be written is written by a later step: a crawl may hang within a
        transaction until it is killed, and the others must not end with it."""
        try:
            self._step()
        except ArchiveBusy as busy:
            self.report(f"{busy}; trying again")
            self.connection.close()
        if not self.active:  # the last to close the archive checkpoints its write-ahead log
            self.connection.close()

    def _step(self) -> None:
        self._kill_stalled()
        for active in [one for one in self.active.values() if one.child.poll() is not None]:
            self._record_end(active)
        self._record_orphans()
        if self._stop_by is None:
            self._reload_stores()
            self.due = self._due()
            self._check()
            self._start_due()
            self.due = self._due()

    def _busy(self) -> set[str]:
        if not self.orphans:
            return set(self.active)
        hosts = {run.host for run in self.orphans}
        return {*self.active, *(name for name, store in self.stores.items() if store.host in hosts)}

    def _free(self) -> int:
        return self.max_crawls - len(self.active) - len(self.orphans)

    def _due(self) -> list[str]:
        return self.queue.due(self.clock.now(), busy=self._busy(), limit=self._free())

    def _start_due(self) -> None:
        now = self.clock.now()
        for run in self.queue.take(now, busy=self._busy(), limit=self._free()):
            self._start(run)

    def _start(self, run: Run) -> None:
        try:
            child = self.crawls.start(run.store)
        except (AlreadyCrawling, OSError) as error:
            self._end(run, RunResult("failed", detail=str(error)))
            self.unhealthy_runs += 1
            return
        self.active[run.store.name] = ActiveRun(run, child)
        self.report(run.start_line)

    def _record_end(self, active: ActiveRun) -> None:
        run, code = active.run, active.child.poll()
        crawl = self._crawl_of(run.store.host, run.started_at)
        result = RunResult(outcome_of(code, crawl), code, crawl, active.child.last_error())
        self._end(run, result)
        del self.active[run.store.name]
        self.unhealthy_runs += not result.is_healthy
        if result.is_healthy:
            self.ping(run.store)

    def _kill_stalled(self) -> None:
        """End crawls whose event loop hangs: nothing else would, and each takes up a place."""
        if not self.stall_timeout_s:
            return
        oldest = self.clock.now().timestamp() - self.stall_timeout_s
        for active in self.active.values():
            run, child = active.run, active.child
            if child.last_output_at() < oldest and child.poll() is None:
                child.kill()
                what = f"killed, no heartbeat for {self.stall_timeout_s:g} s"
                self.report(f"{run.store.name}: {what}{self._reject_current_page(run, what)}")

    def _reject_current_page(self, run: Run, reason: str) -> str:
        """Record the page at which a killed crawl hung, and say so."""
        host, at = run.store.host, format_timestamp(self.clock.now())
        crawl = self._crawl_of(host, run.started_at)
        if crawl is None:
            return ""
        with self.connection.open() as db:
            page = reject_current_page(db, self.archive, host, crawl.id, reason=reason, at=at)
        return f" while {page.step} {page.url}" if page else ""

    def _record_orphans(self) -> None:
        """Record runs of a runner that was killed, once their crawls have ended."""
        for run in list(self.orphans):
            if self.crawls.is_running(run.host):
                continue
            crawl = self._crawl_of(run.host, run.started_at)
            result = RunResult(outcome_of(None, crawl), crawl=crawl)
            self.queue.end(run.id, run.store, result, self.clock.now())
            self._note_end(run.store, result)
            self.orphans.remove(run)

    def _crawl_of(self, host: str, started_at: str) -> CrawlOfRun | None:
        with self.connection.open() as db:
            return crawl_of_run(db, host, started_at)

    def _end(self, run: Run, result: RunResult) -> None:
        self.queue.end(run.id, run.store.name, result, self.clock.now())
        self._note_end(run.store.name, result)

    def _note_end(self, name: str, result: RunResult) -> None:
        self.monitor.check_soon(name)
        self.report(f"{name}: {result.summary}")

    def _reload_stores(self) -> None:
        try:
            file = self._read_stores()
        except StoresProblem as problem:
            if str(problem) != self._problem:
                self._problem = str(problem)
                self.report(f"still using the last valid stores: {problem}")
            return
        self._problem = ""
        if file is not self._file:
            self._use(file)

    def _use(self, file: StoresFile) -> None:
        """Use a file of stores, and plan those that it changes."""
        self.stores, self._file = dict(file.stores), file
        self.queue.use(self.stores)

    def _check(self) -> None:
        now = self.clock.now()
        if not self.monitor.is_due(now):
            return
        busy = self._busy()

        def is_idle(name: str) -> bool:
            return name not in busy and self.queue.is_idle(name)

        with self.connection.open() as db:
            lines = self.monitor.check(db, self.stores, is_idle, now)
        for line in lines:
            self.report(line)
        self.alert()

    def _pause_s(self) -> float:
        now = self.clock.now()
        is_busy = self.active or self._stop_by is not None
        longest = self.poll_s if is_busy else self.check_s
        next_at = self.queue.next_at(now)
        wait_s = (next_at - now).total_seconds() if next_at else longest
        return max(min(longest, wait_s), 0.05)

    def _kill_all(self) -> None:
        for active in self.active.values():  # first: one may hold the archive that is written next
            active.child.kill()
        for active in list(self.active.values()):
            run = active.run
            del self.active[run.store.name]
            crawl = self._crawl_of(run.store.host, run.started_at)
            self._end(run, RunResult("stopped", crawl=crawl))
