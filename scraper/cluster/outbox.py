"""The outbox of a cluster: alerts and messages of all stores, in PostgreSQL, and their delivery."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import tomlkit

from scraper.alerts.channel_queue import Deliver, SendReport
from scraper.alerts.messages import queue_incidents
from scraper.alerts.notices import Alert, ChangeNotice, IncidentNotice, Message
from scraper.alerts.outbox import (
    FAILURES_TO_REPORT,
    CrawlMessage,
    Event,
    MessageState,
    Outbox,
    OutboxMessage,
    OutboxRow,
    PendingDigest,
    Waiting,
    closed_by,
    missing,
    refused,
    undelivered,
)
from scraper.alerts.sender import send_waiting
from scraper.cluster.database import Connection, open_connection
from scraper.history.crawl_health import IncidentKind
from scraper.schedule.timetable.stores import StoresFile, parse_stores
from scraper.timestamps import format_timestamp

LOCK: Final = "blogkeep alerts"


@dataclass(frozen=True, slots=True)
class PostgresOutbox(Outbox):
    """The outbox in PostgreSQL. Its methods raise psycopg's errors.

    `store`: the store whose incidents they mean; empty for those of the cluster itself, which are
    about channels.
    """

    connection: Connection
    store: str = ""

    def now(self) -> datetime:
        """The server's time."""
        return self._value("SELECT clock_timestamp() AS found")  # type: ignore[no-any-return]

    def try_lock(self) -> bool:
        """Become the one that sends or changes the state of messages, until the connection ends;
        False if another is."""
        return bool(self._value("SELECT pg_try_advisory_lock(hashtext(%s)) AS found", [LOCK]))

    def lock(self) -> None:
        """As `try_lock`, but wait for the other."""
        self.connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [LOCK])

    def channels(self) -> StoresFile:
        """The channels of the cluster, as a file of stores without stores."""
        rows = self.connection.execute(_CHANNELS_FILE).fetchall()
        incidents = [row["name"] for row in rows if row["takes_incidents"]]
        text = tomlkit.dumps({"defaults": {"incidents": incidents}})
        return parse_stores("".join([text, *(row["config"] for row in rows)]))

    def add_crawls(self, messages: Iterable[CrawlMessage], at: str) -> None:
        """Save the messages of crawls with their alerts; those without a message wait for a digest.
        The caller holds the transaction."""
        for message, alerts in messages:
            message_id = self._add(message, at) if message else None
            with self.connection.cursor() as cursor:
                cursor.executemany(
                    _ADD_ALERT, [self._alert(alert, message_id, at) for alert in alerts]
                )

    def pending_digests(self) -> list[PendingDigest]:
        rows = self.connection.execute(_UNDIGESTED).fetchall()
        return [PendingDigest(**{**row, "alerts": tuple(row["alerts"])}) for row in rows]

    def changes_of(self, digest: PendingDigest) -> list[ChangeNotice]:
        rows = self.connection.execute(_NOTICES, [list(digest.alerts)]).fetchall()
        return [ChangeNotice.of(row["notice"]) for row in rows]

    def add_digest(self, message: OutboxMessage, alerts: Sequence[int], at: str) -> None:
        with self.connection.transaction():
            self.connection.execute(_LINK, [self._add(message, at), list(alerts)])

    def waiting_channels(self) -> list[str]:
        return self._channels("waiting")

    def next_message(self, channel: str, after: int = 0) -> Waiting | None:
        row = self.connection.execute(_NEXT, [channel, after]).fetchone()
        if row is None:
            return None
        message = Message.of(row.pop("subject"), row.pop("content"))
        return Waiting(message=message, **row)

    def mark_sent(self, message_id: int, channel: str, at: str) -> bool:
        with self.connection.transaction():
            self.connection.execute(_SENT, [at, message_id])
            return self._set_incident("alerts_undelivered", "", at, channel)

    def record_failed_attempt(
        self, waiting: Waiting, *, error: str, next_attempt_at: str, at: str
    ) -> None:
        with self.connection.transaction():
            self.connection.execute(_FAILED, ["waiting", error, next_attempt_at, waiting.id])
            if waiting.attempts + 1 >= FAILURES_TO_REPORT:
                detail = undelivered(waiting.channel, error)
                self._set_incident("alerts_undelivered", detail, at, waiting.channel)

    def mark_refused(self, waiting: Waiting, error: str, at: str) -> None:
        with self.connection.transaction():
            values = ["refused", error, waiting.next_attempt_at, waiting.id]
            self.connection.execute(_FAILED, values)
            self._set_incident("alerts_refused", refused(waiting, error), at, waiting.channel)

    def record_missing_channel(self, channel: str, at: str) -> bool:
        return self._set_incident("alerts_undelivered", missing(channel), at, channel)

    def open_incidents(self) -> list[IncidentNotice]:
        rows = self.connection.execute(_OPEN, [self.store or None]).fetchall()
        return [_incident(**row) for row in rows]

    def channels_notified(self, incident_id: int) -> frozenset[str]:
        rows = self.connection.execute(_NOTIFIED, [incident_id]).fetchall()
        return frozenset(row["channel"] for row in rows)

    def closed_incidents(self) -> list[tuple[IncidentNotice, str]]:
        rows = self.connection.execute(_UNREPORTED_CLOSINGS, [self.store or None]).fetchall()
        found = []
        for row in rows:
            channel = row.pop("channel")
            found.append((_incident(**row), channel))
        return found

    def put_incident(
        self, incident: IncidentNotice, event: Event, message: OutboxMessage, at: str
    ) -> None:
        with self.connection.transaction():
            values = [incident.incident_id, message.channel, event, at, self._add(message, at)]
            self.connection.execute(_ADD_INCIDENT, values)

    def rows(self) -> list[OutboxRow]:
        return [OutboxRow(**row) for row in self.connection.execute(_ROWS).fetchall()]

    def refused_channels(self) -> list[str]:
        return self._channels("refused")

    def set_state(
        self, channel: str, *, to: MessageState, of: Sequence[MessageState], at: str
    ) -> int:
        with self.connection.transaction():
            values = {"to": to, "at": at, "channel": channel, "of": list(of)}
            found = self.connection.execute(_SET_STATE, values).rowcount
            for kind in closed_by(of):
                self._set_incident(kind, "", at, channel)
            return found

    def _alert(self, alert: Alert, message_id: int | None, at: str) -> dict[str, Any]:
        return {
            "store": self.store,
            "crawl_id": alert.change.crawl_id,
            "change_id": alert.change.id,
            "channel": alert.channel,
            "rule": alert.rule,
            "timing": alert.timing,
            "notice": "" if message_id else alert.change.as_json(),
            "created_at": at,
            "message_id": message_id,
        }

    def _add(self, message: OutboxMessage, at: str) -> int:
        values = {
            "channel": message.channel,
            "timing": message.timing,
            "key": message.key,
            "subject": message.message.subject,
            "content": message.message.content,
            "at": at,
        }
        return int(self._value(_ADD, values))

    def _channels(self, state: MessageState) -> list[str]:
        return [row["channel"] for row in self.connection.execute(_CHANNELS, [state]).fetchall()]

    def _set_incident(self, kind: IncidentKind, detail: str, at: str, channel: str) -> bool:
        """Open an incident of a channel unless one is open, or close it if `detail` is empty."""
        values = {"kind": kind, "detail": detail, "at": at, "channel": channel}
        statement = _OPEN_INCIDENT if detail else _CLOSE_INCIDENT
        return self.connection.execute(statement, values).rowcount > 0

    def _value(self, statement: str, values: Any = None) -> Any:
        row = self.connection.execute(statement.encode(), values).fetchone()
        assert row is not None
        return row["found"]


def write_alerts(
    connection: Connection, store: str, file: StoresFile, messages: Iterable[CrawlMessage]
) -> None:
    """Put what the crawls of a store found into the outbox, and its incidents as the catalogue has
    them. The caller holds the transaction."""
    outbox = PostgresOutbox(connection, store)
    at = format_timestamp(outbox.now())
    outbox.add_crawls(messages, at)
    queue_incidents(outbox, file, at)


@contextmanager
def open_outbox(conninfo: str) -> Iterator[PostgresOutbox]:
    """The outbox through a connection of its own. Raises ClusterError, ClusterUnavailable."""
    with open_connection(conninfo) as connection:
        yield PostgresOutbox(connection)


def send_alerts(conninfo: str, deliver: Deliver, web_url: str) -> SendReport | None:
    """Make messages of the digests that are due and deliver what waits; None if another process is
    doing so. Raises ClusterError, ClusterUnavailable.

    The lock is the connection's: once it breaks, the next statement ends this round, and another
    sender begins with the message that this one was delivering, under the same key.
    """
    with open_outbox(conninfo) as outbox:
        if not outbox.try_lock():
            return None
        return send_waiting(outbox, outbox.channels(), deliver, outbox.now, web_url)


def _incident(*, host: str | None, **values: Any) -> IncidentNotice:
    return IncidentNotice(store=host or "", hosts=(host,) if host else (), **values)


_CHANNELS_FILE = "SELECT name, config, takes_incidents FROM channels ORDER BY name"
_ADD_ALERT = """
    INSERT INTO alerts (
        store, crawl_id, change_id, channel, rule, timing, notice, created_at, message_id
    ) VALUES (
        %(store)s, %(crawl_id)s, %(change_id)s, %(channel)s, %(rule)s, %(timing)s, %(notice)s,
        %(created_at)s, %(message_id)s
    )
"""
_ADD = """
    INSERT INTO alert_messages (
        channel, timing, key, subject, content, created_at, next_attempt_at
    ) VALUES (
        %(channel)s, %(timing)s, %(key)s, %(subject)s, %(content)s, %(at)s, %(at)s
    ) RETURNING id AS found
"""
_UNDIGESTED = """
    SELECT channel, timing, min(created_at) AS first_created_at, array_agg(id ORDER BY id) AS alerts
    FROM alerts WHERE message_id IS NULL GROUP BY channel, timing ORDER BY channel, timing
"""
_NOTICES = "SELECT notice FROM alerts WHERE id = ANY(%s) ORDER BY id"
_LINK = """
    UPDATE alerts SET message_id = %s, notice = '' WHERE id = ANY(%s) AND message_id IS NULL
"""
_CHANNELS = "SELECT DISTINCT channel FROM alert_messages WHERE state = %s ORDER BY channel"
_NEXT = """
    SELECT id, channel, key, created_at, attempts, next_attempt_at, last_error, content, subject
    FROM alert_messages
    WHERE channel = %s AND state = 'waiting' AND id > %s ORDER BY id LIMIT 1
"""
_SENT = """
    UPDATE alert_messages SET state = 'sent', sent_at = %s, content = '', last_error = ''
    WHERE id = %s
"""
_FAILED = """
    UPDATE alert_messages SET state = %s, attempts = attempts + 1, last_error = %s,
        next_attempt_at = %s
    WHERE id = %s
"""
_SET_STATE = """
    UPDATE alert_messages SET state = %(to)s, attempts = 0, next_attempt_at = %(at)s,
        content = CASE %(to)s WHEN 'waiting' THEN content ELSE '' END
    WHERE channel = %(channel)s AND state = ANY(%(of)s)
"""
_OPEN_INCIDENT = """
    INSERT INTO incidents (kind, subject, opened_at, detail)
    VALUES (%(kind)s, %(channel)s, %(at)s, %(detail)s) ON CONFLICT DO NOTHING
"""
_CLOSE_INCIDENT = """
    UPDATE incidents SET closed_at = %(at)s
    WHERE store IS NULL AND kind = %(kind)s AND subject = %(channel)s AND closed_at IS NULL
"""
_INCIDENT = """
    SELECT incidents.id AS incident_id, host, kind, incidents.subject, detail, opened_at,
        coalesce(closed_at, '') AS closed_at
"""
_OPEN = f"""{_INCIDENT}
    FROM incidents LEFT JOIN stores ON name = store
    WHERE store IS NOT DISTINCT FROM %s AND closed_at IS NULL ORDER BY incidents.id
"""
_NOTIFIED = "SELECT channel FROM alert_incidents WHERE incident_id = %s AND event = 'opened'"
_UNREPORTED_CLOSINGS = f"""{_INCIDENT}, opening.channel
    FROM incidents LEFT JOIN stores ON name = store
    JOIN alert_incidents AS opening ON opening.incident_id = incidents.id
    JOIN alert_messages ON alert_messages.id = opening.message_id
    WHERE store IS NOT DISTINCT FROM %s AND opening.event = 'opened' AND closed_at IS NOT NULL
        AND state != 'dropped' AND NOT EXISTS (
            SELECT FROM alert_incidents AS closing
            WHERE closing.incident_id = opening.incident_id
                AND closing.channel = opening.channel AND closing.event = 'closed'
        )
    ORDER BY incidents.id, opening.id
"""
_ADD_INCIDENT = """
    INSERT INTO alert_incidents (incident_id, channel, event, created_at, message_id)
    VALUES (%s, %s, %s, %s, %s)
"""
_ROWS = """
    SELECT channel, state, timing, subject, created_at, attempts, next_attempt_at, last_error FROM (
        SELECT channel, state, timing, subject, created_at, attempts, next_attempt_at, last_error,
            id, 0 AS for_digest
        FROM alert_messages WHERE state IN ('waiting', 'refused')
        UNION ALL
        SELECT alerts.channel, 'waiting', timing, kind || ' ' || post_title, '', 0, '', '',
            alerts.id, 1
        FROM alerts JOIN changes USING (store, change_id) WHERE message_id IS NULL
    ) AS found ORDER BY channel, for_digest, id
"""
