"""`blogkeep search WORDS`: posts that hold these words, now or ever."""

from __future__ import annotations

import argparse

from rich.text import Text

from scraper.archive.queries.search import MARKS, Hit, search
from scraper.archive.queries.stores import find_store
from scraper.cli.arguments import add_cluster_option, add_store_option, count
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import console, print_json
from scraper.cli.rendering import indented
from scraper.exceptions import UsageProblem
from scraper.history.humanize import moment, plural
from scraper.printable import single_line


class Command(ArchiveCommand):
    usage = "[options] WORDS…"
    example = "blogkeep search magnesium '\"night cramps\"'"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--now", action="store_true", help="only what stands now, not what once stood"
        )
        add_store_option(parser)
        add_cluster_option(parser)
        parser.add_argument(
            "--limit", type=count, metavar="N", default=20, help="print at most N posts (20)"
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the posts that fit best."""
        if not args:
            raise UsageProblem(f"give words to search for, such as {self.example}")
        db = self.open_texts(opts)
        store = find_store(db, opts.store)
        found = search(
            db.conn, " ".join(args), all_revisions=not opts.now, store=store, limit=opts.limit
        )
        if opts.json:
            print_json(found)
            return
        out = console()
        for hit in found.hits:
            out.print(Text.assemble((single_line(hit.title), "bold"), "  ", (_when(hit), "dim")))
            out.print(Text(f"    {single_line(hit.label)}", style="dim"))
            out.print(indented(out, _snippet(hit.snippet)))
        least = "at least " if found.is_cut else ""
        hidden = found.n_posts - len(found.hits)
        more = f", {hidden:,} not shown: see --limit" if hidden > 0 else ""
        out.print(f"{least}{plural(found.n_posts, 'post')}{more}")


def _when(hit: Hit) -> str:
    """Whether the words stand now, else when they were last seen."""
    return "now" if hit.stands else f"not now, but until {moment(hit.until)}"


def _snippet(marked: str) -> Text:
    text, start, end = Text(), *MARKS
    for number, part in enumerate(marked.replace(end, start).split(start)):
        text.append(" ".join(single_line(part).split(" ")), "bold" if number % 2 else "")
    return text
