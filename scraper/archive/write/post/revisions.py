"""Revisions: the distinct versions of a post, each with its body, fields and discount codes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from scraper.archive.revision_fields import load_fields, load_snapshot
from scraper.archive.statements import NextId, insert, to_json
from scraper.archive.store_templates import NO_TEMPLATE
from scraper.archive.write.context import CrawlContext
from scraper.author_names import split_authors
from scraper.history.fingerprints import content_hash, fields_hash
from scraper.history.humanize import code_label
from scraper.history.normal_form.snapshots import normal_form
from scraper.history.snapshots import Fields, Snapshot
from scraper.history.timeline import Version
from scraper.items import AUTHORED, CodeMention, FieldClaim, Link, NonPostLink, Post


class StoredClaims(NamedTuple):
    """The fields of a revision, and what each source claimed when it was first seen."""

    fields: Fields
    readings: tuple[FieldClaim, ...]


def claims_of(connection: sqlite3.Connection, revision_id: int) -> StoredClaims:
    """Read what was known of a post when a revision was first seen."""
    (readings,) = connection.execute(
        "SELECT readings FROM revisions WHERE id = ?", [revision_id]
    ).fetchone()
    return StoredClaims(load_fields(connection, revision_id), parse_readings(readings))


def parse_readings(column: str) -> tuple[FieldClaim, ...]:
    """Return the claims in a column `readings`."""
    return tuple(FieldClaim(**claim) for claim in json.loads(column))


def snapshot_of(post: Post, fields: Fields) -> Snapshot:
    """Return a post as history compares it."""
    return Snapshot(
        fields=fields,
        html=post.html,
        markdown=post.markdown,
        text=post.text,
        codes=code_labels(post.codes),
    )


def code_labels(codes: Iterable[CodeMention]) -> tuple[str, ...]:
    """Return codes as the archive labels them, to compare them with those of a stored revision."""
    labels = {
        code_label(mention.code, mention.kind, mention.value, mention.currency) for mention in codes
    }
    return tuple(sorted(labels))


def hashes(snapshot: Snapshot) -> tuple[str, str]:
    """Return the hashes of body and fields, which identify a revision."""
    return content_hash(snapshot.html, snapshot.markdown, snapshot.text), fields_hash(
        snapshot.fields
    )


class RevisionMatch(NamedTuple):
    """The hashes of the revision that a page shows, and its id: None if no revision has them.
    `current` is the current revision, where it was read for that."""

    version: Version
    revision_id: int | None
    current: Snapshot | None = None


def match_revision(
    connection: sqlite3.Connection,
    post_id: int,
    snapshot: Snapshot,
    addresses: Sequence[str],
    current: RevisionMatch | None = None,
) -> RevisionMatch:
    """Return the revision that a snapshot of a known post equals, or that it would be a new one.

    Revisions are stored as they were served, and equal if their normal forms are (see
    `normal_form`); `addresses` are the origins of the store, `current` is the post's current
    revision where its hashes are at hand.
    """
    own = hashes(snapshot)
    if current and own == current.version:
        return current
    normalized, first = None, None
    for revision_id, *version in connection.execute(_CURRENT_FIRST, [post_id]).fetchall():
        if tuple(version) == own:
            return RevisionMatch(own, revision_id, first)
        normalized = normalized or hashes(normal_form(snapshot, addresses))
        stored = load_snapshot(connection, revision_id)
        first = first or stored
        if hashes(normal_form(stored, addresses)) == normalized:
            return RevisionMatch((version[0], version[1]), revision_id, first)
    return RevisionMatch(own, None, first)


# Of two revisions whose normal forms are equal, the current one is returned.
_CURRENT_FIRST = """
    SELECT revisions.id, contents.hash, revisions.fields_hash FROM revisions
    JOIN contents ON contents.id = revisions.content_id
    JOIN posts ON posts.id = revisions.post_id
    WHERE posts.id = ? ORDER BY revisions.id = posts.revision_id DESC, revisions.id DESC
"""


def revision_hashes(connection: sqlite3.Connection, post_id: int) -> set[tuple[str, str]]:
    """Return the hashes of body and fields of every revision of a post."""
    rows = connection.execute(
        "SELECT contents.hash, fields_hash FROM revisions "
        "JOIN contents ON contents.id = content_id WHERE post_id = ?",
        [post_id],
    )
    return {(body_hash, hash_of_fields) for body_hash, hash_of_fields in rows}


def version_of(connection: sqlite3.Connection, revision_id: int) -> tuple[str, str]:
    """Return the hashes of body and fields of a revision."""
    body_hash, hash_of_fields = connection.execute(
        "SELECT contents.hash, fields_hash FROM revisions "
        "JOIN contents ON contents.id = content_id WHERE revisions.id = ?",
        [revision_id],
    ).fetchone()
    return body_hash, hash_of_fields


def last_seen(connection: sqlite3.Connection, revision_id: int, at: str) -> str:
    """Return when a revision was last seen (UTC), by a page of `at` at the latest."""
    (last_seen_at,) = connection.execute(
        "SELECT last_seen_at FROM revisions WHERE id = ?", [revision_id]
    ).fetchone()
    return max(str(last_seen_at), at)


def find_revision(
    connection: sqlite3.Connection, post_id: int, body_hash: str, hash_of_fields: str
) -> int | None:
    """Return the id of the revision of a post with these hashes, or None."""
    row = connection.execute(
        """
        SELECT revisions.id FROM revisions JOIN contents ON contents.id = revisions.content_id
        WHERE revisions.post_id = ? AND contents.hash = ? AND revisions.fields_hash = ?
        """,
        [post_id, body_hash, hash_of_fields],
    ).fetchone()
    (revision_id,) = row or (None,)
    return revision_id


def add_revision(
    crawl: CrawlContext,
    post_id: int,
    post: Post,
    fields: Fields,
    *,
    label: str,
    number: int,
    capture_id: int | NextId,
    at: str,
) -> int:
    """Write a revision of a post with its discount codes, and its body if that is new. Returns its
    id. `capture_id` may be that of the capture which is written next."""
    revision_id = insert(
        crawl.connection,
        "revisions",
        label=f"{label} v{number}",
        post_id=post_id,
        crawl_id=crawl.crawl_id,
        number=number,
        content_id=_content_id(crawl.connection, post),
        origin=crawl.origin,
        extractor=crawl.extractor,
        capture_id=capture_id,
        first_seen_at=at,
        last_seen_at=at,
        **_field_columns(fields),
        **_post_columns(post),
    )
    _save_codes(crawl, post_id, revision_id, post.codes)
    return revision_id


def _field_columns(fields: Fields) -> dict[str, Any]:
    return {
        "fields_hash": fields_hash(fields),
        "title": fields.title,
        "author": fields.author,
        "authors": to_json(split_authors(fields.author)),
        "published_at": fields.published_at,
        "excerpt": fields.excerpt,
        "image_url": fields.image_url,
        "tags": to_json(fields.tags),
    }


def _post_columns(post: Post) -> dict[str, Any]:
    return {
        "template": post.template or NO_TEMPLATE,
        "method": post.method,
        "confidence": post.confidence,
        "modified_at": post.modified_at,
        "word_count": post.word_count,
        "readings": to_json(post.readings),
        "self_links": to_json(post.self_links),
        "links": to_json(authored_links(post)),
    }


def authored_links(post: Post) -> Iterator[Link | NonPostLink]:
    """Yield the links of the author; those of the theme are no part of a revision."""
    yield from (link for link in post.links if link.kind in AUTHORED)
    yield from post.non_post_links


def _content_id(connection: sqlite3.Connection, post: Post) -> int:
    body_hash = content_hash(post.html, post.markdown, post.text)
    rows = connection.execute(
        "INSERT INTO contents (hash, html, markdown, text) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (hash) DO NOTHING RETURNING id",
        [body_hash, post.html, post.markdown, post.text],
    ).fetchall() or connection.execute("SELECT id FROM contents WHERE hash = ?", [body_hash])
    ((content_id,),) = rows
    return int(content_id)


def _save_codes(
    crawl: CrawlContext, post_id: int, revision_id: int, codes: Iterable[CodeMention]
) -> None:
    for mention in codes:
        key = (crawl.store_id, mention.code, mention.kind, mention.value, mention.currency)
        crawl.connection.execute(
            "INSERT OR IGNORE INTO discount_codes (store_id, code, kind, value, currency) "
            "VALUES (?, ?, ?, ?, ?)",
            key,
        )
        crawl.connection.execute(
            """
            INSERT OR IGNORE INTO code_mentions (code_id, post_id, revision_id, snippet)
            SELECT id, ?, ?, ? FROM discount_codes
            WHERE store_id = ? AND code = ? AND kind = ? AND value = ? AND currency = ?
            """,
            [post_id, revision_id, mention.snippet, *key],
        )
