"""Turns at a rate that many processes share, and when each was taken."""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scraper.middlewares.budget_state import BudgetFile, BudgetState
from scraper.middlewares.shared_rate_limit import SharedRateLimit

if TYPE_CHECKING:
    from tests.warm import Warm


def take_turns(budget: BudgetState, number: int, delay_s: float) -> list[float]:
    """When one crawl takes so many turns in a row: times of the budget, whatever the machine is
    busy with."""

    async def take() -> list[float]:
        limit = SharedRateLimit(budget, delay_s=delay_s, most_s=60)
        return [await limit.take("shop.example", 0.0, lambda: False) for _ in range(number)]

    return asyncio.run(take())


def taken_by_many(warm: Warm, processes: int, *words: str) -> list[float]:
    """When as many processes as that took their turns together; the words are those of `main`."""
    from tests.conftest import ENDS_S, ROOT, quiet_environment  # noqa: PLC0415 - by one process

    settings = {"folder": ROOT, "environment": quiet_environment(), "module": __name__}
    running = [warm.start(words, **settings) for _ in range(processes)]
    return sorted(
        float(line) for process in running for line in process.communicate(ENDS_S)[0].split()
    )


def least_gap(times: Sequence[float]) -> float:
    return min(later - earlier for earlier, later in itertools.pairwise(times))


def main(words: Sequence[str]) -> None:
    """Take turns and print their times: a file or the address of a PostgreSQL, how many, and the
    seconds between two."""
    place, number, delay_s = words
    for taken in take_turns(_budget(place), int(number), float(delay_s)):
        sys.stdout.write(f"{taken!r}\n")


def _budget(place: str) -> BudgetState:
    if place.startswith("/"):
        return BudgetFile(Path(place))
    from scraper.cluster.budget import PostgresBudget  # noqa: PLC0415 - an extra

    return PostgresBudget(place, "shop", 0)
