"""Crawls that a fork server starts: polled, killed, and what they printed."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing import reduction
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

from scraper.schedule import fork_server

PACKAGE_FOLDER = Path(__file__).resolve().parents[2]
"""Where Python finds this package, from any folder, installed or not."""

LOST = -signal.SIGKILL
"""The exit code of a crawl whose end nobody could observe, as if it had been killed."""

_ERROR_LINE = re.compile(rb"^blogkeep: (.+)$", re.M)
_TAIL_BYTES = 8192


class StartedProcess(Protocol):
    """A child process that was begun."""

    @property
    def pid(self) -> int:
        """Its number."""

    def wait(self) -> int:
        """Its exit code, once it has ended."""


class CrawlProcess:
    """A crawl that was forked from the fork server; it writes its output to the file `log`."""

    def __init__(self, server: ForkServer, pid: int, log: Path) -> None:
        self.log = log
        self._server, self._pid = server, pid

    def poll(self) -> int | None:
        """As `Child.poll`."""
        return self._server.exit_code(self._pid)

    def kill(self) -> None:
        """As `Child.kill`; returns when the process has ended."""
        self._server.kill(self._pid)

    def last_error(self) -> str:
        """As `Child.last_error`, from the end of the log."""
        try:
            with self.log.open("rb") as log:
                log.seek(max(log.seek(0, os.SEEK_END) - _TAIL_BYTES, 0))
                found = _ERROR_LINE.findall(log.read())
        except OSError:
            return ""
        return found[-1].decode("utf-8", "replace")[:500] if found else ""

    def last_output_at(self) -> float:
        """As `Child.last_output_at`, from the log's modification time."""
        return self.log.stat().st_mtime


class ForkServer:
    """The fork server as a child process; its crawls as numbers of processes. It can be used from
    several threads.

    Crawls get `environment` beside the one of this process. With `kill_crawls` they are killed when
    this process ends, however it does.
    """

    def __init__(
        self, *, environment: Mapping[str, str] | None = None, kill_crawls: bool = False
    ) -> None:
        ours, theirs = socket.socketpair()
        words = [str(theirs.fileno()), *([fork_server.KILL_CRAWLS] if kill_crawls else [])]
        self._lock = threading.RLock()
        self._process = begin(words, theirs.fileno(), environment or {})
        theirs.close()
        self._connection = Connection(ours.detach())
        self._exit_codes: dict[int, int | None] = {}
        self.pid = self._process.pid
        self.has_ended = False
        self._reason = ""

    def start(self, words: Sequence[str], log: Path, lock_fd: int) -> CrawlProcess:
        """Start a crawl that holds a lock. Raises OSError."""
        log.parent.mkdir(parents=True, exist_ok=True)
        log.open("wb").close()
        with self._lock:
            with suppress(OSError):  # where it has ended, which is received below
                self._connection.send(("start", list(words), str(log)))
                reduction.send_handle(self._connection, lock_fd, self._process.pid)
            started: list[int] = []
            while not started:
                self._receive(started)
                if self.has_ended:
                    reason = f": {self._reason}" if self._reason else ""
                    raise ChildProcessError(f"the process that starts crawls has ended{reason}")
        return CrawlProcess(self, started[0], log)

    def exit_code(self, pid: int) -> int | None:
        """The exit code of a crawl; None while it runs."""
        with self._lock:
            while self._exit_codes[pid] is None and not self.has_ended and self._connection.poll():
                self._receive([])
            code = self._exit_codes[pid]
        if code is None and self.has_ended and not _is_alive(pid):
            return LOST
        return code

    def kill(self, pid: int) -> None:
        """End a crawl, and wait for its end."""
        with self._lock:
            if not self.has_ended:
                with suppress(OSError):
                    self._connection.send(("kill", pid))
            while self._exit_codes[pid] is None and not self.has_ended:
                self._receive([])
        if self._exit_codes[pid] is None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        """End the server, and wait for it; crawls that run go on."""
        self._connection.close()
        self.has_ended = True
        self._process.wait()

    def _receive(self, started: list[int]) -> None:
        """Receive one message; a crawl that was started is added to `started`."""
        try:
            what, pid, *code = self._connection.recv()
        except (EOFError, OSError):
            self.has_ended = True
            return
        if what == fork_server.FAILED:
            self._reason = pid
            return
        self._exit_codes[pid] = code[0] if code else None
        if what == "started":
            started.append(pid)


def begin(words: Sequence[str], descriptor: int, environment: Mapping[str, str]) -> StartedProcess:
    """Begin the fork server, which gets an open file."""
    program = f"from {fork_server.__name__} import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", program, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env={**os.environ, **environment, "PYTHONPATH": import_path()},
        pass_fds=[descriptor],
    )


def import_path() -> str:
    """What Python must search so that the server finds this package, from any folder."""
    paths = [str(PACKAGE_FOLDER), os.environ.get("PYTHONPATH", "")]
    return os.pathsep.join(path for path in paths if path)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
