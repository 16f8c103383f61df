"""One run of one store on a worker: fetch its archive, crawl, store checkpoints, publish."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain, repeat
from pathlib import Path
from threading import Event
from typing import Final

from sqlite_utils import Database

from scraper.alerts.messages import messages_of_crawl
from scraper.alerts.notices import Alert
from scraper.alerts.routing import alerts_for_crawl
from scraper.archive.database import open_for_writing, write_errors
from scraper.archive.maintenance.catalogue import read_catalogue_rows
from scraper.archive.queries.notices import crawls_after
from scraper.archive.store_history import read_store_history
from scraper.archive.write.schedule_runs import CrawlOfRun, crawl_of_run, reject_current_page
from scraper.cluster.depot import ObjectDepot
from scraper.cluster.generations import Generation, newest_generation, parse_key
from scraper.cluster.local_copy import LocalCopy
from scraper.cluster.queue import ClaimedRun, PostgresQueue, Publication, RunEnd
from scraper.exceptions import (
    ArchiveError,
    ClusterUnavailable,
    DepotUnavailable,
    StoreLost,
)
from scraper.history.web_paths import archive_path
from scraper.schedule.crawl_process import ForkServer
from scraper.schedule.health import latest_credible
from scraper.schedule.processes import Child, CrawlProcesses
from scraper.schedule.runs import RunResult, outcome_of
from scraper.schedule.timetable.stores import StoreConfig
from scraper.timestamps import format_timestamp

logger = logging.getLogger(__name__)

READABLE_GENERATIONS: Final = 2
"""So many generations of a store stay in the depot: a reader may be fetching the one before."""

RETRY_S: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds between attempts to reach the depot or PostgreSQL; the last one repeats."""

STOPPED: Final = "stopped"

CHECKPOINT_SHARE: Final = 10.0
"""A checkpoint follows the last one after at least so many times what that one took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSettings:
    """What all jobs of a worker share. `folder` holds a folder for each store, `config_folder` the
    files that stores name; `options` are the worker's own `-s` options, for its crawls. `web_url`:
    address of the web interface, or empty.

    A checkpoint is stored every `checkpoint_s` seconds. A crawl that has printed no heartbeat for
    `stall_s` seconds (0: no limit) is killed, and so is one that has not ended `stop_s` seconds
    after the worker was stopped.
    """

    folder: Path
    config_folder: Path
    options: tuple[str, ...]
    checkpoint_s: float
    stall_s: float
    stop_s: float
    web_url: str = ""
    poll_s: float = 0.1


class Job:
    """A claimed run, for a thread of its own. `stopping` is set when the worker is to end."""

    def __init__(
        self,
        claim: ClaimedRun,
        queue: PostgresQueue,
        depot: ObjectDepot,
        *,
        forks: ForkServer,
        settings: JobSettings,
        stopping: Event,
    ) -> None:
        self.claim, self.queue, self.depot = claim, queue, depot
        self.forks, self.settings, self.stopping = forks, settings, stopping
        self.store: StoreConfig = claim.run.store
        self.local = LocalCopy(settings.folder / self.store.name)
        self._generation = claim.generation
        self._is_here = False
        self._checkpoint_due = time.monotonic() + settings.checkpoint_s
        self._kill_due: float | None = None

    def run(self) -> RunResult:
        """Crawl, publish and record the end. Raises StoreLost where another worker has taken over
        the store: what was not published is discarded. Raises ClusterUnavailable or
        DepotUnavailable if the worker is to end meanwhile."""
        try:
            result = self._result()
            try:
                self._retry(lambda: self._finish(result))
            except (ArchiveError, OSError) as error:
                self._is_here = False  # a damaged file, a full disk: the depot has what is sound
                self.local.discard()
                result = RunResult("failed", result.exit_code, detail=str(error))
                failed = result
                self._retry(lambda: self._finish(failed))
        except StoreLost:
            self.local.discard()
            raise
        self._delete_old()
        return result

    def _result(self) -> RunResult:
        try:
            crawls = self._crawls()
            self._await_free(crawls)
            self._retry(self._fetch)
            if self.stopping.is_set():
                return RunResult("stopped")
            return self._crawl(crawls, format_timestamp(datetime.now(UTC)))
        except (ArchiveError, OSError) as error:
            return RunResult("failed", detail=str(error))

    def _crawls(self) -> CrawlProcesses:
        own = {
            "ARCHIVE_CAPTURES": "",
            "ARCHIVE_BUDGET_STATE": "scraper.cluster.budget.PostgresBudget",
            "ARCHIVE_FENCE": f"{self.store.name}:{self.claim.fence}",
        }
        options = [word for name, value in own.items() for word in ("-s", f"{name}={value}")]
        return CrawlProcesses(
            self.local.pair.archive,
            [*self.settings.options, *options],
            self.settings.config_folder,
            server=self.forks,
        )

    def _await_free(self, crawls: CrawlProcesses) -> None:
        """Wait for the crawl of a worker that was killed on this machine: it ends at its next
        request, for the fence has moved."""
        self.local.folder.mkdir(parents=True, exist_ok=True)
        while crawls.is_running(self.store.host) and not self.stopping.is_set():
            self.stopping.wait(1.0)

    def _fetch(self) -> None:
        """A store of which the cluster knows no archive has one if its worker was lost before it
        could say so, or if the database was lost: nothing begins from nothing beside it."""
        key = self.claim.key
        newest = None if key else newest_generation(self.depot.keys(self.store.name))
        if newest:
            key = newest.key(self.store.name)
            self._generation = max(self._generation, newest.number)
        self.local.bring_up_to_date(self.depot, key)
        self._is_here = True

    def _crawl(self, crawls: CrawlProcesses, started_at: str) -> RunResult:
        child = crawls.start(self.store)
        killed_for = ""
        try:
            while child.poll() is None:
                time.sleep(self.settings.poll_s)
                killed_for = killed_for or self._kill_if_due(child)
                if time.monotonic() >= self._checkpoint_due and child.poll() is None:
                    self._checkpoint()
        finally:
            if child.poll() is None:
                child.kill()
        code, crawl = child.poll(), self._crawl_of_run(started_at)
        if killed_for == STOPPED:
            return RunResult("stopped", crawl=crawl)
        if killed_for and crawl:
            self._reject_current_page(crawl, killed_for)
        return RunResult(outcome_of(code, crawl), code, crawl, killed_for or child.last_error())

    def _kill_if_due(self, child: Child) -> str:
        """Kill a crawl that hangs, or that outlives the worker's stop; returns why."""
        now, stall_s = time.monotonic(), self.settings.stall_s
        if self.stopping.is_set() and self._kill_due is None:
            self._kill_due = now + self.settings.stop_s
        if self._kill_due is not None and now >= self._kill_due:
            child.kill()
            return STOPPED
        if stall_s and child.last_output_at() < time.time() - stall_s:
            child.kill()
            return f"killed, no heartbeat for {stall_s:g} s"
        return ""

    def _reject_current_page(self, crawl: CrawlOfRun, reason: str) -> None:
        archive, at = self.local.pair.archive, format_timestamp(datetime.now(UTC))
        with self._open() as db:
            reject_current_page(db, archive, self.store.host, crawl.id, reason=reason, at=at)

    def _checkpoint(self) -> None:
        """Store what the crawl has written so far, where depot and PostgreSQL can be reached."""
        began = time.monotonic()
        try:
            if publication := self._store():
                self.queue.publish(self.claim, publication)
                self.local.mark(publication.key)
                self._delete_old()
        except (ClusterUnavailable, DepotUnavailable, ArchiveError, OSError) as error:
            logger.warning("%s: no checkpoint: %s", self.store.name, error)
        now = time.monotonic()
        wait_s = max(self.settings.checkpoint_s, (now - began) * CHECKPOINT_SHARE)
        self._checkpoint_due = now + wait_s

    def _store(self) -> Publication | None:
        """Store the files as they are under a key of their own, also if the last one was lost on
        its way to PostgreSQL."""
        if not self._has_archive():
            return None
        self._generation += 1
        generation = Generation(number=self._generation, fence=self.claim.fence)
        key = generation.key(self.store.name)
        size = self.local.store(self.depot, key)
        return Publication(key=key, generation=self._generation, size=size)

    def _finish(self, result: RunResult) -> None:
        end = RunEnd(result=result)
        if self._has_archive():
            with self._open() as db:
                end = read_end(db, self.claim, result, self.settings.web_url)
        publication = self._store()
        self.queue.finish(self.claim, replace(end, publication=publication))
        if publication:
            self.local.mark(publication.key)

    @contextmanager
    def _open(self) -> Iterator[Database]:
        """The archive. Raises ArchiveError, also where it is damaged."""
        path = self.local.pair.archive
        with write_errors(path), closing(open_for_writing(path)) as db:
            yield db

    def _has_archive(self) -> bool:
        return self._is_here and self.local.pair.archive.exists()

    def _crawl_of_run(self, started_at: str) -> CrawlOfRun | None:
        if not self._has_archive():
            return None
        with self._open() as db:
            return crawl_of_run(db, self.store.host, started_at)

    def _retry(self, act: Callable[[], None]) -> None:
        """Act until depot and PostgreSQL can be reached; on a stop, once more."""
        for pause_s in chain(RETRY_S, repeat(RETRY_S[-1])):
            was_stopping = self.stopping.is_set()
            try:
                act()
                return
            except (ClusterUnavailable, DepotUnavailable) as error:
                if was_stopping:
                    raise
                logger.warning("%s: %s; trying again", self.store.name, error)
                self.stopping.wait(pause_s)

    def _delete_old(self) -> None:
        """Delete from the depot what nobody reads any more, and what lost workers left."""
        try:
            for key in self.depot.keys(self.store.name):
                found = parse_key(key)
                if found and found.number <= self._generation - READABLE_GENERATIONS:
                    self.depot.delete(key)
        except DepotUnavailable as error:
            logger.warning("%s: %s", self.store.name, error)


def read_end(db: Database, claim: ClaimedRun, result: RunResult, web_url: str) -> RunEnd:
    """What an archive has to say at the end of a run: the crawls after the last one that the
    catalogue has, and their alerts. Of an archive that the catalogue does not know, only the last
    crawl makes alerts."""
    store, last_crawl_id = claim.run.store, claim.last_crawl_id
    crawls = crawls_after(db, last_crawl_id)
    messages = [
        message
        for crawl in (crawls if last_crawl_id else crawls[-1:])
        for message in messages_of_crawl(_alerts(db, crawl.id, store), web_url)
    ]
    until = latest_credible(datetime.now(UTC))
    return RunEnd(
        result=result,
        history=read_store_history(db, store.host, until),
        rows=read_catalogue_rows(db, last_crawl_id),
        messages=messages,
    )


def _alerts(db: Database, crawl_id: int, store: StoreConfig) -> list[Alert]:
    """The alerts of a crawl; they link to the store's archive among all of the cluster."""
    path = archive_path(store.name)
    return [
        replace(alert, change=replace(alert.change, web_path=path))
        for alert in alerts_for_crawl(db, crawl_id, store.rules)
    ]
