"""`blogkeep audit`: the claims of what stands, or stood on a day, that no rulebook allows."""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from scraper.archive.queries.stores import find_store
from scraper.archive.queries.texts.audit import (
    SentenceSince,
    StandingText,
    sentence_since,
    standing_texts,
)
from scraper.claims.loading import Auditor
from scraper.claims.matching import STATED, Claim
from scraper.claims.rulebook import Grade
from scraper.cli.arguments import add_store_option, day_end
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import print_json, print_line
from scraper.exceptions import UsageProblem
from scraper.history.humanize import moment, plural
from scraper.printable import csv_cell
from scraper.rulebooks import BOOKS, load_auditor

GRADES: tuple[Grade, ...] = ("high", "medium", "low")
READ_LANGUAGES = {"unknown", ""}
"""Languages of posts that a book of any language reads."""


CSV_COLUMNS = (
    *("grade", "rule", "strength", "effect", "subject", "sentence", "post", "url", "revision"),
    *("not_before", "not_after", "last_seen_at", "looks", "quoted", "offered", "source"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A claim, the post that makes it, and since when; without `since` no fetch showed it: it is
    from a file, or was read again by other rules."""

    claim: Claim
    post_id: int
    label: str
    url: str
    number: int
    since: SentenceSince | None


class Command(ArchiveCommand):
    """Audit claims."""

    example = "blogkeep audit --rules health --on 2026-03-01 --csv"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the rulebooks, the day, the store and the form of the list."""
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
        parser.add_argument("--csv", action="store_true", help="print CSV")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the claims, most severe first."""
        if opts.csv and opts.json:
            raise UsageProblem("give --csv or --json, not both")
        time = day_end("--on", opts.on) if opts.on else ""
        auditors = [load_auditor(name) for name in opts.rules or BOOKS]
        db = self.open_archive(opts)
        store = find_store(db, opts.store) if opts.store else ""
        texts = list(standing_texts(db.conn, store=store, time=time))
        read = [text for text in texts if _is_read(text, auditors)]
        found = [finding for text in read for finding in _findings(db, text, auditors, time)]
        found.sort(key=lambda finding: (GRADES.index(finding.claim.grade), finding.label))
        unread = len(texts) - len(read)
        if opts.json:
            books = [{"book": one.book.name, "version": one.book.version} for one in auditors]
            print_json({"books": books, "posts": len(read), "unread": unread, "claims": found})
        elif opts.csv:
            _print_csv(found)
        else:
            _print(found, len(read), unread)


def _is_read(text: StandingText, auditors: Sequence[Auditor]) -> bool:
    languages = READ_LANGUAGES | {auditor.book.language for auditor in auditors}
    return text.language.partition("-")[0].lower() in languages


def _findings(
    db: Database, text: StandingText, auditors: Sequence[Auditor], time: str
) -> Iterator[Finding]:
    for auditor in auditors:
        for claim in auditor.claims(text.text):
            yield Finding(
                claim=claim,
                post_id=text.post_id,
                label=text.label,
                url=text.url,
                number=text.number,
                since=sentence_since(db.conn, text.post_id, claim.sentence, time),
            )


def _print(found: Sequence[Finding], n_posts: int, unread: int) -> None:
    for finding in found:
        claim = finding.claim
        what = claim.effect if claim.strength == STATED else f"{claim.effect} … {claim.subject}"
        strength = "" if claim.strength == STATED else f", {claim.strength}"
        print_line(f"{claim.grade:<6}  {claim.title}{strength}: {what}")
        print_line(f"        “{claim.sentence}”")
        print_line(f"        {finding.label}, revision {finding.number}, {_since(finding)}")
    grades = Counter(finding.claim.grade for finding in found)
    counts = ", ".join(f"{grades[grade]} {grade}" for grade in GRADES if grades[grade])
    posts = len({finding.post_id for finding in found})
    summary = f"{plural(len(found), 'claim')} in {posts} of {plural(n_posts, 'post')}"
    print(f"{summary}: {counts}" if counts else summary)
    if unread:
        print(f"{plural(unread, 'post')} in other languages not read")


def _since(finding: Finding) -> str:
    since, marks = finding.since, []
    if finding.claim.is_quoted:
        marks.append("in quotation marks")
    if finding.claim.is_offered:
        marks.append("beside an offer")
    if since is None:
        return ", ".join(["never seen by a fetch", *marks])
    begun = f"since {moment(since.not_after)}" if since.not_before else "since it was first seen"
    return ", ".join([f"{begun}, at {plural(since.looks, 'look')}", *marks])


def _print_csv(found: Sequence[Finding]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(CSV_COLUMNS)
    for finding in found:
        writer.writerow(
            [csv_cell(str(value)) for value in (_row(finding)[name] for name in CSV_COLUMNS)]
        )


def _row(finding: Finding) -> dict[str, Any]:
    claim, since = finding.claim, finding.since
    return {
        "grade": claim.grade,
        "rule": claim.rule,
        "strength": claim.strength,
        "effect": claim.effect,
        "subject": claim.subject,
        "sentence": claim.sentence,
        "post": finding.label,
        "url": finding.url,
        "revision": finding.number,
        "not_before": since.not_before if since else "",
        "not_after": since.not_after if since else "",
        "last_seen_at": since.last_seen_at if since else "",
        "looks": since.looks if since else 0,
        "quoted": claim.is_quoted,
        "offered": claim.is_offered,
        "source": claim.source,
    }
