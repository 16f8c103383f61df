"""`scrapy prune`: drop old answers; only said, not done, unless one insists."""

from __future__ import annotations

import argparse

from scraper.archive.maintenance.prune import Pruning, preview, prune
from scraper.cli.arguments import day_start
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import print_json
from scraper.exceptions import UsageProblem


class Command(ArchiveCommand):
    """Drop old captures."""

    usage = "[options] --before DATE"
    example = "blogkeep prune --before 2025-01-01"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--before", metavar="DATE", help="answers that came before this day (UTC); required"
        )
        parser.add_argument("--yes", action="store_true", help="drop them, which cannot be undone")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        if args or not opts.before:
            raise UsageProblem("say before which day, such as --before 2025-01-01")
        before = day_start("--before", opts.before)
        files = self.archive_path(opts), self.captures_path(opts)
        pruning = prune(*files, before) if opts.yes else preview(*files, before)
        if opts.json:
            print_json({"done": opts.yes, "before": before, "pruning": pruning})
        else:
            _print(pruning, done=opts.yes)


def _print(pruning: Pruning, *, done: bool) -> None:
    print(
        f"{pruning.dropped:,} answers, {pruning.size:,} bytes, {'were' if done else 'would be'} dropped"
    )
    print(
        f"kept, though as old: {pruning.needed_by_revisions:,} in which a revision was first seen, {pruning.latest_of_post:,} in which a "
        f"post was last seen well, {pruning.used_as_dictionaries:,} against which others are packed"
    )
    if pruning.dropped and not done:
        print("nothing was done: add --yes, after a scrapy backup")
