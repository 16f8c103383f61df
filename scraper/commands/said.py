"""`blogkeep said "PHRASE"`: every sentence that ever held a phrase, where it came and went."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from scraper.archive.queries.stores import find_store
from scraper.archive.queries.texts.quoted import read_nearly
from scraper.archive.queries.texts.said import SaidResult, read_said
from scraper.cli.arguments import add_cluster_option, add_store_option, count
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import print_json, print_line
from scraper.cli.phrase_lines import said_lines
from scraper.exceptions import UsageProblem
from scraper.history.humanize import plural


class Command(ArchiveCommand):
    usage = '[options] "PHRASE"'
    example = 'blogkeep said "stops night cramps"'

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        add_store_option(parser)
        add_cluster_option(parser)
        parser.add_argument(
            "--first", action="store_true", help="who was seen with it first, not the newest posts"
        )
        parser.add_argument(
            "--nearly", action="store_true", help="also sentences that are nearly the same"
        )
        parser.add_argument(
            "--limit", type=count, metavar="N", default=20, help="print at most N posts (20)"
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print who ever said a phrase, since when and until when."""
        if not args:
            raise UsageProblem(f"give a phrase, such as {self.example}")
        db = self.open_texts(opts)
        store = find_store(db, opts.store)
        phrase = " ".join(args)
        found = read_said(db.conn, phrase, store=store, first=opts.first, limit=opts.limit)
        nearly = read_nearly(db.conn, phrase, store=store) if opts.nearly or not found.posts else ()
        if opts.json:
            print_json({**asdict(found), "nearly": nearly})
            return
        for post in found.posts:
            for line in said_lines(post):
                print_line(line)
        _print_count(found)
        for one in nearly:
            print_line(f"nearly, {one.score:.0%} alike: “{one.passage}”")


def _print_count(found: SaidResult) -> None:
    if not found.posts:
        print("no archived post ever said this")
    else:
        least = "at least " if found.is_cut else ""
        hidden = found.n_posts - len(found.posts)
        more = f", {hidden:,} not shown: see --limit" if hidden > 0 else ""
        print(f"{least}{plural(found.n_posts, 'post')} said this{more}")
