"""Machine-written times become UTC, or nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.shopify.times import to_utc
from tests.each_row import each_row


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


@given(st.text(max_size=70))
def test_any_text_gives_a_stamp_a_date_or_nothing(raw):
    assert re.fullmatch(r"|\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", to_utc(raw))
