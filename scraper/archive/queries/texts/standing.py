"""Which revision of a post stood at a time, as far as it was seen."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from scraper.archive.rows import read_row, read_rows
from scraper.exceptions import NoSuchRevision


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


_PERIOD = """
    SELECT revisions.number, observations.first_seen_at,
        observations.last_seen_at, count AS looks,
        coalesce((
            SELECT min(following.first_seen_at) FROM observations AS following
            WHERE following.post_id = :post_id AND following.id > observations.id
        ), '') AS next_seen_at
    FROM observations JOIN revisions ON revisions.id = observations.revision_id
    WHERE observations.post_id = :post_id
"""
_STANDING = f"""
    {_PERIOD} AND observations.first_seen_at <= :time ORDER BY observations.id DESC LIMIT 1
"""
_PERIODS = f"{_PERIOD} AND revisions.number = :number ORDER BY observations.id"
_REMOVAL = """
    SELECT not_before, not_after FROM changes
    WHERE post_id = :post_id AND kind = 'removed' AND not_after BETWEEN :since AND :time
    ORDER BY id DESC LIMIT 1
"""
_POST = "SELECT label, first_seen_at FROM posts WHERE id = ?"
