"""The pages of posts since the store last moved their dates: what varies between them is learned
from."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scraper.archive.captures.reader import CaptureReader, try_reader
from scraper.archive.database import open_for_reading
from scraper.archive.rows import read_rows
from scraper.crawl_evidence import StoredSight
from scraper.exceptions import ArchiveError, CaptureLost

MOST_POSTS: Final = 20
QUIET_POSTS: Final = 6
"""So many posts that did not change are read beside: where a place stands still there, it is the
author's."""

MOST_BYTES: Final = 10_000_000
"""Pages beyond so many bytes are left out: all are compared within the time for one page."""

_LAST: Final = 4
"""Besides the first page since the date, so many of the last are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _PageRow:
    """A capture and the answer that it refers to."""

    id: int
    final_url: str
    fetched_at: str
    resource_type: str
    body_id: int
    body_hash: str
    extractor: str = ""
    template: str = ""
    is_dated: int = 0
    is_due: int = 0


def load_sights(
    archive: Path, captures: Path, crawl_id: int, urls: Sequence[str]
) -> list[list[StoredSight]]:
    """Return the pages of the posts at `urls`, and of some more that a crawl read, since their
    dates moved last; oldest first. Pages that are not stored are left out.

    Raises ArchiveError.
    """
    reader = try_reader(captures)
    if reader is None:
        return []
    db = open_for_reading(archive)
    try:
        posts = _find_posts(db.conn, crawl_id, urls[:MOST_POSTS])
        sights = (_sights(db.conn, reader, crawl_id, *post) for post in posts.items())
        return list(_within(MOST_BYTES, sights))
    except sqlite3.Error as error:
        raise ArchiveError(f"cannot read {archive}: {error}") from error
    finally:
        db.close()
        reader.close()


def load_previous(
    connection: sqlite3.Connection,
    captures: Path,
    url: str,
    *,
    lastmod: str,
    rules: tuple[str, str],
) -> StoredSight | None:
    """Return the last page that showed the current revision of the post at `url`, if the store has
    moved its date since to `lastmod`, if one more sight would confirm a difference, or if it was
    read by other rules than these, an extractor and a template: by another extractor, or by a
    template that differs in places that vary alone. None if not, or if the page is not stored."""
    extractor, template = rules
    values = {"url": url, "lastmod": lastmod, "extractor": extractor, "template": template}
    return _load_page(captures, url, read_rows(connection, _PageRow, _PREVIOUS, values))


def load_unmoved(
    connection: sqlite3.Connection, captures: Path, url: str, *, lastmod: str, by: str
) -> StoredSight | None:
    """Return the last page of the post at `url` that showed its current revision at `lastmod`; one
    of before the time `by`, if that is not empty and there is one. None where its date has moved
    since, or where the page is not stored."""
    values = {"url": url, "lastmod": lastmod, "by": by}
    return _load_page(captures, url, read_rows(connection, _PageRow, _UNMOVED, values))


def _load_page(captures: Path, url: str, pages: Sequence[_PageRow]) -> StoredSight | None:
    reader = try_reader(captures) if pages else None
    if reader is None:
        return None
    try:
        return next(iter(_read(reader, pages[0], url)), None)
    finally:
        reader.close()


def _within(most: int, posts: Iterable[list[StoredSight]]) -> Iterator[list[StoredSight]]:
    for sights in posts:
        most -= sum(len(sight.body) for sight in sights)
        if most < 0:
            return
        yield sights


def _find_posts(
    connection: sqlite3.Connection, crawl_id: int, urls: Sequence[str]
) -> dict[int, str]:
    """Posts by number, with their addresses."""
    found: dict[int, str] = {}
    for url in urls:
        found |= dict(connection.execute(_POST, [crawl_id, url]).fetchall())
    others = connection.execute(_FETCHED, [crawl_id, len(found) + QUIET_POSTS]).fetchall()
    quiet = [(post_id, url) for post_id, url in others if post_id not in found]
    return found | dict(quiet[:QUIET_POSTS])


def _sights(
    connection: sqlite3.Connection, reader: CaptureReader, crawl_id: int, post_id: int, url: str
) -> list[StoredSight]:
    pages = read_rows(connection, _PageRow, _PAGES, {"post": post_id, "crawl": crawl_id})
    chosen = [*pages[:1], *pages[1:][-_LAST:]]
    return [sight for page in chosen for sight in _read(reader, page, url)]


def _read(reader: CaptureReader, page: _PageRow, url: str) -> Sequence[StoredSight]:
    try:
        answer = reader.read(page.body_id, page.body_hash)
    except CaptureLost:
        return ()
    sight = StoredSight(
        capture_id=page.id,
        post_url=url,
        final_url=page.final_url,
        fetched_at=page.fetched_at,
        is_control=page.resource_type == "control",
        content_type=answer.header("content-type"),
        body=answer.body,
        rules=(page.extractor, page.template),
        is_dated=bool(page.is_dated),
        is_due=bool(page.is_due),
    )
    return (sight,)


def _theme_blocks(template: str) -> str:
    """SQL for the blocks of a template that do not vary by themselves."""
    return f"""(
        SELECT json_group_array((value ->> 'path') || ' ' || (value ->> 'text'))
        FROM json_each({template}.blocks) WHERE value ->> 'learned_from' != 'sights'
    )"""


_POST = """
    SELECT posts.id, posts.url FROM crawls JOIN posts ON posts.store_id = crawls.store_id
    WHERE crawls.id = ? AND posts.url = ?
"""
_PREVIOUS = f"""
    SELECT id, final_url, fetched_at, resource_type, body_id, body_hash, extractor, template,
        is_dated, is_due
    FROM (
        SELECT captures.id, final_url, fetched_at, resource_type, body_id, body_hash,
            seen_extractor AS extractor, seen_template AS template, http_status,
            :lastmod > seen_lastmod AND seen_lastmod != '' AS is_dated,
            (:lastmod > seen_lastmod AND seen_lastmod != '') OR EXISTS (
                SELECT 1 FROM pending_changes
                WHERE post_id = posts.id AND standing = 'pending' AND sights + 1 >= confirm_sights
            ) AS is_due
        FROM post_urls
        JOIN posts ON posts.id = post_urls.post_id AND posts.url = post_urls.url
        JOIN revisions ON revisions.id = posts.revision_id
        JOIN captures ON captures.post_id = posts.id
            AND captures.fetched_at <= revisions.last_seen_at
        WHERE post_urls.url = :url AND verdict = 'ok' AND resource_type = 'post' AND (is_due OR (
            (seen_extractor, seen_template) != (:extractor, :template)
            AND (seen_template = :template OR EXISTS (
                SELECT 1 FROM templates AS known JOIN templates AS latest
                    ON latest.store_id = known.store_id AND latest.fingerprint = known.fingerprint
                WHERE known.store_id = posts.store_id
                    AND known.version = seen_template AND latest.version = :template
                    AND {_theme_blocks("known")} = {_theme_blocks("latest")}
            ))
        ))
        ORDER BY captures.fetched_at DESC, captures.id DESC LIMIT 1
    ) WHERE body_id IS NOT NULL AND http_status != 0
"""
_UNMOVED = """
    SELECT captures.id, final_url, fetched_at, resource_type, body_id, body_hash
    FROM post_urls
    JOIN posts ON posts.id = post_urls.post_id AND posts.url = post_urls.url
    JOIN revisions ON revisions.id = posts.revision_id
    JOIN captures ON captures.post_id = posts.id AND captures.fetched_at <= revisions.last_seen_at
    WHERE post_urls.url = :url AND seen_lastmod = :lastmod
        AND verdict = 'ok' AND body_id IS NOT NULL AND resource_type = 'post'
        AND http_status != 0
    ORDER BY captures.fetched_at <= :by DESC, captures.fetched_at DESC, captures.id DESC LIMIT 1
"""
_FETCHED = """
    SELECT DISTINCT posts.id, posts.url FROM captures JOIN posts ON posts.id = captures.post_id
    WHERE crawl_id = ? AND verdict = 'ok' LIMIT ?
"""
# A difference at which a date moved became a change: since the last one nobody edited the post.
_PAGES = """
    SELECT id, final_url, fetched_at, resource_type, body_id, body_hash FROM captures
    WHERE verdict = 'ok' AND body_id IS NOT NULL
        AND fetched_at >= (SELECT last_changed_at FROM posts WHERE id = :post)
        AND http_status != 0
        AND (
            post_id = :post
            OR crawl_id = :crawl AND resource_type = 'control'
            AND url IN (SELECT url FROM post_urls WHERE post_id = :post)
        )
    ORDER BY (SELECT started_at FROM crawls WHERE crawls.id = crawl_id), crawl_id,
        resource_type = 'control', captures.id
"""
