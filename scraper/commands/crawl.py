"""`scrapy crawl blog -a store=URL`: archive a store. It takes the place of Scrapy's own command,
whose exit code is 0 whatever happened."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scrapy.commands import BaseRunSpiderCommand
from scrapy.crawler import Crawler

from scraper.archive.captures.schema import CAPTURES, captures_path
from scraper.archive.database import check_writable, open_for_reading
from scraper.archive.queries.reader import (
    changes_of_crawl,
    count_complete_crawls,
    count_rows,
    groups_of,
    missing_posts,
    move_found,
    read_crawl,
)
from scraper.cli.base import console, print_error
from scraper.cli.rendering import print_changes, print_crawl, print_missing
from scraper.exceptions import BlogkeepError, NotAStore, UsageProblem
from scraper.extensions.crawl_run import ArchiveExtension
from scraper.middlewares.credentials import read_credentials
from scraper.shopify.urls import parse_store_url

DEMO = "demo"
INCOMPLETE = 3


class Command(BaseRunSpiderCommand):
    """Crawl a store, print what was found, and exit with the truth."""

    requires_project = True
    example = "scrapy crawl blog -a store=https://shop.example"

    def syntax(self) -> str:
        return "[options] blog -a store=URL"

    def short_desc(self) -> str:
        return "Archive a store's blogs (store=demo: the built-in demo store)"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        assert self.settings is not None
        parser.epilog = f"example: {self.example}"
        parser.add_argument(
            "--db",
            metavar="FILE",
            help=f"the archive (default: setting ARCHIVE_DB, {self.settings['ARCHIVE_DB']})",
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        if not opts.loglevel:
            # Scrapy lists its libraries' versions before anything else. A filter, for its set-up of
            # logging resets all levels.
            logging.getLogger("scrapy.utils.log").addFilter(
                lambda record: record.levelno >= logging.WARNING
            )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            if args != ["blog"]:
                raise UsageProblem(f"usage: scrapy crawl {self.syntax()}")
            self._crawl(opts)
        except BlogkeepError as error:
            print_error(str(error))
            self.exitcode = error.exit_code

    def _crawl(self, opts: argparse.Namespace) -> None:
        assert self.settings is not None
        assert self.crawler_process is not None
        if opts.db:
            self.settings.set("ARCHIVE_DB", opts.db, priority="cmdline")
        if not opts.loglevel:
            # Scrapy tells a page about itself before the first request; our own lines tell what a
            # person wants to know.
            logging.getLogger("scrapy").setLevel(logging.WARNING)
        archive = Path(self.settings["ARCHIVE_DB"])
        check_writable(archive)
        check_writable(captures_path(archive, self.settings["ARCHIVE_CAPTURES"]), CAPTURES)
        store = opts.spargs.pop("store", "")
        with self._demo(archive) if store == DEMO else _as_given(store) as url:
            parse_store_url(url)
            read_credentials(self.settings["ARCHIVE_CREDENTIALS"])
            crawler = self.crawler_process.create_crawler("blog")
            self.crawler_process.crawl(crawler, store=url, **opts.spargs)
            self.crawler_process.start()
        self._report(crawler, archive, url)

    @contextmanager
    def _demo(self, archive: Path) -> Iterator[str]:
        """The demo store on a free port of loopback, under its own name, as it stands the day after
        the last complete crawl of it."""
        from scraper.demo import DemoServer, DemoStore  # noqa: PLC0415 - nobody else needs it

        assert self.settings is not None
        demo = DemoStore()
        url = f"http://{demo.shop.host}"
        days = (
            count_complete_crawls(open_for_reading(archive), url)
            if archive.exists() and archive.stat().st_size
            else 0
        )
        day = min(days + 1, demo.last_day)
        with DemoServer(demo, day=day) as server:
            console().print(
                f"The demo store {demo.shop.name} on day {day} of {demo.last_day}, at {server.url}"
            )
            self.settings.set("ARCHIVE_PROXY", server.url, priority="cmdline")
            self.settings.set("ARCHIVE_RATE", 0, priority="cmdline")
            yield url

    def _report(self, crawler: Crawler, archive: Path, url: str) -> None:
        extension = crawler.get_extension(ArchiveExtension)
        stats = crawler.stats
        if (
            extension is None
            or self.crawler_process is None
            or self.crawler_process.bootstrap_failed
        ):
            raise BlogkeepError("the crawl could not be started; see the log above")
        if extension.refusal:
            raise extension.refusal
        outcome, health = (
            stats.get_value("archive/outcome", ""),
            stats.get_value("archive/health", ""),
        )
        if crawl_id := stats.get_value("archive/crawl_id", 0):
            _print_report(archive, crawl_id)
        elif not extension.trouble:
            self._report_nothing(
                url,
                outcome,
                stats.get_value("archive/reason", ""),
                stats.get_value("archive/retry_at", ""),
            )
            return
        if extension.trouble:
            raise BlogkeepError(
                f"{len(extension.trouble)} errors, the first: {extension.trouble[0]}"
            )
        if moved_from := stats.get_value("archive/moved_from", ""):
            print(
                f"\n{moved_from} is an address of before: the store was crawled where it stands now"
            )
        if warning := stats.get_value("archive/credentials_warning", ""):
            print(f"\n{warning}")
        if health == "blocked" and (retry_at := stats.get_value("archive/retry_at", "")):
            print(f"\ntry again after {retry_at}")
        self.exitcode = 0 if (outcome, health) == ("complete", "healthy") else INCOMPLETE

    def _report_nothing(self, url: str, outcome: str, reason: str, retry_at: str) -> None:
        """No post was found at an address that the archive did not know: nothing was written."""
        if outcome == "incomplete":
            print_error(f"{url}: {reason}; nothing was archived")
            self.exitcode = INCOMPLETE
        elif outcome == "blocked":
            print_error(
                f"{url} {reason}; nothing was archived, try again {f'after {retry_at}' if retry_at else 'later'}"
            )
            self.exitcode = INCOMPLETE
        elif outcome == "outage":
            raise BlogkeepError(f"no usable answer from {url} ({reason}); nothing was archived")
        else:
            raise NotAStore(f"{reason} at {url}: is it a store with a blog? Nothing was archived")


@contextmanager
def _as_given(url: str) -> Iterator[str]:
    yield url


def _print_report(archive: Path, crawl_id: int) -> None:
    out, db = console(), open_for_reading(archive)
    crawl = read_crawl(db, crawl_id)
    changes = changes_of_crawl(db, crawl_id)
    out.print()
    print_crawl(out, crawl, count_rows(db, crawl))
    if moved := move_found(db, crawl_id):
        out.print(f"\nthe store moved from {moved[0]} to {moved[1]}", markup=False)
    if crawl.n_new < len(changes):
        out.print()
        print_changes(out, changes, groups_of(db, changes))
    print_missing(out, missing_posts(db, crawl.store))
