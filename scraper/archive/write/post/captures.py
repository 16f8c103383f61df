"""Captures: what the server answered, one row each, with what a page adds to its post's history."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from scraper.archive.statements import insert, to_json, update
from scraper.archive.store_templates import NO_TEMPLATE
from scraper.archive.write.context import CrawlContext
from scraper.archive.write.post.revisions import parse_readings
from scraper.history.reconcile import latest_claims
from scraper.history.witnesses import witnessing
from scraper.items import FieldClaim, Visit

_LANGUAGE = "language"
_ADDRESS = "url"


class KnownPage(Protocol):
    """What was known of a post before a page: its address, its language, and the last claim of each
    source."""

    @property
    def url(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def readings(self) -> tuple[FieldClaim, ...]: ...


def save_capture(
    crawl: CrawlContext,
    visit: Visit,
    post_id: int | None,
    body_id: int | None,
    *,
    revision_id: int | None = None,
    known: KnownPage | None = None,
) -> int:
    """Write the capture of a visit, whose body is stored under `body_id` and which shows a revision
    of a post that is `known`; returns its id."""
    capture = visit.capture
    return insert(
        crawl.connection,
        "captures",
        crawl_id=crawl.crawl_id,
        post_id=post_id,
        url=capture.url,
        final_url=capture.final_url,
        http_status=capture.http_status,
        verdict=capture.verdict,
        detail=capture.detail,
        fetched_at=capture.fetched_at,
        dated_by=capture.dated_by,
        etag=capture.etag,
        last_modified=capture.last_modified,
        body_hash=capture.body_hash,
        body_bytes=capture.body_bytes,
        body_id=body_id,
        resource_type=visit.resource_type,
        template=(visit.post.template if visit.post else "") or NO_TEMPLATE,
        revision_id=revision_id,
        lastmod=visit.lastmod if visit.post else "",
        claims=_new_claims(visit, known),
    )


def record_sight(connection: sqlite3.Connection, capture_id: int, revision_id: int) -> None:
    """Record which revision of its post a capture shows."""
    update(connection, "captures", capture_id, revision_id=revision_id)


def newest_capture(connection: sqlite3.Connection, post_id: int) -> int:
    """Return the id of the newest capture of a post."""
    (capture_id,) = connection.execute(
        "SELECT max(id) FROM captures WHERE post_id = ?", [post_id]
    ).fetchone()
    return int(capture_id)


def _new_claims(visit: Visit, known: KnownPage | None) -> str:
    if visit.post is None:
        return ""
    language, now = visit.post.language or "unknown", witnessing(visit.post.readings)
    move = (known.url, visit.post.url) if known else ("", "")
    is_moved = all(move) and move[0] != move[1]
    if known and known.language == language and not is_moved:
        before = witnessing(known.readings)
        if latest_claims(before, now) == before:
            return ""
    return claims_column(language, now, move if is_moved else None)


def claims_column(
    language: str, claims: Iterable[FieldClaim], move: tuple[str, str] | None = None
) -> str:
    """Return what a page claims that history depends on, for a column `claims`; `move` are the
    post's address before it and since, where it is another one."""
    own = [FieldClaim(field=_LANGUAGE, source="page", raw=language, value=language)]
    if move:
        own.append(FieldClaim(field=_ADDRESS, source="page", raw=move[0], value=move[1]))
    return to_json([*own, *witnessing(claims)])


class PageClaims(NamedTuple):
    """What a page claims that history depends on: its language, the claims that may witness an
    edit, and the post's address before it and since, both empty where it stayed."""

    language: str = ""
    witnesses: tuple[FieldClaim, ...] = ()
    url_before: str = ""
    url: str = ""


def parse_claims(column: str) -> PageClaims:
    """Return the claims in a column `claims`."""
    if not column:
        return PageClaims()
    language, *claims = parse_readings(column)
    if not claims or claims[0].field != _ADDRESS:
        return PageClaims(language.value, tuple(claims))
    move, *claims = claims
    return PageClaims(language.value, tuple(claims), move.raw, move.value)
