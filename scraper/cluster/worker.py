"""A worker: takes runs from the queue, and crawls several stores at once, each in a thread and a
forked process."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from threading import Event
from typing import Final

from scraper.alerts.background import BackgroundSender, network_delivery
from scraper.cluster.database import open_cluster
from scraper.cluster.depot import ObjectDepot
from scraper.cluster.job import Job, JobSettings
from scraper.cluster.local_copy import remove_oldest
from scraper.cluster.outbox import send_alerts
from scraper.cluster.queue import ClaimedRun, PostgresQueue, RunEnd
from scraper.exceptions import ClusterError, ClusterUnavailable, StoreLost
from scraper.schedule.crawl_process import ForkServer
from scraper.schedule.runs import RunResult
from scraper.schedule.timetable.stores import StoreConfig

BEATS: Final = 6
"""So many heartbeats fit into the time after which a worker is taken for dead."""

ALIVE: Final = ".alive"
"""The file in the folder of the archives that is touched at each step."""

COPIES: Final = 1000
"""So many archives stay on the disk of a worker for the next run of their store."""


class Worker:
    """Crawls at most `crawls` stores at once until it is stopped.

    A worker without a heartbeat for `takeover_s` seconds is taken for dead: others take over its
    stores. This one does so only after it has reached PostgreSQL for as long itself: after a
    restart of PostgreSQL the heartbeats of all are old. `ping` is called with a store after a
    healthy crawl, `alert` with each heartbeat, `report` with a line for people.
    """

    def __init__(
        self,
        queue: PostgresQueue,
        depot: ObjectDepot,
        settings: JobSettings,
        *,
        forks: ForkServer,
        crawls: int,
        takeover_s: float,
        ping: Callable[[StoreConfig], None],
        alert: Callable[[], None],
        report: Callable[[str], None],
        step_s: float = 0.5,
    ) -> None:
        self.queue, self.depot, self.settings = queue, depot, settings
        self.forks, self.crawls, self.takeover_s = forks, crawls, takeover_s
        self.ping, self.alert, self.report, self.step_s = ping, alert, report, step_s
        self.stopping = Event()
        self.lost: StoreLost | None = None
        self._active: dict[str, tuple[Job, Future[RunResult]]] = {}
        self._reached_since: float | None = None
        self._beat_at = -takeover_s
        self._problem = ""

    def run(self) -> None:
        """Run until `stop` is called and all crawls have ended. Raises StoreLost where a store was
        taken over by another worker, once the other crawls have ended."""
        self.queue.register()
        with ThreadPoolExecutor(self.crawls) as threads:
            try:
                while self._active or not self.stopping.is_set():
                    self._record_ends()
                    self._try_step(threads)
                    self._show_life()
                    time.sleep(self.step_s)
            finally:
                self.stopping.set()  # the executor waits for its threads
        try:
            self.queue.unregister()
        except ClusterUnavailable as error:
            self.report(str(error))
        if self.lost:
            raise self.lost

    def stop(self) -> None:
        """Take no further run, and end with the running ones. Safe in a signal handler."""
        self.stopping.set()

    def _show_life(self) -> None:
        """Touch a file for a supervisor to look at, also while PostgreSQL is away."""
        with suppress(OSError):
            self.settings.folder.mkdir(parents=True, exist_ok=True)
            (self.settings.folder / ALIVE).touch()

    def _try_step(self, threads: ThreadPoolExecutor) -> None:
        try:
            self._step(threads)
        except ClusterUnavailable as error:
            self._reached_since = None
            self._report_problem(str(error))
        except StoreLost as lost:
            self._lose(lost)

    def _step(self, threads: ThreadPoolExecutor) -> None:
        self._beat()
        if self.stopping.is_set():
            return
        while self.queue.enqueue_due():
            pass
        while len(self._active) < self.crawls and (claim := self.queue.claim()):
            self._start(threads, claim)
        self._report_problem("")

    def _beat(self) -> None:
        now = time.monotonic()
        if now - self._beat_at < self.takeover_s / BEATS:
            return
        self.queue.beat()
        if self._reached_since is None or now - self._beat_at > self.takeover_s / 2:
            self._reached_since = now
        self._beat_at = now
        self.alert()
        if now - self._reached_since > self.takeover_s:
            for store in self.queue.recover(self.takeover_s):
                self.report(f"{store}: lost by another worker, will be resumed")
        remove_oldest(self.settings.folder, COPIES, busy=self._active)

    def _start(self, threads: ThreadPoolExecutor, claim: ClaimedRun) -> None:
        run = claim.run
        job = Job(
            claim,
            self.queue,
            self.depot,
            forks=self.forks,
            settings=self.settings,
            stopping=self.stopping,
        )
        self._active[run.store.name] = job, threads.submit(self._run_job, job)
        self.report(run.start_line)

    def _run_job(self, job: Job) -> RunResult:
        result = job.run()
        if result.is_healthy:
            self.ping(job.store)
        return result

    def _record_ends(self) -> None:
        for name, (job, future) in list(self._active.items()):
            if future.done():
                del self._active[name]
                self._record_end(job, future)

    def _record_end(self, job: Job, future: Future[RunResult]) -> None:
        name, error = job.store.name, future.exception()
        if error is None:
            self.report(f"{name}: {future.result().summary}")
        elif isinstance(error, StoreLost):
            self._lose(error)
        elif isinstance(error, ClusterError):  # it was stopped, and could not record the end
            self.report(f"{name}: {error}")
        else:  # a defect, which must not end the worker: the next one would meet it too
            result = RunResult("failed", detail=f"{type(error).__name__}: {error}")
            self.report(f"{name}: {result.summary}")
            try:
                self.queue.finish(job.claim, RunEnd(result=result))
            except (ClusterUnavailable, StoreLost) as unfinished:
                self._lose(StoreLost(f"{name}: {unfinished}"))

    def _lose(self, lost: StoreLost) -> None:
        if self.lost is None:
            self.report(f"{lost}: this worker ends")
        self.lost = self.lost or lost
        self.stopping.set()

    def _report_problem(self, problem: str) -> None:
        if problem and not self._problem:
            self.report(f"{problem}; trying again")
        elif self._problem and not problem:
            self.report("PostgreSQL answers again")
        self._problem = problem


@contextmanager
def open_worker(
    conninfo: str,
    depot: str,
    settings: JobSettings,
    *,
    crawls: int,
    takeover_s: float,
    ping: Callable[[StoreConfig], None],
    report: Callable[[str], None],
) -> Iterator[Worker]:
    """A worker that is ready to run. Its crawls are killed when this process ends, however it
    does. Raises ClusterError, UsageProblem."""
    store = ObjectDepot.at(depot)
    alerts = BackgroundSender(lambda: _send(conninfo, settings), report)
    forks = ForkServer(environment={"ARCHIVE_CLUSTER": conninfo}, kill_crawls=True)
    with closing(forks), open_cluster(conninfo) as database:
        yield Worker(
            PostgresQueue(database, f"{socket.gethostname()}:{os.getpid()}"),
            store,
            settings,
            forks=forks,
            crawls=crawls,
            takeover_s=takeover_s,
            ping=ping,
            alert=alerts.soon,
            report=report,
        )
    alerts.wait()


def _send(conninfo: str, settings: JobSettings) -> Sequence[str]:
    sent = send_alerts(conninfo, network_delivery(settings.config_folder), settings.web_url)
    return sent.lines if sent else ()
