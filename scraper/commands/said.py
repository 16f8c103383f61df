"""`blogkeep said "PHRASE"`: every sentence that ever held a phrase, where it came and went."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from scraper.archive.queries.stores import find_store
from scraper.archive.queries.texts.said import SaidPeriod, SaidPost, read_said
from scraper.cli.arguments import count
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import print_json
from scraper.exceptions import UsageProblem
from scraper.history.humanize import VERDICTS, bracket, moment, plural
from scraper.history.phrases.periods import FailedFetches
from scraper.printable import single_line


class Command(ArchiveCommand):
    """Print the history of a phrase."""

    usage = '[options] "PHRASE"'
    example = 'blogkeep said "stops night cramps"'

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the store and the number of posts."""
        parser.add_argument(
            "--store", metavar="NAME", default="", help="one store only, by its name or address"
        )
        parser.add_argument(
            "--limit", type=count, metavar="N", default=20, help="print at most N posts (20)"
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print who ever said a phrase, since when and until when."""
        if not args:
            raise UsageProblem(f"give a phrase, such as {self.example}")
        db = self.open_archive(opts)
        store = find_store(db, opts.store) if opts.store else ""
        found = read_said(db.conn, " ".join(args), store=store, limit=opts.limit)
        if opts.json:
            print_json(found)
            return
        for post in found.posts:
            for line in _lines(post):
                print(single_line(line))
        if not found.posts:
            print("no archived post ever said this")
            return
        least = "at least " if found.is_cut else ""
        hidden = found.n_posts - len(found.posts)
        more = f", {hidden:,} not shown: see --limit" if hidden > 0 else ""
        print(f"{least}{plural(found.n_posts, 'post')} said this{more}")


def _lines(post: SaidPost) -> Iterator[str]:
    state = "" if post.state == "live" else f"  ({post.state})"
    yield f"{post.label}: {post.title}{state}"
    if post.is_now:
        yield "    now"
    elif post.until:
        yield f"    not now, but until {moment(post.until)}"
    else:
        yield "    in a revision that no fetch showed: from a file, or read by other rules"
    for sentence in post.unseen:
        yield f"    “{sentence}”"
    for number, each in enumerate(post.periods):
        yield from _period_lines(each, is_return=number > 0)


def _period_lines(each: SaidPeriod, *, is_return: bool) -> Iterator[str]:
    period = each.period
    for sentence in each.sentences:
        yield f"    “{sentence}”"
    came = f"there when first seen, {moment(period.added_not_after)}"
    if period.added_not_before:
        verb = "came back" if is_return else "came"
        came = f"{verb} {bracket(period.added_not_before, period.added_not_after)}"
    went = f"still there when last seen, {moment(period.removed_not_before)}"
    if period.removed_not_after:
        what = "went with the post" if period.ended_by == 0 else "went"
        went = f"{what} {bracket(period.removed_not_before, period.removed_not_after)}"
    yield f"        {came}; {went} (revision {', '.join(map(str, period.numbers))})"
    yield from (f"        not seen in between: {_failed(one)}" for one in period.failed)


def _failed(fetches: FailedFetches) -> str:
    words = VERDICTS.get(fetches.verdict, fetches.verdict)
    if fetches.first_seen_at == fetches.last_seen_at:
        return f"{words}, {moment(fetches.first_seen_at)}"
    return f"{words}, from {moment(fetches.first_seen_at)} to {moment(fetches.last_seen_at)}"
