"""`blogkeep changes`: what changed in the last crawl, in another one, or between two days."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlite_utils import Database

from scraper.archive.queries.changes import (
    PendingChange,
    changes_between,
    changes_of_crawl,
    groups_of,
    pending_changes,
    read_texts,
)
from scraper.archive.queries.crawls import CrawlRow, last_crawl, read_crawl
from scraper.archive.queries.posts import PostRow, missing_posts
from scraper.archive.queries.stores import find_store, read_move
from scraper.cli.arguments import add_span_options, add_store_option, day_span, whole_number
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import console, print_json
from scraper.cli.rendering import print_changes, print_missing, print_pending
from scraper.exceptions import UsageProblem
from scraper.history.changes import Change, claims_of
from scraper.printable import single_line


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeReport:
    """What the command prints; `moved` holds a store's old and new address, if a crawl found it
    moved; `pending` differences are no changes yet."""

    title: str
    changes: Sequence[Change]
    crawl: CrawlRow | None = None
    missing: Sequence[PostRow] = ()
    moved: tuple[str, str] | None = None
    pending: Sequence[PendingChange] = ()


class Command(ArchiveCommand):
    example = "blogkeep changes --since 2026-03-01 --until 2026-03-31"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--crawl",
            type=whole_number,
            metavar="N",
            help="what crawl N found (default: the last one)",
        )
        add_span_options(parser, "changes first seen on")
        add_store_option(parser)
        parser.add_argument(
            "--all", action="store_true", help="print the changes of each group one by one too"
        )
        parser.add_argument(
            "--pending",
            action="store_true",
            help="print the differences too that nothing confirms yet",
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the changes of one crawl, or of a span of days."""
        if opts.crawl is not None and (opts.since or opts.until):
            raise UsageProblem("give --crawl, or --since and --until, not both")
        db = self.open_archive(opts)
        store = find_store(db, opts.store)
        if opts.since or opts.until:
            report = _of_days(db, store, opts.since, opts.until)
        elif opts.crawl is not None:
            report = _of_crawl(db, read_crawl(db, opts.crawl))
        else:
            report = _of_crawl(db, last_crawl(db, store))
        if opts.json:
            print_json(_as_values(db, report))
            return
        out = console()
        out.print(single_line(report.title), markup=False)
        if report.moved:
            before, after = report.moved
            out.print(single_line(f"the store moved from {before} to {after}"), markup=False)
        groups = [] if opts.all else groups_of(report.changes)
        print_changes(out, report.changes, lambda change: read_texts(db, change.id), groups)
        print_missing(out, report.missing)
        print_pending(out, report.pending, listed=opts.pending)


def _of_days(db: Database, store: str, since: str, until: str) -> ChangeReport:
    return ChangeReport(
        title=f"from {since or 'the beginning'} to {until or 'now'}",
        changes=changes_between(db, *day_span(since, until), store),
    )


def _of_crawl(db: Database, crawl: CrawlRow) -> ChangeReport:
    missing: Sequence[PostRow] = ()
    pending: Sequence[PendingChange] = ()
    # What is missing or waits does so now, not in an earlier crawl; an import looks for no post.
    if crawl == last_crawl(db, crawl.store):
        pending = pending_changes(db, crawl.store)
        missing = missing_posts(db, crawl.store) if crawl.kind == "crawl" else ()
    return ChangeReport(
        title=f"{crawl.label}: {crawl.outcome}, {crawl.health}",
        crawl=crawl,
        changes=changes_of_crawl(db, crawl.id),
        missing=missing,
        pending=pending,
        moved=read_move(db, crawl.id),
    )


def _as_values(db: Database, report: ChangeReport) -> dict[str, object]:
    """The report as JSON has it."""
    return {
        "crawl": report.crawl,
        "changes": [_with_texts(db, change) for change in report.changes],
        "groups": groups_of(report.changes),
        "missing": report.missing,
        "pending": report.pending,
        "moved": report.moved,
    }


def _with_texts(db: Database, change: Change) -> dict[str, object]:
    """A change with the texts of both revisions, and what became of claims, for JSON."""
    texts = read_texts(db, change.id)
    return {
        **asdict(change),
        "old_text": texts.old,
        "new_text": texts.new,
        "claims": claims_of(change.fields),
    }
