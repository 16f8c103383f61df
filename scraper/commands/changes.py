"""`scrapy changes`: what the last crawl, or any span of time, brought."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from sqlite_utils import Database

from scraper.archive.queries.changes import changes_between, changes_of_crawl, groups_of, read_texts
from scraper.archive.queries.crawls import last_crawl, read_crawl
from scraper.archive.queries.posts import missing_posts
from scraper.archive.queries.stores import find_store, read_move
from scraper.cli.arguments import day_span
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import console, print_json
from scraper.cli.rendering import print_changes, print_missing
from scraper.exceptions import UsageProblem
from scraper.history.changes import Change


class Command(ArchiveCommand):
    """Print changes."""

    example = "blogkeep changes --since 2026-03-01 --until 2026-03-31"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--crawl", type=int, metavar="N", help="what crawl N found (default: the last one)"
        )
        parser.add_argument(
            "--since",
            metavar="DATE",
            help="changes first seen on this day (UTC, YYYY-MM-DD) or later",
        )
        parser.add_argument(
            "--until", metavar="DATE", help="changes first seen on this day (UTC) or before"
        )
        parser.add_argument(
            "--store", metavar="NAME", default="", help="one store only, by its name or address"
        )
        parser.add_argument(
            "--all", action="store_true", help="print the changes of each group one by one too"
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        if opts.crawl is not None and (opts.since or opts.until):
            raise UsageProblem("give --crawl, or --since and --until, not both")
        db = self.open_archive(opts)
        store = find_store(db, opts.store) if opts.store else ""
        if opts.since or opts.until:
            since, until = day_span(opts.since, opts.until)
            title, crawl, missing = (
                f"from {opts.since or 'the beginning'} to {opts.until or 'now'}",
                None,
                [],
            )
            changes = changes_between(db, since, until, store)
        else:
            crawl = read_crawl(db, opts.crawl) if opts.crawl is not None else last_crawl(db, store)
            title = f"{crawl.label}: {crawl.outcome}, {crawl.health}"
            changes = changes_of_crawl(db, crawl.id)
            # Whether a post is missing is known of now, and no import has looked for one.
            missing = (
                missing_posts(db, crawl.store)
                if crawl == last_crawl(db, crawl.store) and crawl.kind == "crawl"
                else []
            )
        moved = read_move(db, crawl.id) if crawl else None
        if opts.json:
            print_json(
                {
                    "crawl": crawl,
                    "changes": [_with_texts(db, change) for change in changes],
                    "groups": groups_of(changes),
                    "missing": missing,
                    "moved": moved,
                }
            )
            return
        out = console()
        out.print(title)
        if moved:
            out.print(f"the store moved from {moved[0]} to {moved[1]}", markup=False)
        groups = [] if opts.all else groups_of(changes)
        print_changes(out, changes, lambda change: read_texts(db, change.id), groups)
        print_missing(out, missing)


def _with_texts(db: Database, change: Change) -> dict[str, object]:
    """A change with the texts of both revisions, for JSON."""
    texts = read_texts(db, change.id)
    return {**asdict(change), "old_text": texts.old, "new_text": texts.new}
