"""The history of one post as tables: sights in, what happened out."""

from __future__ import annotations

from typing import Any

import pytest

from scraper.history.timeline import (
    Event,
    PendingEvent,
    Period,
    PostState,
    Rereading,
    Sight,
    first_state,
    is_past,
    observe,
    place_past_sight,
    reread,
)
from scraper.history.witnesses import Dates, MovedDates
from tests.each_row import each_row
from tests.factories import at, reading

RULES = ("rules 1", "a")


def sight(version: str, day: int, **more: Any) -> Sight:
    """A sight of a version by a crawl on a day of March; the listing's date stands at the first."""
    lastmod = more.pop("lastmod", at(1))
    claims = more.pop("claims", ())
    values: dict[str, Any] = {"origin": "observed", "rules": RULES, "url": "u", "language": "en"}
    return Sight(
        at=at(day),
        version=(version, ""),
        dates=Dates(lastmod=lastmod, claims=claims),
        **(values | more),
    )


def feed(value: str, *, agrees: bool = True) -> Any:
    return reading("body", "feed", value, raw="equal" if agrees else "differs")


def modified(moment: str) -> Any:
    return reading("modified_at", "jsonld", moment)


def by_page(version: str, day: int, moment: str, *, lastmod: str = "") -> Sight:
    """A sight of a page that says when it was modified; the listings do not, unless `lastmod` is
    given."""
    return sight(version, day, lastmod=lastmod, claims=(modified(moment),))


def observed_lines(*sights: Sight) -> list[str]:
    """What a post's sights show, in one line each: kind, version, bracket in days, origin and
    witness. The first sight is given."""
    first, *later = sights
    state = first_state(first)
    lines = []
    for seen in later:
        state, events = observe(state, seen)
        lines += [_line(event, state) for event in events]
    return lines


def _line(event: Event, state: PostState) -> str:
    if isinstance(event, PendingEvent):
        return f"{event.kind} {event.pending.version[0]} {event.pending.sights}"
    bracket = f"{_day(event.not_before)}..{_day(event.not_after)}"
    return f"{event.kind} {state.version[0]} {bracket} {event.origin} {event.witness}".removesuffix(
        " none"
    )


def _day(moment: str) -> str:
    return str(int(moment[8:10])) if moment else "-"


def versions(names: str, **more: Any) -> list[Sight]:
    """One sight a day."""
    return [sight(name, day, **more) for day, name in enumerate(names, start=1)]


A = sight("A", 1)

TIMELINES = {
    "nothing happened": (versions("AAA"), []),
    "a date moved": ([A, sight("B", 2, lastmod=at(2))], ["revised B 1..2 observed lastmod"]),
    "a first date, later than the last sight": (
        [sight("A", 1, lastmod=""), sight("B", 3, lastmod=at(2))],
        ["revised B 1..3 observed lastmod"],
    ),
    "a first date, earlier than the last sight": (
        [sight("A", 2, lastmod=""), sight("B", 3, lastmod=at(1))],
        ["pending B 1"],
    ),
    "a date that moved back is an older copy": (
        [sight("A", 3, lastmod=at(2)), sight("B", 4, lastmod=at(1)), sight("A", 5, lastmod=at(2))],
        ["pending B 1", "volatile B 1"],
    ),
    "no date moved": (versions("AB"), ["pending B 1"]),
    "no date moved, and it stood": (
        versions("ABBB"),
        ["pending B 1", "seen B 2", "confirmed B 3", "revised B 1..2 observed sights"],
    ),
    "a store without dates": (
        versions("ABBB", lastmod=""),
        ["pending B 1", "seen B 2", "confirmed B 3", "revised B 1..2 observed sights"],
    ),
    "noise at every sight": (
        versions("ABCDE"),
        [
            "pending B 1",
            "volatile B 1",
            "pending C 1",
            "volatile C 1",
            "pending D 1",
            "volatile D 1",
            "pending E 1",
        ],
    ),
    "noise that goes again": (versions("ABA"), ["pending B 1", "volatile B 1"]),
    "two nodes in turn": (
        versions("ABABAB"),
        ["pending B 1", "volatile B 1"] * 2 + ["pending B 1"],
    ),
    "the date moves after the words": (
        [A, sight("B", 2), sight("B", 3, lastmod=at(3))],
        ["pending B 1", "confirmed B 2", "revised B 1..2 observed lastmod"],
    ),
    "an edit with a date behind noise": (
        [*versions("AB"), sight("C", 3, lastmod=at(3))],
        ["pending B 1", "volatile B 1", "revised C 2..3 observed lastmod"],
    ),
    "an edit that stands behind noise": (
        versions("ABCCC"),
        [
            "pending B 1",
            "volatile B 1",
            "pending C 1",
            "seen C 2",
            "confirmed C 3",
            "revised C 1..3 observed sights",
        ],
    ),
    "dates that say nothing, as they moved for all": (
        [A, sight("B", 2, lastmod=at(2), dates_trusted=False)],
        ["pending B 1"],
    ),
    "the feed's words moved": (
        [sight("A", 1, claims=(feed("1"),)), sight("B", 2, claims=(feed("2"),))],
        ["revised B 1..2 observed feed"],
    ),
    "an older version hashed the feed's words its own way": (
        [
            sight("A", 1, claims=(feed(f"{'1' * 16}{'3' * 16}"),)),
            sight("B", 2, claims=(feed(f"{'2' * 16}{'3' * 16}"),)),
        ],
        ["pending B 1"],
    ),
    "the feed's words are older too where the date moved back": (
        [
            sight("A", 3, lastmod=at(2), claims=(feed("2"),)),
            sight("B", 4, lastmod=at(1), claims=(feed("1"),)),
            sight("A", 5, lastmod=at(2), claims=(feed("2"),)),
        ],
        ["pending B 1", "volatile B 1"],
    ),
    "page and feed of two nodes in turn": (
        [
            sight("A", 1, claims=(feed("1"),)),
            sight("B", 2, claims=(feed("2"),)),
            sight("A", 3, claims=(feed("1"),), is_return=True),
            sight("B", 4, claims=(feed("2"),)),
            sight("A", 5, claims=(feed("1"),), is_return=True),
        ],
        ["revised B 1..2 observed feed", "pending A 1", "volatile A 1", "pending A 1"],
    ),
    "an author goes back to the words before, and no date says so": (
        [
            sight("A", 1, claims=(feed("1"),)),
            sight("B", 2, claims=(feed("2"),)),
            *[sight("A", day, claims=(feed("1"),), is_return=True) for day in (3, 4, 5)],
        ],
        [
            "revised B 1..2 observed feed",
            "pending A 1",
            "seen A 2",
            "confirmed A 3",
            "revised A 2..3 observed sights",
        ],
    ),
    "an author goes back to the words before, and a date says so": (
        [
            sight("A", 1, claims=(feed("1"),)),
            sight("B", 2, claims=(feed("2"),)),
            sight("A", 3, lastmod=at(3), claims=(feed("1"),), is_return=True),
        ],
        ["revised B 1..2 observed feed", "revised A 2..3 observed lastmod"],
    ),
    "page and feed in another language": (
        [
            sight("A", 1, claims=(feed("1"),)),
            sight("B", 2, language="fr", claims=(feed("2"),)),
            sight("A", 3, claims=(feed("1"),)),
        ],
        ["pending B 1", "volatile B 1"],
    ),
    "the post left the feed and came back with other words": (
        [
            sight("A", 1, claims=(feed("1"),)),
            sight("A", 2),
            sight("B", 3, claims=(feed("2"),)),
        ],
        ["revised B 2..3 observed feed"],
    ),
    "the feed stood and the page moved away from it for good": (
        [
            sight("A", 1, claims=(feed("1"),)),
            *[sight("B", day, claims=(feed("1", agrees=False),)) for day in (2, 3, 4)],
        ],
        ["pending B 1", "seen B 2", "confirmed B 3", "revised B 1..2 technical"],
    ),
    "a feed of beginnings never agreed": (
        [
            sight("A", 1, claims=(feed("1", agrees=False),)),
            *[sight("B", day, claims=(feed("1", agrees=False),)) for day in (2, 3, 4)],
        ],
        ["pending B 1", "seen B 2", "confirmed B 3", "revised B 1..2 observed sights"],
    ),
    "the page's own date moved": (
        [by_page("A", 1, at(1)), by_page("B", 9, at(5))],
        ["revised B 1..9 observed modified"],
    ),
    "the page's own date moved, to another day": (
        [by_page("A", 3, "2026-03-01"), by_page("B", 9, "2026-03-05")],
        ["revised B 3..9 observed modified"],
    ),
    "the page's own date moved, that of the listings did not": (
        [by_page("A", 1, at(1), lastmod=at(1)), by_page("B", 9, at(5), lastmod=at(1))],
        ["pending B 1"],
    ),
    "the page's own date moved, to before the last sight": (
        [by_page("A", 1, "2026-03-01"), by_page("A", 7, "2026-03-01"), by_page("B", 9, at(5))],
        ["pending B 1"],
    ),
    "the page's own date is the time of the download": (
        [by_page("A", 1, at(1)), by_page("B", 9, at(9, 3))],
        ["pending B 1"],
    ),
    "the page's own date is the day of the download, and then that day": (
        [
            by_page("A", 1, "2026-03-01"),
            by_page("B", 9, "2026-03-09"),
            by_page("B", 11, "2026-03-09"),
        ],
        ["pending B 1", "confirmed B 2", "revised B 1..9 observed modified"],
    ),
    "the page's date comes from another source": (
        [
            sight("A", 1, lastmod="", claims=(reading("modified_at", "meta", at(1)),)),
            by_page("B", 9, at(5)),
        ],
        ["pending B 1"],
    ),
    "another template": (
        [A, sight("B", 2, rules=("rules 1", "b"))],
        ["revised B 1..2 technical"],
    ),
    "another template and a later date": (
        [A, sight("B", 2, rules=("rules 1", "b"), lastmod=at(2))],
        ["revised B 1..2 observed lastmod"],
    ),
    "another extractor while a difference waits": (
        [*versions("AB"), sight("C", 3, rules=("rules 2", "a"))],
        ["pending B 1", "volatile B 1", "revised C 2..3 technical"],
    ),
    "another extractor that reads the same words in what waits": (
        [*versions("AB"), *[sight("B", day, rules=("rules 2", "a")) for day in (3, 4)]],
        ["pending B 1", "seen B 2", "confirmed B 3", "revised B 1..2 observed sights"],
    ),
    "an edit after a file that says nothing of the listings": (
        [
            sight("A", 1, lastmod=at(1)),
            sight("A", 3, origin="imported"),
            sight("B", 4, lastmod=at(2)),
        ],
        ["revised B 3..4 observed lastmod"],
    ),
    "another language for good is the theme's": (
        [A, *[sight("B", day, language="fr") for day in (2, 3, 4)]],
        ["pending B 1", "seen B 2", "confirmed B 3", "revised B 1..2 technical"],
    ),
    "another spelling of the language": (
        [A, *[sight("B", day, language="en-US") for day in (2, 3, 4)]],
        ["pending B 1", "seen B 2", "confirmed B 3", "revised B 1..2 observed sights"],
    ),
    "a file, then a crawl": (
        [sight("A", 1, origin="imported"), sight("B", 2)],
        ["revised B 1..2 imported"],
    ),
    "a crawl, a file of the same, then an edit": (
        [A, sight("A", 2, origin="imported"), sight("B", 3, lastmod=at(3))],
        ["revised B 2..3 observed lastmod"],
    ),
    "a crawl, a file of the same, then another version without a date": (
        [A, sight("A", 2, origin="imported"), sight("B", 3)],
        ["pending B 1"],
    ),
    "two files without dates": (
        [sight("A", 1, origin="imported"), sight("B", 2, origin="imported")],
        ["pending B 1"],
    ),
    "two files that carry their dates": (
        [
            sight("A", 1, origin="imported", claims=(modified(at(1)),)),
            sight("B", 9, origin="imported", claims=(modified(at(5)),)),
        ],
        ["revised B 1..9 imported modified"],
    ),
    "a new address": ([A, sight("A", 2, url="v")], ["renamed A 1..2 observed"]),
    "a new address and an edit": (
        [A, sight("B", 2, url="v", lastmod=at(2))],
        ["renamed B 1..2 observed", "revised B 1..2 observed lastmod"],
    ),
}


@each_row(("sights", "expected"), TIMELINES.values(), ids=TIMELINES.keys())
def test_what_sights_of_one_post_show(sights: list[Sight], expected: list[str]):
    assert observed_lines(*sights) == expected


@each_row(
    ("moved", "dated", "earliest", "before", "found"),
    [
        pytest.param(0, 0, "", "singly", "singly", id="no dates"),
        pytest.param(4, 4, at(9, 59), "all", "singly", id="a small blog, wholly edited"),
        pytest.param(9, 10, at(9, 59), "all", "singly", id="nine of ten"),
        pytest.param(100, 100, at(2), "singly", "all", id="all of a hundred, once"),
        pytest.param(100, 100, at(2), "all", "untrusted", id="all of a hundred, twice"),
        pytest.param(100, 100, at(2), "untrusted", "untrusted", id="all, at every crawl"),
        pytest.param(5, 5, at(9, 59), "singly", "untrusted", id="all, the time of the request"),
        pytest.param(1, 100, at(9, 59), "untrusted", "singly", id="one, after resets"),
    ],
)
def test_dates_that_move_by_themselves_witness_nothing(moved, dated, earliest, before, found):
    dates = MovedDates(dated=dated, moved=moved, earliest=earliest)
    assert dates.judge(at(9, 59), before) == found


def period(version: str, first: int, last: int, *, day: int = 0) -> Period:
    """A period in which a version was seen; its page says that it was modified on the `day`."""
    return Period(
        versions=frozenset({(version, "")}),
        first_seen_at=at(first),
        last_seen_at=at(last),
        dates=Dates(claims=(modified(at(day, 30)),) if day else ()),
    )


A_1, B_5 = period("A", 1, 3, day=1), period("B", 5, 9, day=5)
BETWEEN = ["3..4 imported modified", "4..5 imported modified"]


@each_row(
    ("before", "after", "day", "found"),
    [
        pytest.param(None, B_5, 2, ["4..5 imported modified"], id="before all"),
        pytest.param(None, period("X", 5, 9, day=5), 2, [], id="before all, the same"),
        pytest.param(A_1, B_5, 2, BETWEEN, id="between"),
        pytest.param(A_1, B_5, 1, BETWEEN, id="between, with the date of the version before"),
        pytest.param(A_1, B_5, 5, BETWEEN, id="between, with the date of the version after"),
        pytest.param(period("X", 1, 3, day=1), B_5, 2, [], id="as before"),
        pytest.param(A_1, period("X", 5, 9, day=5), 2, [], id="as after"),
        pytest.param(A_1, period("A", 5, 9, day=1), 2, BETWEEN, id="edited and restored"),
        pytest.param(A_1, period("A", 5, 9, day=1), 1, [], id="noise: no date moved"),
        pytest.param(period("A", 1, 3), period("B", 5, 9), 0, [], id="no dates"),
    ],
)
def test_an_earlier_sight_has_its_own_place(before, after, day, found):
    claims = (modified(at(day, 30)),) if day else ()
    events = place_past_sight(before, after, sight("X", 4, origin="imported", claims=claims))
    assert [
        f"{_day(event.not_before)}..{_day(event.not_after)} {event.origin} {event.witness}"
        for event in events
    ] == found


def reread_lines(sights: list[Sight], version: str, waiting: str, after: str) -> list[str]:
    """What it shows that other rules read the last pages of a post on the fifth day, and that they
    read a version on the sixth, whose date did not move."""
    first, *later = sights
    state = first_state(first)
    for seen in later:
        state, _ = observe(state, seen)
    page = Rereading(
        at=at(5),
        version=(version, ""),
        rules=("rules 2", "a"),
        cause="rules",
        version_seen_at=state.version_seen_at,
        language=state.language,
        claims=state.dates.claims,
        waiting=(waiting, "") if waiting else None,
    )
    state, events = reread(state, page)
    lines = [_line(event, state) for event in events]
    state, events = observe(state, sight(after, 6, rules=page.rules))
    return [*lines, "then", *[_line(event, state) for event in events]]


REREAD = {
    "as before": (versions("AA"), "A", "", "A", ["then"]),
    "as before, and an edit afterwards is none of the rules": (
        versions("AA"),
        "A",
        "",
        "B",
        ["then", "pending B 1"],
    ),
    "otherwise": (versions("AA"), "X", "", "X", ["revised X 2..5 technical", "then"]),
    "otherwise, and an edit afterwards": (
        versions("AA"),
        "X",
        "",
        "Y",
        ["revised X 2..5 technical", "then", "pending Y 1"],
    ),
    "both that stands and what waits": (
        versions("AB"),
        "X",
        "Y",
        "Y",
        ["revised X 2..5 technical", "then", "seen Y 2"],
    ),
    "what stands, and the page of what waits is lost": (
        versions("AB"),
        "X",
        "",
        "B",
        ["revised X 2..5 technical", "then", "seen B 2"],
    ),
    "what waited was made by the rules": (
        versions("AB"),
        "X",
        "X",
        "X",
        ["volatile X 1", "revised X 2..5 technical", "then"],
    ),
    "what stands reads as what waited": (
        versions("AB"),
        "B",
        "B",
        "B",
        ["volatile B 1", "revised B 2..5 technical", "then"],
    ),
}


@each_row(("sights", "version", "waiting", "after", "expected"), REREAD.values(), ids=REREAD)
def test_what_other_rules_read_on_the_same_pages(sights, version, waiting, after, expected):
    assert reread_lines(sights, version, waiting, after) == expected


@each_row(
    ("origin", "day", "found"),
    [("imported", 2, True), ("imported", 3, False), ("observed", 2, False), ("imported", 4, False)],
)
def test_only_what_is_imported_enters_the_past(origin, day, found):
    assert is_past(origin, at(day), at(3)) is found
