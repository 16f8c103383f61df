"""The process from which crawls are forked: it has Scrapy and the program imported, which costs
each crawl more than a quiet recrawl does, and the rulebooks loaded, by which edits are judged.

It has no threads, no open archive, no settings and no reactor: a crawl that is forked from it
begins as one that was started does.
"""

from __future__ import annotations

import atexit
import gc
import os
import random
import selectors
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from multiprocessing import reduction
from multiprocessing.connection import Connection
from pathlib import Path
from pkgutil import walk_packages
from runpy import run_module
from typing import Any, Final, NoReturn

from scraper.exceptions import OutOfResources

PACKAGES: Final = (
    "scraper.extensions",
    "scraper.middlewares",
    "scraper.pipelines",
    "scraper.spiders",
)
MODULES: Final = (
    "concurrent.futures.thread",
    "encodings.idna",
    "queuelib",
    "rich._emoji_codes",
    "scraper.cli.crawling",
    "scraper.cli.main",
    "scraper.commands.crawl",
    "scrapy.core.downloader.handlers.datauri",
    "scrapy.core.downloader.handlers.file",
    "scrapy.core.downloader.handlers.ftp",
    "scrapy.core.downloader.handlers.http11",
    "scrapy.core.downloader.handlers.s3",
    "scrapy.dupefilters",
    "scrapy.logformatter",
    "scrapy.pqueues",
    "scrapy.squeues",
    "scrapy.statscollectors",
    "twisted.internet.asyncioreactor",
    "uvloop",
)
COMPONENTS: Final = ("DOWNLOADER_MIDDLEWARES_BASE", "EXTENSIONS_BASE", "SPIDER_MIDDLEWARES_BASE")
"""What a crawl imports, by names: a schedule itself does without Scrapy. The last are settings that
name those of Scrapy's components which a crawl uses."""

KILL_CRAWLS: Final = "kill-crawls"
"""The word by which this process is asked to kill its crawls when the runner has ended."""

FAILED: Final = "failed"
"""The word by which it says that it cannot begin, and why."""

NOT_BEFORE_A_CRAWL: Final = ("twisted.internet.reactor", "scraper.settings")
"""Modules with a state of their own crawl: the event loop, and settings from the environment."""


def preload() -> None:
    """Import what a crawl needs, and load what it reads to judge an edit."""
    for name in PACKAGES:
        package = import_module(name)
        for module in walk_packages(package.__path__, f"{name}."):
            import_module(module.name)
    settings = run_module("scraper.settings")  # which does not stay imported
    components = [path.rpartition(".")[0] for name in COMPONENTS for path in settings[name]]
    for name in (*MODULES, *components):
        import_module(name)
    import_module("scraper.rulebooks").load_books()
    assert not set(NOT_BEFORE_A_CRAWL) & set(sys.modules)
    assert threading.active_count() == 1


def main() -> None:
    """Fork a crawl for each request of the runner, and report how it ended. Where the runner ends,
    so does this; its crawls go on, unless they are to be killed."""
    ours = Connection(int(sys.argv[1]))
    resources = import_module("scraper.cli.resources")  # while there is memory
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # they are for the runner, with which this ends
    try:
        resources.require_memory(resources.FORK_SERVER_MEMORY)
        preload()
    except OutOfResources as error:
        ours.send((FAILED, str(error)))
        return
    except (ImportError, MemoryError, OSError, RuntimeError, SystemError) as error:
        if not (reason := resources.describe_exhaustion(error)):
            raise
        ours.send((FAILED, reason))
        return
    gc.collect()
    gc.freeze()  # pages of memory that all share stay shared
    server = _ForkServer(ours)
    server.serve()
    if KILL_CRAWLS in sys.argv:
        server.kill_all()


class _ForkServer:
    """Answers ("start", words, log) with ("started", pid), then at its end with ("ended", pid, exit
    code); ("kill", pid) is not answered."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._running: set[int] = set()
        self._woken, wake = socket.socketpair()
        self._woken.setblocking(False)
        wake.setblocking(False)
        self._wake = wake
        signal.set_wakeup_fd(wake.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)  # it writes to the pipe above

    def serve(self) -> None:
        """Serve until the runner is gone."""
        with selectors.DefaultSelector() as selector:
            for file in (self._connection, self._woken):
                selector.register(file, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is self._connection:
                        request = self._receive()
                        if request is None:
                            return
                        self._answer(*request)
                    else:
                        self._woken.recv(4096)
                        self._report_ends()

    def kill_all(self) -> None:
        """Kill the crawls that run."""
        for pid in self._running:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _receive(self) -> tuple[Any, ...] | None:
        try:
            request: tuple[Any, ...] = self._connection.recv()
        except (EOFError, OSError):
            return None
        return request

    def _answer(self, request: str, *details: Any) -> None:
        if request == "kill":
            if details[0] in self._running:
                os.kill(details[0], signal.SIGKILL)
            return
        lock_fd = reduction.recv_handle(self._connection)
        words, log = details
        pid = os.fork()
        if not pid:
            self._crawl(words, log, lock_fd)
        os.close(lock_fd)
        self._running.add(pid)
        self._send("started", pid)

    def _report_ends(self) -> None:
        for pid in list(self._running):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                self._running.discard(pid)
                self._send("ended", pid, os.waitstatus_to_exitcode(status))

    def _send(self, *answer: object) -> None:
        with suppress(OSError):  # the runner is gone, which `serve` notices
            self._connection.send(answer)

    def _crawl(self, words: Sequence[str], log: str, lock_fd: int) -> NoReturn:
        """Become the crawl. It holds the lock until it ends."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self._connection.close()
        self._woken.close()
        self._wake.close()
        os.setsid()  # it receives no Ctrl-C: the runner lets its crawls finish
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.close(out)
        os.set_inheritable(lock_fd, True)
        random.seed()  # else all crawls would draw the same delays
        with suppress(OSError):  # what `top` and `ps -o comm` show, where there is such a file
            Path("/proc/self/comm").write_text(f"crawl {Path(log).stem}")
        sys.argv = ["blogkeep", *words]
        run_to_end(partial(import_module("scraper.cli.main").main, words))


def run_to_end(run: Callable[[], int]) -> NoReturn:
    """Call `run` in a forked process and end the process as Python does, with what was returned or
    raised, but leave the objects of the process to the system. Python would take them apart one by
    one, and with that copy all memory that is shared with the parent: a quarter of the CPU of a
    quiet crawl.
    """
    code = 1
    try:
        code = run()
    except SystemExit as end:  # of argparse and Scrapy, which raise it with a number or nothing
        code = int(end.code or 0)
    except BaseException:  # noqa: BLE001 - as at the end of any program
        traceback.print_exc()
    finally:
        # Waits for the process's threads, as multiprocessing's processes do.
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):  # its reader is gone, or it is closed
                stream.flush()
        os._exit(code)
