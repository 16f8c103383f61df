"""Incidents to be told: which stand open, and which channels were told of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from sqlite_utils import Database

from scraper.alerts.notices import IncidentNotice
from scraper.archive.queries.change_notices import ORIGINS, hosts_of
from scraper.archive.rows import make_row
from scraper.archive.statements import insert, transaction
from scraper.archive.write.outbox import OutboxMessage, put_message

Event = Literal["opened", "closed"]


def open_incident_notices(db: Database) -> list[IncidentNotice]:
    """The incidents that stand open, oldest first."""
    return [
        _trouble(row)
        for row in db.execute(
            _TROUBLES + "WHERE closed_at IS NULL ORDER BY incidents.id"
        ).fetchall()
    ]


def channels_notified(db: Database, incident_id: int) -> frozenset[str]:
    """The channels that were told that an incident was opened."""
    sql = "SELECT channel FROM alert_incidents WHERE incident_id = ? AND event = 'opened'"
    return frozenset(channel for (channel,) in db.execute(sql, [incident_id]))


def closed_incident_notices(db: Database) -> list[tuple[IncidentNotice, str]]:
    """Incidents that were closed, each with a channel that was told of their opening and not yet of
    that; none that was to be told of their opening and had that message dropped."""
    rows = db.execute(_TROUBLES_OVER).fetchall()
    return [(_trouble(row[1:]), row[0]) for row in rows]


def note_told(
    db: Database, trouble: IncidentNotice, event: Event, letter: OutboxMessage, at: str
) -> None:
    """Put a message of an incident into the outbox, and note that its channel is told, all at
    once."""
    with transaction(db.conn):
        message_id = put_message(db.conn, letter, at)
        insert(
            db.conn,
            "alert_incidents",
            incident_id=trouble.incident_id,
            channel=letter.channel,
            event=event,
            created_at=at,
            message_id=message_id,
        )


def _trouble(row: Sequence[Any]) -> IncidentNotice:
    *values, origins = row
    return make_row(IncidentNotice, (*values, hosts_of(origins)))


_COLUMNS = f"incidents.id, coalesce(stores.name, ''), kind, subject, detail, opened_at, coalesce(closed_at, ''), {ORIGINS}"
_TROUBLES = f"SELECT {_COLUMNS} FROM incidents LEFT JOIN stores ON stores.id = incidents.store_id "
_TROUBLES_OVER = f"""
    SELECT told.channel, {_COLUMNS} FROM alert_incidents AS told
    JOIN incidents ON incidents.id = told.incident_id LEFT JOIN stores ON stores.id = incidents.store_id
    WHERE told.event = 'opened' AND closed_at IS NOT NULL
    AND told.message_id NOT IN (SELECT id FROM alert_messages WHERE state = 'dropped') AND NOT EXISTS (
        SELECT 1 FROM alert_incidents AS over
        WHERE over.incident_id = told.incident_id AND over.channel = told.channel AND over.event = 'closed'
    )
    ORDER BY incidents.id, told.id
"""
