from __future__ import annotations

import pytest

from scraper.extract.fields.dates import is_bare_date, parse_timestamp, parse_written_date


@pytest.mark.parametrize(
    ("raw", "value", "precision"),
    [
        ("2026-05-04T10:00:00Z", "2026-05-04T10:00:00Z", "zulu"),
        ("2026-05-04 10:00:00 -0500", "2026-05-04T15:00:00Z", "offset"),
        ("2026-05-04T10:00:00.123+05:30", "2026-05-04T04:30:00Z", "offset"),
        ("2026-05-04T10:00:00", "2026-05-04T08:00:00Z", "local"),
        ("2026-05-04", "2026-05-04", "date"),
        ("May 4, 2026", "2026-05-04", "date"),
        ("2026-13-40", "", "none"),
        ("2026-05-04T99:00:00Z", "", "none"),
        ("0001-01-01T00:00:00+09:00", "", "none"),
        ("soon", "", "none"),
    ],
)
def test_stamps(raw, value, precision):
    stamp = parse_timestamp(raw, utc_offset_s=7200)
    assert (stamp.value, stamp.precision) == (value, precision)


def test_a_local_time_without_a_known_offset_is_a_date():
    assert parse_timestamp("2026-05-04T10:00:00").value == "2026-05-04"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Posted on December 07 2020", "2020-12-07"),
        ("by Ann | 24 February, 2021", "2021-02-24"),
        ("Juni 22, 2024", "2024-06-22"),
        ("22. März 2024", "2024-03-22"),
        ("le 1er août 2023", "2023-08-01"),
        ("4 de mayo de 2022", "2022-05-04"),
        ("5 de junho de 2024", "2024-06-05"),
        ("22.06.2024", "2024-06-22"),
        ("04/05/2024", ""),
        ("March 2025", ""),
        ("June 20, 24", "2024-06-20"),
        ("Sunny 20, 24", ""),
        ("June 31, 24", ""),
        ("July 45, 2020", ""),
    ],
)
def test_dates_in_words(text, value):
    assert parse_written_date(text).value == value


@pytest.mark.parametrize(
    "text",
    [
        "4 May 2026",
        "Monday, May 4, 2026",
        "May 4, 2026 10:15",
        "22.06.2024",
        "5/30/2017",
        "4 de mayo de 2022",
        "June 20, 24",
    ],
)
def test_a_date_alone(text):
    assert is_bare_date(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ann Fern",
        "The fair of 4 May 2026",
        "3 comments",
        "5 min read",
        "10 ways to sleep in 2024",
    ],
)
def test_no_date_alone(text):
    assert not is_bare_date(text)
