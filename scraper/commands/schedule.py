"""`blogkeep schedule`: crawl every store when it is due."""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

from filelock import Timeout

from scraper.alerts.background import BackgroundSender, make_sender
from scraper.alerts.sender import Sender
from scraper.archive.database import check_writable
from scraper.archive.locks import file_lock
from scraper.cli.base import ArchiveCommand
from scraper.exceptions import INCOMPLETE, AnotherRunner, ArchiveError
from scraper.printable import single_line
from scraper.schedule.clock import SystemClock
from scraper.schedule.heartbeat import Heartbeats
from scraper.schedule.monitor import Monitor
from scraper.schedule.processes import CrawlProcesses
from scraper.schedule.runner import Runner
from scraper.schedule.stores_file import StoresReader
from scraper.schedule.timetable.stores import StoresFile
from scraper.timestamps import utc_now


class Command(ArchiveCommand):
    example = "blogkeep schedule --once"
    with_json = False

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--once",
            action="store_true",
            help="crawl the stores that are due, then exit: for cron and timers",
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl what is due until a signal ends it, or once."""
        logging.basicConfig(format="%(message)s", level=logging.INFO)
        archive = self.archive_path(opts)
        check_writable(archive)
        archive.parent.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            try:
                lock = file_lock(Path(f"{os.path.realpath(archive)}.schedule"), timeout_s=0)
                stack.enter_context(lock)
            except Timeout:
                if opts.once:
                    return  # no output: cron would mail it at every run
                raise AnotherRunner(f"another blogkeep schedule is running on {archive}") from None
            except OSError as error:
                raise ArchiveError(f"cannot lock {archive}: {error}") from error
            self._run(opts)

    def _run(self, opts: argparse.Namespace) -> None:
        archive, file = self.archive_path(opts), self.stores_path(opts)
        clock, heartbeats, stores = SystemClock(), Heartbeats(), StoresReader(file)
        sender = make_sender(archive, file, self.settings["ARCHIVE_WEB_URL"])
        alerts = BackgroundSender(partial(_send, sender, stores), _report)
        crawls = CrawlProcesses(archive, self._own_options(), file.parent)
        runner = Runner(
            archive,
            stores=stores,
            clock=clock,
            crawls=crawls,
            monitor=Monitor(
                free_mb=partial(_free_mb, archive),
                least_free_mb=self.settings.getfloat("ARCHIVE_DISK_FREE_MB"),
            ),
            ping=heartbeats.ping,
            report=_report,
            alert=alerts.soon,
            max_crawls=self.settings.getint("ARCHIVE_CRAWLS_AT_ONCE"),
            stop_timeout_s=self.settings.getfloat("ARCHIVE_STOP_TIMEOUT"),
            stall_timeout_s=self.settings.getfloat("ARCHIVE_STALL_TIMEOUT"),
        )

        def stop(*_: object) -> None:
            runner.stop()
            clock.wake()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        with closing(crawls):
            runner.run(once=opts.once)
        heartbeats.wait()
        alerts.wait()
        self.exitcode = INCOMPLETE if opts.once and runner.unhealthy_runs else 0

    def _own_options(self) -> list[str]:
        """The settings given to this command, for the crawls that it starts."""
        given = self.settings.overrides.items()
        return [
            word
            for name, value in given
            if name != "ARCHIVE_DB"
            for word in ("-s", f"{name}={value}")
        ]


def _send(sender: Sender, stores: Callable[[], StoresFile]) -> Sequence[str]:
    sent = sender.send(stores())
    return sent.lines if sent else ()


def _free_mb(archive: Path) -> float:
    return shutil.disk_usage(archive.parent).free / 1e6


def _report(line: str) -> None:
    print(f"{utc_now()} {single_line(line)}", flush=True)
