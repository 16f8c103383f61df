"""What proves a change: both observations with their captures, and the crawls that made them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from scraper.archive.queries.changes import ChangeTexts, read_changes, read_texts
from scraper.archive.rows import read_row
from scraper.exceptions import CaptureLost, NoSuchChange
from scraper.history.changes import Change
from scraper.history.humanize import describe_bracket, describe_origin, provenance
from scraper.history.images import IMAGE_BYTES, hashes_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionFacts:
    """What is cited of a revision; `hash` is the SHA-256 of its body."""

    number: int
    title: str
    author: str
    published_at: str
    modified_at: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureFacts:
    """An answer of the store, with the crawl that asked for it. `post_id` is 0 where it belongs to
    no post.

    `body_hash` is the SHA-256 of its `body_bytes` bytes; `is_stored` says that the archive still
    has them.
    """

    id: int
    post_id: int
    resource_type: str
    url: str
    final_url: str
    http_status: int
    verdict: str
    fetched_at: str
    last_modified: str
    etag: str
    body_hash: str
    body_bytes: int
    is_stored: bool
    dated_by: str
    crawl_id: int
    crawl_began_at: str
    crawl: str
    crawl_outcome: str
    crawl_health: str
    crawl_reason: str

    @property
    def provenance(self) -> str:
        """Where the answer comes from, if no crawl fetched it; else empty."""
        return provenance(self.dated_by, self.crawl_began_at, is_seen=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSide:
    """One side of a change: at `seen_at` (UTC) the store showed `revision`, or no post if that is
    None. `capture` is None if the archive has no answer of that time."""

    seen_at: str
    revision: RevisionFacts | None
    capture: CaptureFacts | None

    @property
    def is_dated(self) -> bool:
        """Whether `seen_at` is when the store showed it, and not only when a file was imported."""
        return self.capture is None or self.capture.dated_by != "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A change with both observations that limit it; `before` is None if nothing was seen before.

    `utc_offset_s` is the offset of the store's clock in seconds, None if its pages do not say it.
    """

    change: Change
    standing: str
    witness: str
    lastmod: str
    origin: str
    utc_offset_s: int | None
    texts: ChangeTexts
    before: ChangeSide | None
    after: ChangeSide

    @property
    def is_dated(self) -> bool:
        """Whether both observations say when the store showed what they hold."""
        return self.after.is_dated and (self.before is None or self.before.is_dated)

    @property
    def bracket_sentence(self) -> str:
        """When the change was made, as far as it is known."""
        return describe_bracket(
            self.change.not_before,
            self.change.not_after,
            is_dated=self.is_dated,
            was_there=self.before is not None,
            is_there=self.after.revision is not None,
        )

    @property
    def origin_sentence(self) -> str:
        """Who made the change, and what says so."""
        return describe_origin(self.change.origin, self.witness)


def read_evidence(connection: sqlite3.Connection, change_id: int) -> Evidence:
    """Read what proves a change. Raises NoSuchChange."""
    row = connection.execute(_STANDING, [change_id]).fetchone()
    if row is None:
        raise NoSuchChange(f"there is no change {change_id}")
    standing, witness, lastmod, origin, utc_offset_s = row
    (change,) = read_changes(connection, [change_id])
    image = next((field for field in change.fields if field.field == IMAGE_BYTES), None)
    old_image, new_image = hashes_of(image) if image else (None, None)
    before = None
    if change.not_before and change.old_revision:
        before = _side(
            connection,
            change.not_before,
            change,
            change.old_revision,
            _read_capture(connection, _BEFORE, change, old_image),
        )
    capture = _read_capture(connection, _AFTER, change, new_image)
    return Evidence(
        change=change,
        standing=standing,
        witness=witness,
        lastmod=lastmod,
        origin=origin,
        utc_offset_s=utc_offset_s,
        texts=read_texts(connection, change_id),
        before=before,
        after=_side(connection, change.not_after, change, change.new_revision, capture),
    )


def read_capture_facts(connection: sqlite3.Connection, capture_id: int) -> CaptureFacts:
    """Read a capture by its id. Raises CaptureLost."""
    found = read_row(connection, _capture, f"{_CAPTURE} WHERE captures.id = ?", [capture_id])
    if found is None:
        raise CaptureLost(f"there is no capture {capture_id}")
    return found


def _side(
    connection: sqlite3.Connection,
    seen_at: str,
    change: Change,
    number: int,
    capture: CaptureFacts | None,
) -> ChangeSide:
    revision = read_row(connection, RevisionFacts, _REVISION, [change.post_id, number])
    return ChangeSide(seen_at=seen_at, revision=revision, capture=capture)


def _read_capture(
    connection: sqlite3.Connection, sql: str, change: Change, image: str | None
) -> CaptureFacts | None:
    """Read the answer that showed a side of a change; where that is an image, by its hash."""
    if image is not None:
        return read_row(connection, _capture, _OF_IMAGE, [image])
    values = {
        "post": change.post_id,
        "not_before": change.not_before,
        "not_after": change.not_after,
        "is_seen": bool(change.new_revision),
    }
    return read_row(connection, _capture, sql, values)


def _capture(*, is_stored: int, **values: Any) -> CaptureFacts:
    return CaptureFacts(is_stored=bool(is_stored), **values)


_STANDING = """
    SELECT standing, witness, lastmod, stores.origin, utc_offset_s
    FROM changes JOIN stores ON stores.id = changes.store_id WHERE changes.id = ?
"""
_REVISION = """
    SELECT number, title, author, published_at, modified_at, contents.hash
    FROM revisions JOIN contents ON contents.id = revisions.content_id
    WHERE post_id = ? AND number = ?
"""
_CAPTURE = """
    SELECT captures.id, coalesce(captures.post_id, 0) AS post_id, resource_type, captures.url,
        final_url, http_status, verdict, fetched_at, last_modified, etag, body_hash, body_bytes,
        body_id IS NOT NULL AS is_stored, dated_by, crawl_id,
        crawls.started_at AS crawl_began_at, crawls.label AS crawl, outcome AS crawl_outcome,
        health AS crawl_health, reason AS crawl_reason
    FROM captures JOIN crawls ON crawls.id = captures.crawl_id
"""
_OF_POST = "WHERE captures.post_id = :post AND resource_type != 'control'"
# The answer that brought the bytes; later ones with the same are stored without.
_OF_IMAGE = f"""{_CAPTURE} WHERE resource_type = 'image'
    AND captures.id = (SELECT capture_id FROM images WHERE hash = ?)
"""
# Where the store answered that nothing had changed, the page is the one of the answer before.
_BEFORE = f"""{_CAPTURE} {_OF_POST} AND verdict = 'ok' AND fetched_at <= :not_before
    ORDER BY fetched_at DESC, captures.id DESC LIMIT 1
"""
_AFTER = f"""{_CAPTURE} {_OF_POST} AND fetched_at = :not_after AND (verdict = 'ok') = :is_seen
    ORDER BY captures.id DESC LIMIT 1
"""
