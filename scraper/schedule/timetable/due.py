"""When to crawl a store next, from its timetable, its history in the archive, and the time.

A store is due at its first scheduled time after its last complete crawl; one run makes up for any
number of missed ones. A failed run is retried after a delay that doubles. After an incomplete crawl
the retry comes no later than the next scheduled time. A killed or stopped crawl resumes at once,
unless it is killed repeatedly.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from scraper.config.cron import Timetable
from scraper.schedule.timetable.history import Attempt, RunOutcome, StoreHistory
from scraper.schedule.timetable.stores import StoreConfig
from scraper.timestamps import parse_timestamp

FIRST_DELAY = timedelta(minutes=15)
"""The delay before a failed run is retried; it doubles with each further failure."""

LONGEST_DELAY = timedelta(hours=24)
"""The upper limit of that delay."""

FREE_KILLS = 3
"""So many killed runs are resumed at once. Further ones count as failed: the crawl itself may be
what kills the process."""

_LEAST_DURATION = timedelta(minutes=30)
_DURATION_FACTOR = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The next run of a store: `at` is when it may begin (now if it is due), `due_at` its scheduled
    time, `failed_runs` how many runs for that time have failed. `at` is None for a paused store and
    for one whose timetable has ended."""

    at: datetime | None
    due_at: datetime | None
    failed_runs: int = 0


def plan_run(store: StoreConfig, history: StoreHistory, now: datetime) -> Plan:
    """When to crawl a store next. `now` and the result are UTC, to the second. A store without any
    crawl is due now."""
    if store.paused:
        return Plan(at=None, due_at=None)
    timetable = store.timetable
    if history.complete_at:
        due_at = next(timetable.times(parse_timestamp(history.complete_at)), None)
        if due_at is None:
            return Plan(at=None, due_at=None)
        ready = timetable.ready_at(due_at)
    elif history.first_attempt_at:
        due_at = ready = parse_timestamp(history.first_attempt_at)
    else:
        due_at = ready = now
    failed = _failures(history.attempts)
    if failed:
        ready = max(ready, _retry_at(timetable, failed))
    if history.retry_at:
        ready = max(ready, parse_timestamp(history.retry_at))
    return Plan(at=timetable.next_open(max(ready, now)), due_at=due_at, failed_runs=len(failed))


def outcome_of_run(exit_code: int | None, outcome: str, health: str) -> RunOutcome:
    """The outcome of a run, from its process's exit code (below 0: the signal that killed it; None:
    unknown) and from the outcome and health of its crawl (empty if the archive has none)."""
    if outcome == "complete":
        return "complete"
    if exit_code is None or exit_code < 0:
        if outcome in {"", "running", "killed"}:
            return "lost"
        return _incomplete(health)
    if outcome == "incomplete":
        return _incomplete(health)
    # Without a crawl in the archive: a new store refused (3), did not answer or is not a store (1),
    # or the program failed.
    if outcome in {"blocked", "outage"} or exit_code == 3:
        return "refused"
    return "failed"


def overdue_at(store: StoreConfig, history: StoreHistory) -> datetime | None:
    """When a store becomes overdue unless a good crawl comes first: after twice its interval.

    If the last good crawl began some time after its scheduled time, the store is overdue the same
    time after the second scheduled time that follows: no earlier than that run may begin, and (on
    an irregular timetable) no later than the third time. `longest_duration` is added for the crawl
    itself. None for a paused store, one without any attempt, and one whose timetable ends.
    """
    since = history.good_at or history.first_attempt_at
    if store.paused or not since:
        return None
    timetable, began = store.timetable, parse_timestamp(since)
    following = list(islice(timetable.times(began), 3))
    if len(following) < 2:
        return None
    began_late = began - (timetable.last_time(began) or began)
    limit = min(following[1] + began_late, following[-1])
    return max(limit, timetable.ready_at(following[1])) + longest_duration(history)


def longest_duration(history: StoreHistory) -> timedelta:
    """How long a crawl may take before its store counts as overdue: twice as long as the last good
    one, at least 30 minutes."""
    if not history.good_at or not history.good_finished_at:
        return _LEAST_DURATION
    took = parse_timestamp(history.good_finished_at) - parse_timestamp(history.good_at)
    return max(took * _DURATION_FACTOR, _LEAST_DURATION)


def _incomplete(health: str) -> RunOutcome:
    return "refused" if health in {"blocked", "outage"} else "incomplete"


def _failures(attempts: Collection[Attempt]) -> list[Attempt]:
    """The attempts that count as failures."""
    kills = 0
    failed: list[Attempt] = []
    for attempt in attempts:
        kills += attempt.outcome == "lost"
        if attempt.outcome in {"incomplete", "refused", "failed"} or (
            attempt.outcome == "lost" and kills > FREE_KILLS
        ):
            failed.append(attempt)
    return failed


def _retry_at(timetable: Timetable, failed: list[Attempt]) -> datetime:
    last = failed[-1]
    delay = min(FIRST_DELAY * float(2 ** min(len(failed) - 1, 20)), LONGEST_DELAY)
    retry_at: datetime = parse_timestamp(last.ended_at or last.started_at) + delay
    if last.outcome == "incomplete" and (
        next_time := next(timetable.times(parse_timestamp(last.started_at)), None)
    ):
        retry_at = min(retry_at, timetable.ready_at(next_time))
    return retry_at
