"""The shared budget at the rim: its file, its lock, and the waiting."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import time
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from scraper.shopify.rate_budget import (
    Budget,
    note_asked,
    note_passed,
    note_pushed_back,
    parse_budget,
    settle,
    wait_s,
    write_budget,
)

logger = logging.getLogger(__name__)

LOCK_S = 0.5
"""Seconds to wait for the lock, which everyone holds for less than a thousandth of that."""


class SharedRateLimit:
    """Lets a request go when the budget in the file at `path` has room for it.

    `delay_s` is the usual time between two requests of all crawls together, `most_s` the longest
    pause. Where the file cannot be read or written this crawl goes on by what it knows itself, from
    the defaults if it knows nothing, and says so once.
    """

    def __init__(self, path: Path, *, delay_s: float, most_s: float) -> None:
        self.path = path
        self.delay_s, self.most_s = delay_s, most_s
        self.known = Budget()
        self._lock = FileLock(f"{path}.lock", timeout=LOCK_S)
        self._turn = asyncio.Lock()
        self._own_asked_at: dict[str, float] = {}
        self._warned = False

    async def take(self, host: str, own_delay_s: float, stopped: Callable[[], bool]) -> float:
        """Wait for this request's turn, which it takes; gives when that was (Unix seconds), or 0
        once `stopped` says so.

        `own_delay_s` is how long this host itself wants between two requests of one crawl
        (crawl-delay).
        """
        async with self._turn:  # first come, first served, within this crawl
            while not stopped():
                left = self._own_asked_at.get(host, -own_delay_s) + own_delay_s - time.monotonic()
                if left <= 0 and (left := self._try(now := time.time())) <= 0:
                    self._own_asked_at[host] = time.monotonic()
                    return now
                # Others wait for the same moment: a little more or less spares them one another.
                await asyncio.sleep(
                    min(left, 1.0) + random.uniform(0, min(0.05, self.delay_s / 10))
                )
        return 0.0

    def passed(self) -> None:
        """Note an answer that came through; while nothing is slowed down, that costs nothing."""
        if self.known.slowness > 1.0:
            self._change(lambda budget, _: note_passed(budget))

    def pushed_back(self, asked_at: float, pause_s: float) -> None:
        """Note that a store pushed back a request that went at `asked_at`: all crawls pause, and
        ask more slowly afterwards."""
        pause = min(pause_s, self.most_s)
        budget = self._change(
            lambda budget, now: note_pushed_back(budget, now, asked_at=asked_at, pause_s=pause)
        )
        logger.info("all crawls of this machine now ask %.1f times as slowly", budget.slowness)

    def _try(self, now: float) -> float:
        """Take the turn if there is room: gives 0; else how many seconds are left."""
        left = 0.0

        def take(budget: Budget, _: float) -> Budget:
            nonlocal left
            left = wait_s(budget, now, delay_s=self.delay_s, most_s=self.most_s)
            return budget if left > 0 else note_asked(budget, now)

        self._change(take, now)
        return left

    def _change(self, change: Callable[[Budget, float], Budget], now: float = 0.0) -> Budget:
        now = now or time.time()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock:
                stands = self._read()
                self.known = change(settle(stands, now, most_s=self.most_s), now)
                if self.known != stands:
                    self._write()
        except (OSError, Timeout) as error:
            self._warn(str(error))
            self.known = change(settle(self.known, now, most_s=self.most_s), now)
        return self.known

    def _read(self) -> Budget:
        """What stands in the file; where that is damaged, what this crawl knew last."""
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
        # Whole or not at all: a crawl that is killed here leaves the old state.
        fresh = self.path.with_name(f"{self.path.name}.new")
        fresh.write_text(write_budget(self.known), encoding="utf-8")
        os.replace(fresh, self.path)

    def _warn(self, why: str) -> None:
        if not self._warned:
            logger.warning(
                "the budget shared with other crawls cannot be used as it is (%s): this crawl keeps the pace by itself",
                why,
            )
            self._warned = True
