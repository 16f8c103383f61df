"""What a seal covers: every row that a crawl wrote and that nothing changes later, as a document.

A leaf names rows by labels, addresses and times, never by their numbers, which differ after a merge
of archives. It leaves out what later crawls may change: the periods of observations and revisions,
which follow from the captures, the group of a change, and where the bytes of an answer are stored.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from scraper.archive.rows import named_rows
from scraper.archive.seals.merkle import leaf_hash

FORM: Final = 1
"""The form of leaves and seals. A column that is added later enters the next form only: a seal is
checked by the form that it was made in."""


class Leaf(NamedTuple):
    """A row as a document, in JSON with sorted keys; `table` and `row_id` say where it is."""

    table: str
    row_id: int
    document: bytes

    @property
    def hash(self) -> bytes:
        """The hash of the leaf."""
        return leaf_hash(self.document)


def crawl_leaves(connection: sqlite3.Connection, crawl_id: int) -> Iterator[Leaf]:
    """Yield a leaf for each row that a crawl wrote, its own among them."""
    for table, sql in SOURCES.items():
        for row in named_rows(connection, sql, [crawl_id]):
            row_id = row.pop("id")
            yield Leaf(table, row_id, canonical({"table": table, **_parsed(row)}))


def canonical(document: dict[str, Any]) -> bytes:
    """Return a document as the bytes that are hashed: JSON in ASCII, keys sorted, no spaces."""
    return json.dumps(document, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()


def _parsed(row: dict[str, Any]) -> dict[str, Any]:
    if "fields" in row:
        row["fields"] = sorted(json.loads(row["fields"]))
    return row


SOURCES: Final = {
    "crawls": """
        SELECT id, kind, started_at, finished_at, outcome, health, reason, retry_at, n_listed,
            n_fetched, n_not_modified, n_new, n_changed, n_missing, n_blocked, n_error, n_pending,
            n_confident, n_feed_checked, n_feed_matched, dates_moved, extractor, template,
            timeline_version, confirm_sights
        FROM crawls WHERE id = ?
    """,
    "captures": """
        SELECT captures.id, crawls.started_at AS crawl, posts.label AS post, captures.url,
            final_url, resource_type, http_status, verdict, detail, fetched_at, dated_by, etag,
            captures.last_modified, body_hash, body_bytes, captures.template,
            revisions.number AS revision, captures.lastmod, captures.claims
        FROM captures JOIN crawls ON crawls.id = captures.crawl_id
        LEFT JOIN posts ON posts.id = captures.post_id
        LEFT JOIN revisions ON revisions.id = captures.revision_id
        WHERE captures.crawl_id = ?
    """,
    "revisions": """
        SELECT revisions.id, crawls.started_at AS crawl, posts.label AS post, number,
            contents.hash AS content_hash, fields_hash, origin, revisions.extractor,
            revisions.template, method, confidence, captures.url AS capture_url,
            captures.fetched_at AS captured_at, captures.body_hash, revisions.title,
            revisions.author, revisions.authors, revisions.published_at, revisions.modified_at,
            excerpt, image_url, revisions.tags, revisions.word_count, revisions.readings,
            revisions.links, self_links
        FROM revisions JOIN crawls ON crawls.id = revisions.crawl_id
        JOIN posts ON posts.id = revisions.post_id JOIN contents ON contents.id = content_id
        JOIN captures ON captures.id = capture_id
        WHERE revisions.crawl_id = ?
    """,
    "reextractions": """
        SELECT reextractions.id, crawls.started_at AS crawl, posts.label AS post,
            revisions.number AS revision, pending.number AS pending_revision,
            captures.url AS capture_url, captures.fetched_at AS captured_at,
            reextractions.template, reextractions.claims, extracted_at
        FROM reextractions JOIN crawls ON crawls.id = reextractions.crawl_id
        JOIN posts ON posts.id = reextractions.post_id
        JOIN captures ON captures.id = reextractions.capture_id
        JOIN revisions ON revisions.id = reextractions.revision_id
        LEFT JOIN revisions AS pending ON pending.id = pending_revision_id
        WHERE reextractions.crawl_id = ?
    """,
    "observations": """
        SELECT observations.id, crawls.started_at AS crawl, posts.label AS post,
            revisions.number AS revision, verdict
        FROM observations JOIN crawls ON crawls.id = observations.crawl_id
        JOIN posts ON posts.id = observations.post_id
        LEFT JOIN revisions ON revisions.id = observations.revision_id
        WHERE observations.crawl_id = ?
    """,
    "changes": """
        SELECT changes.id, crawls.started_at AS crawl, posts.label AS post, changes.kind, severity,
            changes.origin, cause, before.number AS from_revision, after.number AS to_revision,
            not_before, not_after, changes.lastmod, words_added, words_removed, similarity,
            is_revert, standing, witness, moving, rules_version,
            (
                SELECT json_group_array(json_array(field, old_value, new_value))
                FROM change_fields WHERE change_id = changes.id
            ) AS fields
        FROM changes JOIN crawls ON crawls.id = changes.crawl_id
        JOIN posts ON posts.id = changes.post_id
        LEFT JOIN revisions AS before ON before.id = from_revision_id
        LEFT JOIN revisions AS after ON after.id = to_revision_id
        WHERE changes.crawl_id = ?
    """,
}
"""The query of each table, with all columns of its leaves."""
