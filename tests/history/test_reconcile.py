"""A field changes only if a source known to both observations has another value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.history.reconcile import reconcile, sights_needed
from scraper.items import FieldClaim
from tests.each_row import each_row
from tests.factories import reading


def _readings(field: str = "author", **claims: str) -> list[FieldClaim]:
    return [reading(field, source, value) for source, value in claims.items()]


@each_row(
    ("current", "before", "now", "value"),
    [
        pytest.param("Mara", {"feed": "Mara"}, {"feed": "Mara"}, "Mara", id="nothing moved"),
        pytest.param(
            "Mara",
            {"feed": "Mara", "byline": "The Team"},
            {"byline": "The Team"},
            "Mara",
            id="out of the feed, other by-line",
        ),
        pytest.param(
            "Mara",
            {"feed": "Mara"},
            {"byline": "The Team"},
            "Mara",
            id="out of the feed, first by-line",
        ),
        pytest.param(
            "Mara", {"feed": "Mara"}, {}, "Mara", id="out of the feed, and the page says nothing"
        ),
        pytest.param(
            "The Team",
            {"byline": "The Team"},
            {"feed": "Mara", "byline": "The Team"},
            "The Team",
            id="into the feed",
        ),
        pytest.param(
            "Mara",
            {"feed": "Mara", "byline": "M."},
            {"feed": "Ines", "byline": "M."},
            "Ines",
            id="the feed's word changes",
        ),
        pytest.param(
            "Mara",
            {"feed": "Mara", "byline": "M."},
            {"byline": "Ines"},
            "Ines",
            id="the by-line changes outside the feed",
        ),
        pytest.param(
            "Mara",
            {"feed": "Mara", "byline": "M."},
            {"feed": "Mara", "byline": "I."},
            "Mara",
            id="a lesser source changes",
        ),
        pytest.param(
            "Mara",
            {"byline": "Mara"},
            {"feed": "Ines", "byline": "Ines"},
            "Ines",
            id="new source, and a known one changed too",
        ),
        pytest.param("", {}, {"byline": "Mara"}, "Mara", id="nothing to a value"),
        pytest.param("Mara", {"byline": "Mara"}, {}, "", id="a value to nothing"),
        pytest.param("", {}, {}, "", id="nothing to nothing"),
        pytest.param(
            "Mara",
            {"feed": "Mara", "byline": "Mara"},
            {"byline": ""},
            "",
            id="the page's own word is blanked",
        ),
    ],
)
def test_a_field_after_an_observation(current, before, now, value):
    assert reconcile("author", current, _readings(**before), _readings(**now)) == value


def test_there_and_back_through_the_feed_moves_nothing():
    in_feed = _readings(feed="Mara", byline="The Team")
    outside = _readings(byline="The Team")
    out = reconcile("author", "Mara", in_feed, outside)
    assert (out, reconcile("author", out, in_feed, in_feed)) == ("Mara", "Mara")


@each_row(
    ("current", "before", "now", "value"),
    [
        pytest.param(
            "2026-03-04T05:06:07Z",
            {"feed": "2026-03-04T05:06:07Z", "time": "2026-03-04"},
            {"time": "2026-03-04"},
            None,
            id="same day",
        ),
        pytest.param(
            "2026-03-04T05:06:07Z",
            {"feed": "2026-03-04T05:06:07Z"},
            {"time": "2026-03-04"},
            None,
            id="first day",
        ),
        pytest.param(
            "2026-03-04T05:06:07Z",
            {"feed": "2026-03-04T05:06:07Z", "time": "2026-03-04"},
            {"time": "2026-04-01"},
            "2026-04-01",
            id="another day",
        ),
        pytest.param(
            "2026-03-04",
            {"time": "2026-03-04"},
            {"feed": "2026-03-04T05:06:07Z", "time": "2026-03-04"},
            None,
            id="exact later",
        ),
    ],
)
def test_a_bare_day_does_not_replace_an_exact_time_unless_it_moved(current, before, now, value):
    assert reconcile(
        "published_at",
        current,
        _readings("published_at", **before),
        _readings("published_at", **now),
    ) == (value or current)


def test_a_source_that_could_not_be_understood_is_compared_by_its_raw_words():
    before = [FieldClaim(field="published_at", source="byline", raw="last spring", value="")]
    now = [FieldClaim(field="published_at", source="byline", raw="2026-05-01", value="2026-05-01")]
    assert reconcile("published_at", "", before, now) == "2026-05-01"


def test_readings_of_other_fields_say_nothing():
    before, now = (
        _readings(byline="Mara"),
        [*_readings(byline="Mara"), *_readings("title", byline="Slow Tea")],
    )
    assert reconcile("author", "Mara", before, now) == "Mara"


SOURCES = st.dictionaries(
    st.sampled_from(["feed", "time", "byline", "jsonld"]),
    st.sampled_from(["A", "B", "C"]),
    max_size=4,
)


@given(
    SOURCES.filter(bool), st.sets(st.sampled_from(["feed", "time", "byline", "jsonld"]), min_size=1)
)
def test_sources_that_fall_silent_never_move_a_field_while_one_repeats_itself(claims, present):
    now = {source: value for source, value in claims.items() if source in present}
    current = next(iter(claims.values()))
    if now:
        assert reconcile("author", current, _readings(**claims), _readings(**now)) == current


@pytest.mark.parametrize(
    ("raw", "offset_moved", "value"),
    [
        ("2026-03-04 09:30", "2026-03-04T07:30:00Z", "2026-03-04T08:30:00Z"),
        ("2026-03-05 09:30", "2026-03-05T07:30:00Z", "2026-03-05T07:30:00Z"),
    ],
    ids=["same text", "another day"],
)
def test_a_time_without_a_zone_stays_while_its_text_does(raw: str, offset_moved: str, value: str):
    before = [reading("published_at", "time", "2026-03-04T08:30:00Z", raw="2026-03-04 09:30")]
    now = [reading("published_at", "time", offset_moved, raw=raw)]
    assert reconcile("published_at", "2026-03-04T08:30:00Z", before, now) == value


def test_a_text_that_could_not_be_read_before_is_read_now():
    before = [FieldClaim(field="published_at", source="time", raw="4 Mar 26", value="")]
    now = [reading("published_at", "time", "2026-03-04", raw="4 Mar 26")]
    assert reconcile("published_at", "", before, now) == "2026-03-04"


def test_each_of_several_claims_of_one_source_is_known():
    before = [reading("published_at", "time", day) for day in ("2026-03-04", "2026-03-09")]
    assert reconcile("published_at", "2026-03-04", before, before) == "2026-03-04"


def test_a_field_that_varies_more_often_is_confirmed_later():
    assert [sights_needed(3, crawls) for crawls in ([1], [2], [1, 4])] == [6, 9, 15]
