"""Timestamps: one form, read back as written."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.cli.arguments import day_span, span_of_fetches
from scraper.timestamps import (
    end_of_day,
    format_timestamp,
    parse_day,
    parse_timestamp,
    parse_timestamp_or_none,
    span_of_days,
    to_utc,
)
from tests.each_row import each_row
from tests.made_up import SIGNS

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@each_row(
    ("moment", "text"),
    [
        (datetime(2026, 3, 4, 5, 6, 7, 999_999, tzinfo=UTC), "2026-03-04T05:06:07Z"),
        (datetime(2026, 3, 4, 1, tzinfo=timezone(timedelta(hours=2))), "2026-03-03T23:00:00Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z"),
    ],
)
def test_format_is_utc_to_the_second(moment: datetime, text: str) -> None:
    assert format_timestamp(moment) == text


@given(st.integers(-60 * 10**9, 250 * 10**9), st.integers(0, 999_999), ZONES)
def test_timestamp_reads_back_to_the_second(second: int, micros: int, zone: timezone) -> None:
    moment = (EPOCH + timedelta(seconds=second, microseconds=micros)).astimezone(zone)
    read = parse_timestamp(format_timestamp(moment))
    assert timedelta() <= moment - read < timedelta(seconds=1)


@each_row(
    ("text", "moment"),
    [
        ("2026-03-04T05:06:07Z", datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)),
        ("2026-03-04T05:06:07", datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)),
        ("2026-03-04T05:06:07+02:00", datetime(2026, 3, 4, 3, 6, 7, tzinfo=UTC)),
        ("2026-03-04", datetime(2026, 3, 4, tzinfo=UTC)),
    ],
)
def test_parse(text: str, moment: datetime) -> None:
    assert parse_timestamp(text) == moment == parse_timestamp_or_none(text)


@each_row("text", ["", "never", "2026-13-01", "2026-02-30T00:00:00Z"])
def test_other_text_is_no_timestamp(text: str) -> None:
    assert parse_timestamp_or_none(text) is None
    with pytest.raises(ValueError, match=r"month|day|isoformat"):
        parse_timestamp(text)


def test_day_lasts_until_its_last_second() -> None:
    for ends in ("2026-03-04", "2026-03-05"), ("2026-03-04", ""):
        assert span_of_fetches(*ends)[1] == span_of_days(*ends)[1]
        assert span_of_fetches(*ends)[1] < day_span(*ends)[1]
    assert end_of_day("2026-03-04") == "2026-03-04T23:59:59Z"
    assert end_of_day("2026-03-04T05:06:07Z") == "2026-03-04T05:06:07Z"
    assert end_of_day("20260304T050607+0200") == "2026-03-04T03:06:07Z"
    for text in ("2026-03-04Tsoon", "9999-12-31T23:59:59-01:00"):
        with pytest.raises(ValueError, match="is not a day such as"):
            end_of_day(text)
    for read in (end_of_day, parse_day):
        with pytest.raises(ValueError, match=r"'soon' is not a day such as 2026-03-01"):
            read("soon")


@each_row(
    ("raw", "expected"),
    [
        pytest.param("2018-12-04T13:58:00-12:00", "2018-12-05T01:58:00Z", id="offset"),
        pytest.param("2026-03-04T05:06:07Z", "2026-03-04T05:06:07Z", id="Z"),
        pytest.param("2026-03-04T05:06:07.987654+00:00", "2026-03-04T05:06:07Z", id="fraction"),
        pytest.param("2019-05-20 13:48:00 -0700", "2019-05-20T20:48:00Z", id="Liquid"),
        pytest.param("2019-05-20 13:48:00 UTC", "2019-05-20T13:48:00Z", id="Liquid in UTC"),
        pytest.param("2019-05-20T13:48+0530", "2019-05-20T08:18:00Z", id="no seconds"),
        pytest.param("Mon, 20 May 2019 13:48:00 -0700", "2019-05-20T20:48:00Z", id="RFC 2822"),
        pytest.param("Mon, 20 May 2019 13:48:00 GMT", "2019-05-20T13:48:00Z", id="HTTP date"),
        pytest.param(" 2019-05-20 ", "2019-05-20", id="bare date stays one"),
        pytest.param("0999-05-20T00:00:00Z", "0999-05-20T00:00:00Z", id="year of three digits"),
    ],
)
def test_machine_times(raw, expected):
    assert to_utc(raw) == expected


@each_row(
    "raw",
    [
        "",
        "July 23, 2020",
        "2019-05-20T13:48:00",
        "20190520",
        "2019-13-01",
        "2019-02-30T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "2019-W20",
        "2019-05-20T25:00:00Z",
        "1234567890",
        "Mon, 20 May 2019 13:48:00 -0000",
        "٢٠١٩-٠٥-٢٠",
        "2019-05-20T00:00:00+99:99",
    ],
)
def test_what_names_no_instant_is_empty(raw):
    assert to_utc(raw) == ""


@given(st.text(SIGNS, max_size=70))
def test_any_text_gives_a_stamp_a_date_or_nothing(raw):
    assert re.fullmatch(r"|\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", to_utc(raw))
