"""`blogkeep absent "PHRASE"`: at how many looks a phrase did not stand in a post, blog or store."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from scraper.archive.queries.posts import check_blog, find_post
from scraper.archive.queries.stores import find_store
from scraper.archive.queries.texts.absence import AbsenceReport, Scope, read_absence
from scraper.cli.arguments import day_span
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import print_json
from scraper.exceptions import UsageProblem
from scraper.history.humanize import VERDICTS, duration, exact_moment, plural, times
from scraper.history.phrases.absence import Absence
from scraper.printable import single_line

NOT_SHOWN = 3
"""The exit code where the archive does not show that the phrase is absent."""


class Command(ArchiveCommand):
    """Report where a phrase did not stand."""

    usage = '[options] "PHRASE"'
    example = 'blogkeep absent "cures insomnia" --blog journal'

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the scope and the days."""
        parser.add_argument(
            "--post", metavar="POST", default="", help="in this post only, by any of its names"
        )
        parser.add_argument(
            "--blog", metavar="HANDLE", default="", help="in this blog only, such as journal"
        )
        parser.add_argument(
            "--store", metavar="NAME", default="", help="in this store only, by name or address"
        )
        parser.add_argument("--since", metavar="DATE", help="looks on this day (UTC) or later")
        parser.add_argument("--until", metavar="DATE", help="looks on this day (UTC) or before")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print one sentence to cite, and what it does not cover."""
        if not args:
            raise UsageProblem(f"give a phrase, such as {self.example}")
        if opts.post and (opts.blog or opts.store):
            raise UsageProblem("give --post, or --blog and --store, not both")
        since, until = day_span(opts.since, opts.until)
        db = self.open_archive(opts)
        store = find_store(db, opts.store) if opts.store else ""
        if opts.blog:
            check_blog(db, opts.blog, store)
        post = find_post(db, opts.post) if opts.post else None
        scope = Scope(post_id=post.id if post else 0, store=store, blog=opts.blog)
        report = read_absence(db.conn, " ".join(args), scope, since, until)
        where = post.label if post else _where(store, opts.blog)
        lines = list(_lines(report, where))
        self.exitcode = 0 if report.absence.is_shown else NOT_SHOWN
        if opts.json:
            print_json({"scope": scope, "report": report, "sentence": " ".join(lines)})
            return
        for line in lines:
            print(single_line(line))


def _where(store: str, blog: str) -> str:
    if blog:
        return f"the blog {blog}{' of ' if store else ''}{store}"
    return store or "the archive"


def _lines(report: AbsenceReport, where: str) -> Iterator[str]:
    absence = report.absence
    if absence.still_in:
        last = exact_moment(absence.last_said_at)
        posts = ", ".join(absence.still_in[:5])
        more = len(absence.still_in) - 5
        posts += f" and {more} more" if more > 0 else ""
        yield f"“{report.phrase}” still stood when last seen, {last}: {posts}"
        return
    if not absence.n_looks:
        yield f"nothing is shown: no healthy look at {where} in this time"
        return
    yield _claim(report.phrase, absence, where)
    if absence.last_said_at:
        said = exact_moment(absence.last_said_at)
        yield f"It was last seen before, {said}, in {absence.last_said_in}."
    if gap := absence.longest_gap:
        span = f"from {exact_moment(gap.first_at)} to {exact_moment(gap.last_at)}"
        yield (
            "Longest time without a look at one of them:"
            f" {duration(gap.first_at, gap.last_at)}, {span}, at {gap.label}."
        )
    yield f"Failures in between: {_failures(report)}."
    if absence.n_unseen:
        unseen = plural(absence.n_unseen, "post")
        yield f"Not covered: {unseen} that no healthy look showed in this time."
    yield "What stood between two looks is not known."


def _claim(phrase: str, absence: Absence, where: str) -> str:
    each = times(absence.fewest)
    if absence.fewest != absence.most:
        each = f"{absence.fewest:,} to {absence.most:,} times"
    posts = f"in {plural(absence.n_posts, 'post')} of {where}"
    if where.count(":"):
        posts = f"in {where}"
    return (
        f"“{phrase}” did not stand {posts} at {plural(absence.n_looks, 'healthy look')}"
        f" (each post {each}), from {exact_moment(absence.first_at)}"
        f" to {exact_moment(absence.last_at)}."
    )


def _failures(report: AbsenceReport) -> str:
    parts = [
        f"{plural(one.n_fetches, 'fetch', 'fetches')} of {plural(one.n_posts, 'post')} failed"
        f" ({VERDICTS.get(one.verdict, one.verdict)})"
        f" from {exact_moment(one.first_at)} to {exact_moment(one.last_at)}"
        for one in report.failures
    ]
    parts += [
        f"{crawl.label}: {crawl.outcome}, {crawl.health}, which counts as no look"
        for crawl in report.crawls
    ]
    return "; ".join(parts) or "none"
