"""`blogkeep letter FILE`: where each passage stood that a warning letter quotes, and since when."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from scraper.archive.queries.stores import find_store
from scraper.archive.queries.texts.absence import Scope
from scraper.archive.queries.texts.absence_sentences import absence_sentences
from scraper.archive.queries.texts.quoted import Match, QuotedPassage, find_quoted
from scraper.cli.arguments import add_store_option, only_argument
from scraper.cli.base import ArchiveCommand
from scraper.cli.letters import read_quotations
from scraper.cli.output import print_json, print_line
from scraper.cli.phrase_lines import said_lines
from scraper.history.humanize import plural

LABELS: dict[Match, str] = {"exact": "word for word", "nearly": "nearly", "never": "never seen"}


class Command(ArchiveCommand):
    usage = "[options] FILE"
    example = "blogkeep letter warning.txt --store shop.example"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        add_store_option(parser)

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print each quoted passage with what the archive holds of it."""
        path = Path(only_argument(args, "letter: a text, HTML or PDF file"))
        quotations = read_quotations(path)
        db = self.open_archive(opts)
        store = find_store(db, opts.store)
        found = [find_quoted(db.conn, quoted, store=store) for quoted in quotations]
        if opts.json:
            print_json(found)
            return
        _print(found, Scope(store=store))


def _print(found: Sequence[QuotedPassage], scope: Scope) -> None:
    for number, passage in enumerate(found, start=1):
        print_line(f"{number}. “{passage.quoted}”: {_label(passage)}")
        for line in _lines(passage, scope):
            print_line(f"   {line}")
        print()
    counts = Counter(passage.match for passage in found)
    parts = [f"{counts[match]} {label}" for match, label in LABELS.items() if counts[match]]
    print(f"{plural(len(found), 'quoted passage')}: {', '.join(parts)}")


def _label(passage: QuotedPassage) -> str:
    if passage.match == "nearly":
        return f"nearly ({passage.score:.0%} alike)"
    return LABELS[passage.match]


def _lines(passage: QuotedPassage, scope: Scope) -> Iterator[str]:
    if passage.absence:
        yield from absence_sentences(passage.absence, scope)
        return
    for post in passage.posts:
        yield from said_lines(post.said)
        if post.today:
            yield f"    today: “{post.today}”"
    if passage.n_posts > 1:
        still = sum(post.said.is_now for post in passage.posts)
        hidden = passage.n_posts - len(passage.posts)
        more = f"; {hidden:,} not shown" if hidden > 0 else ""
        yield f"in {plural(passage.n_posts, 'post')}, {still} still say so{more}"
