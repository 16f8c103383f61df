"""The outbox: what is to be told is written down with what marks it as told, and stays until the
channel has taken it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from sqlite_utils import Database

from scraper.alerts.notices import Alert, Message, Timing
from scraper.archive.rows import read_rows
from scraper.archive.statements import insert, quoted, transaction, update
from scraper.archive.write.incidents import set_incident

MessageState = Literal["waiting", "sent", "refused", "dropped"]
"""Of a message: what `alert_messages.state` says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message that its channel has not taken yet; `key` is its own for ever, by which a receiver
    knows it again."""

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
    """Something on its way: a message, ``waiting`` or ``refused``, or, where `created_at` is empty, a
    change that waits for a digest, its post being `subject`."""

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
    """A message to be put into the outbox, and the alerts that it tells; `key` as in `Waiting`."""

    channel: str
    timing: Timing
    key: str
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingDigest:
    """Alerts that wait for a digest of their channel, in the order in which they were noted: their
    numbers and their changes'."""

    channel: str
    timing: Timing
    first_created_at: str
    alerts: tuple[int, ...]
    changes: tuple[int, ...]


def record_processed_crawl(
    db: Database,
    crawl_id: int,
    told: Iterable[tuple[OutboxMessage | None, Sequence[Alert]]],
    at: str,
) -> int:
    """Note, all at once, that alerts have looked at a crawl, what is to be told of it, and the
    messages that go out at once: each with its alerts, or alerts that wait for a digest. Says how
    many alerts that are."""
    with transaction(db.conn):
        insert(db.conn, "alert_processed_crawls", crawl_id=crawl_id, processed_at=at)
        return sum(_note(db.conn, letter, alerts, at) for letter, alerts in told)


def skip_crawls(db: Database, crawl_ids: Iterable[int], at: str) -> None:
    """Note that nothing is to be told of crawls."""
    with transaction(db.conn):
        for crawl_id in crawl_ids:
            insert(db.conn, "alert_processed_crawls", crawl_id=crawl_id, processed_at=at)


def pending_digests(db: Database) -> list[PendingDigest]:
    """What waits for a digest, by channel and timing."""
    rows = db.execute(_UNDIGESTED).fetchall()
    return [
        PendingDigest(
            channel=row[0],
            timing=row[1],
            first_created_at=row[2],
            alerts=tuple(json.loads(row[3])),
            changes=tuple(json.loads(row[4])),
        )
        for row in rows
    ]


def add_digest(db: Database, letter: OutboxMessage, alerts: Iterable[int], at: str) -> None:
    """Put a digest into the outbox, and note that it tells those alerts, all at once."""
    with transaction(db.conn):
        message_id = add_message(db.conn, letter, at)
        db.conn.executemany(
            "UPDATE alerts SET message_id = ? WHERE id = ? AND message_id IS NULL",
            [(message_id, one) for one in alerts],
        )


def waiting_channels(db: Database) -> list[str]:
    """The channels for which messages wait."""
    return [
        channel
        for (channel,) in db.execute(
            "SELECT DISTINCT channel FROM alert_messages WHERE state = 'waiting' ORDER BY 1"
        ).fetchall()
    ]


def next_message(db: Database, channel: str, after: int = 0) -> Waiting | None:
    """The oldest message that waits for a channel, of those with a higher number than `after`: no
    other may go before it."""
    row = db.execute(_NEXT, [channel, after]).fetchone()
    if row is None:
        return None
    content = json.loads(row[7])
    message = Message(subject=row[8], **content | {"changes": tuple(content["changes"])})
    return Waiting(
        **dict(
            zip(
                ("id", "channel", "key", "created_at", "attempts", "next_attempt_at", "last_error"),
                row,
                strict=False,
            )
        ),
        message=message,
    )


def read_outbox(db: Database) -> list[OutboxRow]:
    """All that is on its way, by channel, messages first."""
    return read_rows(db.conn, OutboxRow, _OUTBOX)


def mark_sent(db: Database, message_id: int, channel: str, at: str) -> bool:
    """Note that a channel took a message; says whether trouble with it is over by that. What was
    told stays in `alerts`, its words go."""
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
    """Note that a channel did not take a message; after `patience` tries that is an incident: says
    whether one was opened."""
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
    """Set aside a message that its channel would not have, though it takes others; says whether an
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
        detail = f"{waiting.channel} refused the message {waiting.message.subject!r}: {error}; scrapy alerts retry or drop"
        return set_incident(db.conn, None, "alerts_refused", detail, at, subject=waiting.channel)


def refused_channels(db: Database) -> list[str]:
    """The channels that refused messages which nobody has settled yet."""
    return [
        channel
        for (channel,) in db.execute(
            "SELECT DISTINCT channel FROM alert_messages WHERE state = 'refused' ORDER BY 1"
        )
    ]


def set_message_state(
    db: Database, channel: str, *, to: MessageState, of: Sequence[MessageState], at: str
) -> int:
    """Have messages for a channel that stand in the states `of` wait again, or never go out; says
    how many. What was told of them, and that they were dropped, stays; trouble with them is over.
    """
    with transaction(db.conn):
        content = "content" if to == "waiting" else "''"
        found = db.conn.execute(
            f"UPDATE alert_messages SET state = ?, attempts = 0, next_attempt_at = ?, content = {content} "
            f"WHERE channel = ? AND state IN ({quoted(*of)})",
            [to, at, channel],
        ).rowcount
        set_incident(db.conn, None, "alerts_refused", "", at, subject=channel)
        if "waiting" in of:
            set_incident(db.conn, None, "alerts_undelivered", "", at, subject=channel)
        return found


def record_missing_channel(db: Database, channel: str, at: str) -> bool:
    """Note that messages wait for a channel that there is no more; says whether an incident was
    opened."""
    with transaction(db.conn):
        detail = f"messages wait for {channel}, which the file of stores does not have"
        return set_incident(db.conn, None, "alerts_undelivered", detail, at, subject=channel)


def _note(
    connection: sqlite3.Connection, letter: OutboxMessage | None, alerts: Sequence[Alert], at: str
) -> int:
    message_id = add_message(connection, letter, at) if letter else None
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


def add_message(connection: sqlite3.Connection, letter: OutboxMessage, at: str) -> int:
    """Put a message into the outbox and return its number. The caller holds the transaction."""
    (number,) = connection.execute(
        "SELECT count(*) + 1 FROM alert_messages WHERE channel = ?", [letter.channel]
    ).fetchone()
    content = {name: value for name, value in asdict(letter.message).items() if name != "subject"}
    return insert(
        connection,
        "alert_messages",
        label=f"{letter.channel}: message {number}",
        channel=letter.channel,
        timing=letter.timing,
        key=letter.key,
        subject=letter.message.subject,
        content=json.dumps(content, ensure_ascii=False),
        created_at=at,
        next_attempt_at=at,
    )


_UNDIGESTED = """
    SELECT channel, timing, min(created_at), json_group_array(id), json_group_array(change_id)
    FROM (SELECT * FROM alerts WHERE message_id IS NULL ORDER BY id) GROUP BY channel, timing ORDER BY channel, timing
"""
_NEXT = """
    SELECT id, channel, key, created_at, attempts, next_attempt_at, last_error, content, subject FROM alert_messages
    WHERE channel = ? AND state = 'waiting' AND id > ? ORDER BY id LIMIT 1
"""
_OUTBOX = """
    SELECT channel, state, timing, subject, created_at, attempts, next_attempt_at, last_error FROM (
        SELECT channel, state, timing, subject, created_at, attempts, next_attempt_at, last_error, id, 0 AS late FROM alert_messages
        WHERE state IN ('waiting', 'refused')
        UNION ALL
        SELECT channel, 'waiting', alerts.timing, changes.kind || ' ' || posts.title, '', 0, '', '', alerts.id, 1
        FROM alerts JOIN changes ON changes.id = alerts.change_id JOIN posts ON posts.id = changes.post_id WHERE message_id IS NULL
    ) ORDER BY channel, late, id
"""
