"""The budget of all workers, as a row that many processes change."""

from __future__ import annotations

import subprocess
import sys

import pytest

from scraper.cluster.budget import PostgresBudget
from scraper.exceptions import StoreLost
from scraper.middlewares.budget_state import BudgetBusy
from scraper.shopify.rate_budget import Budget
from tests.cluster.running import Cluster
from tests.conftest import ENDS_S, ROOT
from tests.spiders.test_pace import least_gap

TAKES_TURNS = """
import asyncio, sys
from scraper.cluster.budget import PostgresBudget
from scraper.middlewares.shared_rate_limit import SharedRateLimit

async def main(conninfo: str, turns: int, delay_s: float) -> None:
    limit = SharedRateLimit(PostgresBudget(conninfo, "shop", 0), delay_s=delay_s, most_s=60)
    for _ in range(turns):
        print(repr(await limit.take("shop.example", 0.0, lambda: False)))

asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
"""


def test_many_processes_keep_the_rate_exactly(cluster: Cluster) -> None:
    cluster.use({"shop": "http://shop.example"})
    command = [sys.executable, "-c", TAKES_TURNS, cluster.conninfo, "8", "0.02"]
    waiting = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(6)
    ]
    taken = sorted(
        float(line)
        for process in waiting
        for line in process.communicate(timeout=ENDS_S)[0].split()
    )
    assert len(taken) == 48
    assert least_gap(taken) >= 0.01999


def take_slot(_: Budget, now: float) -> Budget:
    return Budget(slot_at=now)


def test_crawl_of_a_store_that_was_taken_over_gets_no_turn(cluster: Cluster) -> None:
    cluster.use({"shop": "http://shop.example"})
    budget = PostgresBudget(cluster.conninfo, "shop", 0)
    first = budget.change(take_slot, lock_s=0)
    assert first.slot_at > 0
    late = PostgresBudget(cluster.conninfo, "shop", -1)
    with pytest.raises(StoreLost):
        late.change(take_slot, lock_s=0)
    for one in (budget, late):
        one.close()
    ((state,),) = cluster.rows("SELECT state::jsonb ->> 'slot_at' FROM budget")
    assert float(state) == first.slot_at


def test_nobody_gets_a_turn_where_postgresql_is_away(integration: None) -> None:
    budget = PostgresBudget("host=/nowhere user=nobody", "shop", 0)
    with pytest.raises(BudgetBusy):
        budget.change(take_slot, lock_s=0)
    assert budget.busy_s >= 1
