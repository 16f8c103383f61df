"""`scrapy reextract`: today's extraction over everything that was ever captured; what it changes is
our doing, and told as such."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text
from sqlite_utils import Database

from scraper.archive.captures.reader import CaptureReader, try_reader
from scraper.archive.database import open_for_reading, open_for_writing, write_errors
from scraper.archive.maintenance.reextract.pages import CapturedPages
from scraper.archive.maintenance.reextract.replay import Replay
from scraper.archive.maintenance.reextract.writing import reextract_store, replay_store
from scraper.archive.queries.stores import select_stores
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import console, print_error, print_json
from scraper.cli.rendering import field_line, passages, visible
from scraper.extract.replay_reader import ReplayReader
from scraper.extract.version import EXTRACTOR
from scraper.history.changes import FieldChange
from scraper.history.diff.words import diff_texts
from scraper.timestamps import utc_now

INCOMPLETE = 3
SAMPLE = 3
LISTED = 20
"""Changes of which the words are shown, and posts that are named; `--json` names all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came, or would come, of a post: revisions by the capture that shows them and its time,
    and how the current one changes."""

    post: str
    revisions: tuple[tuple[int, str], ...]
    kind: str
    severity: str
    words_added: int
    words_removed: int
    fields: tuple[FieldChange, ...]


@dataclass(slots=True)
class Tally:
    """What a re-extraction read and found; `sample` are the texts of the first posts whose current
    revision changes, old and new."""

    posts: int = 0
    pages: int = 0
    lost: int = 0
    refused: int = 0
    links: int = 0
    posts_relinked: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    sample: list[tuple[Outcome, str, str]] = field(default_factory=list)

    def add(self, replay: Replay) -> None:
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
        return sum(bool(outcome.kind) for outcome in self.outcomes)

    @property
    def revisions(self) -> int:
        return sum(len(outcome.revisions) for outcome in self.outcomes)


class Command(ArchiveCommand):
    """Read the whole history again."""

    example = "blogkeep reextract --dry-run"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="write nothing, only print what would change"
        )
        parser.add_argument(
            "--store", metavar="NAME", default="", help="one store only, by its name or address"
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        path, tally = self.archive_path(opts), Tally()
        open_for_reading(path).close()  # one that is not there is not made
        reader = try_reader(self.captures_path(opts))
        with write_errors(path):
            db = open_for_reading(path) if opts.dry_run else open_for_writing(path)
            for store_id, _ in select_stores(db, opts.store):
                for replay in _replays(db, reader, store_id, dry_run=opts.dry_run):
                    tally.add(replay)
            db.close()
            if not opts.dry_run:
                self.compare_texts(path, utc_now())
        if opts.json:
            print_json(_as_values(tally, dry_run=opts.dry_run))
        else:
            _print(console(), tally, dry_run=opts.dry_run)
        if tally.lost:
            print_error(
                f"{tally.lost} pages are not at hand, pruned or lost; what they showed stands as it was"
            )
        self.exitcode = INCOMPLETE if tally.lost else 0


def _replays(
    db: Database, reader: CaptureReader | None, store_id: int, *, dry_run: bool
) -> Iterator[Replay]:
    pages = CapturedPages(db.conn, reader, store_id)
    read = ReplayReader(pages.feeds_of).read
    return (
        replay_store(pages, read)
        if dry_run
        else reextract_store(db, pages, read, extractor=EXTRACTOR, now=utc_now)
    )


def _outcome(replay: Replay) -> Outcome:
    difference = replay.difference
    return Outcome(
        post=replay.stored.label,
        revisions=tuple((sight.capture_id, sight.first_at) for sight in replay.new),
        kind=difference.kind if difference else "",
        severity=difference.severity if difference else "",
        words_added=difference.words_added if difference else 0,
        words_removed=difference.words_removed if difference else 0,
        fields=difference.fields if difference else (),
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
    out.print(f"{tally.pages:,} pages of {tally.posts:,} posts read again", highlight=False)
    if tally.refused:
        out.print(
            f"{tally.refused:,} pages show no post by today's rules; what they showed stands as it was"
        )
    if tally.links:
        which = "would begin or end" if dry_run else "began or ended"
        out.print(
            f"{tally.links:,} links of {tally.posts_relinked:,} posts {which}", highlight=False
        )
    if not tally.outcomes and tally.links:
        out.print("every text reads as it did")
        return
    if not tally.outcomes:
        out.print(
            "every one reads as it did: nothing to change"
            if dry_run
            else "every one reads as it did: nothing was changed"
        )
        return
    would = "would get" if dry_run else "got"
    out.print(
        f"{len(tally.outcomes):,} posts {would} {tally.revisions:,} new revisions; {tally.changed:,} of them another current one\n"
    )
    for outcome in map(visible, tally.outcomes[:LISTED]):
        seen = (
            ", ".join(
                f"as captured {at} (capture {capture_id})" for capture_id, at in outcome.revisions
            )
            or "back at an earlier one"
        )
        out.print(
            f"{outcome.post}: {seen}" + ("" if outcome.kind else "; the current one stays"),
            markup=False,
        )
    if len(tally.outcomes) > LISTED:
        out.print(f"… and {len(tally.outcomes) - LISTED:,} more (--json names all)")
    for outcome, old, new in tally.sample:
        _print_sample(out, visible(outcome), old, new)


def _print_sample(out: Console, outcome: Outcome, old: str, new: str) -> None:
    out.print(
        f"\n{outcome.kind}  {outcome.post}  {outcome.severity}, +{outcome.words_added} -{outcome.words_removed} words",
        markup=False,
    )
    lines = [
        field_line(out, change.field, change.old, change.new)
        for change in outcome.fields
        if change.field != "text"
    ]
    if old != new:
        lines.insert(0, passages(out, visible(diff_texts(old, new))))
    for line in lines:
        out.print(
            Padding(line, (0, 0, 0, 4)) if out.is_terminal else Text("    ").append_text(line)
        )
