"""`blogkeep audit`: the claims of what stands, or stood on a day, that no rulebook allows."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator

from scraper.archive.queries.stores import find_store
from scraper.archive.queries.texts.audit import (
    GRADES,
    Audit,
    ClaimReader,
    Finding,
    as_values,
    read_audit,
    write_csv,
)
from scraper.claims.matching import STATED
from scraper.cli.arguments import add_cluster_option, add_store_option, day_end
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import print_json, print_line
from scraper.exceptions import UsageProblem
from scraper.history.humanize import moment, plural, times
from scraper.rulebooks import BOOKS, load_auditor


class Command(ArchiveCommand):
    example = "blogkeep audit --rules health --on 2026-03-01 --csv"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--rules",
            action="append",
            metavar="FILE",
            help=f"a rulebook: {' or '.join(BOOKS)} (default: both), or a file;"
            " may be given more than once",
        )
        parser.add_argument(
            "--on", metavar="DATE", help="what stood at the end of this day (UTC, YYYY-MM-DD)"
        )
        add_store_option(parser)
        add_cluster_option(parser)
        parser.add_argument("--csv", action="store_true", help="print CSV")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the claims, most severe first."""
        if opts.csv and opts.json:
            raise UsageProblem("give --csv or --json, not both")
        time = day_end(opts.on)
        reader = ClaimReader([load_auditor(name) for name in opts.rules or BOOKS])
        db = self.open_texts(opts)
        store = find_store(db, opts.store)
        found = read_audit(db.conn, reader, store=store, time=time)
        if opts.json:
            print_json(as_values(found, reader))
        elif opts.csv:
            write_csv(found.findings, sys.stdout)
        else:
            _print(found)


def _print(found: Audit) -> None:
    for finding in found.findings:
        claim = finding.claim
        what = claim.effect if claim.strength == STATED else f"{claim.effect} … {claim.subject}"
        strength = "" if claim.strength == STATED else f", {claim.strength}"
        print_line(f"{claim.grade:<6}  {claim.title}{strength}: {what}")
        print_line(f"        “{claim.sentence}”")
        print_line(f"        {finding.label}, revision {finding.number}, {_since(finding)}")
        for line in _copies(finding):
            print_line(f"        {line}")
    grades = Counter(finding.claim.grade for finding in found.findings)
    counts = ", ".join(f"{grades[grade]} {grade}" for grade in GRADES if grades[grade])
    posts = len({finding.post_id for finding in found.findings})
    n_claims = plural(len(found.findings), "claim")
    summary = f"{n_claims} in {posts} of {plural(found.n_posts, 'post')}"
    print(f"{summary}: {counts}" if counts else summary)
    if found.n_foreign:
        print(f"{plural(found.n_foreign, 'post')} in other languages not read")
    if found.n_posts:
        print(f"read in {found.cpu_s:.2f} s of CPU")


def _since(finding: Finding) -> str:
    since, marks = finding.since, []
    if finding.claim.is_quoted:
        marks.append("in quotation marks")
    if finding.claim.is_offered:
        marks.append("beside an offer")
    if since is None:
        return ", ".join(["never seen by a fetch", *marks])
    begun = f"since {moment(since.not_after)}" if since.not_before else "since it was first seen"
    return ", ".join([f"{begun}, seen {times(since.n_seen)}", *marks])


def _copies(finding: Finding) -> Iterator[str]:
    if original := finding.copy_of:
        yield f"{original.likeness:.0%} as seen before in {original.label}"
        if original.likeness < 1:
            yield f"    “{original.sentence}”"
    if finding.n_copies:
        yield f"seen later in {plural(finding.n_copies, 'other post')}"
