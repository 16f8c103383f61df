"""Posts: what one was when last seen, and what a visit changes in its row."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from scraper.archive.revision_fields import FIELD_COLUMNS, fields_of
from scraper.archive.rows import named_rows
from scraper.archive.statements import to_json, update
from scraper.archive.store_templates import NO_TEMPLATE
from scraper.archive.write.context import CrawlContext, StoreContext
from scraper.archive.write.post import revisions
from scraper.archive.write.post.revisions import add_revision, parse_readings
from scraper.author_names import split_authors
from scraper.history.fingerprints import join_tags, title_key
from scraper.history.reconcile import latest_claims, reconcile
from scraper.history.removal import State
from scraper.history.snapshots import Fields
from scraper.history.timeline import Pending, PostState, Version
from scraper.history.witnesses import Dates
from scraper.items import FieldClaim, Origin, Post


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPost:
    """A post's row with its current revision, and the revision that waits for confirmation, if
    any. `lastmod`, `origin`, `extractor`, `template` and `readings` (the last claim of each source)
    are those of the last visit that found the current revision. `is_seen` is 0 of a post that only
    files of unknown date show."""

    id: int
    blog_id: int
    label: str
    url: str
    article_id: str
    state: State
    revision_id: int
    revision_count: int
    last_seen_at: str
    lastmod: str
    origin: Origin
    extractor: str
    template: str
    fields: Fields
    fields_hash: str
    content_hash: str
    revision_seen_at: str
    language: str
    readings: tuple[FieldClaim, ...]
    pending_id: int
    pending: Pending | None
    is_seen: int = 1

    @property
    def version(self) -> Version:
        """The hashes of the current revision."""
        return self.content_hash, self.fields_hash

    def timeline(self, absent_at: str) -> PostState:
        """The state of the post for `history.timeline`; `absent_at` is when it was last found
        absent, if it is removed."""
        return PostState(
            version=self.version,
            rules=(self.extractor, self.template),
            origin=self.origin,
            url=self.url,
            seen_at=self.last_seen_at if self.is_seen else "",
            version_seen_at=self.revision_seen_at if self.is_seen else "",
            state=self.state,
            language=self.language,
            dates=Dates(lastmod=self.lastmod, claims=self.readings),
            pending=self.pending,
            absent_at=absent_at,
        )


def load_post(connection: sqlite3.Connection, post_id: int) -> StoredPost:
    """Read a post with its current revision."""
    (row,) = named_rows(connection, _POST, [post_id])
    fields = fields_of([row.pop(column) for column in FIELD_COLUMNS.split(", ")])
    readings = parse_readings(row.pop("readings"))
    return StoredPost(fields=fields, readings=readings, pending=_pending(row), **row)


def _pending(row: dict[str, Any]) -> Pending | None:
    """Take the columns of a waiting revision out of a post's row."""
    values = {
        name: row.pop(name) for name in ("not_before", "first_seen_at", "sights", "confirm_sights")
    }
    version = row.pop("pending_content"), row.pop("pending_fields")
    if not row["pending_id"]:
        return None
    return Pending(version=version, **values)


_POST = """
    SELECT posts.id, posts.blog_id, posts.label, posts.url, posts.article_id, posts.state,
        posts.revision_id, posts.revision_count, posts.last_seen_at,
        posts.seen_lastmod AS lastmod, posts.seen_origin AS origin,
        posts.seen_extractor AS extractor, posts.seen_template AS template, posts.readings,
        revisions.title, revisions.author, revisions.published_at, revisions.excerpt,
        revisions.image_url, revisions.tags, revisions.fields_hash, contents.hash AS content_hash,
        revisions.last_seen_at AS revision_seen_at, posts.language,
        coalesce(pending_changes.id, 0) AS pending_id, pending_changes.not_before,
        pending_changes.first_seen_at, pending_changes.sights, pending_changes.confirm_sights,
        EXISTS (
            SELECT 1 FROM observations WHERE post_id = posts.id AND observations.revision_id > 0
        ) AS is_seen,
        waiting.fields_hash AS pending_fields, waiting_content.hash AS pending_content
    FROM posts
    JOIN revisions ON revisions.id = posts.revision_id
    JOIN contents ON contents.id = revisions.content_id
    LEFT JOIN pending_changes
        ON pending_changes.post_id = posts.id AND pending_changes.standing = 'pending'
    LEFT JOIN revisions AS waiting ON waiting.id = pending_changes.to_revision_id
    LEFT JOIN contents AS waiting_content ON waiting_content.id = waiting.content_id
    WHERE posts.id = ?
"""


LIVE: Final[dict[str, Any]] = {"state": "live", "absent_looks": 0, "absent_since": ""}
"""The columns of a post that was found."""


class KnownClaims(Protocol):
    """What was known of a post before a visit: the fields of its current revision, and the last
    claim of each source."""

    @property
    def fields(self) -> Fields: ...
    @property
    def readings(self) -> tuple[FieldClaim, ...]: ...


def observed_fields(post: Post, before: KnownClaims | None) -> Fields:
    """Return the fields of a post, reconciled with the earlier claims of its sources (see
    `history.reconcile`)."""

    def value(name: str, now: str) -> str:
        if before is None:
            return now
        return reconcile(name, str(getattr(before.fields, name)), before.readings, post.readings)

    return Fields(
        title=value("title", post.title),
        author=value("author", post.author),
        published_at=value("published_at", post.published_at),
        excerpt=value("excerpt", post.excerpt),
        image_url=value("image_url", post.image_url),
        tags=join_tags(post.tags),
    )


def match_revision(
    crawl: StoreContext, stored: StoredPost, post: Post, fields: Fields
) -> revisions.RevisionMatch:
    """Return the revision of what a page shows of a known post, or that it would be a new one."""
    return revisions.match_revision(
        crawl.connection,
        stored.id,
        revisions.snapshot_of(post, fields),
        crawl.addresses,
        revisions.RevisionMatch(stored.version, stored.revision_id),
    )


def append_revision(
    crawl: CrawlContext, stored: StoredPost, post: Post, fields: Fields, *, capture_id: int, at: str
) -> int:
    """Add a revision after the last one of a post and return its id."""
    number = stored.revision_count + 1
    update(crawl.connection, "posts", stored.id, revision_count=number)
    return add_revision(
        crawl,
        stored.id,
        post,
        fields,
        label=stored.label,
        number=number,
        capture_id=capture_id,
        at=at,
    )


def current_columns(fields: Fields, post: Post, at: str) -> dict[str, Any]:
    """Return the columns of a post that are those of its current revision."""
    return {
        "title": fields.title,
        "title_key": title_key(fields.title),
        "modified_at": post.modified_at,
        "language": post.language or "unknown",
        "word_count": post.word_count,
        "tags": to_json(fields.tags),
        "last_changed_at": at,
    }


def seen_columns(
    crawl: CrawlContext,
    post: Post,
    fields: Fields,
    *,
    before: Iterable[FieldClaim],
    at: str,
    lastmod: str,
) -> dict[str, Any]:
    """Return the columns of a post that say when it was seen as its current revision, by which
    crawl and extractor, and the last claim of each source.

    A value that only a later source has (a post that entered the feed) appears in `posts`, though
    no revision has it.
    """
    return {
        **LIVE,
        "last_seen_at": at,
        "seen_lastmod": lastmod,
        "seen_origin": crawl.origin,
        "seen_extractor": crawl.extractor,
        "seen_template": post.template or NO_TEMPLATE,
        **claim_columns(fields, latest_claims(before, post.readings)),
    }


def was_seen_after(connection: sqlite3.Connection, post_id: int, at: str) -> bool:
    """Whether a post was seen after `at`: what an earlier answer lacked says nothing of it now."""
    (last_seen_at,) = connection.execute(
        "SELECT last_seen_at FROM posts WHERE id = ?", [post_id]
    ).fetchone()
    return bool(last_seen_at > at)


def date_post(
    connection: sqlite3.Connection, stored: StoredPost, revision_id: int, at: str
) -> None:
    """Begin the history of a post at its first sight, of this revision: until now only a file of
    unknown date showed the post, and its times were those of the import."""
    values = {"post": stored.id, "at": at}
    for statement in _DATE_POST:
        connection.execute(statement, values)
    if revision_id == stored.revision_id:
        update(connection, "revisions", revision_id, first_seen_at=at)


_DATE_POST = (
    *(
        f"UPDATE {table} SET first_seen_at = min(first_seen_at, :at), "
        f"last_seen_at = min(last_seen_at, :at) WHERE from_post_id = :post"
        for table in ("links", "non_post_links")
    ),
    "UPDATE post_urls SET first_seen_at = :at, last_seen_at = :at WHERE post_id = :post",
    "UPDATE posts SET first_seen_at = :at WHERE id = :post",
)


def record_earlier(connection: sqlite3.Connection, post_id: int, revision_id: int, at: str) -> None:
    """Record that a revision of a post was seen at a time before the last sight."""
    connection.execute(
        "UPDATE revisions SET first_seen_at = min(first_seen_at, ?2), "
        "last_seen_at = max(last_seen_at, ?2) WHERE id = ?1",
        [revision_id, at],
    )
    connection.execute(
        "UPDATE posts SET first_seen_at = min(first_seen_at, ?2) WHERE id = ?1", [post_id, at]
    )


def claim_columns(fields: Fields, readings: tuple[FieldClaim, ...]) -> dict[str, str]:
    """Return the columns of a post that follow from the last claim of each source."""
    author = fields.author or _first_value(readings, "author")
    return {
        "author": author,
        "authors": to_json(split_authors(author)),
        "published_at": fields.published_at or _first_value(readings, "published_at"),
        "readings": to_json(readings),
    }


def _first_value(readings: Iterable[FieldClaim], field: str) -> str:
    return next(
        (reading.value for reading in readings if reading.field == field and reading.value), ""
    )
