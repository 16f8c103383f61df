"""The outbox of alerts: its values, and the protocol of where it is. One machine has it in the
archive, a cluster in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from scraper.alerts.notices import Alert, ChangeNotice, IncidentNotice, Message, Timing
from scraper.history.crawl_health import IncidentKind

FAILURES_TO_REPORT = 5
"""So many failed attempts in a row open an incident."""

Event = Literal["opened", "closed"]

MessageState = Literal["waiting", "sent", "refused", "dropped"]
"""The values of a message's state."""


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


CrawlMessage = tuple[OutboxMessage | None, Sequence[Alert]]
"""A message of a crawl with its alerts; None for alerts that wait for a digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingDigest:
    """Alerts that wait for a digest of their channel: their ids, oldest first."""

    channel: str
    timing: Timing
    first_created_at: str
    alerts: tuple[int, ...]


def undelivered(channel: str, error: str) -> str:
    """The detail of an incident: a channel takes no messages."""
    return f"{channel} takes no messages: {error}"


def refused(waiting: Waiting, error: str) -> str:
    """The detail of an incident: a channel refuses one message."""
    return (
        f"{waiting.channel} refused the message {waiting.message.subject!r}: {error}; "
        "blogkeep alerts retry or drop"
    )


def missing(channel: str) -> str:
    """The detail of an incident: messages wait for a channel that no longer exists."""
    return f"messages wait for {channel}, which the file of stores does not have"


def closed_by(states: Sequence[MessageState]) -> Sequence[IncidentKind]:
    """The incidents of a channel that end when its messages leave these states."""
    return ("alerts_refused", *(("alerts_undelivered",) if "waiting" in states else ()))


class Outbox(Protocol):
    """Messages from the transaction that decides on them until their channel accepts them, in
    order for each channel. Times are UTC; each change is one transaction."""

    def pending_digests(self) -> Sequence[PendingDigest]:
        """The alerts that wait for a digest, by channel and timing."""

    def changes_of(self, digest: PendingDigest) -> Sequence[ChangeNotice]:
        """The changes of a digest, in the order of its alerts."""

    def add_digest(self, message: OutboxMessage, alerts: Sequence[int], at: str) -> None:
        """Put a digest into the outbox and link its alerts to it."""

    def waiting_channels(self) -> Sequence[str]:
        """The channels with waiting messages."""

    def next_message(self, channel: str, after: int = 0) -> Waiting | None:
        """The oldest waiting message of a channel with an id above `after`, or None. Messages go
        out in this order."""

    def mark_sent(self, message_id: int, channel: str, at: str) -> bool:
        """Mark a message as sent; returns whether that closed an incident of the channel. Its
        alerts stay, its content is deleted."""

    def record_failed_attempt(
        self, waiting: Waiting, *, error: str, next_attempt_at: str, at: str
    ) -> None:
        """Record a failed delivery; after `FAILURES_TO_REPORT` it opens an incident."""

    def mark_refused(self, waiting: Waiting, error: str, at: str) -> None:
        """Mark a message that its channel rejects, though it accepts others, and open an
        incident."""

    def record_missing_channel(self, channel: str, at: str) -> bool:
        """Open an incident for messages that wait for a channel which no longer exists; returns
        whether one was opened."""

    def open_incidents(self) -> Sequence[IncidentNotice]:
        """The open incidents, oldest first."""

    def channels_notified(self, incident_id: int) -> frozenset[str]:
        """The channels that were notified when an incident was opened."""

    def closed_incidents(self) -> Sequence[tuple[IncidentNotice, str]]:
        """The closed incidents, each with a channel that knows only of the opening. A channel whose
        message about the opening was dropped is left out."""

    def put_incident(
        self, incident: IncidentNotice, event: Event, message: OutboxMessage, at: str
    ) -> None:
        """Put a message about an incident into the outbox and record that its channel is
        notified."""

    def rows(self) -> Sequence[OutboxRow]:
        """What waits or was refused, by channel, messages first."""

    def refused_channels(self) -> Sequence[str]:
        """The channels with refused messages."""

    def set_state(
        self, channel: str, *, to: MessageState, of: Sequence[MessageState], at: str
    ) -> int:
        """Change messages of a channel in the states `of` to ``waiting`` or ``dropped``; returns
        how many. Their alerts stay; incidents about them are closed."""
