"""Observations: the periods in which a post was seen as one revision, or why it was not seen."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import NamedTuple

from scraper.archive.rows import read_rows
from scraper.archive.statements import insert, quoted, update
from scraper.archive.write.context import CrawlContext
from scraper.archive.write.post import revisions
from scraper.history.removal import ABSENT, State
from scraper.history.timeline import Period, Version
from scraper.history.witnesses import Dates


def record_observation(
    crawl: CrawlContext, post_id: int, revision_id: int | None, verdict: str, at: str
) -> None:
    """Record what a visit found: extend the last period if it found the same, else begin a new
    one."""
    extended = crawl.connection.execute(_EXTEND_LAST, [at, post_id, revision_id, verdict])
    if not extended.rowcount:
        begin_observation(crawl, post_id, revision_id, verdict, at)


_EXTEND_LAST = """
    UPDATE observations SET last_seen_at = ?1, count = count + 1
    WHERE id = (
        SELECT id FROM observations WHERE post_id = ?2 ORDER BY last_seen_at DESC, id DESC LIMIT 1
    ) AND revision_id IS ?3 AND verdict = ?4
"""


def begin_observation(
    crawl: CrawlContext, post_id: int, revision_id: int | None, verdict: str, at: str
) -> None:
    """Begin a period, as of a post that was never seen before."""
    insert(
        crawl.connection,
        "observations",
        post_id=post_id,
        crawl_id=crawl.crawl_id,
        revision_id=revision_id,
        verdict=verdict,
        first_seen_at=at,
        last_seen_at=at,
    )


def last_absence(connection: sqlite3.Connection, post_id: int, state: State) -> str:
    """When a removed post was last found absent (UTC); empty for any other."""
    if state != "removed":
        return ""
    (last_seen_at,) = connection.execute(
        "SELECT max(last_seen_at) FROM observations WHERE post_id = ? "
        f"AND verdict IN ({quoted(*sorted(ABSENT), 'renamed')})",
        [post_id],
    ).fetchone()
    return str(last_seen_at or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A row of `observations`; `was_current`: its revision was the current one of the post once."""

    id: int
    revision_id: int | None
    first_seen_at: str
    last_seen_at: str
    count: int
    was_current: int


class AdjacentPeriod(NamedTuple):
    """The period before or after an observation of an earlier time, and its revision."""

    revision_id: int
    period: Period


def neighbours(
    connection: sqlite3.Connection, post_id: int, at: str
) -> tuple[AdjacentPeriod | None, AdjacentPeriod] | None:
    """Return the periods before and after a time before the last sight of a post. None where
    nothing can be placed: the post was removed then, or seen as nothing that was ever current."""
    rows = read_rows(connection, _Row, _ROWS, [post_id])
    around = [row for row in rows if row.first_seen_at <= at <= row.last_seen_at]
    (removed,) = connection.execute(_REMOVED, [post_id, at]).fetchone()
    if removed or any(
        not row.was_current or at in (row.first_seen_at, row.last_seen_at) for row in around
    ):
        return None
    seen = [row for row in rows if row.was_current]
    before = next((row for row in reversed(seen) if row.first_seen_at < at), None)
    after = next((row for row in seen if row.last_seen_at > at), None)
    if after is None:
        return None
    return (
        _neighbour(connection, before, until=at) if before else None,
        _neighbour(connection, after, since=at),
    )


def _neighbour(
    connection: sqlite3.Connection, row: _Row, *, until: str = "", since: str = ""
) -> AdjacentPeriod:
    first, last = row.first_seen_at, row.last_seen_at
    if until and last > until:
        last, _ = _sights_around(connection, row, until)
    if since and first < since:
        _, first = _sights_around(connection, row, since)
    versions = connection.execute(_SAME_PAGES, [row.revision_id]).fetchall()
    found = frozenset[Version](tuple(version) for version in versions)
    assert row.revision_id is not None, "the row of a revision that was current"
    dates = Dates(claims=revisions.claims_of(connection, row.revision_id).readings)
    period = Period(versions=found, first_seen_at=first, last_seen_at=last, dates=dates)
    return AdjacentPeriod(row.revision_id, period)


def insert_observation(crawl: CrawlContext, post_id: int, revision_id: int, at: str) -> None:
    """Record a sight of a revision at a time before the last one."""
    connection = crawl.connection
    rows = read_rows(connection, _Row, _ROWS, [post_id])
    around = next((row for row in rows if row.first_seen_at < at < row.last_seen_at), None)
    before = next((row for row in reversed(rows) if row.last_seen_at < at), None)
    after = next((row for row in rows if row.first_seen_at > at), None)
    found = next(
        (row for row in (around, before, after) if row and row.revision_id == revision_id), None
    )
    if found is not None:
        connection.execute(
            "UPDATE observations SET first_seen_at = min(first_seen_at, ?2), "
            "last_seen_at = max(last_seen_at, ?2), count = count + 1 WHERE id = ?1",
            [found.id, at],
        )
        return
    if around is not None:
        _split(crawl, post_id, around, at)
    begin_observation(crawl, post_id, revision_id, "ok", at)


def _split(crawl: CrawlContext, post_id: int, row: _Row, at: str) -> None:
    connection = crawl.connection
    before, after = _sights_around(connection, row, at)
    (count,) = connection.execute(
        "SELECT count(*) FROM captures WHERE post_id = ? AND revision_id = ? "
        "AND fetched_at BETWEEN ? AND ?",
        [post_id, row.revision_id, row.first_seen_at, before],
    ).fetchone()
    update(connection, "observations", row.id, last_seen_at=before, count=count)
    insert(
        connection,
        "observations",
        post_id=post_id,
        crawl_id=crawl.crawl_id,
        revision_id=row.revision_id,
        verdict="ok",
        first_seen_at=after,
        last_seen_at=row.last_seen_at,
        count=row.count - count,
    )


def _sights_around(connection: sqlite3.Connection, row: _Row, at: str) -> tuple[str, str]:
    """The last sight in a row before a time, and the first after it."""
    before, after = connection.execute(
        """
        SELECT max(fetched_at) FILTER (WHERE fetched_at < ?2),
            min(fetched_at) FILTER (WHERE fetched_at > ?2)
        FROM captures JOIN observations ON observations.post_id = captures.post_id
        WHERE observations.id = ?1 AND captures.revision_id = observations.revision_id
            AND fetched_at BETWEEN first_seen_at AND observations.last_seen_at
        """,
        [row.id, at],
    ).fetchone()
    return str(before or row.first_seen_at), str(after or row.last_seen_at)


_ROWS = """
    SELECT id, revision_id, first_seen_at, last_seen_at, count,
        revision_id IS NOT NULL AND EXISTS (
            SELECT 1 FROM changes WHERE changes.post_id = observations.post_id
                AND to_revision_id = observations.revision_id
        ) AS was_current
    FROM observations WHERE post_id = ? ORDER BY first_seen_at, id
"""
_REMOVED = """
    SELECT coalesce((
        SELECT kind = 'removed' FROM changes
        WHERE post_id = ? AND kind IN ('removed', 'restored') AND not_after <= ?
        ORDER BY not_after DESC, id DESC LIMIT 1
    ), 0)
"""
# Rules of another day that read the same pages otherwise made technical changes.
_SAME_PAGES = """
    WITH RECURSIVE same(id) AS (
        SELECT ?
        UNION
        SELECT to_revision_id FROM changes JOIN same ON from_revision_id = same.id
        WHERE changes.origin = 'technical' AND to_revision_id IS NOT NULL
    )
    SELECT contents.hash, revisions.fields_hash FROM same
    JOIN revisions ON revisions.id = same.id JOIN contents ON contents.id = revisions.content_id
"""
