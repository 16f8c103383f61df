"""`blogkeep worker`: crawl stores of a cluster when they are due."""

from __future__ import annotations

import argparse
import logging
import signal
from typing import TYPE_CHECKING

from scraper.cli.base import ArchiveCommand
from scraper.cli.resources import connection_string, libraries_of
from scraper.exceptions import UsageProblem
from scraper.printable import single_line
from scraper.schedule.heartbeat import Heartbeats
from scraper.timestamps import utc_now

if TYPE_CHECKING:
    from scraper.cluster.job import JobSettings

NOT_FOR_CRAWLS = frozenset({"ARCHIVE_DB", "ARCHIVE_CLUSTER", "ARCHIVE_DEPOT"})


class Command(ArchiveCommand):
    example = "blogkeep worker --crawls 8"
    with_json = False

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--crawls",
            type=int,
            metavar="N",
            default=4,
            help="how many stores are crawled at once (default: 4)",
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl what is due until a signal ends it."""
        if opts.crawls < 1:
            raise UsageProblem("--crawls takes 1 or more")
        logging.basicConfig(format="%(message)s", level=logging.WARNING)
        conninfo = connection_string(self.settings)
        with libraries_of("cluster"):
            from scraper.cluster.worker import open_worker  # noqa: PLC0415 - an extra
        heartbeats = Heartbeats()
        with open_worker(
            conninfo,
            self.settings["ARCHIVE_DEPOT"],
            self._job_settings(opts),
            crawls=opts.crawls,
            takeover_s=self.settings.getfloat("ARCHIVE_TAKEOVER"),
            ping=heartbeats.ping,
            report=_report,
        ) as worker:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: worker.stop())
            worker.run()
        heartbeats.wait()

    def _job_settings(self, opts: argparse.Namespace) -> JobSettings:
        from scraper.cluster.job import JobSettings  # noqa: PLC0415 - an extra

        archive = self.archive_path(opts).absolute()
        given = self.settings.overrides.items()
        options = [f"{name}={value}" for name, value in given if name not in NOT_FOR_CRAWLS]
        return JobSettings(
            folder=archive.with_name("stores"),
            config_folder=self.stores_path(opts).absolute().parent,
            options=tuple(word for option in options for word in ("-s", option)),
            checkpoint_s=self.settings.getfloat("ARCHIVE_CHECKPOINT"),
            stall_s=self.settings.getfloat("ARCHIVE_STALL_TIMEOUT"),
            stop_s=self.settings.getfloat("ARCHIVE_STOP_TIMEOUT"),
            web_url=self.settings["ARCHIVE_WEB_URL"],
        )


def _report(line: str) -> None:
    print(f"{utc_now()} {single_line(line)}", flush=True)
