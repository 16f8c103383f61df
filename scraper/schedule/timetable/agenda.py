"""The plans of all stores by the time at which each needs attention: what is due is found without
looking at what is not."""

from __future__ import annotations

import heapq
from collections.abc import Collection
from datetime import datetime
from itertools import count

from scraper.schedule.timetable.due import Plan


class Agenda:
    """Which stores are due, and which must be planned. A plan is valid until a time: the store must
    then be planned again."""

    def __init__(self) -> None:
        self._plans: dict[str, tuple[int, Plan, datetime]] = {}
        self._unplanned: dict[str, None] = {}
        self._due: dict[str, Plan] = {}
        self._heap: list[tuple[datetime, int, str]] = []
        self._numbers = count()

    def plan(self, name: str) -> Plan | None:
        """The plan of a store that has a valid one."""
        found = self._plans.get(name)
        return found[1] if found else None

    def is_due(self, name: str) -> bool:
        """Whether a store was due at the last `advance`."""
        return name in self._due

    def set(self, name: str, plan: Plan, valid_until: datetime) -> None:
        """Plan a store."""
        self.remove(name)
        number = next(self._numbers)
        self._plans[name] = number, plan, valid_until
        for at in {plan.at or valid_until, valid_until}:
            heapq.heappush(self._heap, (at, number, name))

    def forget(self, name: str) -> None:
        """Drop the plan of a store, which must be planned again."""
        self.remove(name)
        self._unplanned[name] = None

    def remove(self, name: str) -> None:
        """Drop a store."""
        self._plans.pop(name, None)
        self._unplanned.pop(name, None)
        self._due.pop(name, None)

    def advance(self, now: datetime) -> None:
        """Note what has become due, and whose plan has become invalid, by `now`."""
        while self._heap and self._heap[0][0] <= now:
            _, number, name = heapq.heappop(self._heap)
            known_number, plan, valid_until = self._plans.get(name, (None, None, now))
            if number != known_number:  # of an earlier plan
                continue
            if valid_until <= now:
                self.forget(name)
            elif plan:
                self._due[name] = plan

    def unplanned(self) -> list[str]:
        """The stores that must be planned."""
        return list(self._unplanned)

    def due(self, *, busy: Collection[str], limit: int) -> list[str]:
        """The stores to crawl, at most `limit`, without the `busy` ones: the longest due first,
        retries last."""
        due = sorted(
            (plan.failed_runs > 0, plan.due_at, name)
            for name, plan in self._due.items()
            if plan.due_at and name not in busy
        )
        return [name for _, _, name in due][: max(limit, 0)]

    def next_at(self, now: datetime) -> datetime | None:
        """When the next store needs attention, after `now`."""
        while self._heap and self._is_stale(self._heap[0]):
            heapq.heappop(self._heap)
        return max(self._heap[0][0], now) if self._heap else None

    def _is_stale(self, entry: tuple[datetime, int, str]) -> bool:
        _, number, name = entry
        return name not in self._plans or self._plans[name][0] != number
