"""`blogkeep absent "PHRASE"`: at how many fetches a phrase stood in no post of a blog or store."""

from __future__ import annotations

import argparse

from scraper.archive.queries.texts.absence import find_scope, read_absence
from scraper.archive.queries.texts.absence_sentences import absence_sentences
from scraper.cli.arguments import add_span_options, span_of_fetches
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import print_json, print_line
from scraper.exceptions import UsageProblem

NOT_SHOWN = 3
"""The exit code where the archive does not show that the phrase is absent."""


class Command(ArchiveCommand):
    usage = '[options] "PHRASE"'
    example = 'blogkeep absent "cures insomnia" --blog journal'

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--post", metavar="POST", default="", help="in this post only, by any of its names"
        )
        parser.add_argument(
            "--blog", metavar="HANDLE", default="", help="in this blog only, such as journal"
        )
        parser.add_argument(
            "--store", metavar="NAME", default="", help="in this store only, by name or address"
        )
        add_span_options(parser, "looks on")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print one sentence to cite, and what it does not cover."""
        if not args:
            raise UsageProblem(f"give a phrase, such as {self.example}")
        since, until = span_of_fetches(opts.since, opts.until)
        db = self.open_archive(opts)
        scope = find_scope(db, post=opts.post, blog=opts.blog, store=opts.store)
        report = read_absence(db.conn, " ".join(args), scope, since, until)
        lines = list(absence_sentences(report, scope))
        self.exitcode = 0 if report.absence.is_shown else NOT_SHOWN
        if opts.json:
            print_json({"scope": scope, "report": report, "sentence": " ".join(lines)})
            return
        for line in lines:
            print_line(line)
