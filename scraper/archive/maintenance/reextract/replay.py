"""Replay a post's history: extract each of its pages again, and find what the archive lacks."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from scraper.archive.maintenance.reextract.pages import CapturedPages
from scraper.archive.write.post import posts, revisions
from scraper.archive.write.post.links import count_moved
from scraper.archive.write.post.posts import StoredPost
from scraper.evidence import CapturedPage
from scraper.exceptions import ArchiveError, ExtractionError
from scraper.history.changes import Difference, compare
from scraper.history.normal_form.snapshots import normal_form
from scraper.history.reconcile import latest_claims
from scraper.history.snapshots import Fields, Snapshot
from scraper.items import FieldClaim, Origin, Post

Read = Callable[[CapturedPage], Post]
"""Extracts the post of a stored page. Raises ExtractionError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedPage:
    """The post of one page, with all that was known before it; `hashes` are those of an equal
    revision, else its own."""

    post: Post
    fields: Fields
    readings: tuple[FieldClaim, ...]
    origin: Origin
    capture_id: int
    first_at: str
    last_at: str
    hashes: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A post's history with today's extractor.

    `new` are the versions that no revision holds yet, in order; `final` is that of the newest page,
    None if that page is not stored or shows no post today; `difference` is its difference from the
    current revision, or None. `waiting` is the version that waits for confirmation, None if its
    page is not stored. `read`, `lost` and `refused` count pages: extracted, not stored, without a
    post today. `links_moved` counts edges that the newest page begins or ends, which make no
    revision. `last_capture_id` is the newest page, extracted or not.
    """

    stored: StoredPost
    new: tuple[ReplayedPage, ...]
    final: ReplayedPage | None
    waiting: ReplayedPage | None
    before: Snapshot
    difference: Difference | None
    read: int
    lost: int
    refused: int
    links_moved: int
    last_capture_id: int


@dataclass(frozen=True, slots=True)
class _Known:
    """What was known before a replayed page."""

    fields: Fields
    readings: tuple[FieldClaim, ...]
    origin: Origin


def replay_post(pages: CapturedPages, post_id: int, read: Read) -> Replay:
    """Extract a post's pages again, oldest first, and compare the results with its revisions."""
    connection = pages.connection
    stored = posts.load_post(connection, post_id)
    last_capture_id = last_capture(connection, post_id)
    run = _Run(pages, stored, read)
    for page in pages.of_post(post_id):
        run.take(page)
    before = revisions.load_snapshot(connection, stored.revision_id, stored.fields)
    return Replay(
        stored=stored,
        new=tuple(run.new.values()),
        final=run.final,
        waiting=run.waiting,
        before=before,
        difference=_difference(stored, before, run.final, pages.addresses),
        read=run.read_count,
        lost=run.lost,
        refused=run.refused,
        links_moved=_links_moved(pages, stored, run.final),
        last_capture_id=last_capture_id,
    )


def _difference(
    stored: StoredPost, before: Snapshot, final: ReplayedPage | None, addresses: Sequence[str]
) -> Difference | None:
    # The hashes decide: they identify a revision.
    if final is None or final.hashes == (stored.content_hash, stored.fields_hash):
        return None
    after = revisions.snapshot_of(final.post, final.fields)
    difference = compare(before, after, addresses)
    if difference is None:
        raise ArchiveError(f"{stored.label}: two revisions with different hashes compare as equal")
    return difference


def _links_moved(pages: CapturedPages, stored: StoredPost, final: ReplayedPage | None) -> int:
    if final is None or stored.state == "removed":
        return 0
    return count_moved(pages, stored.id, final.post.links)


def last_capture(connection: sqlite3.Connection, post_id: int) -> int:
    """Return the id of the newest capture that showed a post."""
    (capture_id,) = connection.execute(
        "SELECT coalesce(max(id), 0) FROM captures WHERE post_id = ? AND verdict = 'ok'", [post_id]
    ).fetchone()
    return int(capture_id)


class _Run:
    """The state of one post's replay; `final` is the version after the last page that showed the
    current one, `waiting` that of the pages after it, whose difference nothing confirms yet."""

    def __init__(self, pages: CapturedPages, stored: StoredPost, read: Read) -> None:
        self.new: dict[tuple[str, str], ReplayedPage] = {}
        self.final: ReplayedPage | None = None
        self.waiting: ReplayedPage | None = None
        self._pending_since = stored.pending.first_seen_at if stored.pending else ""
        self._seen_at = ""
        self.read_count = self.lost = self.refused = 0
        self._connection = pages.connection
        self._addresses = pages.addresses
        self._post_id = stored.id
        self._read = read
        self._known: _Known | None = None
        self._stored_hashes = revisions.revision_hashes(pages.connection, stored.id)
        self._new_anywhere: dict[tuple[str, str], tuple[str, str]] = {}

    def take(self, page: CapturedPage | str) -> None:
        """Replay one more page; of one that is not stored (given as its time), the archive's own
        revision of that time is what was known after it."""
        if isinstance(page, str):
            self.lost += 1
            if not self._forget(page):
                self._known = _known_at(self._connection, self._post_id, page) or self._known
            return
        try:
            post = self._read(page)
        except ExtractionError:
            self.refused += 1
            self._forget(page.fetched_at)
            return
        self.read_count += 1
        self._take_post(page, post)

    def _forget(self, at: str) -> bool:
        """A page that cannot be read leaves open what it showed; returns whether it waited."""
        is_waiting = self._is_waiting(at)
        if is_waiting:
            self.waiting = None
        else:
            self.final = None
        return is_waiting

    def _take_post(self, page: CapturedPage, post: Post) -> None:
        origin: Origin = "imported" if page.imported else "observed"
        # As at its import: a file's copy of a post that a crawl has read since changes nothing.
        is_earlier = origin == "imported" and page.fetched_at < self._seen_at
        beside = is_earlier or (
            origin == "imported" and self._known is not None and self._known.origin == "observed"
        )
        known = None if beside else self._known
        if is_earlier:
            known = _known_at(self._connection, self._post_id, page.fetched_at)
        self._seen_at = max(self._seen_at, page.fetched_at)
        fields = posts.observed_fields(post, known)
        page_version = ReplayedPage(
            post=post,
            fields=fields,
            readings=latest_claims(known.readings if known else (), post.readings),
            origin=origin,
            capture_id=page.capture_id,
            first_at=page.fetched_at,
            last_at=page.fetched_at,
            hashes=self._hashes(revisions.snapshot_of(post, fields)),
        )
        self._add(page_version)
        if self._is_waiting(page.fetched_at):
            self.waiting = page_version
        elif not beside:
            self.final = page_version
            self._known = _Known(page_version.fields, page_version.readings, origin)

    def _is_waiting(self, at: str) -> bool:
        """Whether a page of that time showed the version that waits for confirmation."""
        return "" < self._pending_since <= at

    def _hashes(self, page_version: Snapshot) -> tuple[str, str]:
        """The hashes of an equal revision, stored or new; else its own."""
        found = revisions.matching_hashes(
            self._connection, self._post_id, page_version, self._addresses
        )
        if found in self._stored_hashes:
            return found
        return self._new_anywhere.setdefault(
            revisions.hashes(normal_form(page_version, self._addresses)), found
        )

    def _add(self, page_version: ReplayedPage) -> None:
        if page_version.hashes in self._stored_hashes:
            return
        first = self.new.get(page_version.hashes, page_version)
        self.new[page_version.hashes] = replace(first, last_at=page_version.last_at)


def _known_at(connection: sqlite3.Connection, post_id: int, at: str) -> _Known | None:
    """What was known at a time, from the archive: the revision observed then, with the readings of
    its first visit."""
    row = connection.execute(_OBSERVED_AT, [post_id, at]).fetchone()
    if row is None:
        return None
    revision_id, origin, readings = row
    return _Known(
        revisions.load_fields(connection, revision_id), revisions.parse_readings(readings), origin
    )


_OBSERVED_AT = """
    SELECT revisions.id, revisions.origin, revisions.readings FROM observations
    JOIN revisions ON revisions.id = observations.revision_id
    WHERE observations.post_id = ?1 AND observations.first_seen_at <= ?2
        AND observations.last_seen_at >= ?2
    ORDER BY observations.first_seen_at DESC, observations.id DESC LIMIT 1
"""
