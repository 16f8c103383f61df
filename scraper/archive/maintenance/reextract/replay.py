"""A post's history replayed: what each of its pages says today, and which of that the archive does
not hold."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from scraper.archive.maintenance.reextract.pages import CapturedPages
from scraper.archive.write.post import posts, revisions
from scraper.archive.write.post.links import count_moved
from scraper.archive.write.post.posts import StoredPost
from scraper.exceptions import ArchiveError, ExtractionError
from scraper.history.changes import Difference, compare
from scraper.history.snapshots import Fields, Snapshot
from scraper.history.store_addresses import normalize_origin
from scraper.items import CapturedPage, FieldClaim, Origin, Post

Read = Callable[[CapturedPage], Post]
"""Reads a kept page by today's rules. Raises ExtractionError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What one page says of a post after all that was known before it; `hashes` are those of the
    revision that says the same, else its own."""

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
    """A post's history as today's rules read it.

    `new` are readings that no revision holds yet, in order; `final` is the newest page's reading,
    None where that page is not at hand or shows no post today; `difference` is how it differs from
    the current revision, None where it does not. `read`, `lost` and `refused` count pages: read,
    not at hand, without a post by today's rules. `links_moved` counts edges that the newest reading
    begins or ends, which make no revision. `last_capture_id` is the newest page, read or not.
    """

    stored: StoredPost
    new: tuple[Sight, ...]
    final: Sight | None
    before: Snapshot
    difference: Difference | None
    read: int
    lost: int
    refused: int
    links_moved: int
    last_capture_id: int


@dataclass(frozen=True, slots=True)
class _Known:
    """What was known before a page that is read again."""

    fields: Fields
    readings: tuple[FieldClaim, ...]
    origin: Origin


def replay_post(pages: CapturedPages, post_id: int, read: Read) -> Replay:
    """Read a post's pages again, the oldest first, and hold what they say against its revisions."""
    connection = pages.connection
    stored = posts.load_post(connection, post_id)
    last_capture_id = last_capture(connection, post_id)
    run = _Run(pages, post_id, read)
    for page in pages.of_post(post_id):
        run.take(page)
    before = revisions.load_snapshot(connection, stored.revision_id, stored.fields)
    return Replay(
        stored=stored,
        new=tuple(run.new.values()),
        final=run.final,
        before=before,
        difference=_difference(stored, before, run.final, pages.addresses),
        read=run.read_count,
        lost=run.lost,
        refused=run.refused,
        links_moved=_links_moved(pages, stored, run.final),
        last_capture_id=last_capture_id,
    )


def _difference(
    stored: StoredPost, before: Snapshot, final: Sight | None, addresses: Sequence[str]
) -> Difference | None:
    # Asked by the hashes, which decide what a revision is.
    if final is None or final.hashes == (stored.content_hash, stored.fields_hash):
        return None
    after = revisions.snapshot_of(final.post, final.fields)
    difference = compare(normalize_origin(before, addresses), normalize_origin(after, addresses))
    if difference is None:
        raise ArchiveError(f"{stored.label}: two revisions with different hashes compare as equal")
    return difference


def _links_moved(pages: CapturedPages, stored: StoredPost, final: Sight | None) -> int:
    if final is None or stored.state == "removed":
        return 0
    return count_moved(pages, stored.id, final.post.links)


def last_capture(connection: sqlite3.Connection, post_id: int) -> int:
    """The number of the newest capture that showed a post."""
    return int(
        connection.execute(
            "SELECT coalesce(max(id), 0) FROM captures WHERE post_id = ? AND verdict = 'ok'",
            [post_id],
        ).fetchone()[0]
    )


class _Run:
    """The state of one post's replay; `final` is what stands after the last page taken."""

    def __init__(self, pages: CapturedPages, post_id: int, read: Read) -> None:
        self.new: dict[tuple[str, str], Sight] = {}
        self.final: Sight | None = None
        self.read_count = self.lost = self.refused = 0
        self._connection = pages.connection
        self._addresses = pages.addresses
        self._post_id = post_id
        self._read = read
        self._known: _Known | None = None
        self._held = revisions.revision_hashes(pages.connection, post_id)
        self._new_anywhere: dict[tuple[str, str], tuple[str, str]] = {}

    def take(self, page: CapturedPage | str) -> None:
        """Read one more page, or note that the one of a time is not at hand: what it left behind is
        then what the archive says of it."""
        if isinstance(page, str):
            self.lost += 1
            self.final = None
            self._known = _known_at(self._connection, self._post_id, page) or self._known
            return
        try:
            post = self._read(page)
        except ExtractionError:
            self.refused += 1
            self.final = None
            return
        self.read_count += 1
        origin: Origin = "imported" if page.imported else "observed"
        # As when it came: a file's copy of a post that the crawler has seen for itself is kept
        # beside, and changes nothing.
        beside = (
            origin == "imported" and self._known is not None and self._known.origin == "observed"
        )
        known = None if beside else self._known
        fields = posts.observed_fields(post, known)
        sight = Sight(
            post=post,
            fields=fields,
            readings=posts.latest_readings(post, known.readings if known else ()),
            origin=origin,
            capture_id=page.capture_id,
            first_at=page.fetched_at,
            last_at=page.fetched_at,
            hashes=self._hashes(revisions.snapshot_of(post, fields)),
        )
        self._note(sight)
        if not beside:
            self.final = sight
            self._known = _Known(sight.fields, sight.readings, origin)

    def _hashes(self, sight: Snapshot) -> tuple[str, str]:
        """Those of a revision that says the same, written already or to be written; its own where
        there is none."""
        told = revisions.matching_hashes(self._connection, self._post_id, sight, self._addresses)
        if told in self._held or len(self._addresses) < 2:
            return told
        return self._new_anywhere.setdefault(
            revisions.hashes(normalize_origin(sight, self._addresses)), told
        )

    def _note(self, sight: Sight) -> None:
        if sight.hashes in self._held:
            return
        first = self.new.get(sight.hashes, sight)
        self.new[sight.hashes] = replace(first, last_at=sight.last_at)


def _known_at(connection: sqlite3.Connection, post_id: int, at: str) -> _Known | None:
    """What the archive itself says was known after a sight: the revision that was seen then, with
    the readings of its first sight."""
    row = connection.execute(_SEEN_AT, [post_id, at]).fetchone()
    if row is None:
        return None
    revision_id, origin, readings = row
    return _Known(
        revisions.load_fields(connection, revision_id), posts.parse_readings(readings), origin
    )


_SEEN_AT = """
    SELECT revisions.id, revisions.origin, revisions.readings FROM observations JOIN revisions ON revisions.id = observations.revision_id
    WHERE observations.post_id = ?1 AND observations.first_seen_at <= ?2 AND observations.last_seen_at >= ?2 ORDER BY observations.id DESC LIMIT 1
"""
