"""What a bundle is about: a change with both its sides, or what stood at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from scraper.archive.captures.reader import StoredAnswer, try_reader
from scraper.archive.queries.captures import CaptureRow, read_answer, read_captures_by_id
from scraper.archive.queries.pages.bundle import (
    SEALED,
    WholeRevision,
    captures_between,
    image_captures,
    last_good_fetch,
    listing_captures,
    observations_of,
    read_whole_revision,
    writing_crawls,
)
from scraper.archive.queries.pages.evidence import CaptureFacts, Evidence, read_evidence
from scraper.archive.queries.posts import PostRow
from scraper.archive.queries.texts.standing import Standing, standing_at
from scraper.bundle.proof import WantedRows
from scraper.exceptions import CaptureLost, NoSuchChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A post with the `revisions` in question: old and new of a change (`evidence`), or the one
    that stood at `time`. `captures` are all answers for it in that period, oldest first, then its
    images, and of a change what listed the post in the first and the last crawl; by number, `rows`
    are their rows, `answers` their bytes, and `lost` says which are not stored and why."""

    post: PostRow
    evidence: Evidence | None
    standing: Standing | None
    time: str
    revisions: tuple[WholeRevision, ...]
    captures: tuple[CaptureFacts, ...]
    rows: dict[int, CaptureRow]
    answers: dict[int, StoredAnswer]
    lost: dict[int, str]

    @property
    def old(self) -> WholeRevision | None:
        """The revision before a change; None if there was none, and for a state."""
        number = self.evidence.change.old_revision if self.evidence else 0
        return next((one for one in self.revisions if one.number == number), None)

    @property
    def new(self) -> WholeRevision | None:
        """The revision after a change, or the one that stood; None where the post was gone."""
        number = self.standing.number if self.standing else 0
        if self.evidence:
            number = self.evidence.change.new_revision
        return next((one for one in self.revisions if one.number == number), None)

    def wanted_rows(self, db: Database) -> WantedRows:
        """The rows that prove it, and the crawls that wrote them."""
        revision_ids = [revision.id for revision in self.revisions]
        rows = {
            "captures": frozenset(capture.id for capture in self.captures),
            "revisions": frozenset(revision_ids),
            "observations": observations_of(db.conn, self.post.id, revision_ids),
            "changes": frozenset([self.evidence.change.id] if self.evidence else []),
        }
        crawls = frozenset[int]().union(
            *(writing_crawls(db.conn, table, rows[table]) for table in SEALED)
        )
        return WantedRows(rows={**rows, "crawls": crawls}, crawls=crawls)


def subject_of_change(db: Database, captures: Path, post: PostRow, change_id: int) -> Subject:
    """Read what proves a change of a post. Raises NoSuchChange."""
    evidence = read_evidence(db.conn, change_id)
    change = evidence.change
    if change.post_id != post.id:
        raise NoSuchChange(f"change {change_id} is one of another post, {change.title}")
    first = change.not_before or change.not_after
    if evidence.before and evidence.before.capture:
        first = min(first, evidence.before.capture.fetched_at)
    numbers = {change.old_revision, change.new_revision} - {0}
    return _read(
        db,
        captures,
        post,
        span=(first, change.not_after),
        numbers=sorted(numbers),
        evidence=evidence,
    )


def subject_at(db: Database, captures: Path, post: PostRow, time: str) -> Subject:
    """Read what proves the state of a post at a time (UTC). Raises NoSuchRevision."""
    standing = standing_at(db.conn, post.id, time)
    last = last_good_fetch(db.conn, post.id, min(time, standing.last_seen_at))
    span = (last or standing.last_seen_at, min(time, standing.last_seen_at))
    return _read(
        db,
        captures,
        post,
        span=span,
        numbers=[standing.number],
        standing=standing,
        time=time,
    )


def _read(
    db: Database,
    captures: Path,
    post: PostRow,
    *,
    span: tuple[str, str],
    numbers: list[int],
    evidence: Evidence | None = None,
    standing: Standing | None = None,
    time: str = "",
) -> Subject:
    revisions = tuple(read_whole_revision(db.conn, post.id, number) for number in numbers)
    pages = captures_between(db.conn, post.id, *span)
    facts = [*pages, *image_captures(db.conn, post.id, pages)]
    facts += listing_captures(db.conn, post.id, pages) if evidence else ()
    facts += _sides(evidence, facts)
    rows = {row.id: row for row in read_captures_by_id(db.conn, [one.id for one in facts])}
    answers, lost = _answers(captures, rows.values())
    return Subject(
        post=post,
        evidence=evidence,
        standing=standing,
        time=time,
        revisions=revisions,
        captures=tuple(facts),
        rows=rows,
        answers=answers,
        lost=lost,
    )


def _sides(evidence: Evidence | None, known: list[CaptureFacts]) -> list[CaptureFacts]:
    """The captures on both sides of a change that are missing so far: an image that another
    replaced may have been fetched long before."""
    sides = (evidence.before, evidence.after) if evidence else ()
    found = [side.capture for side in sides if side and side.capture]
    return [capture for capture in found if capture.id not in {one.id for one in known}]


def _answers(
    captures: Path, rows: Iterable[CaptureRow]
) -> tuple[dict[int, StoredAnswer], dict[int, str]]:
    """The stored answers by number, and of the others the reason."""
    answers, lost = dict[int, StoredAnswer](), dict[int, str]()
    reader = try_reader(captures)
    for row in rows:
        try:
            answers[row.id] = read_answer(reader, row)
        except CaptureLost as error:
            lost[row.id] = str(error)
    if reader:
        reader.close()
    return answers, lost
