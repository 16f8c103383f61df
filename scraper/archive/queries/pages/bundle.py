"""What an evidence bundle holds of a post: whole revisions, captures, and which rows prove it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scraper.archive.queries.pages.evidence import CaptureFacts, read_capture_facts
from scraper.archive.rows import read_row
from scraper.archive.statements import quoted, to_json
from scraper.exceptions import NoSuchRevision

LISTINGS: Final = ("feed", "sitemap")
"""Answers that list posts with their dates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeRevision:
    """A revision with all forms of its body, whose SHA-256 is `hash`."""

    id: int
    number: int
    capture_id: int
    origin: str
    extractor: str
    title: str
    author: str
    published_at: str
    first_seen_at: str
    last_seen_at: str
    html: str
    markdown: str
    text: str
    hash: str


def read_whole_revision(connection: sqlite3.Connection, post_id: int, number: int) -> WholeRevision:
    """Read a revision of a post by its number. Raises NoSuchRevision."""
    found = read_row(connection, WholeRevision, _REVISION, [post_id, number])
    if found is None:
        raise NoSuchRevision(f"the post has no revision {number}")
    return found


def captures_between(
    connection: sqlite3.Connection, post_id: int, first: str, last: str
) -> list[CaptureFacts]:
    """Read every answer for a post from one time to another (UTC, both included), oldest first."""
    rows = connection.execute(_BETWEEN, [post_id, first, last]).fetchall()
    return [read_capture_facts(connection, capture_id) for (capture_id,) in rows]


def image_captures(
    connection: sqlite3.Connection, post_id: int, pages: Sequence[CaptureFacts]
) -> list[CaptureFacts]:
    """Read the answers that brought the images of a post, as they were while the crawls of its
    pages ran."""
    if not pages:
        return []
    crawls = to_json({page.crawl_id for page in pages})
    rows = connection.execute(_IMAGES, [post_id, pages[0].fetched_at, crawls]).fetchall()
    known = {page.id for page in pages}
    return [read_capture_facts(connection, row_id) for (row_id,) in rows if row_id not in known]


def listing_captures(
    connection: sqlite3.Connection, post_id: int, pages: Sequence[CaptureFacts]
) -> list[CaptureFacts]:
    """Read the sitemaps and feeds that listed a post in the crawls of the first and the last of its
    pages: they say which date the store gave it."""
    crawls = to_json({page.crawl_id for page in (*pages[:1], *pages[-1:])})
    rows = connection.execute(_LISTINGS, [crawls, post_id]).fetchall()
    return [read_capture_facts(connection, row_id) for (row_id,) in rows]


def last_good_fetch(connection: sqlite3.Connection, post_id: int, until: str) -> str:
    """Return when the last answer that showed a post came, at a time (UTC) or before; empty if none
    did."""
    (fetched_at,) = connection.execute(_LAST_GOOD, [post_id, until]).fetchone()
    return str(fetched_at or "")


def observations_of(
    connection: sqlite3.Connection, post_id: int, revision_ids: list[int]
) -> frozenset[int]:
    """Return the observations in which revisions of a post were seen, by their ids."""
    sql = """
        SELECT id FROM observations
        WHERE post_id = ? AND revision_id IN (SELECT value FROM json_each(?))
    """
    rows = connection.execute(sql, [post_id, to_json(revision_ids)])
    return frozenset(row_id for (row_id,) in rows)


def writing_crawls(
    connection: sqlite3.Connection, table: str, ids: frozenset[int]
) -> frozenset[int]:
    """Return the crawls that wrote rows of a table that seals cover."""
    assert table in SEALED, table
    sql = f"SELECT DISTINCT crawl_id FROM {table} WHERE id IN (SELECT value FROM json_each(?))"
    return frozenset(crawl_id for (crawl_id,) in connection.execute(sql, [to_json(ids)]))


SEALED = ("captures", "revisions", "observations", "changes")

_REVISION = """
    SELECT revisions.id, number, capture_id, origin, extractor, title, author, published_at,
        first_seen_at, last_seen_at, html, markdown, text, hash
    FROM revisions JOIN contents ON contents.id = content_id WHERE post_id = ? AND number = ?
"""
_BETWEEN = """
    SELECT id FROM captures WHERE post_id = ? AND fetched_at BETWEEN ? AND ?
    ORDER BY fetched_at, id
"""
_IMAGES = """
    SELECT DISTINCT images.capture_id FROM post_images JOIN images ON images.id = image_id
    WHERE post_id = ? AND last_seen_at >= ? AND first_seen_at <= (
        SELECT max(coalesce(finished_at, heartbeat_at)) FROM crawls
        WHERE id IN (SELECT value FROM json_each(?))
    ) ORDER BY images.capture_id
"""
_LISTINGS = f"""
    SELECT DISTINCT captures.id FROM captures
    JOIN listings ON listings.source_url IN (captures.url, captures.final_url)
    WHERE captures.crawl_id IN (SELECT value FROM json_each(?)) AND verdict = 'ok'
        AND resource_type IN ({quoted(*LISTINGS)})
        AND listings.url IN (SELECT url FROM post_urls WHERE post_id = ?)
    ORDER BY captures.id
"""
_LAST_GOOD = """
    SELECT max(fetched_at) FROM captures
    WHERE post_id = ? AND verdict = 'ok' AND fetched_at <= ?
"""
