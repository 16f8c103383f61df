"""The scheduled times of a cron expression in a time zone, delayed by a jitter and into a window of
the day.

Time changes follow Debian's cron, as cronsim implements it. A fixed hour that is skipped in spring
runs right after the gap; one that occurs twice in autumn runs once; ``*`` runs every hour.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

LONGEST_GAP = timedelta(days=366 * 5)
"""An expression without a scheduled time within this period is rejected."""

_FIELDS = (
    ("minute", range(60)),
    ("hour", range(24)),
    ("day of the month", range(1, 32)),
    ("month", range(1, 13)),
    ("day of the week", range(8)),
)
"""The fields of an expression with the numbers that each allows."""

_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)

_SEARCH_BACK = tuple(timedelta(days=days) for days in (1 / 24, 1, 8, 32, 367, 366 * 9))
"""How far back `Timetable.last_time` searches, in steps. The last one reaches the previous leap day
even where a century year has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The hours of the day in which a crawl may begin: from `opens`, before `closes`. The window
    crosses midnight if `closes` is the earlier."""

    opens: time
    closes: time

    def holds(self, local: datetime) -> bool:
        """Whether a local time lies in the window."""
        clock = local.time()
        if self.opens < self.closes:
            return self.opens <= clock < self.closes
        return clock >= self.opens or clock < self.closes


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """When to crawl a store: a cron `expression` in a `zone`, each time delayed by up to `jitter`
    and into `window` if there is one.

    The delay is derived from `key`, so that stores differ and each result is reproducible.
    """

    expression: str
    zone: ZoneInfo
    key: str
    jitter: timedelta = timedelta()
    window: Window | None = None

    def times(self, after: datetime) -> Iterator[datetime]:
        """The scheduled times after a moment, UTC. The iterator is endless unless the expression
        has a last time."""
        last = after
        for local in CronSim(self.expression, after.astimezone(self.zone)):
            moment = local.astimezone(UTC)
            if moment > last:  # where clocks go back, cronsim may repeat an earlier time
                yield moment
                last = moment

    def last_time(self, until: datetime) -> datetime | None:
        """The last scheduled time at or before a moment, UTC; None if there is none.

        It iterates forwards from earlier and earlier starts, because cronsim's reverse iteration
        does not terminate at some time changes.
        """
        for span in _SEARCH_BACK:
            passed = list(takewhile(lambda moment: moment <= until, self.times(until - span)))
            if passed:
                return passed[-1]
        return None

    def ready_at(self, moment: datetime) -> datetime:
        """When the run of a scheduled time may begin: after its jitter, as soon as the window is
        open. UTC."""
        seed = f"{self.key} {moment.isoformat()}".encode()
        share = int.from_bytes(hashlib.sha256(seed).digest()[:8], "big") / 2**64
        return self.next_open(moment + timedelta(seconds=int(share * self.jitter.total_seconds())))

    def next_open(self, moment: datetime) -> datetime:
        """The first moment from `moment` on at which the window is open. UTC."""
        if self.window is None or self.window.holds(moment.astimezone(self.zone)):
            return moment
        local = moment.astimezone(self.zone)
        day = local.date()
        if local.time() >= self.window.opens:
            day += timedelta(days=1)
        opening = datetime.combine(day, self.window.opens, self.zone)
        # Of an opening that occurs twice, the first may lie before `moment`.
        return max(opening.astimezone(UTC), moment)


def check_expression(expression: str) -> str:
    """What is wrong with a cron expression, or an empty text."""
    if len(expression.split()) != len(_FIELDS):
        names = ", ".join(name for name, _ in _FIELDS)
        return f"a cron expression has five fields: {names}"
    try:
        first = next(CronSim(expression, _ANY_TIME), None)
    except CronSimError as error:
        return f"not a cron expression: {_invalid_field(expression, str(error))}"
    except StopIteration:
        first = None
    if first is None or first - _ANY_TIME > LONGEST_GAP:
        return "it has no scheduled time within five years"
    return ""


def _invalid_field(expression: str, error: str) -> str:
    """Which field is invalid, and why, from cronsim's message such as ``Bad hour``."""
    fields = zip(expression.split(), _FIELDS, strict=True)
    for text, (name, allowed) in fields:
        if error.removeprefix("Bad ").replace("-", " ") != name.replace("the ", ""):
            continue
        for number in re.findall(r"(?<![/#\d])\d{1,9}", text):
            if int(number) not in allowed:
                return f"{name} {number} is out of range"
        return f"{name} {text!r} is not valid"
    return error.lower()
