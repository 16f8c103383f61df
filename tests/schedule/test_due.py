"""What is due when: missed runs, failures, kills, pauses, windows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scraper.schedule.timetable.due import Plan, due_stores, outcome_of_run, overdue_at, plan_run
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


SERVED = z("10T05:00")


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
    assert plan_run(shop(), StoreHistory(served_at=SERVED), at(now)) == Plan(
        at=at(begins), due_at=at(due)
    )


def test_missed_run_waits_for_the_window() -> None:
    store = shop(more='window = "04:00-06:00"')
    assert plan_run(store, StoreHistory(served_at=SERVED), at("18T13:00")).at == at("19T04:00")


def test_paused_store_is_never_due() -> None:
    assert (
        plan_run(shop(more="paused = true"), StoreHistory(served_at=SERVED), at("18T13:00")).at
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
def test_run_that_came_to_nothing_is_tried_again(
    attempts: list[tuple[str, str, RunOutcome]], begins: str
) -> None:
    now = at("11T05:03")
    plan = plan_run(shop(), StoreHistory(served_at=SERVED, attempts=tried(*attempts)), now)
    assert plan.at == at(begins)
    assert plan.due_at == at("11T05:00")


def test_store_that_answered_in_part_is_tried_again_at_its_next_time_at_the_latest() -> None:
    past = StoreHistory(
        served_at=SERVED, attempts=tried(*[("10T06:00", "10T06:10", "incomplete")] * 6)
    )
    assert plan_run(shop("0 * * * *"), past, at("10T06:15")).at == at("10T07:00")
    assert plan_run(
        shop("0 * * * *"),
        StoreHistory(served_at=SERVED, attempts=tried(("10T06:00", "10T06:10", "incomplete"))),
        at("10T06:15"),
    ) == Plan(at=at("10T06:25"), due_at=at("10T06:00"), tries=1)


def test_store_that_refused_us_is_asked_when_it_says() -> None:
    past = StoreHistory(
        served_at=SERVED,
        retry_at=z("11T09:00"),
        attempts=tried(("11T05:00", "11T05:02", "refused")),
    )
    assert plan_run(shop(), past, at("11T06:00")).at == at("11T09:00")


def test_longest_due_comes_first_and_retries_come_last() -> None:
    now = at("11T06:00")
    plans = {
        "retry": Plan(at=now, due_at=at("11T01:00"), tries=1),
        "late": Plan(at=now, due_at=at("11T05:59")),
        "early": Plan(at=now, due_at=at("11T05:00")),
        "busy": Plan(at=now, due_at=at("11T04:00")),
        "future": Plan(at=at("11T06:01"), due_at=at("11T06:01")),
        "paused": Plan(at=None, due_at=None),
    }
    assert due_stores(plans, now, busy={"busy"}, room=9) == ["early", "late", "retry"]
    assert due_stores(plans, now, busy={"busy"}, room=1) == ["early"]
    assert due_stores(plans, now, busy={"busy"}, room=-1) == []


@pytest.mark.parametrize(
    ("exit_code", "outcome", "health", "told"),
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
def test_outcome_of_a_run(exit_code: int | None, outcome: str, health: str, told: str) -> None:
    assert outcome_of_run(exit_code, outcome, health) == told


def test_overdue_after_two_times_and_what_a_crawl_takes() -> None:
    good = StoreHistory(good_at=z("10T05:00"), good_finished_at=z("10T05:40"))
    assert overdue_at(shop(), good) == at("12T05:00") + timedelta(minutes=80)
    assert overdue_at(
        shop("0 5 * * MON-FRI"), StoreHistory(good_at=z("13T05:00"), good_finished_at=z("13T05:01"))
    ) == at("17T05:30")
    assert overdue_at(shop(), StoreHistory(first_attempt_at=z("10T05:00"))) == at("12T05:30")
    assert overdue_at(shop(), StoreHistory()) is None
    assert overdue_at(shop(more="paused = true"), good) is None
