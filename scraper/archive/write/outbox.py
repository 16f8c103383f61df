"""The outbox: messages of alerts, written in the transaction that marks their alerts as processed,
until their channel accepts them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from sqlite_utils import Database

from scraper.alerts.notices import Alert, Message, Timing
from scraper.archive.rows import named_rows, read_rows
from scraper.archive.statements import insert, quoted, transaction, update
from scraper.archive.write.incidents import set_incident

MessageState = Literal["waiting", "sent", "refused", "dropped"]
"""The values of `alert_messages.state`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message that its channel has not accepted yet. A receiver recognises by its unique `key` a
    message that is delivered twice."""

    id: int
    channel: str
    key: str
    created_at: str
    attempts: int
    next_attempt_at: str
    last_error: str
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """A row of the outbox: a message, ``waiting`` or ``refused``; or, with an empty `created_at`, a
    change that waits for a digest, with its post as `subject`."""

    channel: str
    state: str
    timing: str
    subject: str
    created_at: str
    attempts: int
    next_attempt_at: str
    last_error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMessage:
    """A message for the outbox; `key` as in `Waiting`."""

    channel: str
    timing: Timing
    key: str
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingDigest:
    """Alerts that wait for a digest of their channel, oldest first: their ids and those of their
    changes."""

    channel: str
    timing: Timing
    first_created_at: str
    alerts: tuple[int, ...]
    changes: tuple[int, ...]


def record_processed_crawl(
    db: Database,
    crawl_id: int,
    messages: Iterable[tuple[OutboxMessage | None, Sequence[Alert]]],
    at: str,
) -> int:
    """Mark a crawl as processed, and save its messages with their alerts, in one transaction.
    Alerts without a message wait for a digest. Returns the number of alerts."""
    with transaction(db.conn):
        insert(db.conn, "alert_processed_crawls", crawl_id=crawl_id, processed_at=at)
        return sum(_save(db.conn, message, alerts, at) for message, alerts in messages)


def skip_crawls(db: Database, crawl_ids: Iterable[int], at: str) -> None:
    """Mark crawls as processed without alerts."""
    with transaction(db.conn):
        for crawl_id in crawl_ids:
            insert(db.conn, "alert_processed_crawls", crawl_id=crawl_id, processed_at=at)


def pending_digests(db: Database) -> list[PendingDigest]:
    """Return the alerts that wait for a digest, by channel and timing."""
    return [
        PendingDigest(
            alerts=tuple(json.loads(row.pop("alerts"))),
            changes=tuple(json.loads(row.pop("changes"))),
            **row,
        )
        for row in named_rows(db, _UNDIGESTED)
    ]


def add_digest(db: Database, message: OutboxMessage, alerts: Iterable[int], at: str) -> None:
    """Put a digest into the outbox and link its alerts to it, in one transaction."""
    with transaction(db.conn):
        message_id = add_message(db.conn, message, at)
        db.conn.executemany(
            "UPDATE alerts SET message_id = ? WHERE id = ? AND message_id IS NULL",
            [(message_id, one) for one in alerts],
        )


def waiting_channels(db: Database) -> list[str]:
    """Return the channels with waiting messages."""
    return [
        channel
        for (channel,) in db.execute(
            "SELECT DISTINCT channel FROM alert_messages WHERE state = 'waiting' ORDER BY 1"
        ).fetchall()
    ]


def next_message(db: Database, channel: str, after: int = 0) -> Waiting | None:
    """Return the oldest waiting message of a channel with an id above `after`, or None. Messages go
    out in this order."""
    row = next(named_rows(db, _NEXT, [channel, after]), None)
    if row is None:
        return None
    content = json.loads(row.pop("content"))
    changes = tuple(content.pop("changes"))
    message = Message(subject=row.pop("subject"), changes=changes, **content)
    return Waiting(message=message, **row)


def read_outbox(db: Database) -> list[OutboxRow]:
    """Return the outbox by channel, messages first."""
    return read_rows(db.conn, OutboxRow, _OUTBOX)


def mark_sent(db: Database, message_id: int, channel: str, at: str) -> bool:
    """Mark a message as sent; returns whether that closed an incident of the channel. Its alerts
    stay, its content is deleted."""
    with transaction(db.conn):
        update(
            db.conn,
            "alert_messages",
            message_id,
            state="sent",
            sent_at=at,
            content="",
            last_error="",
        )
        return set_incident(db.conn, None, "alerts_undelivered", "", at, subject=channel)


def record_failed_attempt(
    db: Database, waiting: Waiting, *, error: str, next_attempt_at: str, at: str, patience: int
) -> bool:
    """Record a failed delivery; after `patience` attempts it opens an incident. Returns whether one
    was opened."""
    with transaction(db.conn):
        update(
            db.conn,
            "alert_messages",
            waiting.id,
            attempts=waiting.attempts + 1,
            next_attempt_at=next_attempt_at,
            last_error=error,
        )
        if waiting.attempts + 1 < patience:
            return False
        return set_incident(
            db.conn,
            None,
            "alerts_undelivered",
            f"{waiting.channel} takes no messages: {error}",
            at,
            subject=waiting.channel,
        )


def mark_refused(db: Database, waiting: Waiting, error: str, at: str) -> bool:
    """Mark a message that its channel rejects, though it accepts others; returns whether an
    incident was opened."""
    with transaction(db.conn):
        update(
            db.conn,
            "alert_messages",
            waiting.id,
            state="refused",
            attempts=waiting.attempts + 1,
            last_error=error,
        )
        detail = (
            f"{waiting.channel} refused the message {waiting.message.subject!r}: {error}; "
            "blogkeep alerts retry or drop"
        )
        return set_incident(db.conn, None, "alerts_refused", detail, at, subject=waiting.channel)


def refused_channels(db: Database) -> list[str]:
    """Return the channels with refused messages."""
    return [
        channel
        for (channel,) in db.execute(
            "SELECT DISTINCT channel FROM alert_messages WHERE state = 'refused' ORDER BY 1"
        )
    ]


def set_message_state(
    db: Database, channel: str, *, to: MessageState, of: Sequence[MessageState], at: str
) -> int:
    """Change messages of a channel in the states `of` to ``waiting`` or ``dropped``; returns how
    many. Their alerts stay; incidents about them are closed."""
    with transaction(db.conn):
        content = "content" if to == "waiting" else "''"
        found = db.conn.execute(
            "UPDATE alert_messages "
            f"SET state = ?, attempts = 0, next_attempt_at = ?, content = {content} "
            f"WHERE channel = ? AND state IN ({quoted(*of)})",
            [to, at, channel],
        ).rowcount
        set_incident(db.conn, None, "alerts_refused", "", at, subject=channel)
        if "waiting" in of:
            set_incident(db.conn, None, "alerts_undelivered", "", at, subject=channel)
        return found


def record_missing_channel(db: Database, channel: str, at: str) -> bool:
    """Open an incident for messages that wait for a channel which no longer exists; returns whether
    one was opened."""
    with transaction(db.conn):
        detail = f"messages wait for {channel}, which the file of stores does not have"
        return set_incident(db.conn, None, "alerts_undelivered", detail, at, subject=channel)


def _save(
    connection: sqlite3.Connection, message: OutboxMessage | None, alerts: Sequence[Alert], at: str
) -> int:
    message_id = add_message(connection, message, at) if message else None
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
    return len(alerts)


def add_message(connection: sqlite3.Connection, message: OutboxMessage, at: str) -> int:
    """Put a message into the outbox and return its id. The caller holds the transaction."""
    (number,) = connection.execute(
        "SELECT count(*) + 1 FROM alert_messages WHERE channel = ?", [message.channel]
    ).fetchone()
    content = {name: value for name, value in asdict(message.message).items() if name != "subject"}
    return insert(
        connection,
        "alert_messages",
        label=f"{message.channel}: message {number}",
        channel=message.channel,
        timing=message.timing,
        key=message.key,
        subject=message.message.subject,
        content=json.dumps(content, ensure_ascii=False),
        created_at=at,
        next_attempt_at=at,
    )


_UNDIGESTED = """
    SELECT channel, timing, min(created_at) AS first_created_at, json_group_array(id) AS alerts,
        json_group_array(change_id) AS changes
    FROM (SELECT * FROM alerts WHERE message_id IS NULL ORDER BY id)
    GROUP BY channel, timing ORDER BY channel, timing
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
