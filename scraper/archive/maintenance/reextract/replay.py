"""Replay a post's history and extract each of its pages again, to find what the archive lacks."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from scraper.archive.maintenance.reextract.pages import CapturedPages, PostPage
from scraper.archive.revision_fields import load_fields, load_snapshot
from scraper.archive.timelines.steps import begin_replay
from scraper.archive.write.post import posts, revisions
from scraper.archive.write.post.links import count_moved
from scraper.archive.write.post.posts import KnownClaims, StoredPost
from scraper.crawl_evidence import CapturedPage
from scraper.exceptions import ArchiveError, ExtractionError
from scraper.history.changes import Difference, compare
from scraper.history.normal_form.snapshots import normal_form
from scraper.history.reconcile import (
    differing_fields,
    hold_claims,
    hold_fields,
    latest_claims,
)
from scraper.history.snapshots import Fields, Snapshot
from scraper.history.timeline import Version
from scraper.items import FieldClaim, Post

Read = Callable[[CapturedPage], Post]
"""Extracts the post of a stored page. Raises ExtractionError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedPage:
    """The post of one page, with all that was known before it; `hashes` are those of an equal
    revision, else its own."""

    post: Post
    fields: Fields
    readings: tuple[FieldClaim, ...]
    capture_id: int
    first_at: str
    last_at: str
    hashes: Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A post's history with today's extractor.

    `new` are the versions that no revision holds yet, in order; `final` is the last page of the
    current version, None if that page is not stored or shows no post today; `difference` is its
    difference from the current revision, or None. `waiting` is the page of the version that waits
    for confirmation, None if it is not stored. `read`, `lost` and `refused` count pages: extracted,
    not stored, without a post today. `links_moved` counts edges that `final` begins or ends, which
    make no revision. `last_page_id` is the newest page, extracted or not.
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
    last_page_id: int


def replay_post(pages: CapturedPages, post_id: int, read: Read) -> Replay:
    """Extract a post's pages again, oldest first, and compare the results with its revisions."""
    connection = pages.connection
    stored = posts.load_post(connection, post_id)
    last_page_id = last_page(connection, post_id)
    run = _Run(pages, post_id, read)
    run.run()
    before = load_snapshot(connection, stored.revision_id)
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
        last_page_id=last_page_id,
    )


def _difference(
    stored: StoredPost, before: Snapshot, final: ReplayedPage | None, addresses: Sequence[str]
) -> Difference | None:
    # The hashes decide: they identify a revision.
    if final is None or final.hashes == stored.version:
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


def last_page(connection: sqlite3.Connection, post_id: int) -> int:
    """Return the id of the newest capture that showed a post."""
    (capture_id,) = connection.execute(
        "SELECT coalesce(max(id), 0) FROM captures WHERE post_id = ? AND verdict = 'ok'", [post_id]
    ).fetchone()
    return int(capture_id)


class _Run:
    """One post's replay: with each sight, what the archive took it for, and what today's rules read
    on its page. `final` is the last page that showed the current version, `waiting` that of the
    version that waits, where they could be read."""

    def __init__(self, pages: CapturedPages, post_id: int, read: Read) -> None:
        self.new: dict[Version, ReplayedPage] = {}
        self.final: ReplayedPage | None = None
        self.waiting: ReplayedPage | None = None
        self.read_count = self.lost = self.refused = 0
        self._pages = pages
        self._post_id = post_id
        self._read = read
        self._history, self._steps, sights = begin_replay(pages.connection, post_id)
        self._sights = {sight.capture_id for sight in sights}
        self._known: KnownClaims | None = None
        self._revision_id: int | None = None
        self._stored_hashes = revisions.revision_hashes(pages.connection, post_id)
        self._new_anywhere: dict[Version, Version] = {}

    def run(self) -> None:
        """Read every page of the post."""
        for number, page in enumerate(self._pages.of_post(self._post_id)):
            while self._steps and self._steps[0][0] <= (page.capture_id, 0, 0):
                self._history.take(self._steps.pop(0)[1])
            beside = page.capture_id not in self._sights or page.capture_id in self._history.past
            self._take(page, beside=beside and number > 0)

    def _take(self, page: PostPage, *, beside: bool) -> None:
        """Read one page; what one that cannot be read showed is what the archive has of it. A page
        `beside` the history (a copy, or one of an earlier time) says nothing of those after it."""
        post = self._extract(page)
        stored = None
        if page.revision_id and (beside or post is None):
            stored = revisions.claims_of(self._pages.connection, page.revision_id)
        read = None
        if post:
            read = self._replayed(page, post, stored if beside else self._known)
            self._add(read)
        if beside:
            return
        if self._history.state.pending:
            self.waiting = read
        else:
            self._known, self.final, self.waiting = read or stored or self._known, read, None
            self._revision_id = page.revision_id

    def _extract(self, page: PostPage) -> Post | None:
        if page.answer is None:
            self.lost += 1
            return None
        try:
            post = self._read(page.answer)
        except ExtractionError:
            self.refused += 1
            return None
        self.read_count += 1
        return post

    def _replayed(self, page: PostPage, post: Post, known: KnownClaims | None) -> ReplayedPage:
        fields, readings = posts.observed_fields(post, known), post.readings
        if known and (held := self._held_fields(page)):
            fields = hold_fields(fields, known.fields, held)
            readings = hold_claims(readings, known.readings, held)
        return ReplayedPage(
            post=post,
            fields=fields,
            readings=latest_claims(known.readings if known else (), readings),
            capture_id=page.capture_id,
            first_at=page.at,
            last_at=page.at,
            hashes=self._hashes(revisions.snapshot_of(post, fields)),
        )

    def _held_fields(self, page: PostPage) -> frozenset[str]:
        """The fields that varied by themselves, and that the archive left as they were."""
        if not (page.answer and page.revision_id and self._revision_id):
            return frozenset()
        volatile = self._pages.volatile_fields_in(page.answer.crawl_id)
        if not volatile:
            return volatile
        before, now = (
            load_fields(self._pages.connection, revision_id)
            for revision_id in (self._revision_id, page.revision_id)
        )
        return volatile - differing_fields(before, now).keys()

    def _hashes(self, snapshot: Snapshot) -> Version:
        """The hashes of an equal revision, stored or new; else its own."""
        addresses = self._pages.addresses
        found = revisions.match_revision(
            self._pages.connection, self._post_id, snapshot, addresses
        ).version
        if found in self._stored_hashes:
            return found
        return self._new_anywhere.setdefault(
            revisions.hashes(normal_form(snapshot, addresses)), found
        )

    def _add(self, replayed: ReplayedPage) -> None:
        if replayed.hashes in self._stored_hashes:
            return
        first = self.new.get(replayed.hashes, replayed)
        self.new[replayed.hashes] = replace(first, last_at=replayed.last_at)
