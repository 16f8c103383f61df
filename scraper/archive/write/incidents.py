"""Incidents: failures that last, each opened once and closed once."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable

from scraper.archive.statements import insert, quoted, update
from scraper.history.crawl_health import Health, IncidentKind


def open_incident(
    connection: sqlite3.Connection,
    store_id: int | None,
    kind: IncidentKind | Health,
    detail: str,
    at: str,
    *,
    subject: str = "",
) -> bool:
    """Open an incident of a store, or of no store (None), unless one is open; returns whether it
    was opened. The caller holds the transaction.

    `subject` distinguishes incidents of one kind: a store in stores.toml, a channel.
    """
    is_open = connection.execute(
        "SELECT 1 FROM incidents "
        "WHERE store_id IS ? AND kind = ? AND subject = ? AND closed_at IS NULL",
        [store_id, kind, subject],
    ).fetchone()
    if is_open:
        return False
    insert(
        connection,
        "incidents",
        store_id=store_id,
        kind=kind,
        subject=subject,
        opened_at=at,
        detail=detail,
    )
    return True


def close_incidents(
    connection: sqlite3.Connection,
    store_id: int | None,
    *,
    kinds: Iterable[str],
    at: str,
    subject: str = "",
) -> int:
    """Close the open incidents of some kinds and return how many. The caller holds the
    transaction."""
    return connection.execute(
        "UPDATE incidents SET closed_at = ? WHERE store_id IS ? AND subject = ? "
        f"AND closed_at IS NULL AND kind IN ({quoted(*kinds)})",
        [at, store_id, subject],
    ).rowcount


def set_incident(
    connection: sqlite3.Connection,
    store_id: int | None,
    kind: IncidentKind,
    detail: str,
    at: str,
    *,
    subject: str = "",
) -> bool:
    """Open an incident unless one is open, or close it if `detail` is empty; returns whether
    anything changed. The caller holds the transaction."""
    if detail:
        return open_incident(connection, store_id, kind, detail, at, subject=subject)
    return close_incidents(connection, store_id, kinds=[kind], at=at, subject=subject) > 0


def close_other_subjects(
    connection: sqlite3.Connection, kind: IncidentKind, subjects: Collection[str], at: str
) -> None:
    """Close incidents of a kind whose subject no longer exists. The caller holds the
    transaction."""
    rows = connection.execute(
        "SELECT id, subject FROM incidents WHERE kind = ? AND closed_at IS NULL", [kind]
    ).fetchall()
    for incident_id in [number for number, subject in rows if subject not in subjects]:
        update(connection, "incidents", incident_id, closed_at=at)
