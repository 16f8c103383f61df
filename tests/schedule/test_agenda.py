"""What is due, from a heap; held against looking at every plan."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scraper.schedule.timetable.agenda import Agenda
from scraper.schedule.timetable.due import Plan

NEVER = timedelta(days=365)
START = datetime(2026, 3, 11, 6, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def test_longest_due_comes_first_and_retries_come_last() -> None:
    agenda = Agenda()
    plans = {
        "retry": Plan(at=START, due_at=at(-300), failed_runs=1),
        "late": Plan(at=START, due_at=at(-1)),
        "early": Plan(at=START, due_at=at(-60)),
        "busy": Plan(at=START, due_at=at(-120)),
        "future": Plan(at=at(1), due_at=at(1)),
        "paused": Plan(at=None, due_at=None),
    }
    for name, plan in plans.items():
        agenda.set(name, plan, START + NEVER)
    agenda.advance(START)
    assert agenda.due(busy={"busy"}, limit=9) == ["early", "late", "retry"]
    assert agenda.due(busy={"busy"}, limit=1) == ["early"]
    assert agenda.due(busy={"busy"}, limit=-1) == []
    assert agenda.next_at(START) == at(1)
    agenda.advance(at(1))
    assert agenda.is_due("future")
    assert not agenda.is_due("paused")


def test_plan_that_is_no_longer_valid_is_made_again() -> None:
    agenda = Agenda()
    agenda.set("tea", Plan(at=at(5), due_at=at(5)), at(10))
    agenda.advance(at(5))
    assert (agenda.due(busy=(), limit=1), agenda.unplanned()) == (["tea"], [])
    agenda.advance(at(10))
    assert (agenda.due(busy=(), limit=1), agenda.unplanned()) == ([], ["tea"])
    assert agenda.plan("tea") is None
    agenda.set("tea", Plan(at=at(20), due_at=at(20)), at(90))
    assert (agenda.unplanned(), agenda.next_at(at(10))) == ([], at(20))
    agenda.remove("tea")
    agenda.advance(at(100))
    assert (agenda.due(busy=(), limit=1), agenda.unplanned()) == ([], [])
    assert agenda.next_at(at(100)) is None


Step = tuple[str, int, int, int]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["set", "forget", "remove"]),
            st.integers(0, 4),
            st.integers(0, 30),
            st.integers(1, 30),
        ),
        max_size=30,
    )
)
def test_heap_finds_what_looking_at_every_plan_finds(steps: list[Step]) -> None:
    agenda, plans, unplanned = Agenda(), dict[str, tuple[Plan, datetime]](), set[str]()
    for minute, (what, number, wait, valid) in enumerate(steps):
        name = f"store-{number}"
        plans.pop(name, None)
        unplanned.discard(name)
        if what == "set":
            plan, valid_until = Plan(at=at(wait), due_at=at(wait)), at(minute + valid)
            plans[name] = plan, valid_until
            agenda.set(name, plan, valid_until)
        elif what == "forget":
            unplanned.add(name)
            agenda.forget(name)
        else:
            agenda.remove(name)
        agenda.advance(at(minute))
        for other in [other for other, (_, until) in plans.items() if until <= at(minute)]:
            del plans[other]
            unplanned.add(other)
        due = {name for name, (plan, _) in plans.items() if plan.at and plan.at <= at(minute)}
        assert set(agenda.due(busy=(), limit=9)) == due
        assert set(agenda.unplanned()) == unplanned
        times = [time for plan, until in plans.values() for time in (plan.at, until)]
        later = [time for time in times if time and time > at(minute)]
        assert agenda.next_at(at(minute)) == min(later, default=None)
