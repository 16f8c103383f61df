"""Whether a page agrees with its own entry in the blog's feed."""

from __future__ import annotations

import pytest

from scraper.history.identity import judge_by_feed
from scraper.history.witnesses import Dates
from tests.each_row import each_row
from tests.factories import reading

OLD = "Warm the pot before the leaves go in, wait four minutes, then pour it into the cup. " * 2
NEW = OLD.replace("four", "five")
CUT = OLD[: len(OLD) // 2]
WALL = "Please log in to read this story, which our members read for nothing."
NOW, JUST_NOW, LONG_AGO = "2026-03-09T06:00:00Z", "2026-03-09T05:00:00Z", "2026-03-01T05:00:00Z"


def _dates(value: str, check: str, lastmod: str = "") -> Dates:
    claims = (reading("body", "feed", value, raw=check),) if value else ()
    return Dates(lastmod=lastmod, claims=claims)


@each_row(
    ("before", "now", "text", "agreement"),
    [
        pytest.param(_dates("", ""), _dates("", ""), WALL, "agrees", id="no feed"),
        pytest.param(_dates("a", "equal"), _dates("a", "equal"), OLD, "agrees", id="nothing new"),
        pytest.param(_dates("a", "equal"), _dates("b", "equal"), NEW, "agrees", id="an edit"),
        pytest.param(
            _dates("a", "equal"), _dates("a", "contradicts"), WALL, "contradicts", id="a wall"
        ),
        pytest.param(
            _dates("", ""), _dates("a", "contradicts"), WALL, "contradicts", id="a wall, feed new"
        ),
        pytest.param(
            _dates("a", "differs"), _dates("b", "contradicts"), WALL, "contradicts", id="and edited"
        ),
        pytest.param(
            _dates("a", "contradicts"), _dates("a", "contradicts"), NEW, "agrees",
            id="a feed that never held the body",
        ),
        pytest.param(
            _dates("a", "equal"), _dates("a", "contradicts"), OLD, "agrees",
            id="a feed that holds other words from now on",
        ),
        pytest.param(_dates("a", "equal"), _dates("a", "differs"), CUT, "contradicts", id="cut"),
        pytest.param(
            _dates("a", "differs"), _dates("a", "differs"), CUT, "agrees",
            id="shortened, and the feed never was the page",
        ),
        pytest.param(
            _dates("a", "equal"), _dates("b", "differs"), CUT, "agrees", id="shortened in both"
        ),
        pytest.param(
            _dates("a", "equal"), _dates("a", "differs"), OLD + WALL, "agrees", id="a widget"
        ),
        pytest.param(
            _dates("a", "equal"), _dates("b", "differs", JUST_NOW), OLD, "stale",
            id="an older copy of the page",
        ),
        pytest.param(
            _dates("a", "equal"), _dates("b", "contradicts", JUST_NOW), OLD, "stale",
            id="an older copy of a page written anew",
        ),
        pytest.param(
            _dates("a", "equal"), _dates("b", "differs", LONG_AGO), OLD, "agrees",
            id="no cache is so old",
        ),
        pytest.param(
            _dates("", ""), _dates("b", "differs", JUST_NOW), OLD, "agrees", id="new in the feed"
        ),
    ],
)  # fmt: skip
def test_whether_a_page_agrees_with_its_feed_entry(before, now, text, agreement) -> None:
    assert judge_by_feed(before, now, OLD, text, at=NOW) == agreement
