"""`blogkeep prune`: delete old answers from the captures; without `--yes`, only count them."""

from __future__ import annotations

import argparse

from scraper.archive.maintenance.prune import Pruning, preview, prune
from scraper.cli.arguments import day_start
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import print_json
from scraper.exceptions import UsageProblem
from scraper.history.humanize import plural


class Command(ArchiveCommand):
    """Delete old captures."""

    usage = "[options] --before DATE"
    example = "blogkeep prune --before 2025-01-01"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the day, and the consent."""
        parser.add_argument(
            "--before",
            metavar="DATE",
            help="answers received before this day (UTC, YYYY-MM-DD); required",
        )
        parser.add_argument("--yes", action="store_true", help="delete them, which is final")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Count the old answers that nothing needs, and delete them with `--yes`."""
        if args or not opts.before:
            raise UsageProblem("give a day, such as --before 2025-01-01")
        before = day_start("--before", opts.before)
        files = self.archive_path(opts), self.captures_path(opts)
        pruning = prune(*files, before) if opts.yes else preview(*files, before)
        if opts.json:
            print_json({"done": opts.yes, "before": before, "pruning": pruning})
        else:
            _print(pruning, done=opts.yes)


def _print(pruning: Pruning, *, done: bool) -> None:
    deleted = "deleted" if done else "would be deleted"
    print(f"{plural(pruning.dropped, 'answer')}, {pruning.size:,} bytes, {deleted}")
    print(
        f"old answers that stay: {pruning.needed_by_revisions:,} first showed a revision,"
        f" {pruning.latest_of_post:,} are the latest good one of a post,"
        f" {pruning.used_as_dictionaries:,} are needed to unpack others"
    )
    if pruning.dropped and not done:
        print("nothing was deleted: make a backup (blogkeep backup), then add --yes")
