"""Five weeks in seconds: exactly the due runs, once each, never two of one store at a time,
whatever happens on the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scraper.archive.database import open_for_reading
from scraper.archive.verify import verify
from tests.conftest import rows
from tests.schedule.world import Span, World, utc

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
DAYS = 34
"""Enough that clocks change in both zones, and that a pause, an outage and a sleep lie between."""

STORES = """
[stores.tea]
url = "https://tea.example"
schedule = "30 2 * * *"
timezone = "Europe/Berlin"
paused = {paused}

[stores.coffee]
url = "https://coffee.example"
schedule = "30 1 * * *"
timezone = "America/New_York"
jitter_minutes = 20

[stores.honey]
url = "https://honey.example"
schedule = "0 5 * * MON-FRI"
timezone = "Europe/Berlin"
window = "04:00-09:00"

[stores.silent]
url = "https://silent.example"
schedule = "0 * * * *"
"""


def local_times(
    zone: ZoneInfo, clock: tuple[int, int], first: date, days: int, weekdays: range = range(7)
) -> Iterator[datetime]:
    """A wall-clock time of each day as UTC: the first of two where clocks go back, right after the
    gap where they go forward."""
    hour, minute = clock
    for day in (first + timedelta(days=number) for number in range(days)):
        if day.weekday() in weekdays:
            moment = datetime.combine(day, time(hour, minute), zone).astimezone(UTC)
            if moment.astimezone(zone).hour != hour:
                moment = datetime.combine(day, time(hour + 1), zone).astimezone(UTC)
            yield moment


@pytest.mark.parametrize(
    ("begin", "kills", "seed"),
    [
        pytest.param("2026-03-01T00:00", 0.0, 0, id="spring"),
        pytest.param("2026-10-10T00:00", 0.03, 11, id="autumn, killed all the time"),
    ],
)
def test_exactly_the_due_runs_once_each(
    integration: None, tmp_path: Path, begin: str, kills: float, seed: int
) -> None:
    start = utc(begin)

    def span(first: float, last: float) -> Span:
        return start + timedelta(days=first), start + timedelta(days=last)

    pause, sleep, outage = span(9, 13.5), span(19.3, 24.4), span(15.2, 17.1)
    world = World(
        tmp_path,
        start,
        lambda now: STORES.format(paused=str(pause[0] <= now < pause[1]).lower()),
        sleeps=[sleep],
        down={"coffee": [outage], "silent": [span(0, 99)]},
        kills=kills,
        seed=seed,
    )
    world.run(DAYS)
    assert (world.died > DAYS) == (kills > 0)

    due = {
        "tea": list(local_times(BERLIN, (2, 30), start.date(), DAYS + 1)),
        "coffee": list(local_times(NEW_YORK, (1, 30), start.date() - timedelta(days=1), DAYS + 2)),
        "honey": list(local_times(BERLIN, (5, 0), start.date(), DAYS + 1, range(5))),
    }
    # When runs may have to wait, and are caught up together; a store that failed is tried daily in
    # the end.
    away = {
        "tea": [pause, sleep],
        "coffee": [(outage[0], outage[1] + timedelta(days=1)), sleep],
        "honey": [sleep],
    }
    for store, times in due.items():
        crawls = complete(world, store)
        # Never crawled before: due at once, or when the window opens.
        assert crawls[0] <= (
            utc(f"{start.date()}T03:00") if store == "honey" else start
        ) + timedelta(hours=4 if kills else 0)
        served = [
            [moment for moment in times if before < moment <= after]
            for before, after in pairwise(crawls)
        ]
        assert [
            crawl for crawl, runs in zip(crawls[1:], served, strict=True) if not runs
        ] == []  # none that was not due
        missed = {runs[0] for runs in served if len(runs) > 1}
        assert all(
            any(first <= moment <= last for first, last in away[store]) for moment in missed
        )  # what was missed
        # Jitter, a look at the clock, and more after kills; a sleep is followed by the wait for the
        # window.
        late = timedelta(minutes=30) + (timedelta(hours=4) if kills else timedelta())
        for after, runs in zip(crawls[1:], served, strict=True):
            ends = [
                last + timedelta(hours=24)
                for first, last in away[store]
                if first <= runs[-1] <= last
            ]
            assert after <= max([runs[-1], *ends]) + late
        for first, last in {"tea": [pause, sleep], "coffee": [outage, sleep], "honey": [sleep]}[
            store
        ]:
            caught_up = [runs for runs in served if any(first <= moment <= last for moment in runs)]
            assert len(caught_up) == 1  # whatever was missed in one span, by one run
        assert [
            moment for moment in times if crawls[-1] < moment < world.time - timedelta(hours=5)
        ] == []
    no_two_at_a_time(world)
    silent_backs_off(world)
    db = open_for_reading(world.archive)
    assert [problem for result in verify(db) for problem in result.problems] == []
    db.close()


def complete(world: World, store: str) -> list[datetime]:
    """When the complete crawls of a store began, or were last resumed."""
    sql = """
        SELECT max(started_at, resumed_at) FROM crawls JOIN stores ON stores.id = store_id
        WHERE origin = ? AND outcome = 'complete' ORDER BY 1
    """
    return [
        datetime.fromisoformat(str(text))
        for (text,) in rows(world.archive, sql, f"https://{store}.example")
    ]


def no_two_at_a_time(world: World) -> None:
    for store in ("tea", "coffee", "honey", "silent"):
        spans = sorted((begun, ended) for name, begun, ended, _ in world.spans if name == store)
        assert [pair for pair in pairwise(spans) if pair[0][1] > pair[1][0]] == []


def silent_backs_off(world: World) -> None:
    """A store that never answers is asked once a day in the end, though its timetable says every
    hour, and no other waits for it."""
    asked = [begun for name, begun, _, _ in world.spans if name == "silent"]
    assert DAYS - 8 < len(asked) < DAYS + 20 + world.died
    assert rows(
        world.archive,
        "SELECT subject, closed_at FROM incidents WHERE kind = 'overdue' AND store_id IS NULL",
    ) == [("silent", None)]
