"""`blogkeep crawl STORE`, which is `scrapy crawl blog -a store=STORE`: archive a store.

It replaces Scrapy's own `crawl`, which exits with 0 whatever happened.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from scrapy.commands import BaseRunSpiderCommand
from scrapy.crawler import Crawler
from sqlite_utils import Database

from scraper.archive.captures.schema import CAPTURES, captures_path
from scraper.archive.database import check_writable, open_for_reading
from scraper.archive.queries.changes import changes_of_crawl, groups_of, read_texts
from scraper.archive.queries.crawls import count_complete_crawls, count_rows, read_crawl
from scraper.archive.queries.posts import missing_posts
from scraper.archive.queries.stores import read_move
from scraper.cli.arguments import unknown_blogs
from scraper.cli.base import add_db_option
from scraper.cli.catalog import COMMANDS
from scraper.cli.output import console, print_error
from scraper.cli.rendering import print_changes, print_crawl, print_missing
from scraper.cli.settings import CommandSettings
from scraper.exceptions import (
    INCOMPLETE,
    BlogkeepError,
    NoArchive,
    NoSuchBlog,
    NotAStore,
    UsageProblem,
)
from scraper.extensions.archive import ArchiveExtension
from scraper.history.crawl_health import CrawlAssessment
from scraper.hosts import parse_store_url
from scraper.middlewares.credentials import read_credentials

DEMO = "demo"
SPIDER = "blog"
SPIDER_ARGUMENTS: Final[dict[str, str]] = {
    "store": "URL, the store's address or that of one of its posts, or demo",
    "blogs": "HANDLES, the only blogs to crawl, separated by commas",
    "skip_blogs": "HANDLES, blogs to leave out",
}


class Command(BaseRunSpiderCommand):
    """Crawl a store, print what was found, and exit with the truth."""

    requires_project = True
    example = "blogkeep crawl https://shop.example"

    def syntax(self) -> str:
        return "[options] STORE | blog -a store=STORE"

    def short_desc(self) -> str:
        return COMMANDS["crawl"]

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        assert self.settings is not None
        parser.epilog = f"example: {self.example}"
        meanings = "; ".join(f"{name}={meaning}" for name, meaning in SPIDER_ARGUMENTS.items())
        parser.add_argument(
            "-a",
            dest="spargs",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help=f"an argument of the spider: {meanings}",
        )
        add_db_option(parser)

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
            CommandSettings(opts.set)
            _read_arguments(args, opts.spargs)
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
            # Scrapy logs a page about itself before the first request; our own lines are enough.
            logging.getLogger("scrapy").setLevel(logging.WARNING)
        archive = Path(self.settings["ARCHIVE_DB"])
        check_writable(archive)
        check_writable(captures_path(archive, self.settings["ARCHIVE_CAPTURES"]), CAPTURES)
        from scraper.cli.crawling import crawl_to_end  # noqa: PLC0415 - it installs the event loop

        store = opts.spargs.pop("store", "")
        with self._demo(archive) if store == DEMO else _as_given(store) as url:
            parse_store_url(url)
            read_credentials(self.settings["ARCHIVE_CREDENTIALS"])
            crawler = self.crawler_process.create_crawler(SPIDER)
            crawl_to_end(self.crawler_process, crawler, store=url, **opts.spargs)
        self._report(crawler, archive, url, opts.spargs)

    @contextmanager
    def _demo(self, archive: Path) -> Iterator[str]:
        """The demo store on a free port of loopback, under its own name, as it stands the day after
        the last complete crawl of it."""
        from scraper.demo import DemoServer, DemoStore  # noqa: PLC0415 - nobody else needs it

        assert self.settings is not None
        demo, days = DemoStore(), 0
        url = f"http://{demo.shop.host}"
        with suppress(NoArchive), closing(open_for_reading(archive)) as db:
            days = count_complete_crawls(db, url)
        day = min(days + 1, demo.last_day)
        with DemoServer(demo, day=day) as server:
            console().print(
                f"The demo store {demo.shop.name} on day {day} of {demo.last_day}, at {server.url}"
            )
            self.settings.set("ARCHIVE_PROXY", server.url, priority="cmdline")
            for name in ("ARCHIVE_RATE", "ARCHIVE_REMOVAL_HOURS"):
                self.settings.set(name, 0, priority="cmdline")
            yield url

    def _report(self, crawler: Crawler, archive: Path, url: str, chosen: Mapping[str, str]) -> None:
        assert self.crawler_process is not None
        run = crawler.get_extension(ArchiveExtension)
        if run is None or self.crawler_process.bootstrap_failed:
            raise BlogkeepError("the crawl could not be started; see the log above")
        if run.refusal:
            raise run.refusal
        if run.crawl_id and run.assessment:
            with closing(open_for_reading(archive)) as db:
                _print_report(db, run.crawl_id)
        if run.errors:
            raise BlogkeepError(f"{len(run.errors)} errors, the first: {run.errors[0]}")
        blogs = [handle for handle in chosen.get("blogs", "").split(",") if handle.strip()]
        if unknown := unknown_blogs("-a blogs", blogs, run.named_blogs):
            if not run.named_blogs.intersection(map(str.strip, blogs)):
                raise NoSuchBlog(unknown)
            print_error(unknown)
        assessment = run.assessment
        if assessment is None:  # interrupted before the spider was opened
            print_error(f"{url}: interrupted; nothing was archived")
            self.exitcode = INCOMPLETE
            return
        if not run.crawl_id:
            self._report_nothing(url, assessment, run.retry_at)
            return
        if run.moved_from:
            print(
                f"\n{run.moved_from} is a former address: the store was crawled at its present one"
            )
        if run.credentials_warning:
            print(f"\n{run.credentials_warning}")
        if assessment.health == "blocked" and run.retry_at:
            print(f"\ntry again after {run.retry_at}")
        done = (assessment.outcome, assessment.health) == ("complete", "healthy")
        self.exitcode = 0 if done else INCOMPLETE

    def _report_nothing(self, url: str, assessment: CrawlAssessment, retry_at: str) -> None:
        """Report that no post was found at an address that the archive did not know, so that
        nothing was written."""
        outcome, reason = assessment.outcome, assessment.reason
        if outcome == "incomplete":
            print_error(f"{url}: {reason}; nothing was archived")
            self.exitcode = INCOMPLETE
        elif outcome == "blocked":
            when = f"after {retry_at}" if retry_at else "later"
            print_error(f"{url} {reason}; nothing was archived, try again {when}")
            self.exitcode = INCOMPLETE
        elif outcome == "outage":
            raise BlogkeepError(f"no usable answer from {url} ({reason}); nothing was archived")
        else:
            raise NotAStore(f"{reason} at {url}: is it a store with a blog? Nothing was archived")


def _read_arguments(args: Sequence[str], spider_arguments: dict[str, str]) -> None:
    """Put a STORE that is given alone among the spider's arguments. Raises UsageProblem."""
    for name in spider_arguments:
        if name not in SPIDER_ARGUMENTS:
            known = ", ".join(SPIDER_ARGUMENTS)
            raise UsageProblem(f"-a {name}: no such argument; the spider takes {known}")
    for argument in args:
        if argument.startswith("-"):
            raise UsageProblem(f"unknown option {argument}; see blogkeep crawl --help")
    if len(args) != 1:
        raise UsageProblem(f"give one store, such as {Command.example}")
    if args[0] != SPIDER:
        if "store" in spider_arguments:
            raise UsageProblem(f"give the store as {args[0]!r} or by -a store=, not both")
        spider_arguments["store"] = args[0]


@contextmanager
def _as_given(url: str) -> Iterator[str]:
    yield url


def _print_report(db: Database, crawl_id: int) -> None:
    out = console()
    crawl = read_crawl(db, crawl_id)
    changes = changes_of_crawl(db, crawl_id)
    out.print()
    print_crawl(out, crawl, count_rows(db, crawl))
    if moved := read_move(db, crawl_id):
        out.print(f"\nthe store moved from {moved[0]} to {moved[1]}", markup=False)
    if crawl.n_new < len(changes):
        out.print()
        print_changes(out, changes, lambda change: read_texts(db, change.id), groups_of(changes))
    print_missing(out, missing_posts(db, crawl.store))
