"""The shared budget's arithmetic: quick to slow down, slow to speed up, never stuck, and no store
holds up the others for long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.middlewares.rate_budget import (
    AHEAD_S,
    FORGOTTEN_S,
    LATE_S,
    MOST_SHARED_S,
    SHARE,
    SLOWEST,
    Asker,
    Budget,
    Refusals,
    Turn,
    parse_budget,
    record_success,
    record_throttled,
    settle,
    take_turn,
    write_budget,
)
from scraper.responses.throttling import edge_of
from tests.each_row import each_row

NOW = 1_800_000_000.0
NUMBERS = st.floats(0, 9e11, allow_nan=False)
EDGES = st.sampled_from(["", "shopify", "cloudflare"])
REFUSALS = st.builds(
    Refusals,
    edge=EDGES,
    since=NUMBERS,
    asked_at=NUMBERS,
    slowness=NUMBERS,
    slowed_at=NUMBERS,
    resume_at=NUMBERS,
    passed=st.integers(0, 10**9),
)
HOSTS = st.dictionaries(st.sampled_from(["one", "two", "three"]), REFUSALS)
BUDGETS = st.builds(Budget, slot_at=NUMBERS, hosts=HOSTS)
ONE = Asker(host="one", edge="shopify")
TWO = Asker(host="two", edge="shopify")


def turn(
    budget: Budget, now: float, asker: Asker = ONE, *, slot: float = 0.0, **more: float
) -> Turn:
    return take_turn(budget, now, asker, slot, **{"delay_s": 1.0, "most_s": 300, **more})


def wait(budget: Budget, now: float, asker: Asker = ONE, **more: float) -> float:
    return turn(budget, now, asker, **more).wait_s


def asked(budget: Budget, now: float, asker: Asker = ONE, **more: float) -> Budget:
    """The budget after a request went at `now`."""
    found = turn(budget, now, asker, **more)
    assert found.goes
    return found.budget


def throttled(budget: Budget, at: float, *, pause_s: float, asker: Asker = ONE) -> Budget:
    return record_throttled(budget, at, asker, asked_at=at, pause_s=pause_s)


def test_the_first_request_goes_at_once_and_the_next_an_interval_later() -> None:
    first = turn(Budget(), NOW)
    assert (first.goes, first.slot, first.budget) == (True, NOW, Budget(slot_at=NOW))
    for asker in (ONE, TWO):
        second = turn(first.budget, NOW + 0.25, asker)
        assert (second.goes, second.slot, second.wait_s) == (False, NOW + 1, 0.75)
        gone = turn(second.budget, NOW + 1, asker, slot=second.slot)
        assert (gone.goes, gone.slot, gone.budget) == (True, NOW + 1, second.budget)


def test_who_is_late_delays_no_other() -> None:
    """Forty wait, each comes later than its slot: no slot is lost, and none is given twice."""
    budget, slots, late_s = Budget(slot_at=NOW), [], 0.9 * LATE_S
    for _ in range(40):
        given = turn(budget, NOW, delay_s=0.05)
        slots.append(given.slot)
        assert turn(given.budget, given.slot + late_s, slot=given.slot, delay_s=0.05).goes
        budget = given.budget
    assert slots == pytest.approx([NOW + 0.05 * (number + 1) for number in range(40)], abs=1e-4)
    # Whoever comes then finds so many before it, and asks again when half of them have gone.
    assert turn(budget, NOW, delay_s=0.05) == Turn(
        budget=budget, wait_s=pytest.approx(AHEAD_S / 2 + 0.05, abs=1e-4)
    )


@pytest.mark.parametrize("slot", [NOW - LATE_S - 0.01, NOW + AHEAD_S + 0.01])
def test_lost_slot_is_given_up_for_the_next(slot: float) -> None:
    """After a stall of the machine, or where the clock was set back."""
    taken = turn(Budget(slot_at=NOW + 0.5), NOW, slot=slot)
    assert (taken.slot, taken.budget.slot_at) == (NOW + 1.5, NOW + 1.5)


def test_push_back_holds_for_who_had_a_slot_before() -> None:
    given = turn(Budget(slot_at=NOW), NOW + 0.5)
    slowed = throttled(given.budget, NOW + 0.6, pause_s=5)
    assert turn(slowed, NOW + 1, slot=given.slot) == Turn(
        budget=slowed, wait_s=pytest.approx(4.6, abs=1e-4)
    )


def test_a_push_back_pauses_its_store_and_doubles_its_interval() -> None:
    slowed = throttled(asked(Budget(), NOW), NOW + 0.5, pause_s=5)
    assert wait(slowed, NOW + 0.5) == pytest.approx(5)
    assert wait(slowed, NOW + 5.5) == 0
    assert wait(asked(slowed, NOW + 6), NOW + 6) == pytest.approx(2)


def test_others_behind_the_edge_wait_a_share_of_the_pause_once() -> None:
    slowed = throttled(Budget(), NOW, pause_s=60)
    assert wait(slowed, NOW, TWO) == pytest.approx(60 * SHARE)
    assert wait(slowed, NOW + 60 * SHARE, TWO) == 0
    # Their own pace stays as it is.
    later = asked(slowed, NOW + 10, TWO)
    assert wait(later, NOW + 10, TWO) == pytest.approx(1)
    # The store goes on refusing: that is no news.
    again = throttled(slowed, NOW + 60, pause_s=60)
    assert wait(again, NOW + 60, TWO) == 0
    assert wait(again, NOW + 60) == pytest.approx(60)


def test_an_answer_that_came_through_ends_the_wait_for_others() -> None:
    slowed = throttled(Budget(), NOW, pause_s=60)
    assert wait(slowed, NOW + 1, Asker(host="two", edge="shopify", passed_at=NOW + 0.5)) == 0
    # Refused again after an answer of its own: since then nothing came through here.
    again = throttled(record_success(slowed, "one"), NOW + 60, pause_s=60)
    asker = Asker(host="two", edge="shopify", passed_at=NOW + 0.5)
    assert wait(again, NOW + 60, asker) == pytest.approx(60 * SHARE)


@each_row("edge", ["", "cloudflare", "203.0.113.9"])
def test_behind_another_edge_or_an_unknown_one_nobody_waits(edge: str) -> None:
    for others in ("shopify", ""):
        slowed = throttled(Budget(), NOW, pause_s=300, asker=Asker(host="one", edge=others))
        assert wait(slowed, NOW, Asker(host="two", edge=edge)) == 0


@given(HOSTS)
def test_whatever_others_do_a_store_waits_so_long_and_no_longer(hosts: dict[str, Refusals]) -> None:
    others = {host: found for host, found in hosts.items() if host != "one"}
    budget = settle(Budget(hosts=others), NOW, most_s=300)
    assert wait(budget, NOW) <= MOST_SHARED_S


def test_answers_under_way_at_a_push_back_slow_nothing_down_again() -> None:
    slowed = record_throttled(Budget(), NOW, ONE, asked_at=NOW - 1, pause_s=5)
    late = record_throttled(slowed, NOW + 0.1, ONE, asked_at=NOW - 0.5, pause_s=1)
    assert late.hosts["one"].slowness == slowed.hosts["one"].slowness == 2.0
    assert throttled(slowed, NOW + 9, pause_s=1).hosts["one"].slowness == 4.0


def test_it_slows_down_so_far_and_no_farther() -> None:
    budget = Budget()
    for second in range(20):
        budget = throttled(budget, NOW + second, pause_s=0)
    assert budget.hosts["one"].slowness == SLOWEST
    assert wait(asked(budget, NOW + 20, delay_s=0), NOW + 20, delay_s=20) == 300


def test_it_speeds_up_by_a_twentieth_for_ten_answers() -> None:
    budget = throttled(Budget(), NOW, pause_s=0)
    for _ in range(9):
        budget = record_success(budget, "one")
    assert budget.hosts["one"].slowness == 2.0
    assert record_success(budget, "one").hosts["one"].slowness == pytest.approx(1.9)
    for _ in range(200):
        budget = record_success(budget, "one")
    assert budget == Budget()


def test_trouble_of_long_ago_is_forgotten() -> None:
    budget = throttled(Budget(), NOW, pause_s=0)
    assert "one" in settle(budget, NOW + FORGOTTEN_S - 1, most_s=300).hosts
    assert not settle(budget, NOW + FORGOTTEN_S + 1, most_s=300).hosts


@given(BUDGETS, EDGES)
def test_no_state_whatever_makes_anyone_wait_longer_than_the_longest_pause(
    budget: Budget, edge: str
) -> None:
    asker = Asker(host="one", edge=edge)
    settled = settle(budget, NOW, most_s=300)
    assert 0 <= wait(settled, NOW, asker) <= 300
    # Whoever writes it down and comes back then goes.
    assert wait(settle(settled, NOW + 300.001, most_s=300), NOW + 300.001, asker) == 0


@given(BUDGETS)
def test_what_is_written_is_read_again(budget: Budget) -> None:
    assert parse_budget(write_budget(budget)) == budget


WRITTEN = write_budget(Budget(slot_at=2.0, hosts={"one": Refusals(slowness=1.5)}))


@each_row(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "{}",
        '{"slot_at": 1}',
        '{"slot_at": 1, "hosts": []}',
        '{"slot_at": 1, "hosts": {"one": 1}}',
        WRITTEN.replace('"edge": ""', '"edge": 1'),
    ]
    + [
        WRITTEN.replace(number, value)
        for number in ("1.5", "2.0")
        for value in ("NaN", "-1", "Infinity", "true", '"1"', "1" + "0" * 400)
    ],
)
def test_what_is_no_budget_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's own error among them
        parse_budget(text)


@each_row(
    ("headers", "address", "edge"),
    [
        ({"powered-by": "Shopify", "server": "cloudflare", "cf-ray": "1"}, "8.8.8.8", "shopify"),
        ({"x-shopid": "7"}, "", "shopify"),
        ({"x-sorting-hat-podid": "7"}, "", "shopify"),
        ({"cf-ray": "1-FRA"}, "8.8.8.8", "cloudflare"),
        ({"server": "Cloudflare"}, "", "cloudflare"),
        ({"server": "nginx"}, "8.8.8.8", "8.8.8.8"),
        ({"server": "nginx"}, "127.0.0.1", ""),
        ({"server": "nginx"}, "10.1.1.1", ""),
        ({}, "", ""),
    ],
)
def test_an_edge_is_known_by_its_headers_or_its_address(
    headers: dict[str, str], address: str, edge: str
) -> None:
    assert edge_of(headers, address) == edge
