"""The budget of all workers, as a row that many processes change."""

from __future__ import annotations

import pytest

from scraper.cluster.budget import PostgresBudget
from scraper.exceptions import StoreLost
from scraper.middlewares.budget_state import BudgetBusy
from scraper.middlewares.rate_budget import Budget
from tests.cluster.running import Cluster
from tests.turns import least_gap, taken_by_many
from tests.warm import Warm


def test_many_processes_keep_the_rate_exactly(cluster: Cluster, warm: Warm) -> None:
    cluster.use({"shop": "http://shop.example"})
    taken = taken_by_many(warm, 6, cluster.conninfo, "8", "0.02")
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
