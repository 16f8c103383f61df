"""When a cron expression comes round, in a time zone, moved by a jitter and into a window of the
day.

Debian's cron is the model, as the library cronsim reads it: a run at a fixed hour that the clocks
skip in spring comes right after the gap, one that they pass twice in autumn comes once, and one of
every hour (``*``) keeps its hours.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

LONGEST_GAP = timedelta(days=366 * 5)
"""An expression that does not come round within so long is a slip."""

_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)

_SEARCH_BACK = tuple(timedelta(days=days) for days in (1 / 24, 1, 8, 32, 367, 366 * 9))
"""How far back `Timetable.last_time` searches, in steps. The last reaches across two leap days where
a century year has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The hours of the day in which a crawl may begin: from `opens` on, before `closes`, across
    midnight where that is the earlier."""

    opens: time
    closes: time

    def holds(self, local: datetime) -> bool:
        """Whether a moment, in local time, lies in the window."""
        clock = local.time()
        if self.opens < self.closes:
            return self.opens <= clock < self.closes
        return clock >= self.opens or clock < self.closes


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """When a store is to be crawled: a cron `expression` in a `zone`, each time later by up to
    `jitter`, begun within `window` if any.

    `key` gives each store a jitter of its own, the same one whenever it is worked out.
    """

    expression: str
    zone: ZoneInfo
    key: str
    jitter: timedelta = timedelta()
    window: Window | None = None

    def times(self, after: datetime) -> Iterator[datetime]:
        """The times of the expression after a moment, UTC, without end (an expression that has one
        ends the iteration)."""
        last = after
        for local in CronSim(self.expression, after.astimezone(self.zone)):
            moment = local.astimezone(UTC)
            if (
                moment > last
            ):  # where clocks go back, local time alone does not tell which came first
                yield moment
                last = moment

    def last_time(self, until: datetime) -> datetime | None:
        """The last time of the expression at or before a moment, UTC; None if there is none.

        It runs forwards from ever earlier starts: cronsim's own way backwards does not end at some
        time changes.
        """
        for span in _SEARCH_BACK:
            passed = list(takewhile(lambda moment: moment <= until, self.times(until - span)))
            if passed:
                return passed[-1]
        return None

    def ready_at(self, moment: datetime) -> datetime:
        """When the run of a time may begin: its jitter later, and then as soon as the window is
        open. UTC."""
        seed = f"{self.key} {moment.isoformat()}".encode()
        share = int.from_bytes(hashlib.sha256(seed).digest()[:8], "big") / 2**64
        return self.next_open(moment + timedelta(seconds=int(share * self.jitter.total_seconds())))

    def next_open(self, moment: datetime) -> datetime:
        """The first moment from `moment` on at which the window is open. UTC."""
        if self.window is None or self.window.holds(moment.astimezone(self.zone)):
            return moment
        local = moment.astimezone(self.zone)
        day = local.date() if local.time() < self.window.opens else local.date() + timedelta(days=1)
        opening = datetime.combine(day, self.window.opens, self.zone)
        # An opening that the clocks skip comes when they have; one that they pass twice may lie
        # behind us.
        return max(opening.astimezone(UTC), moment)


def check_expression(expression: str) -> str:
    """What is wrong with a cron expression, or an empty text."""
    if len(expression.split()) != 5:
        return "a cron expression has five fields: minute, hour, day of the month, month, day of the week"
    try:
        first = next(CronSim(expression, _ANY_TIME), None)
    except (CronSimError, StopIteration) as error:
        return f"it is no cron expression: {str(error).lower() or 'it never comes round'}"
    if first is None or first - _ANY_TIME > LONGEST_GAP:
        return "it never comes round"
    return ""
