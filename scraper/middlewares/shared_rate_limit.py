"""The request budget that all crawls of this machine share: its file, its lock and the waiting."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from scraper.shopify.rate_budget import (
    Asker,
    Budget,
    parse_budget,
    record_request,
    record_success,
    record_throttled,
    settle,
    wait_s,
    write_budget,
)

logger = logging.getLogger(__name__)

LOCK_S = 0.5
"""Seconds to wait for the lock when recording an answer; a holder needs less than a thousandth of
that."""

LOCKED_S = 0.01
"""Seconds until a lock that another process holds is tried again."""


class SharedRateLimit:
    """Delays each request until the budget in the file at `path` allows it.

    `delay_s`: usual seconds between two requests of all crawls together. `most_s`: longest pause.
    What edge a host stands behind, and when it last let an answer through, is known to this crawl
    alone: the refusals of others hold until an answer shows that they do not hold here.
    If the file cannot be read or written, this crawl uses its last known budget (at first the
    defaults) and logs one warning.
    """

    def __init__(self, path: Path, *, delay_s: float, most_s: float) -> None:
        self.path = path
        self.delay_s, self.most_s = delay_s, most_s
        self.known = Budget()
        self._lock = FileLock(f"{path}.lock", timeout=LOCK_S)
        self._turn = asyncio.Lock()
        self._own_asked_at: dict[str, float] = {}
        self._askers: dict[str, Asker] = {}
        self._warned = False

    async def take(self, host: str, own_delay_s: float, stopped: Callable[[], bool]) -> float:
        """Wait for this request's turn and take it. Returns its time (Unix seconds), or 0 once
        `stopped` returns true.

        `own_delay_s`: seconds between two requests of one crawl that this host asks for
        (crawl-delay).
        """
        async with self._turn:  # first come, first served, within this crawl
            while not stopped():
                left = self._own_asked_at.get(host, -own_delay_s) + own_delay_s - time.monotonic()
                if left <= 0:
                    left, sent_at = self._try(host)
                    if left <= 0:
                        self._own_asked_at[host] = time.monotonic()
                        return sent_at
                # A random delay spreads crawls that wait for the same moment.
                await asyncio.sleep(
                    min(left, 1.0) + random.uniform(0, min(0.05, self.delay_s / 10))
                )
        return 0.0

    def passed(self, host: str, edge: str, asked_at: float) -> None:
        """Record a successful answer to a request sent at `asked_at`; free of cost at the usual
        rate."""
        asker = self._asker(host)
        passed_at = max(asker.passed_at, asked_at)
        self._askers[host] = Asker(host=host, edge=edge or asker.edge, passed_at=passed_at)
        if host in self.known.hosts:
            with suppress(Timeout):  # the next successful answer speeds up
                self._change(lambda budget, _: record_success(budget, host))

    def pushed_back(self, host: str, edge: str, asked_at: float, pause_s: float) -> None:
        """Record that a host refused a request sent at `asked_at`: its crawls pause, then send more
        slowly, and others behind the edge wait for a share of the pause."""
        pause, known = min(pause_s, self.most_s), self._asker(host)
        asker = self._askers[host] = replace(known, edge=known.edge or edge)

        def slow_down(budget: Budget, now: float) -> Budget:
            return record_throttled(budget, now, asker, asked_at=asked_at, pause_s=pause)

        try:
            budget = self._change(slow_down)
        except Timeout:
            logger.warning("the shared budget is locked: other crawls were not slowed down")
            return
        slowness = budget.hosts[host].slowness
        logger.info("all crawls of %s now send %.1f times as slowly", host, slowness)

    def _asker(self, host: str) -> Asker:
        return self._askers.get(host, Asker(host=host))

    def _try(self, host: str) -> tuple[float, float]:
        """Take the turn: 0 seconds left, and its time; else how many seconds are left."""
        left, sent_at, asker = 0.0, 0.0, self._asker(host)

        def take(budget: Budget, now: float) -> Budget:
            nonlocal left, sent_at
            left = wait_s(budget, now, asker, delay_s=self.delay_s, most_s=self.most_s)
            sent_at = now
            return budget if left > 0 else record_request(budget, now, host)

        try:
            self._change(take, lock_s=0)
        except Timeout:
            # Another process has its turn: waiting is the only thing that keeps the rate.
            return LOCKED_S, 0.0
        return left, sent_at

    def _change(self, change: Callable[[Budget, float], Budget], lock_s: float = LOCK_S) -> Budget:
        """Change the budget under the lock, by the time at which the lock was obtained: a time read
        before would be written after later ones. Raises Timeout where another process holds it."""
        now = time.time()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock.acquire(timeout=lock_s):
                now = time.time()
                stored = self._read()
                self.known = change(settle(stored, now, most_s=self.most_s), now)
                if self.known != stored:
                    self._write()
        except Timeout:
            raise
        except OSError as error:
            self._warn(str(error))
            self.known = change(settle(self.known, now, most_s=self.most_s), now)
        return self.known

    def _read(self) -> Budget:
        """The budget in the file; the last one that this crawl knew where the file is damaged."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return self.known
        except UnicodeDecodeError:
            text = ""
        try:
            return parse_budget(text)
        except (ValueError, RecursionError) as error:
            self._warn(f"{self.path}: {error}")
            return self.known

    def _write(self) -> None:
        # Atomic: a crawl that is killed here leaves the old state.
        fresh = self.path.with_name(f"{self.path.name}.new")
        fresh.write_text(write_budget(self.known), encoding="utf-8")
        os.replace(fresh, self.path)

    def _warn(self, why: str) -> None:
        if not self._warned:
            logger.warning(
                "cannot use the budget shared with other crawls (%s): "
                "this crawl now limits its rate by itself",
                why,
            )
            self._warned = True
