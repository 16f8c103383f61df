"""Which revision of a post stood at a time, as far as it was seen."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from scraper.archive.rows import read_row, read_rows
from scraper.archive.statements import quoted
from scraper.exceptions import NoSuchRevision
from scraper.history.removal import ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The revision (by its number) in which a post was last seen before a time.

    It was seen from `first_seen_at` to `last_seen_at`, in `looks` fetches that follow each other;
    the next fetch with another result was at `next_seen_at` (empty if there was none). Times are
    UTC.
    """

    number: int
    first_seen_at: str
    last_seen_at: str
    looks: int
    next_seen_at: str


def standing_at(connection: sqlite3.Connection, post_id: int, time: str) -> Standing:
    """Read what was last seen of a post at a time (UTC).

    Raises NoSuchRevision if it was not seen yet, or was removed by then.
    """
    values = {"post_id": post_id, "time": time}
    label, first = connection.execute(_POST, [post_id]).fetchone()
    found = read_row(connection, Standing, _STANDING, values)
    if found is None:
        raise NoSuchRevision(f"{label} was not seen by {time}: first seen {first}")
    removal = connection.execute(_REMOVAL, {**values, "since": found.last_seen_at}).fetchone()
    if removal is not None:
        not_before, not_after = removal
        raise NoSuchRevision(
            f"{label} was removed by {time}: last seen {not_before}, gone {not_after}"
        )
    return found


def periods_of(connection: sqlite3.Connection, post_id: int, number: int) -> list[Standing]:
    """Read the periods in which a post was seen as one revision, in order; none of a revision that
    no fetch showed (a file's, or one that other rules read from an old page)."""
    return read_rows(connection, Standing, _PERIODS, {"post_id": post_id, "number": number})


REMOVALS = f"""
    SELECT not_after AS first_at, coalesce((
        SELECT max(last_seen_at) FROM observations
        WHERE post_id = :post_id AND verdict IN ({quoted(*sorted(ABSENT), "renamed")})
            AND first_seen_at >= not_after AND first_seen_at < coalesce((
                SELECT min(first_seen_at) FROM observations
                WHERE post_id = :post_id AND revision_id IS NOT NULL AND first_seen_at > not_after
            ), '9999')
    ), not_after) AS last_at
    FROM changes WHERE post_id = :post_id AND kind = 'removed'
"""
"""When a post was found removed, and when it was last found so before it was back."""

# A page of an earlier time adds its observation late: only times give the order.
_PERIOD = """
    SELECT revisions.number, observations.first_seen_at,
        observations.last_seen_at, count AS looks,
        coalesce((
            SELECT min(following.first_seen_at) FROM observations AS following
            WHERE following.post_id = :post_id AND (following.first_seen_at, following.id)
                > (observations.first_seen_at, observations.id)
        ), '') AS next_seen_at
    FROM observations JOIN revisions ON revisions.id = observations.revision_id
    WHERE observations.post_id = :post_id
"""
_STANDING = f"""
    {_PERIOD} AND observations.first_seen_at <= :time
    ORDER BY observations.first_seen_at DESC, observations.id DESC LIMIT 1
"""
_PERIODS = f"{_PERIOD} AND revisions.number = :number ORDER BY observations.first_seen_at"
_REMOVAL = """
    SELECT not_before, not_after FROM changes
    WHERE post_id = :post_id AND kind = 'removed' AND not_after BETWEEN :since AND :time
    ORDER BY id DESC LIMIT 1
"""
_POST = "SELECT label, first_seen_at FROM posts WHERE id = ?"
