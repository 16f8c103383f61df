"""`blogkeep claims POST`: the claims of a post, followed through its revisions."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from scraper.archive.queries.changes import ChangeTexts, changes_of_post, read_texts
from scraper.archive.queries.posts import PostRow, find_post
from scraper.claims.ledger import ClaimStep
from scraper.claims.loading import Auditor
from scraper.cli.arguments import only_argument
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import print_json, print_line
from scraper.history.changes import Change, claimed_words
from scraper.history.humanize import bracket, moment
from scraper.rulebooks import load_auditor

MOST_CHANGES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """What a change, or the first sight of a post, did to its claims. Times are UTC."""

    change: int
    kind: str
    not_before: str
    not_after: str
    steps: tuple[ClaimStep, ...]


class Command(ArchiveCommand):
    usage = "[options] POST"
    example = "blogkeep claims journal/magnesium-and-muscle-cramps"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--rules",
            metavar="FILE",
            default="health",
            help="the rulebook: health (default), environment, or a file",
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print each step of each claim, oldest first."""
        asked = only_argument(args, "post: its URL, handle, label, number or title")
        db = self.open_archive(opts)
        post, auditor = find_post(db, asked), load_auditor(opts.rules)
        changes = reversed(changes_of_post(db.conn, post.id, limit=MOST_CHANGES))
        entries = [
            entry
            for change in changes
            if (entry := _entry(change, _steps(auditor, change, read_texts(db, change.id)))).steps
        ]
        if opts.json:
            print_json({"post": post, "ledger": entries})
            return
        _print(post, entries)


def _steps(auditor: Auditor, change: Change, texts: ChangeTexts) -> list[ClaimStep]:
    """The steps of a change that the store made to words; of a first sight, every claim is added.
    None of a change of ours."""
    fields = {field.field: field for field in change.fields}
    is_first = change.kind == "created"
    if change.origin == "technical" or not (is_first or {"text", "title"} & set(fields)):
        return []
    title = fields.get("title")
    old_title, new_title = (title.old, title.new) if title else (change.title, change.title)
    old = "" if is_first else claimed_words(old_title, texts.old)
    return auditor.follow(old, claimed_words(new_title, texts.new))


def _entry(change: Change, steps: list[ClaimStep]) -> LedgerEntry:
    return LedgerEntry(
        change=change.id,
        kind=change.kind,
        not_before=change.not_before,
        not_after=change.not_after,
        steps=tuple(steps),
    )


def _print(post: PostRow, entries: list[LedgerEntry]) -> None:
    print_line(f"{post.label}: {post.title}")
    for entry in entries:
        is_first = entry.kind == "created"
        when = bracket(entry.not_before, entry.not_after)
        if is_first:
            when = f"there when first seen, {moment(entry.not_after)}"
        for step in entry.steps:
            summary = step.summary.removeprefix("added: ") if is_first else step.summary
            print_line(f"{summary}, {when}")
            for claim in (step.old, step.new):
                if claim:
                    print_line(f"    “{claim.sentence}”")
    if not entries:
        print("no claim that this rulebook knows, in any revision")
