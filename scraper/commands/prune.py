"""`blogkeep prune`: delete old answers from the captures, or erase a post; without `--yes`, only
count."""

from __future__ import annotations

import argparse
from contextlib import closing

from scraper.archive.maintenance.erase import Erasure, erase_post, preview_erasure
from scraper.archive.maintenance.prune import Pruning, preview, prune
from scraper.archive.queries.posts import PostRow, find_post
from scraper.cli.arguments import day_start
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import print_json
from scraper.cli.rendering import visible
from scraper.exceptions import UsageProblem
from scraper.history.humanize import plural
from scraper.timestamps import utc_now


class Command(ArchiveCommand):
    usage = "[options] --before DATE | --post POST"
    example = "blogkeep prune --before 2025-01-01"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--before",
            metavar="DATE",
            help="answers received before this day (UTC, YYYY-MM-DD)",
        )
        parser.add_argument(
            "--post",
            metavar="POST",
            help="erase one post with all its pages and versions, by its number, address, label, "
            "handle or title",
        )
        parser.add_argument("--yes", action="store_true", help="delete them, which is final")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Count what would be deleted, and delete it with `--yes`."""
        if args or bool(opts.before) == bool(opts.post):
            raise UsageProblem("give a day, such as --before 2025-01-01, or --post POST")
        if opts.post:
            self._erase(opts)
            return
        before = day_start("--before", opts.before)
        files = self.archive_path(opts), self.captures_path(opts)
        pruning = prune(*files, before) if opts.yes else preview(*files, before)
        if opts.json:
            print_json({"done": opts.yes, "before": before, "pruning": pruning})
        else:
            _print(pruning, done=opts.yes)

    def _erase(self, opts: argparse.Namespace) -> None:
        with closing(self.open_archive(opts)) as db:
            post = find_post(db, opts.post)
        files = self.archive_path(opts), self.captures_path(opts)
        if opts.yes:
            erasure = erase_post(*files, post.id, at=utc_now())
        else:
            erasure = preview_erasure(*files, post.id)
        if opts.json:
            print_json({"done": opts.yes, "post": post.label, "erasure": erasure})
        else:
            _print_erasure(visible(post), erasure, done=opts.yes)


def _print_erasure(post: PostRow, erasure: Erasure, *, done: bool) -> None:
    print(f"{post.label}: {'erased' if done else 'would be erased'}")
    print(", ".join(f"{table} {count:,}" for table, count in erasure.rows.items()))
    print(
        f"{plural(erasure.answers, 'answer')} of its own, and the bytes of"
        f" {plural(erasure.shared_answers, 'feed or list')} that show it"
    )
    print(f"hashes that stay, for the seals: {erasure.tombstones:,}")
    if post.state == "live":
        print("the store still shows the post: the next crawl archives it again")
    if not done:
        print("nothing was deleted: make a backup (blogkeep backup), then add --yes")


def _print(pruning: Pruning, *, done: bool) -> None:
    deleted = "deleted" if done else "would be deleted"
    print(f"{plural(pruning.dropped, 'answer')}, {pruning.size:,} bytes, {deleted}")
    print(
        f"old answers that stay: {pruning.needed_by_revisions:,} first showed a revision,"
        f" {pruning.latest_of_post:,} are the latest good one of a post,"
        f"{f' {pruning.images:,} are images,' if pruning.images else ''}"
        f" {pruning.used_as_dictionaries:,} are needed to unpack others"
    )
    if pruning.dropped and not done:
        print("nothing was deleted: make a backup (blogkeep backup), then add --yes")
