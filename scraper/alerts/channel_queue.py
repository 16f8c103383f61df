"""Delivers the messages of the outbox, in order for each channel, and retries each until it is
accepted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scraper.alerts.channels import LONGEST_DELAY, Channel, retry_at
from scraper.alerts.notices import Message
from scraper.alerts.outbox import FAILURES_TO_REPORT, Outbox, Waiting
from scraper.exceptions import NotDelivered
from scraper.timestamps import format_timestamp, parse_timestamp

Deliver = Callable[[Channel, Message, str, str], None]
"""Delivers a message, with its key and the time it was created, to a channel. Raises
NotDelivered."""

MOST_LATER_MESSAGES = 50
"""How many later messages are tried to find out whether a channel refuses one message or all."""


@dataclass(slots=True)
class SendReport:
    """The result of one round: how many messages were delivered, the channels that still have
    waiting ones, and lines for people."""

    delivered: int = 0
    failing: set[str] = field(default_factory=set)
    lines: tuple[str, ...] = ()

    def add(self, line: str) -> None:
        """Add a line."""
        self.lines = (*self.lines, line)


@dataclass(frozen=True, slots=True)
class ChannelQueue:
    """Delivers waiting messages, and adds the result to `report`. `clock` returns the time, UTC."""

    outbox: Outbox
    deliver: Deliver
    clock: Callable[[], datetime]
    report: SendReport

    def flush(self, channel: Channel) -> None:
        """Deliver the messages that wait for a channel, in order, until one fails."""
        while waiting := self.outbox.next_message(channel.name):
            if not _is_due(waiting, self.clock()):
                self.report.failing.add(channel.name)
                return
            problem = self._deliver(channel, waiting)
            if problem is None:
                continue
            if not (
                problem.refused
                and waiting.attempts + 1 >= FAILURES_TO_REPORT
                and self._accepts_others(channel, waiting)
            ):
                self._record_failure(waiting, str(problem))
                return
            self.outbox.mark_refused(waiting, str(problem), self._now())
            self.report.add(f"{channel.name} refused a message, which is now set aside: {problem}")

    def _deliver(self, channel: Channel, waiting: Waiting) -> NotDelivered | None:
        """Deliver a message and record it as sent, or return why it failed."""
        try:
            self.deliver(channel, waiting.message, waiting.key, waiting.created_at)
        except NotDelivered as problem:
            return problem
        self.report.delivered += 1
        if self.outbox.mark_sent(waiting.id, channel.name, self._now()):
            self.report.add(f"{channel.name} accepts messages again")
        return None

    def _accepts_others(self, channel: Channel, refused: Waiting) -> bool:
        """Whether a channel accepts a later message than the refused one; if so, the message is at
        fault and not the channel."""
        later = refused
        for _ in range(MOST_LATER_MESSAGES):
            found = self.outbox.next_message(channel.name, after=later.id)
            if found is None:
                return False
            later, problem = found, self._deliver(channel, found)
            if problem is None or not problem.refused:
                return problem is None
        return False

    def _record_failure(self, waiting: Waiting, error: str) -> None:
        self.report.failing.add(waiting.channel)
        now = self.clock()
        retry = format_timestamp(retry_at(waiting.attempts + 1, now))
        self.outbox.record_failed_attempt(
            waiting,
            error=error,
            next_attempt_at=retry,
            at=format_timestamp(now),
        )
        self.report.add(f"{waiting.channel} accepted no message: {error}; next attempt at {retry}")

    def _now(self) -> str:
        return format_timestamp(self.clock())


def _is_due(waiting: Waiting, now: datetime) -> bool:
    """Whether the next attempt is due. A time beyond the longest delay was written while the clock
    was wrong."""
    next_at = parse_timestamp(waiting.next_attempt_at)
    return next_at <= now or next_at > now + LONGEST_DELAY + timedelta(minutes=1)
