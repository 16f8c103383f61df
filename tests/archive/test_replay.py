"""Histories replayed, as tables: the steps of a post in, the timeline as a careful person would
write it out."""

from __future__ import annotations

from typing import Any

from scraper.archive.timelines.replay import Removal, Replay, SightStep, Step, Unseen
from scraper.history.timeline import Rereading, Sight
from scraper.history.witnesses import Dates
from tests.each_row import each_row
from tests.factories import at, reading

GONE = Unseen(at(3), at(4))


def sight(version: str, day: int, *, date: int = 1, **more: Any) -> SightStep:
    """A sight on a day of March, when the store dated the post to another."""
    values: dict[str, Any] = {"origin": "observed", "rules": ("rules 1", "a"), "language": "en"}
    values["url"] = ""
    claims = more.pop("claims", ())
    seen = Sight(
        at=at(day),
        version=(version, ""),
        dates=Dates(lastmod=at(date), claims=claims),
        **(values | more),
    )
    return SightStep(day, 1, seen, 3)


def read_again(version: str, day: int, *, waiting: str = "") -> Rereading:
    return Rereading(
        at=at(day),
        version=(version, ""),
        rules=("rules 2", "a"),
        cause="rules",
        version_seen_at="",
        language="en",
        waiting=(waiting, "") if waiting else None,
    )


def modified(day: int) -> Any:
    return reading("modified_at", "jsonld", at(day, 30))


def imported(version: str, day: int) -> SightStep:
    return sight(version, day, origin="imported", claims=(modified(day),))


HISTORIES: dict[str, tuple[list[Step], list[str]]] = {
    "nothing happened": ([sight("1", 2), sight("1", 3)], []),
    "an edit": ([sight("2", 2, date=2)], ["revised 1>2 1..2 lastmod store"]),
    "an edit and its taking back": (
        [sight("2", 2, date=2), sight("1", 3, date=3)],
        ["revised 1>2 1..2 lastmod store", "revised 2>1 2..3 lastmod store"],
    ),
    "a difference that was confirmed": (
        [sight("2", day) for day in (2, 3, 4)],
        ["revised 1>2 1..2 sights store", "waited 1>2 1..2 x3 confirmed"],
    ),
    "a difference that went again, and one that waits": (
        [sight("2", 2), sight("1", 3), sight("3", 4), sight("3", 5)],
        ["waited 1>2 1..2 x1 volatile", "waited 1>3 3..4 x2 pending"],
    ),
    "removed and restored": (
        [sight("1", 2), Removal(at(4), "observed"), sight("1", 6)],
        ["removed 1> 2..3 none store", "restored 1>1 4..6 none store"],
    ),
    "removed while a difference waited": (
        [sight("2", 2), Removal(at(4), "observed")],
        ["removed 1> 2..3 none store", "waited 1>2 1..2 x1 volatile"],
    ),
    "restored with other words": (
        [Removal(at(4), "observed"), sight("2", 6, date=6)],
        [
            "removed 1> 1..3 none store",
            "restored 1>2 4..6 none store",
            "revised 1>2 1..6 lastmod store",
        ],
    ),
    "renamed": (
        [sight("1", 9, date=9, url="/new")._replace(url_before="/old"), sight("1", 10)],
        ["renamed 1>1 1..9 none store"],
    ),
    "read again by other rules, then edited": (
        [read_again("2", 5), sight("3", 6, date=6, rules=("rules 2", "a"))],
        ["revised 1>2 1..5 none rules", "revised 2>3 1..6 lastmod store"],
    ),
    "read again while a difference waits": (
        [
            sight("2", 2),
            read_again("3", 5, waiting="4"),
            sight("4", 6, rules=("rules 2", "a")),
            sight("4", 7, rules=("rules 2", "a")),
        ],
        [
            "revised 1>3 2..5 none rules",
            "revised 3>4 1..2 sights store",
            "waited 3>4 1..2 x3 confirmed",
        ],
    ),
    "an import between two sights": (
        [sight("1", 7, claims=(modified(1),)), imported("2", 3)],
        ["revised 1>2 1..3 modified file", "revised 2>1 3..7 modified file"],
    ),
    "an import between two sights, as before": (
        [sight("1", 7, claims=(modified(1),)), imported("1", 3)],
        [],
    ),
    "an import later than the last sight": (
        [imported("2", 5)],
        ["revised 1>2 1..5 modified file"],
    ),
}


def timeline(replay: Replay) -> list[str]:
    """Each change but the first, and each difference that waited, in a line."""
    changes = zip(replay.changes[1:], replay.causes[1:], strict=True)
    return [
        *(
            f"{facts.kind} {facts.old}>{facts.new} {_days(facts.not_before, facts.not_after)} "
            f"{facts.witness} {cause}"
            for facts, cause in changes
        ),
        *(
            f"waited {facts.old}>{facts.new} {_days(facts.not_before, facts.first_seen_at)} "
            f"x{facts.sights} {facts.standing}"
            for facts in replay.pending
        ),
    ]


def _days(first: str, last: str) -> str:
    return f"{int(first[8:10])}..{int(last[8:10])}"


@each_row(("steps", "expected"), HISTORIES.values(), ids=HISTORIES)
def test_the_steps_of_a_post_give_its_timeline(steps: list[Step], expected: list[str]) -> None:
    claims = {"1": (modified(1),), "2": (modified(3),)}
    replay = Replay((GONE,), claims, frozenset())
    replay.begin(sight("1", 1, claims=(modified(1),)), is_dated=True, not_before="")
    for step in steps:
        replay.take(step)
    assert timeline(replay) == expected
