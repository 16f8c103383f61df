"""The request budget that crawls share: waiting for a turn, and what answers make of it."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from scraper.exceptions import StoreLost
from scraper.middlewares.budget_state import BudgetBusy, BudgetState, Change
from scraper.middlewares.rate_budget import (
    Asker,
    Budget,
    Turn,
    record_success,
    record_throttled,
    settle,
    take_turn,
)

logger = logging.getLogger(__name__)

LOCK_S = 0.5
"""Seconds to wait for the lock when recording an answer; a holder needs less than a thousandth of
that."""


class SharedRateLimit:
    """Delays each request until the budget of `state` allows it.

    `delay_s`: usual seconds between two requests of all crawls together. `most_s`: longest pause.
    What edge a host stands behind, and when it last let an answer through, is known to this crawl
    alone: the refusals of others hold until an answer shows that they do not hold here.
    """

    def __init__(self, state: BudgetState, *, delay_s: float, most_s: float) -> None:
        self.state = state
        self.delay_s, self.most_s = delay_s, most_s
        self._turn = asyncio.Lock()
        self._own_asked_at: dict[str, float] = {}
        self._askers: dict[str, Asker] = {}

    async def take(self, host: str, own_delay_s: float, stopped: Callable[[], bool]) -> float:
        """Wait for this request's turn and take it. Returns its slot (Unix seconds), or 0 once
        `stopped` returns true. Raises StoreLost where another worker has taken over the store.

        `own_delay_s`: seconds between two requests of one crawl that this host asks for
        (crawl-delay).
        """
        async with self._turn:  # first come, first served, within this crawl
            slot = 0.0
            while not stopped():
                left = self._own_asked_at.get(host, -own_delay_s) + own_delay_s - time.monotonic()
                if left <= 0:
                    turn = self._try(host, slot)
                    if turn.goes:
                        self._own_asked_at[host] = time.monotonic()
                        return turn.slot
                    left, slot = turn.wait_s, turn.slot
                # A random delay spreads crawls that wait for the same moment.
                spread_s = 0.0 if slot else random.uniform(0, min(0.05, self.delay_s / 10))
                await asyncio.sleep(min(left, 1.0) + spread_s)
        return 0.0

    def record_success(self, host: str, edge: str, asked_at: float) -> None:
        """Record a successful answer to a request sent at `asked_at`; free of cost at the usual
        rate."""
        asker = self._asker(host)
        passed_at = max(asker.passed_at, asked_at)
        self._askers[host] = Asker(host=host, edge=edge or asker.edge, passed_at=passed_at)
        if host in self.state.known.hosts:
            with suppress(BudgetBusy, StoreLost):  # the next successful answer speeds up
                self._change(lambda budget, _: record_success(budget, host))

    def record_throttled(self, host: str, edge: str, asked_at: float, pause_s: float) -> None:
        """Record that a host refused a request sent at `asked_at`: its crawls pause, then send more
        slowly, and others behind the edge wait for a share of the pause."""
        pause, known = min(pause_s, self.most_s), self._asker(host)
        asker = self._askers[host] = replace(known, edge=known.edge or edge)

        def slow_down(budget: Budget, now: float) -> Budget:
            return record_throttled(budget, now, asker, asked_at=asked_at, pause_s=pause)

        try:
            budget = self._change(slow_down)
        except (BudgetBusy, StoreLost) as error:
            logger.warning("other crawls were not slowed down: %s", error)
            return
        slowness = budget.hosts[host].slowness
        logger.info("all crawls of %s now send %.1f times as slowly", host, slowness)

    def _asker(self, host: str) -> Asker:
        return self._askers.get(host, Asker(host=host))

    def _try(self, host: str, slot: float) -> Turn:
        """Ask for a turn, with the slot that was given before (0: none)."""
        turn, asker = Turn(budget=self.state.known), self._asker(host)

        def take(budget: Budget, now: float) -> Budget:
            nonlocal turn
            turn = take_turn(budget, now, asker, slot, delay_s=self.delay_s, most_s=self.most_s)
            return turn.budget

        try:
            self._change(take, lock_s=0)
        except BudgetBusy:
            # Another process has its turn: waiting is the only thing that keeps the rate.
            return Turn(budget=self.state.known, slot=slot, wait_s=self.state.busy_s)
        return turn

    def _change(self, change: Change, lock_s: float = LOCK_S) -> Budget:
        """Change the budget as it can be by now. Raises BudgetBusy."""
        return self.state.change(
            lambda stored, now: change(settle(stored, now, most_s=self.most_s), now), lock_s=lock_s
        )
