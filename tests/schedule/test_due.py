"""What is due when: missed runs, failures, kills, pauses, windows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.schedule.timetable.due import Plan, outcome_of_run, overdue_at, plan_run
from scraper.schedule.timetable.history import Attempt, RunOutcome, StoreHistory
from scraper.schedule.timetable.stores import StoreConfig, parse_stores


def shop(schedule: str = "0 5 * * *", more: str = "") -> StoreConfig:
    return parse_stores(
        f'[stores.tea]\nurl = "https://tea.example"\nschedule = "{schedule}"\n{more}'
    ).stores["tea"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=UTC)


def z(text: str) -> str:
    return f"2026-03-{text}:00Z"


def tried(*attempts: tuple[str, str, RunOutcome]) -> tuple[Attempt, ...]:
    return tuple(
        Attempt(started_at=z(start), ended_at=z(end) if end else "", outcome=outcome)
        for start, end, outcome in attempts
    )


COMPLETE = z("10T05:00")


def test_store_that_was_never_crawled_is_due_now() -> None:
    assert plan_run(shop(), StoreHistory(), at("10T07:30")) == Plan(
        at=at("10T07:30"), due_at=at("10T07:30")
    )


@pytest.mark.parametrize(
    ("now", "begins", "due"),
    [
        ("10T05:10", "11T05:00", "11T05:00"),
        ("11T05:00", "11T05:00", "11T05:00"),
        ("18T13:00", "18T13:00", "11T05:00"),  # a week missed, one run
    ],
)
def test_next_time_after_the_last_complete_crawl(now: str, begins: str, due: str) -> None:
    assert plan_run(shop(), StoreHistory(complete_at=COMPLETE), at(now)) == Plan(
        at=at(begins), due_at=at(due)
    )


def test_missed_run_waits_for_the_window() -> None:
    store = shop(more='window = "04:00-06:00"')
    assert plan_run(store, StoreHistory(complete_at=COMPLETE), at("18T13:00")).at == at("19T04:00")


def test_paused_store_is_never_due() -> None:
    assert (
        plan_run(shop(more="paused = true"), StoreHistory(complete_at=COMPLETE), at("18T13:00")).at
        is None
    )


@pytest.mark.parametrize(
    ("attempts", "begins"),
    [
        pytest.param([("11T05:00", "11T05:02", "refused")], "11T05:17", id="once"),
        pytest.param(
            [("11T05:00", "11T05:02", "refused"), ("11T05:17", "11T05:20", "failed")],
            "11T05:50",
            id="twice",
        ),
        pytest.param(
            [("11T05:00", "11T05:02", "refused")] * 12, "12T05:02", id="no more than a day"
        ),
        pytest.param([("11T05:00", "11T05:02", "lost")], "11T05:03", id="killed"),
        pytest.param([("11T05:00", "11T05:02", "lost")] * 3, "11T05:03", id="killed three times"),
        pytest.param(
            [("11T05:00", "11T05:02", "lost")] * 4, "11T05:17", id="killed again and again"
        ),
        pytest.param([("11T05:00", "11T05:02", "stopped")] * 9, "11T05:03", id="stopped"),
        pytest.param(
            [("11T05:00", "11T05:02", "failed"), ("11T05:17", "11T05:18", "stopped")],
            "11T05:17",
            id="failed, then stopped",
        ),
    ],
)
def test_failed_run_is_retried(attempts: list[tuple[str, str, RunOutcome]], begins: str) -> None:
    now = at("11T05:03")
    plan = plan_run(shop(), StoreHistory(complete_at=COMPLETE, attempts=tried(*attempts)), now)
    assert plan.at == at(begins)
    assert plan.due_at == at("11T05:00")


def test_incomplete_crawl_is_retried_no_later_than_the_next_time() -> None:
    past = StoreHistory(
        complete_at=COMPLETE, attempts=tried(*[("10T06:00", "10T06:10", "incomplete")] * 6)
    )
    assert plan_run(shop("0 * * * *"), past, at("10T06:15")).at == at("10T07:00")
    assert plan_run(
        shop("0 * * * *"),
        StoreHistory(complete_at=COMPLETE, attempts=tried(("10T06:00", "10T06:10", "incomplete"))),
        at("10T06:15"),
    ) == Plan(at=at("10T06:25"), due_at=at("10T06:00"), failed_runs=1)


def test_store_that_refuses_is_retried_at_the_time_it_names() -> None:
    past = StoreHistory(
        complete_at=COMPLETE,
        retry_at=z("11T09:00"),
        attempts=tried(("11T05:00", "11T05:02", "refused")),
    )
    assert plan_run(shop(), past, at("11T06:00")).at == at("11T09:00")


@pytest.mark.parametrize(
    ("exit_code", "outcome", "health", "expected"),
    [
        (0, "complete", "healthy", "complete"),
        (3, "complete", "suspicious", "complete"),
        (None, "complete", "healthy", "complete"),
        (3, "incomplete", "degraded", "incomplete"),
        (3, "incomplete", "blocked", "refused"),
        (3, "blocked", "blocked", "refused"),
        (3, "outage", "outage", "refused"),
        (3, "", "", "refused"),
        (1, "", "", "failed"),
        (1, "running", "unknown", "failed"),
        (-9, "running", "unknown", "lost"),
        (None, "", "", "lost"),
        (None, "incomplete", "degraded", "incomplete"),
    ],
)
def test_outcome_of_a_run(exit_code: int | None, outcome: str, health: str, expected: str) -> None:
    assert outcome_of_run(exit_code, outcome, health) == expected


def good_at(began: str, ended: str = "") -> StoreHistory:
    return StoreHistory(good_at=z(began), good_finished_at=z(ended or began))


BERLIN = 'timezone = "Europe/Berlin"'


@pytest.mark.parametrize(
    ("store", "past", "overdue"),
    [
        pytest.param(shop(), good_at("10T05:00"), "12T05:30", id="on time"),
        pytest.param(shop(), good_at("10T05:00", "10T05:40"), "12T06:20", id="twice a long crawl"),
        pytest.param(shop(), good_at("10T17:00"), "12T17:30", id="by hand at midday"),
        pytest.param(shop(), good_at("10T04:59"), "12T05:29", id="by hand just before its time"),
        pytest.param(shop("0 * * * *"), good_at("10T05:20"), "10T07:50", id="every hour"),
        pytest.param(
            shop("0 5 * * MON-FRI"), good_at("13T05:00"), "17T05:30", id="Friday, on workdays"
        ),
        pytest.param(shop("0 5 * * MON-FRI"), good_at("13T15:00"), "17T15:30", id="Friday by hand"),
        pytest.param(
            shop("0 5 * * MON-FRI"),
            good_at("14T17:00"),
            "18T05:30",
            id="Saturday by hand, until Wednesday's time",
        ),
        pytest.param(
            shop("0 5,6 * * *"), good_at("10T06:00"), "11T06:30", id="two times close together"
        ),
        pytest.param(
            shop("0 5 1,11,21 * *"), good_at("05T05:00"), "25T05:30", id="a few days of a month"
        ),
        pytest.param(
            shop(more='window = "22:00-02:00"'), good_at("10T22:00"), "12T22:30", id="in a window"
        ),
        pytest.param(
            shop(more='window = "22:00-02:00"'),
            good_at("10T05:00"),
            "12T22:30",
            id="by hand, then in a window",
        ),
        pytest.param(
            shop("0 5 * * *", BERLIN), good_at("28T04:00"), "30T03:30", id="clocks go forward"
        ),
        pytest.param(
            shop("30 2 * * *", BERLIN),
            good_at("28T13:30"),
            "30T13:00",
            id="by hand, and clocks go forward",
        ),
        pytest.param(
            shop(), StoreHistory(first_attempt_at=z("10T12:00")), "12T12:30", id="never a good one"
        ),
    ],
)
def test_overdue_after_twice_the_interval(
    store: StoreConfig, past: StoreHistory, overdue: str
) -> None:
    assert overdue_at(store, past) == at(overdue)


def test_jitter_of_the_second_run_delays_overdue() -> None:
    store = shop(more="jitter_minutes = 600")
    on_time = store.timetable.ready_at(at("12T05:00"))
    assert at("12T05:00") < on_time < at("12T15:00")
    assert overdue_at(store, good_at("10T05:00")) == on_time + timedelta(minutes=30)
    late = good_at("11T04:59")
    assert overdue_at(store, late) == at("13T04:59") + timedelta(minutes=30)


def test_store_that_is_never_overdue() -> None:
    assert overdue_at(shop(), StoreHistory()) is None
    assert overdue_at(shop(more="paused = true"), good_at("10T05:00")) is None


@given(
    hours=st.sampled_from([1, 2, 3, 4, 6, 8, 12, 24]),
    minutes=st.integers(0, 366 * 1440),
)
def test_regular_timetable_is_overdue_after_exactly_two_intervals(hours: int, minutes: int) -> None:
    began = at("01T00:00") + timedelta(minutes=minutes)
    past = StoreHistory(good_at=began.isoformat(), good_finished_at=began.isoformat())
    store = shop(f"0 */{hours} * * *" if hours < 24 else "0 0 * * *")
    assert overdue_at(store, past) == began + timedelta(hours=2 * hours, minutes=30)
