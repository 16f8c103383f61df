"""`blogkeep reextract`: extract every captured page again. Its changes are technical: they are no
edits of the store."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from sqlite_utils import Database

from scraper.archive.captures.reader import CaptureReader, try_reader
from scraper.archive.database import open_for_reading, open_for_writing, write_errors
from scraper.archive.maintenance.reextract.pages import CapturedPages
from scraper.archive.maintenance.reextract.replay import Replay
from scraper.archive.maintenance.reextract.writing import reextract_store, replay_store
from scraper.archive.queries.stores import select_stores
from scraper.cli.arguments import add_store_option
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import console, print_error, print_json
from scraper.cli.rendering import field_line, indented, passages, visible
from scraper.exceptions import INCOMPLETE
from scraper.extract.replay_reader import ReplayReader
from scraper.extract.version import EXTRACTOR
from scraper.extraction_worker import ExtractionWorker
from scraper.history.changes import FieldChange, severity_of
from scraper.history.diff.words import diff_texts
from scraper.history.humanize import plural
from scraper.timestamps import utc_now

SAMPLE = 3
LISTED = 20
"""How many changes are shown word by word, and how many posts are named; `--json` names all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result for a post: its new revisions, each by its capture's id and time, and how the
    current revision changes."""

    post: str
    revisions: tuple[tuple[int, str], ...]
    kind: str = ""
    severity: str = ""
    words_added: int = 0
    words_removed: int = 0
    fields: tuple[FieldChange, ...] = ()


@dataclass(slots=True)
class Tally:
    """What a re-extraction read and found. `sample` holds the old and the new text of the first
    posts whose current revision changes."""

    posts: int = 0
    pages: int = 0
    lost: int = 0
    refused: int = 0
    links: int = 0
    posts_relinked: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    sample: list[tuple[Outcome, str, str]] = field(default_factory=list)

    def add(self, replay: Replay) -> None:
        """Count the replay of one post."""
        self.posts += 1
        self.pages += replay.read
        self.lost += replay.lost
        self.refused += replay.refused
        self.links += replay.links_moved
        self.posts_relinked += replay.links_moved > 0
        if not replay.new and replay.difference is None:
            return
        self.outcomes.append(_outcome(replay))
        if replay.difference and replay.final and len(self.sample) < SAMPLE:
            self.sample.append((self.outcomes[-1], replay.before.text, replay.final.post.text))

    @property
    def changed(self) -> int:
        """The posts whose current revision changes."""
        return sum(bool(outcome.kind) for outcome in self.outcomes)

    @property
    def revisions(self) -> int:
        """The new revisions."""
        return sum(len(outcome.revisions) for outcome in self.outcomes)


class Command(ArchiveCommand):
    example = "blogkeep reextract --dry-run"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="write nothing, only print what would change"
        )
        add_store_option(parser)

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Extract every capture again and print what changes."""
        path, tally = self.archive_path(opts), Tally()
        open_for_reading(path).close()  # raises NoArchive rather than creating one
        reader = try_reader(self.captures_path(opts))
        with self.extraction_worker() as worker, write_errors(path):
            opening = open_for_reading if opts.dry_run else open_for_writing
            with closing(opening(path)) as db:
                for store_id, _ in select_stores(db, opts.store):
                    for replay in _replays(db, reader, worker, store_id, dry_run=opts.dry_run):
                        tally.add(replay)
            if not opts.dry_run:
                self.compare_texts(path, utc_now())
        if opts.json:
            print_json(_as_values(tally, dry_run=opts.dry_run))
        else:
            _print(console(), tally, dry_run=opts.dry_run)
        if tally.lost:
            lost = plural(tally.lost, "captured page")
            print_error(
                f"{lost} not available, saved before captures were or lost: nothing changes"
            )
        self.exitcode = INCOMPLETE if tally.lost else 0


def _replays(
    db: Database,
    reader: CaptureReader | None,
    worker: ExtractionWorker,
    store_id: int,
    *,
    dry_run: bool,
) -> Iterator[Replay]:
    pages = CapturedPages(db.conn, reader, store_id)
    read = ReplayReader(pages.feeds_of, worker.call).read
    if dry_run:
        return replay_store(pages, read)
    return reextract_store(db, pages, read, extractor=EXTRACTOR, now=utc_now)


def _outcome(replay: Replay) -> Outcome:
    revisions = tuple((sight.capture_id, sight.first_at) for sight in replay.new)
    difference = replay.difference
    if difference is None:
        return Outcome(post=replay.stored.label, revisions=revisions)
    return Outcome(
        post=replay.stored.label,
        revisions=revisions,
        kind=difference.kind,
        severity=severity_of(difference.severity, "technical"),
        words_added=difference.words_added,
        words_removed=difference.words_removed,
        fields=difference.fields,
    )


def _as_values(tally: Tally, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "posts": tally.posts,
        "pages": tally.pages,
        "pages_not_at_hand": tally.lost,
        "pages_without_a_post": tally.refused,
        "posts_changed": tally.changed,
        "revisions": tally.revisions,
        "posts_relinked": tally.posts_relinked,
        "links": tally.links,
        "changes": [asdict(outcome) for outcome in tally.outcomes],
    }


def _print(out: Console, tally: Tally, *, dry_run: bool) -> None:
    pages, posts = plural(tally.pages, "page"), plural(tally.posts, "post")
    out.print(f"{pages} of {posts} extracted again", highlight=False)
    if tally.refused:
        refused = plural(tally.refused, "page")
        out.print(f"{refused} without a post by the current rules: their revisions stay")
    if tally.links:
        links, relinked = plural(tally.links, "link"), plural(tally.posts_relinked, "post")
        which = "would start or end" if dry_run else "started or ended"
        out.print(f"{links} of {relinked} {which}", highlight=False)
    if tally.outcomes:
        _print_outcomes(out, tally, dry_run=dry_run)
    elif tally.links:
        out.print("every text is the same")
    else:
        out.print("every text is the same: nothing " + ("to change" if dry_run else "changed"))


def _print_outcomes(out: Console, tally: Tally, *, dry_run: bool) -> None:
    posts, revisions = plural(len(tally.outcomes), "post"), plural(tally.revisions, "new revision")
    get = "would get" if dry_run else "got"
    current = f"the current one of {plural(tally.changed, 'post')} changes"
    out.print(f"{posts} {get} {revisions}; {current}\n")
    for outcome in map(visible, tally.outcomes[:LISTED]):
        out.print(f"{outcome.post}: {_revisions(outcome)}", markup=False)
    if len(tally.outcomes) > LISTED:
        out.print(f"… and {len(tally.outcomes) - LISTED:,} more (--json names all)")
    for outcome, old, new in tally.sample:
        _print_sample(out, visible(outcome), old, new)


def _revisions(outcome: Outcome) -> str:
    captures = [f"as captured {at} (capture {capture})" for capture, at in outcome.revisions]
    text = ", ".join(captures) or "back to an earlier one"
    return text if outcome.kind else f"{text}; the current one stays"


def _print_sample(out: Console, outcome: Outcome, old: str, new: str) -> None:
    words = f"+{outcome.words_added} -{outcome.words_removed} words"
    heading = f"\n{outcome.kind}  {outcome.post}  {outcome.severity}, {words}"
    out.print(heading, markup=False)
    lines = [
        field_line(change.field, change.old, change.new)
        for change in outcome.fields
        if change.field != "text"
    ]
    if old != new:
        lines.insert(0, passages(visible(diff_texts(old, new))))
    for line in lines:
        out.print(indented(out, line))
