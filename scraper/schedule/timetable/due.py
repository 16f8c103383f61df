"""When a store is crawled next, from its timetable, the archive's word on its past, and the time,
which is an argument.

One run is due for each time of the timetable since the last crawl that came to a complete end:
however many were missed, they are caught up by one. A run that came to nothing is tried again after
a pause that doubles; where a store answered, though not for every page, no later than its next
time. What was killed, or stopped by us, is gone on with at once, unless it is killed again and
again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from scraper.config.cron import Timetable
from scraper.schedule.timetable.history import Attempt, RunOutcome, StoreHistory
from scraper.schedule.timetable.stores import StoreConfig
from scraper.timestamps import parse_timestamp

FIRST_PAUSE = timedelta(minutes=15)
"""So long after a run that came to nothing, it is tried again; each time twice as long …"""

LONGEST_PAUSE = timedelta(hours=24)
"""… up to so long."""

FREE_LOSSES = 3
"""So many kills are nobody's failure; further ones count as failed runs, for perhaps it is the
crawl that kills the process."""

_SLACK = timedelta(minutes=30)
_LATE_BY = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The next run of a store: `at` is when it may begin (now, where it is due), `due_at` the time
    of the timetable that it is for, `tries` how many runs for it came to nothing. `at` is None for
    a store that is paused, or whose timetable has ended."""

    at: datetime | None
    due_at: datetime | None
    tries: int = 0


def plan_run(store: StoreConfig, past: StoreHistory, now: datetime) -> Plan:
    """When a store is to be crawled next. `now` and all that is given back are UTC, to the second.
    A store that never was is due now."""
    if store.paused:
        return Plan(at=None, due_at=None)
    timetable = store.timetable
    first = parse_timestamp(past.first_attempt_at) if past.first_attempt_at else now
    due_at = (
        next(timetable.times(parse_timestamp(past.served_at)), None) if past.served_at else first
    )
    if due_at is None:
        return Plan(at=None, due_at=None)
    ready = timetable.ready_at(due_at) if past.served_at else due_at
    failed = _failures(past.attempts)
    if failed:
        ready = max(ready, _retry_at(timetable, failed))
    if past.retry_at:
        ready = max(ready, parse_timestamp(past.retry_at))
    return Plan(at=timetable.next_open(max(ready, now)), due_at=due_at, tries=len(failed))


def due_stores(
    plans: Mapping[str, Plan], now: datetime, *, busy: Collection[str], room: int
) -> list[str]:
    """The stores whose crawls are to begin at `now`, at most `room`, none of the `busy`: the
    longest due first, then retries."""
    due = [
        (plan.due_at, name)
        for name, plan in plans.items()
        if plan.at and plan.at <= now and plan.due_at and name not in busy
    ]
    return [name for _, name in sorted(due, key=lambda one: (plans[one[1]].tries > 0, *one))][
        : max(room, 0)
    ]


def outcome_of_run(exit_code: int | None, outcome: str, health: str) -> RunOutcome:
    """What came of a run: its process's exit code (below 0: the signal that killed it; None: nobody
    saw it end), and outcome and health of its crawl, both empty where none was written."""
    if outcome == "complete":
        return "complete"
    if exit_code is None or exit_code < 0:
        return "lost" if outcome in {"", "running", "killed"} else _incomplete(health)
    if outcome == "incomplete":
        return _incomplete(health)
    # Nothing was written: a store that the archive does not know refused (3), did not answer, or is
    # none (1); or our own trouble.
    return "refused" if outcome in {"blocked", "outage"} or exit_code == 3 else "failed"


def overdue_at(store: StoreConfig, past: StoreHistory) -> datetime | None:
    """When a store becomes overdue unless a good crawl comes first: after twice its interval.

    A crawl that began some time after its scheduled time is overdue the same time after the second
    scheduled time that follows, at the earliest when that run may begin, at the latest (irregular
    timetables) at the third one. `allowed` is added for the crawl itself. None for a paused store,
    one that was never attempted, and one whose timetable ends.
    """
    since = past.good_at or past.first_attempt_at
    if store.paused or not since:
        return None
    timetable, began = store.timetable, parse_timestamp(since)
    following = list(islice(timetable.times(began), 3))
    if len(following) < 2:
        return None
    began_late = began - (timetable.last_time(began) or began)
    limit = min(following[1] + began_late, following[-1])
    return max(limit, timetable.ready_at(following[1])) + allowed(past)


def allowed(past: StoreHistory) -> timedelta:
    """How long a crawl may take before one worries: twice as long as the last good one, half an
    hour at least."""
    if not past.good_at or not past.good_finished_at:
        return _SLACK
    took = parse_timestamp(past.good_finished_at) - parse_timestamp(past.good_at)
    return max(took * _LATE_BY, _SLACK)


def _incomplete(health: str) -> RunOutcome:
    return "refused" if health in {"blocked", "outage"} else "incomplete"


def _failures(attempts: Collection[Attempt]) -> list[Attempt]:
    """The attempts that came to nothing by themselves."""
    losses = 0
    failed: list[Attempt] = []
    for attempt in attempts:
        losses += attempt.outcome == "lost"
        if attempt.outcome in {"incomplete", "refused", "failed"} or (
            attempt.outcome == "lost" and losses > FREE_LOSSES
        ):
            failed.append(attempt)
    return failed


def _retry_at(timetable: Timetable, failed: list[Attempt]) -> datetime:
    last = failed[-1]
    pause = min(
        timedelta(seconds=FIRST_PAUSE.total_seconds() * 2 ** min(len(failed) - 1, 20)),
        LONGEST_PAUSE,
    )
    again = parse_timestamp(last.ended_at or last.started_at) + pause
    if last.outcome == "incomplete" and (
        next_time := next(timetable.times(parse_timestamp(last.started_at)), None)
    ):
        again = min(again, timetable.ready_at(next_time))
    return again
