"""`scrapy changes`: what the last crawl, or any span of time, brought."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime, time, timedelta

from scrapy.commands import ScrapyCommand

from scraper.archive.reader import changes_between, changes_of_crawl, last_crawl, missing_posts, read_crawl
from scraper.commands.rendering import print_changes, print_missing
from scraper.commands.shared import ArchiveCommand, console, print_json
from scraper.exceptions import UsageProblem


class Command(ArchiveCommand, ScrapyCommand):
    """Print changes."""

    example = "scrapy changes --since 2026-03-01 --until 2026-03-31"

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Print what the last crawl, or any span of time, found changed"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--crawl", type=int, metavar="N", help="what crawl N found (default: the last one)")
        parser.add_argument("--since", metavar="DATE", help="changes first seen on this day (UTC, YYYY-MM-DD) or later")
        parser.add_argument("--until", metavar="DATE", help="changes first seen on this day (UTC) or before")
        parser.add_argument("--store", metavar="NAME", default="", help="one store only, by its name or address")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageProblem(f"changes takes options only, not {args[0]!r}")
        if opts.crawl is not None and (opts.since or opts.until):
            raise UsageProblem("give --crawl, or --since and --until, not both")
        db = self.open_archive(opts)
        if opts.since or opts.until:
            since, until = _span(opts.since, opts.until)
            changes, crawl, missing = changes_between(db, since, until, opts.store), None, []
        else:
            crawl = read_crawl(db, opts.crawl) if opts.crawl is not None else last_crawl(db, opts.store)
            changes, missing = changes_of_crawl(db, crawl.id), missing_posts(db, crawl.store)
        if opts.json:
            print_json({"crawl": crawl, "changes": changes, "missing": missing})
            return
        out = console()
        out.print(f"{crawl.label}: {crawl.outcome}, {crawl.health}" if crawl else f"from {since} to {until}")
        print_changes(out, changes)
        print_missing(out, missing)


def _span(since: str | None, until: str | None) -> tuple[str, str]:
    """The span as UTC times, its end excluded. Raises UsageProblem."""
    first = _day(since) if since else date.min
    last = _day(until) + timedelta(days=1) if until else date.max
    if last <= first:
        raise UsageProblem("--until lies before --since")
    return tuple(datetime.combine(day, time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ").zfill(20) for day in (first, last))  # type: ignore[return-value]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageProblem(f"{text!r} is not a day such as 2026-03-01") from error
