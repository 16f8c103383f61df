"""Crawls as processes of their own: `blogkeep crawl`, begun for a store, watched, and killed where it
must be."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from scraper.archive.locks import is_locked
from scraper.exceptions import AlreadyCrawling
from scraper.schedule.timetable.stores import StoreConfig

PROGRAM = Path(__file__).resolve().parents[1]
"""The package, which Python runs by its path from any folder, installed or not."""

_TOLD = re.compile(rb"^blogkeep: (.+)$", re.M)
_END_BYTES = 8192


class Child(Protocol):
    """A crawl that was begun."""

    def poll(self) -> int | None:
        """Its exit code, below 0 for the signal that killed it; None while it runs."""

    def kill(self) -> None:
        """End it at once; it can be gone on with."""

    def told(self) -> str:
        """The last error that it told, or an empty text."""


class Crawls(Protocol):
    """Begins crawls."""

    def start(self, store: StoreConfig) -> Child:
        """Begin a crawl. Raises AlreadyCrawling, or OSError."""

    def is_going(self, host: str) -> bool:
        """Whether a crawl of the store at a host is under way, whoever began it."""


class CrawlProcess:
    """A crawl in a process of its own, whose output goes to the file `log`."""

    def __init__(self, command: Sequence[str], log: Path, lock_fd: int) -> None:
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as out:
            # A session of its own: Ctrl+C is for the runner, which lets its crawls end. The lock
            # lasts as long as the process.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                pass_fds=[lock_fd],
            )

    def poll(self) -> int | None:
        return self._process.poll()

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def told(self) -> str:
        try:
            with self.log.open("rb") as log:
                log.seek(max(log.seek(0, os.SEEK_END) - _END_BYTES, 0))
                found = _TOLD.findall(log.read())
        except OSError:
            return ""
        return found[-1].decode("utf-8", "replace")[:500] if found else ""


class CrawlProcesses:
    """Begins crawls into `archive`. `options` are the runner's own `-s` options, handed on;
    `config_folder` is where the file of stores is.

    A lock beside the archive is handed to each process and kept by it alone: so a runner that is
    killed leaves word of a crawl that goes on, from its first request.
    """

    def __init__(self, archive: Path, options: Sequence[str], config_folder: Path) -> None:
        self.archive = archive.absolute()
        self.options = list(options)
        self.config_folder = config_folder

    def start(self, store: StoreConfig) -> CrawlProcess:
        lock_fd = self._lock(store.host)
        try:
            return CrawlProcess(self.command(store), self.log_of(store), lock_fd)
        finally:
            os.close(lock_fd)

    def is_going(self, host: str) -> bool:
        try:
            os.close(self._lock(host))
        except AlreadyCrawling:
            return True
        return is_locked(self.archive, f"https://{host}")

    def log_of(self, store: StoreConfig) -> Path:
        """The file in which the last crawl of a store told what it did."""
        return self.archive.with_name("logs") / f"{store.name}.log"

    def command(self, store: StoreConfig) -> list[str]:
        """The command by which a store is crawled."""
        said = {
            "ARCHIVE_CREDENTIALS": str((self.config_folder / store.credentials).absolute())
            if store.credentials
            else None,
            "ARCHIVE_SWEEP_DAYS": store.sweep_days,
            "DOWNLOAD_DELAY": 1 / store.rate if store.rate else None,
            "DOWNLOAD_DELAY_JITTER": 0 if store.rate else None,
        }
        settings = [
            word
            for name, value in said.items()
            if value is not None
            for word in ("-s", f"{name}={value}")
        ]
        chosen = {"blogs": store.blogs, "skip_blogs": store.skip_blogs}
        arguments = [
            word
            for name, handles in chosen.items()
            if handles
            for word in ("-a", f"{name}={','.join(handles)}")
        ]
        crawl = ["crawl", "blog", "-a", f"store={store.url}", "--db", str(self.archive)]
        return [sys.executable, str(PROGRAM), *crawl, *arguments, *self.options, *settings]

    def _lock(self, host: str) -> int:
        self.archive.parent.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^a-z0-9.-]", "_", host.lower())
        lock_fd = os.open(
            f"{self.archive}.{name}.run.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644
        )
        try:
            fcntl.flock(lock_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(lock_fd)
            raise AlreadyCrawling(f"{host} is being crawled already") from error
        return lock_fd
