"""The shared budget's arithmetic: quick to slow down, slow to speed up, and never stuck."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.shopify.rate_budget import (
    FORGOTTEN_S,
    SLOWEST,
    Budget,
    parse_budget,
    record_request,
    record_success,
    record_throttled,
    settle,
    wait_s,
    write_budget,
)

NOW = 1_800_000_000.0
NUMBERS = st.floats(0, 9e11, allow_nan=False)
BUDGETS = st.builds(
    Budget,
    asked_at=NUMBERS,
    slowness=NUMBERS,
    slowed_at=NUMBERS,
    resume_at=NUMBERS,
    passed=st.integers(0, 10**9),
)


def test_the_first_request_goes_at_once_and_the_next_an_interval_later() -> None:
    assert wait_s(Budget(), NOW, delay_s=1, most_s=300) == 0
    asked = record_request(Budget(), NOW)
    assert wait_s(asked, NOW + 0.25, delay_s=1, most_s=300) == pytest.approx(0.75)
    assert wait_s(asked, NOW + 1, delay_s=1, most_s=300) == 0


def test_a_push_back_pauses_all_and_doubles_the_interval() -> None:
    slowed = record_throttled(record_request(Budget(), NOW), NOW + 0.5, asked_at=NOW, pause_s=5)
    assert wait_s(slowed, NOW + 0.5, delay_s=1, most_s=300) == pytest.approx(5)
    assert wait_s(slowed, NOW + 5.5, delay_s=1, most_s=300) == 0
    assert wait_s(record_request(slowed, NOW + 6), NOW + 6, delay_s=1, most_s=300) == pytest.approx(
        2
    )


def test_answers_under_way_at_a_push_back_slow_nothing_down_again() -> None:
    slowed = record_throttled(Budget(), NOW, asked_at=NOW - 1, pause_s=5)
    assert (
        record_throttled(slowed, NOW + 0.1, asked_at=NOW - 0.5, pause_s=1).slowness
        == slowed.slowness
        == 2.0
    )
    assert record_throttled(slowed, NOW + 9, asked_at=NOW + 8, pause_s=1).slowness == 4.0


def test_it_slows_down_so_far_and_no_farther() -> None:
    budget = Budget()
    for second in range(20):
        budget = record_throttled(budget, NOW + second, asked_at=NOW + second, pause_s=0)
    assert budget.slowness == SLOWEST
    assert wait_s(record_request(budget, NOW + 20), NOW + 20, delay_s=20, most_s=300) == 300


def test_it_speeds_up_by_a_twentieth_for_ten_answers() -> None:
    budget = record_throttled(Budget(), NOW, asked_at=NOW, pause_s=0)
    for _ in range(9):
        budget = record_success(budget)
    assert budget.slowness == 2.0
    assert record_success(budget).slowness == pytest.approx(1.9)
    for _ in range(200):
        budget = record_success(budget)
    assert budget.slowness == 1.0


def test_trouble_of_long_ago_is_forgotten() -> None:
    budget = record_throttled(Budget(), NOW, asked_at=NOW, pause_s=0)
    assert settle(budget, NOW + FORGOTTEN_S - 1, most_s=300).slowness == 2.0
    assert settle(budget, NOW + FORGOTTEN_S + 1, most_s=300).slowness == 1.0


@given(BUDGETS)
def test_no_state_whatever_makes_anyone_wait_longer_than_the_longest_pause(budget: Budget) -> None:
    settled = settle(budget, NOW, most_s=300)
    assert 0 <= wait_s(settled, NOW, delay_s=1, most_s=300) <= 300
    # Whoever writes it down and comes back then goes.
    assert (
        wait_s(settle(settled, NOW + 300.001, most_s=300), NOW + 300.001, delay_s=1, most_s=300)
        == 0
    )


@given(BUDGETS)
def test_what_is_written_is_read_again(budget: Budget) -> None:
    assert parse_budget(write_budget(budget)) == budget


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "{}",
        '{"asked_at": 1}',
        write_budget(Budget()).replace("1.0", "NaN"),
        write_budget(Budget()).replace("1.0", "-1"),
    ]
    + [
        write_budget(Budget()).replace("1.0", value)
        for value in ("Infinity", "true", '"1"', "1" + "0" * 400)
    ],
)
def test_what_is_no_budget_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's own error among them
        parse_budget(text)
