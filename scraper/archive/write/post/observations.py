"""Observations: the periods in which a post was seen as one revision, or why it was not seen."""

from __future__ import annotations

import sqlite3

from scraper.archive.statements import insert, quoted
from scraper.history.removal import ABSENT, State


def record_observation(
    connection: sqlite3.Connection, post_id: int, revision_id: int | None, verdict: str, at: str
) -> None:
    """Record what a visit found: extend the last period if it found the same, else begin a new
    one."""
    row = connection.execute(
        "SELECT id, revision_id, verdict FROM observations WHERE post_id = ? "
        "ORDER BY id DESC LIMIT 1",
        [post_id],
    ).fetchone()
    last_id, *last = row or (None,)
    if last == [revision_id, verdict]:
        connection.execute(
            "UPDATE observations SET last_seen_at = ?, count = count + 1 WHERE id = ?",
            [at, last_id],
        )
        return
    insert(
        connection,
        "observations",
        post_id=post_id,
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
