"""Messages on their way out of the archive's outbox, one after the other for each channel, each
until it is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlite_utils import Database

from scraper.alerts.channels import LONGEST_PAUSE, PATIENCE, Channel, retry_at
from scraper.alerts.notices import Message
from scraper.archive.write.outbox import (
    Waiting,
    mark_refused,
    mark_sent,
    next_message,
    record_failed_attempt,
)
from scraper.exceptions import NotDelivered
from scraper.timestamps import format_timestamp, parse_timestamp

Deliver = Callable[[Channel, Message, str, str], None]
"""Hands a message with its key, and when it was made, to a channel. Raises NotDelivered."""

OTHERS = 50
"""So many later messages are tried at most, to see whether a channel refuses one message or all."""


@dataclass(slots=True)
class SendReport:
    """What one round came to: messages taken, the channels for which messages still wait, and lines
    for a person."""

    taken: int = 0
    down: set[str] = field(default_factory=set)
    lines: tuple[str, ...] = ()

    def tell(self, line: str) -> None:
        """Add a line."""
        self.lines = (*self.lines, line)


@dataclass(frozen=True, slots=True)
class ChannelQueue:
    """Sends what waits, and notes in `sent` what came of it. `clock` says what time it is, UTC."""

    db: Database
    deliver: Deliver
    clock: Callable[[], datetime]
    sent: SendReport

    def empty(self, channel: Channel) -> None:
        """Send what waits for a channel, in its order, until it takes no more."""
        while waiting := next_message(self.db, channel.name):
            if not _is_time(waiting, self.clock()):
                self.sent.down.add(channel.name)
                return
            problem = self._hand_over(channel, waiting)
            if problem is None:
                continue
            if not (
                problem.refused
                and waiting.attempts + 1 >= PATIENCE
                and self._takes_others(channel, waiting)
            ):
                self._record_failure(waiting, str(problem))
                return
            mark_refused(self.db, waiting, str(problem), self._now())
            self.sent.tell(f"{channel.name} refused a message, which is set aside: {problem}")

    def _hand_over(self, channel: Channel, waiting: Waiting) -> NotDelivered | None:
        """Send a message, and note that it was taken, or return why it was not."""
        try:
            self.deliver(channel, waiting.message, waiting.key, waiting.created_at)
        except NotDelivered as problem:
            return problem
        self.sent.taken += 1
        if mark_sent(self.db, waiting.id, channel.name, self._now()):
            self.sent.tell(f"{channel.name} takes messages again")
        return None

    def _takes_others(self, channel: Channel, refused: Waiting) -> bool:
        """Whether a channel takes a later message than one that it refused: then it is the message
        and not the channel."""
        later = refused
        for _ in range(OTHERS):
            found = next_message(self.db, channel.name, after=later.id)
            if found is None:
                return False
            later, problem = found, self._hand_over(channel, found)
            if problem is None or not problem.refused:
                return problem is None
        return False

    def _record_failure(self, waiting: Waiting, error: str) -> None:
        self.sent.down.add(waiting.channel)
        now = self.clock()
        again = format_timestamp(retry_at(waiting.attempts + 1, now))
        record_failed_attempt(
            self.db,
            waiting,
            error=error,
            next_attempt_at=again,
            at=format_timestamp(now),
            patience=PATIENCE,
        )
        self.sent.tell(f"{waiting.channel} took no message: {error}; tried again after {again}")

    def _now(self) -> str:
        return format_timestamp(self.clock())


def _is_time(waiting: Waiting, now: datetime) -> bool:
    """Whether to try again; a time farther away than any pause was noted while the clock was
    wrong."""
    again = parse_timestamp(waiting.next_attempt_at)
    return again <= now or again > now + LONGEST_PAUSE + timedelta(minutes=1)
