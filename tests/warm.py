"""A process that has the program loaded, and forks itself for each command: what a start costs is
paid once, not by every crawl.

The child has words, folder, environment, standard streams and an end of its own, and runs what
`blogkeep` runs, or Scrapy's own entry point or another module, which reads the settings and
installs the reactor anew. Nothing of a run is left behind in the parent, which has neither.

It listens at a name, so that several processes that test can share it.
"""

from __future__ import annotations

import errno
import gc
import json
import os
import resource
import select
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from io import FileIO
from pathlib import Path
from typing import IO, Any, NoReturn

from scraper.schedule.fork_server import preload, run_to_end
from tests.early_fork_server import FORK_CRAWLS, EarlyForkServer

BLOGKEEP = "scraper.cli.main"
PACKAGES = ("scrapy.commands", "scraper.commands")
MODULES = ("scrapy.cmdline", "scraper.demo", "rich.live")
"""What commands import besides what a crawl does."""

LATER = {"serve": "datasette.app", "worker": "scraper.cluster.worker"}
"""What one command alone imports, half a second of it: the first that is asked for pays it."""

Reports = dict[int, tuple[int, FileIO]]
"""The number of each command that is under way, and where its end is to be reported, by a file that
can be read once it has ended (pidfd_open(2))."""

Orders = dict[int, socket.socket]
"""The connections over which commands are ordered, by their numbers."""

_LISTENING = 0
"""Standard input: the socket to which those connect who order."""

_LONGEST = 2**20
"""Bytes of an order: its words and its environment."""

Limits = Sequence[tuple[int, int]]
"""What a command may use of a resource: `resource.RLIMIT_…` and its value."""

RARELY = 50_000
"""Objects after which Python looks for cycles in tests: each 700, it would take a tenth of the
time."""


@dataclass(frozen=True)
class Done:
    """A command that has ended: its exit code (negative: the signal that ended it), what it
    printed, its peak of memory, and its CPU.

    The peak is never below what the process weighs that it was forked from.
    """

    code: int
    out: str
    err: str
    peak_kb: int
    cpu_s: float


class Running:
    """A command under way in a process of its own; it is waited for, signalled and killed as a
    subprocess.Popen is.

    `report` is read without a buffer, so that what is still to come can be waited for.
    """

    def __init__(
        self,
        words: Sequence[str],
        out: IO[str],
        err: IO[str],
        report: FileIO,
        connection: socket.socket,
    ) -> None:
        self.args = words
        self._out, self._err, self._report = out, err, report
        # What comes over the connection after the greeting is its end.
        ready, _, _ = select.select([report, connection], [], [], 600)
        assert report in ready, f"the warm process has ended, or does not take {words}"
        self.pid = self._read_report()["pid"]
        self._done: Done | None = None

    @property
    def returncode(self) -> int | None:
        return self._done.code if self._done else None

    def poll(self) -> int | None:
        """Its exit code, None while it runs."""
        if self._done is None and self._reports_within(0):
            self.done()
        return self.returncode

    def done(self, timeout_s: float | None = None) -> Done:
        """Wait for its end. Raises subprocess.TimeoutExpired where it goes on for longer; it can be
        waited for again."""
        if self._done is None:
            if not self._reports_within(timeout_s):
                raise subprocess.TimeoutExpired(self.args, timeout_s or 0)
            report = self._read_report()
            self._done = Done(
                report["code"],
                _whole(self._out),
                _whole(self._err),
                report["peak_kb"],
                report["cpu_s"],
            )
            self._report.close()
        return self._done

    def first_line(self, timeout_s: float) -> str:
        """The first line that it prints; what there is of it once it has ended, or after
        `timeout_s`."""
        until = time.monotonic() + timeout_s
        while time.monotonic() < until:
            ended = self.poll() is not None
            # By an offset, for the place in the file is that at which the command goes on to write.
            line = self._done.out if self._done else os.pread(self._out.fileno(), 1000, 0).decode()
            if "\n" in line or ended:
                break
            time.sleep(0.02)
        return line.partition("\n")[0]

    def wait(self, timeout: float | None = None) -> int:
        return self.done(timeout).code

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        done = self.done(timeout)
        return done.out, done.err

    def send_signal(self, sign: int) -> None:
        """From any thread: while another waits for the end, this does not look for it."""
        if self._done is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, sign)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _reports_within(self, timeout_s: float | None) -> bool:
        with selectors.DefaultSelector() as selector:
            selector.register(self._report, selectors.EVENT_READ)
            return bool(selector.select(timeout_s))

    def _read_report(self) -> dict[str, Any]:
        line = self._report.readline()
        assert line, f"the warm process of {self.args} has ended"
        report: dict[str, Any] = json.loads(line)
        return report


class Warm:
    """Runs commands, each in a fork of one process that lives as long as this object is open, or
    another one of the same name."""

    def __init__(self, folder: Path, name: str = "") -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._address, self._folder = f"\0blogkeep-{name or uuid.uuid4()}", folder
        self._connection = self._connect()
        self._begun: list[Running] = []

    def run(
        self,
        words: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        timeout_s: float,
        limits: Limits = (),
        module: str = BLOGKEEP,
    ) -> Done:
        """Run `blogkeep` with these words, or another module; after `timeout_s` it is killed, and
        subprocess.TimeoutExpired raised."""
        running = self.start(
            words, folder=folder, environment=environment, limits=limits, module=module
        )
        try:
            return running.done(timeout_s)
        except subprocess.TimeoutExpired as late:
            running.kill()
            done = running.done(timeout_s)
            raise subprocess.TimeoutExpired(running.args, timeout_s, done.out, done.err) from late

    def start(
        self,
        words: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        limits: Limits = (),
        module: str = BLOGKEEP,
        log: Path | None = None,
    ) -> Running:
        """Begin a command, and go on; what runs at the close is killed. All that it prints goes to
        the end of `log`, if there is one: `Done.out` and `Done.err` are then both the whole file.
        """
        self._begun = [running for running in self._begun if running.poll() is None]
        reading, writing = os.pipe()
        out, err = (log.open("a+") if log else tempfile.TemporaryFile("w+") for _ in range(2))  # noqa: SIM115 - it is closed when it is read
        streams, report = [_path(out.fileno()), _path(err.fileno())], _path(writing)
        order = {
            "words": words,
            "folder": str(folder),
            "environment": dict(environment),
            "streams": streams,
        }
        order |= {"limits": limits, "module": module}
        try:
            self._send(json.dumps({"report": report, "order": order}).encode())
            running = Running([module, *words], out, err, FileIO(reading), self._connection)
        finally:
            os.close(writing)
        self._begun.append(running)
        return running

    def _connect(self) -> socket.socket:
        while (connection := _connected(self._address)) is None:
            assert not self._process or self._process.poll() is None, "the warm process has ended"
            self._process = _begun(self._address, self._folder) or self._process
        return connection

    def _send(self, order: bytes) -> None:
        try:
            self._connection.send(order)
        except (BrokenPipeError, ConnectionResetError):  # an order before this one was refused
            self._connection.close()
            self._connection = self._connect()
            self._connection.send(order)

    def close(self) -> None:
        for running in self._begun:
            running.kill()
        self._connection.close()
        if self._process:
            self._process.wait()


def _connected(address: str) -> socket.socket | None:
    """A connection to the process that listens there, once it greets; None where there is none, or
    one that is about to end."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with suppress(ConnectionError):
        connection.connect(address)
        if connection.recv(1):
            return connection
    connection.close()
    return None


def _begun(address: str, folder: Path) -> subprocess.Popen[bytes] | None:
    """A process that listens there; None where another has just begun one."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        try:
            listening.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return None
            raise
        listening.listen()
        command = [sys.executable, "-m", "tests.warm"]
        return subprocess.Popen(command, cwd=folder, stdin=listening, stdout=subprocess.DEVNULL)


def _whole(file: IO[str]) -> str:
    with file:
        file.seek(0)
        return file.read()


def _path(descriptor: int) -> str:
    """A name under which another process of ours can open an open file."""
    return f"/proc/{os.getpid()}/fd/{descriptor}"


def serve() -> None:
    """Fork for each order that comes in, and report the end of each command; the child never
    returns.

    Both are waited for as files: a signal that comes just before a read begins would not end it.
    """
    load()
    gc.freeze()
    gc.set_threshold(RARELY)
    reports: Reports = {}
    orders: Orders = {}
    with socket.socket(fileno=_LISTENING) as listening:
        while True:
            ready, _, _ = select.select([_LISTENING, *orders, *reports], [], [])
            for ended in reports.keys() & set(ready):
                report_end(ended, *reports.pop(ended))
            if _LISTENING in ready:
                connection, _ = listening.accept()
                orders[connection.fileno()] = connection
                with suppress(ConnectionError):  # it has gone already
                    connection.send(b" ")
            for ordering in orders.keys() & set(ready):
                order = _received(orders[ordering])
                if not order or not _begins(reports, orders, order):
                    orders.pop(ordering).close()
                    if not orders:
                        return


def _begins(reports: Reports, orders: Orders, order: bytes) -> bool:
    """Begin what is ordered. False for what is no order, or cannot be read: only who ordered that
    is to fail."""
    try:
        begin(reports, orders, **json.loads(order))
    except (ImportError, LookupError, TypeError, ValueError):
        traceback.print_exc()
        return False
    return True


def _received(connection: socket.socket) -> bytes:
    """An order; nothing from one that has gone, or was killed."""
    try:
        return connection.recv(_LONGEST)
    except ConnectionError:
        return b""


def begin(reports: Reports, orders: Orders, report: str, order: dict[str, Any]) -> None:
    """Begin a command, and report its number."""
    if module := LATER.get(next(iter(order["words"]), "")):
        import_module(module)
        gc.freeze()
    try:
        file = FileIO(report, "w")
    except OSError:  # who ordered it was killed
        return
    if not (pid := os.fork()):
        file.close()
        for process, (_, other) in reports.items():
            os.close(process)
            other.close()
        for connection in orders.values():
            connection.close()
        run(**order)
    reports[os.pidfd_open(pid)] = pid, file
    _report(file, pid=pid)


def report_end(process: int, pid: int, file: FileIO) -> None:
    """Report the end of a command."""
    _, status, usage = os.wait4(pid, 0)
    os.close(process)
    with file:
        _report(
            file,
            code=os.waitstatus_to_exitcode(status),
            peak_kb=usage.ru_maxrss,
            cpu_s=usage.ru_utime + usage.ru_stime,
        )


def _report(file: FileIO, **values: float) -> None:
    with suppress(BrokenPipeError):  # who ordered it was killed
        file.write(json.dumps(values).encode() + b"\n")


def load() -> None:
    from scrapy.utils.misc import walk_modules_iter  # noqa: PLC0415

    for package in PACKAGES:
        list(walk_modules_iter(package))
    for module in MODULES:
        import_module(module)
    preload()


def run(
    words: list[str],
    folder: str,
    environment: dict[str, str],
    streams: list[str],
    limits: Limits,
    module: str,
) -> NoReturn:
    """Become the command: what comes after is what comes after `blogkeep`, or the module."""
    from scrapy.cmdline import execute  # noqa: PLC0415

    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests may run under nohup
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, name in enumerate([os.devnull, *streams]):
        opened = os.open(name, os.O_RDWR | os.O_APPEND if number else os.O_RDONLY)
        os.dup2(opened, number)
        os.close(opened)
    for limit, value in limits:
        resource.setrlimit(limit, (value, value))
    if module == BLOGKEEP and words[0] in FORK_CRAWLS:
        EarlyForkServer()
    sys.argv = [module, *words]
    main = execute if module == "scrapy" else partial(import_module(module).main, words)
    run_to_end(lambda: main() or 0)


if __name__ == "__main__":
    serve()
