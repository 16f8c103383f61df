"""The outbox of an archive: messages of alerts, from the transaction that marks their alerts as
processed until their channel accepts them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

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
from scraper.archive.queries.notices import (
    channels_notified,
    closed_incident_notices,
    open_incident_notices,
    read_notice,
)
from scraper.archive.rows import named_rows, read_rows
from scraper.archive.statements import insert, quoted, transaction, update
from scraper.archive.write.incidents import set_incident
from scraper.history.crawl_health import IncidentKind


def record_processed_crawl(
    db: Database, crawl_id: int, messages: Iterable[CrawlMessage], at: str
) -> None:
    """Mark a crawl as processed, and save its messages with their alerts, in one transaction.
    Alerts without a message wait for a digest."""
    with transaction(db.conn):
        insert(db.conn, "alert_processed_crawls", crawl_id=crawl_id, processed_at=at)
        for message, alerts in messages:
            _save(db.conn, message, alerts, at)


def skip_crawls(db: Database, crawl_ids: Iterable[int], at: str) -> None:
    """Mark crawls as processed without alerts."""
    with transaction(db.conn):
        for crawl_id in crawl_ids:
            insert(db.conn, "alert_processed_crawls", crawl_id=crawl_id, processed_at=at)


@dataclass(frozen=True, slots=True)
class ArchiveOutbox(Outbox):
    """The outbox in an archive."""

    db: Database

    def pending_digests(self) -> list[PendingDigest]:
        return [
            PendingDigest(alerts=tuple(json.loads(row.pop("alerts"))), **row)
            for row in named_rows(self.db, _UNDIGESTED)
        ]

    def changes_of(self, digest: PendingDigest) -> list[ChangeNotice]:
        found = self.db.execute(_CHANGES, [json.dumps(digest.alerts)]).fetchall()
        return [read_notice(self.db, change_id) for (change_id,) in found]

    def add_digest(self, message: OutboxMessage, alerts: Iterable[int], at: str) -> None:
        with transaction(self.db.conn):
            message_id = _add_message(self.db.conn, message, at)
            self.db.conn.executemany(
                "UPDATE alerts SET message_id = ? WHERE id = ? AND message_id IS NULL",
                [(message_id, one) for one in alerts],
            )

    def waiting_channels(self) -> list[str]:
        return self._channels("waiting")

    def next_message(self, channel: str, after: int = 0) -> Waiting | None:
        row = next(named_rows(self.db, _NEXT, [channel, after]), None)
        if row is None:
            return None
        message = Message.of(row.pop("subject"), row.pop("content"))
        return Waiting(message=message, **row)

    def mark_sent(self, message_id: int, channel: str, at: str) -> bool:
        with transaction(self.db.conn):
            update(
                self.db.conn,
                "alert_messages",
                message_id,
                state="sent",
                sent_at=at,
                content="",
                last_error="",
            )
            return self._set_incident("alerts_undelivered", "", at, channel)

    def record_failed_attempt(
        self, waiting: Waiting, *, error: str, next_attempt_at: str, at: str
    ) -> None:
        with transaction(self.db.conn):
            update(
                self.db.conn,
                "alert_messages",
                waiting.id,
                attempts=waiting.attempts + 1,
                next_attempt_at=next_attempt_at,
                last_error=error,
            )
            if waiting.attempts + 1 >= FAILURES_TO_REPORT:
                detail = undelivered(waiting.channel, error)
                self._set_incident("alerts_undelivered", detail, at, waiting.channel)

    def mark_refused(self, waiting: Waiting, error: str, at: str) -> None:
        with transaction(self.db.conn):
            update(
                self.db.conn,
                "alert_messages",
                waiting.id,
                state="refused",
                attempts=waiting.attempts + 1,
                last_error=error,
            )
            self._set_incident("alerts_refused", refused(waiting, error), at, waiting.channel)

    def record_missing_channel(self, channel: str, at: str) -> bool:
        with transaction(self.db.conn):
            return self._set_incident("alerts_undelivered", missing(channel), at, channel)

    def open_incidents(self) -> list[IncidentNotice]:
        return open_incident_notices(self.db)

    def channels_notified(self, incident_id: int) -> frozenset[str]:
        return channels_notified(self.db, incident_id)

    def closed_incidents(self) -> list[tuple[IncidentNotice, str]]:
        return closed_incident_notices(self.db)

    def put_incident(
        self, incident: IncidentNotice, event: Event, message: OutboxMessage, at: str
    ) -> None:
        with transaction(self.db.conn):
            message_id = _add_message(self.db.conn, message, at)
            insert(
                self.db.conn,
                "alert_incidents",
                incident_id=incident.incident_id,
                channel=message.channel,
                event=event,
                created_at=at,
                message_id=message_id,
            )

    def rows(self) -> list[OutboxRow]:
        return read_rows(self.db.conn, OutboxRow, _OUTBOX)

    def refused_channels(self) -> list[str]:
        return self._channels("refused")

    def set_state(
        self, channel: str, *, to: MessageState, of: Sequence[MessageState], at: str
    ) -> int:
        with transaction(self.db.conn):
            content = "content" if to == "waiting" else "''"
            found = self.db.conn.execute(
                "UPDATE alert_messages "
                f"SET state = ?, attempts = 0, next_attempt_at = ?, content = {content} "
                f"WHERE channel = ? AND state IN ({quoted(*of)})",
                [to, at, channel],
            ).rowcount
            for kind in closed_by(of):
                self._set_incident(kind, "", at, channel)
            return found

    def _channels(self, state: MessageState) -> list[str]:
        sql = "SELECT DISTINCT channel FROM alert_messages WHERE state = ? ORDER BY 1"
        return [channel for (channel,) in self.db.execute(sql, [state])]

    def _set_incident(self, kind: IncidentKind, detail: str, at: str, channel: str) -> bool:
        return set_incident(self.db.conn, None, kind, detail, at, subject=channel)


def _save(
    connection: sqlite3.Connection, message: OutboxMessage | None, alerts: Sequence[Alert], at: str
) -> None:
    message_id = _add_message(connection, message, at) if message else None
    for alert in alerts:
        insert(
            connection,
            "alerts",
            channel=alert.channel,
            rule=alert.rule,
            timing=alert.timing,
            store_id=alert.change.store_id,
            crawl_id=alert.change.crawl_id,
            change_id=alert.change.id,
            group_id=alert.change.group_id or None,
            created_at=at,
            message_id=message_id,
        )


def _add_message(connection: sqlite3.Connection, message: OutboxMessage, at: str) -> int:
    """Put a message into the outbox and return its id. The caller holds the transaction."""
    (number,) = connection.execute(
        "SELECT count(*) + 1 FROM alert_messages WHERE channel = ?", [message.channel]
    ).fetchone()
    return insert(
        connection,
        "alert_messages",
        label=f"{message.channel}: message {number}",
        channel=message.channel,
        timing=message.timing,
        key=message.key,
        subject=message.message.subject,
        content=message.message.content,
        created_at=at,
        next_attempt_at=at,
    )


_UNDIGESTED = """
    SELECT channel, timing, min(created_at) AS first_created_at, json_group_array(id) AS alerts
    FROM (SELECT * FROM alerts WHERE message_id IS NULL ORDER BY id)
    GROUP BY channel, timing ORDER BY channel, timing
"""
_CHANGES = """
    SELECT change_id FROM alerts WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id
"""
_NEXT = """
    SELECT id, channel, key, created_at, attempts, next_attempt_at, last_error, content, subject
    FROM alert_messages
    WHERE channel = ? AND state = 'waiting' AND id > ? ORDER BY id LIMIT 1
"""
_OUTBOX = """
    SELECT channel, state, timing, subject, created_at, attempts, next_attempt_at, last_error FROM (
        SELECT channel, state, timing, subject, created_at, attempts, next_attempt_at, last_error,
            id, 0 AS for_digest
        FROM alert_messages WHERE state IN ('waiting', 'refused')
        UNION ALL
        SELECT channel, 'waiting', alerts.timing, changes.kind || ' ' || posts.title, '', 0, '', '',
            alerts.id, 1
        FROM alerts
        JOIN changes ON changes.id = alerts.change_id
        JOIN posts ON posts.id = changes.post_id
        WHERE message_id IS NULL
    ) ORDER BY channel, for_digest, id
"""
