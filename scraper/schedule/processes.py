"""Crawls as processes: `blogkeep crawl` started for a store, polled, killed if necessary."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from scraper.archive.locks import file_identity, is_locked
from scraper.exceptions import AlreadyCrawling
from scraper.schedule.crawl_process import CrawlProcess, ForkServer
from scraper.schedule.timetable.stores import StoreConfig


class Child(Protocol):
    """A crawl that was started."""

    def poll(self) -> int | None:
        """The exit code, below 0 for the signal that killed it; None while it runs."""

    def kill(self) -> None:
        """End it at once. A later run can resume it."""

    def last_error(self) -> str:
        """The last error that it printed, or an empty text."""

    def last_output_at(self) -> float:
        """When it last printed (Unix seconds). The event loop of a crawl prints a line at each
        heartbeat."""


class Crawls(Protocol):
    """Starts crawls."""

    def start(self, store: StoreConfig) -> Child:
        """Start a crawl. Raises AlreadyCrawling, or OSError."""

    def is_running(self, host: str) -> bool:
        """Whether any process is crawling the store at a host."""


class CrawlProcesses:
    """Starts crawls into `archive`. `options` are the runner's own `-s` options, which each crawl
    gets too; `config_folder` holds the file of stores.

    Each process inherits a lock beside the archive. A crawl whose runner was killed still holds it,
    so that no second crawl of the store starts.
    """

    def __init__(
        self,
        archive: Path,
        options: Sequence[str],
        config_folder: Path,
        *,
        server: ForkServer | None = None,
    ) -> None:
        self.archive = archive.absolute()
        self.options = list(options)
        self.config_folder = config_folder
        self.server = server
        self._started = set[str]()

    def start(self, store: StoreConfig) -> CrawlProcess:
        """Start a crawl of a store. Raises AlreadyCrawling, or OSError."""
        lock_fd = self._lock(store.host)
        self._started.add(store.host)
        try:
            if self.server is None or self.server.has_ended:
                self.server = ForkServer()
            return self.server.start(self.words(store), self.log_of(store), lock_fd)
        finally:
            os.close(lock_fd)

    def close(self) -> None:
        """End the process that crawls are forked from, and remove the locks of crawls that have
        ended; crawls that run go on."""
        if self.server is not None:
            self.server.close()
        for host in self._started:
            with suppress(OSError):
                self._is_locked(host)

    def is_running(self, host: str) -> bool:
        """Whether any process is crawling the store at a host."""
        try:
            return self._is_locked(host) or is_locked(self.archive, f"https://{host}")
        except OSError:  # of which `start` says more
            return False

    def log_of(self, store: StoreConfig) -> Path:
        """The log of the last crawl of a store."""
        return self.archive.with_name("logs") / f"{store.name}.log"

    def words(self, store: StoreConfig) -> list[str]:
        """The words after `blogkeep` that crawl a store."""
        crawl = ["crawl", "blog", "-a", f"store={store.url}", "--db", str(self.archive)]
        arguments: list[str] = []
        for name, handles in (("blogs", store.blogs), ("skip_blogs", store.skip_blogs)):
            if handles:
                arguments += ["-a", f"{name}={','.join(handles)}"]
        for name, value in self._settings(store).items():
            arguments += ["-s", f"{name}={value}"]
        # Options before the store's own: of two values of a setting, Scrapy uses the last.
        return [*crawl, *self.options, *arguments]

    def _settings(self, store: StoreConfig) -> dict[str, object]:
        settings: dict[str, object] = {}
        if store.credentials:
            path = (self.config_folder / store.credentials).absolute()
            settings["ARCHIVE_CREDENTIALS"] = path
        if store.sweep_days is not None:
            settings["ARCHIVE_SWEEP_DAYS"] = store.sweep_days
        if store.images is not None:
            settings["ARCHIVE_IMAGES"] = int(store.images)
        if store.rate:
            settings |= {"DOWNLOAD_DELAY": 1 / store.rate, "DOWNLOAD_DELAY_JITTER": 0}
        return settings

    def _is_locked(self, host: str) -> bool:
        """Whether a crawl of ours, or one whose runner was killed, is running; the lock of one that
        has ended is removed."""
        try:
            lock_fd = self._lock(host)
        except AlreadyCrawling:
            return True
        with suppress(OSError):
            self._lock_path(host).unlink()
        os.close(lock_fd)
        return False

    def _lock(self, host: str) -> int:
        self.archive.parent.mkdir(parents=True, exist_ok=True)
        path = self._lock_path(host)
        while True:
            lock_fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                fcntl.flock(lock_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                os.close(lock_fd)
                raise AlreadyCrawling(f"{host} is being crawled already") from error
            opened = os.fstat(lock_fd)
            if file_identity(path) == (opened.st_dev, opened.st_ino):
                return lock_fd
            os.close(lock_fd)  # whoever had it has removed it

    def _lock_path(self, host: str) -> Path:
        name = re.sub(r"[^a-z0-9.-]", "_", host.lower())
        return Path(f"{self.archive}.{name}.run.lock")
