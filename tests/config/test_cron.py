"""Scheduled times: time changes, jitter, windows."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from scraper.config.cron import Timetable, Window, check_expression
from tests.each_row import each_row


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def table(expression: str, zone: str = "Europe/Berlin", **more: object) -> Timetable:
    return Timetable(expression=expression, zone=ZoneInfo(zone), key="shop", **more)  # type: ignore[arg-type]


def times(timetable: Timetable, after: str, count: int) -> list[str]:
    return [moment.strftime("%m-%dT%H:%M") for moment in islice(timetable.times(utc(after)), count)]


# In 2026 Berlin's clocks go forward on 29 March at 01:00 UTC, and back on 25 October at 01:00 UTC.


def test_time_that_is_skipped_in_spring_comes_right_after() -> None:
    assert times(table("30 2 * * *"), "2026-03-27T12:00", 4) == [
        "03-28T01:30",
        "03-29T01:00",
        "03-30T00:30",
        "03-31T00:30",
    ]


def test_time_that_comes_twice_in_autumn_runs_once() -> None:
    assert times(table("30 2 * * *"), "2026-10-23T12:00", 4) == [
        "10-24T00:30",
        "10-25T00:30",
        "10-26T01:30",
        "10-27T01:30",
    ]


def test_after_the_first_of_two_the_second_is_none() -> None:
    assert times(table("30 2 * * *"), "2026-10-25T01:10", 1) == [
        "10-26T01:30"
    ]  # 02:10 for the second time


def test_every_hour_keeps_its_hours() -> None:
    assert times(table("0 * * * *"), "2026-10-24T23:30", 4) == [
        "10-25T00:00",
        "10-25T01:00",
        "10-25T02:00",
        "10-25T03:00",
    ]
    assert times(table("0 * * * *"), "2026-03-28T23:30", 4) == [
        "03-29T00:00",
        "03-29T01:00",
        "03-29T02:00",
        "03-29T03:00",
    ]


EXPRESSIONS = [
    "30 2 * * *",
    "0 * * * *",
    "*/20 1,2,3 * * *",
    "15 0 * * *",
    "0 */6 * * MON-FRI",
    "59 23 L * *",
    "0 3 * 3,10 SUN",
]
ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Asia/Kolkata",
    "UTC",
    "America/Santiago",
]
MOMENTS = st.integers(int(utc("2026-01-01").timestamp()), int(utc("2027-01-01").timestamp())).map(
    lambda s: datetime.fromtimestamp(s, UTC)
)


@given(st.sampled_from(EXPRESSIONS), st.sampled_from(ZONES), MOMENTS, st.integers(0, 6 * 3600))
def test_times_do_not_depend_on_the_start(
    expression: str, zone: str, begin: datetime, later_s: int
) -> None:
    timetable = table(expression, zone)
    begun = list(islice(timetable.times(begin), 30))
    assert begun == sorted(set(begun))
    assert begun[0] > begin
    later = begin + timedelta(seconds=later_s)
    rest = [moment for moment in begun if moment > later][:8]
    assert list(islice(timetable.times(later), len(rest))) == rest


@given(st.sampled_from(EXPRESSIONS), st.sampled_from(ZONES), MOMENTS)
def test_last_time_is_the_one_that_precedes(expression: str, zone: str, moment: datetime) -> None:
    timetable = table(expression, zone)
    first, second = islice(timetable.times(moment), 2)
    assert timetable.last_time(second) == second
    assert timetable.last_time(second - timedelta(seconds=1)) == first
    last = timetable.last_time(moment)
    assert last is not None
    assert last <= moment
    assert next(timetable.times(last)) == first


def test_last_time_of_a_leap_day_and_of_an_hour_that_comes_twice() -> None:
    assert table("0 4 29 2 *").last_time(utc("2027-12-01T00:00")) == utc("2024-02-29T03:00")
    assert table("30 2 * * *").last_time(utc("2026-10-25T01:10")) == utc("2026-10-25T00:30")


@given(MOMENTS, st.integers(0, 720))
def test_jitter_stays_within_its_bound_and_is_always_the_same(
    moment: datetime, minutes: int
) -> None:
    timetable = table("0 4 * * *", jitter=timedelta(minutes=minutes))
    ready = timetable.ready_at(moment)
    assert moment <= ready <= moment + timedelta(minutes=minutes)
    assert ready == timetable.ready_at(moment)


def test_jitter_spreads_the_days_and_the_stores() -> None:
    days = list(
        islice(table("0 4 * * *", jitter=timedelta(hours=1)).times(utc("2026-01-01T00:00")), 40)
    )
    put_off = {
        key: [
            Timetable(
                expression="0 4 * * *", zone=ZoneInfo("UTC"), key=key, jitter=timedelta(hours=1)
            ).ready_at(day)
            - day
            for day in days
        ]
        for key in ("tea", "coffee")
    }
    assert len(set(put_off["tea"])) == len(days)
    assert put_off["tea"] != put_off["coffee"]
    assert min(put_off["tea"]) < timedelta(minutes=10) < timedelta(minutes=50) < max(put_off["tea"])


NIGHT = Window(opens=time(22), closes=time(5, 30))
DAY = Window(opens=time(9), closes=time(17))


@each_row(
    ("window", "moment", "opens"),
    [
        (NIGHT, "2026-01-10T21:30", "2026-01-10T21:30"),  # 22:30 in Berlin
        (NIGHT, "2026-01-10T04:29", "2026-01-10T04:29"),
        (NIGHT, "2026-01-10T04:30", "2026-01-10T21:00"),
        (DAY, "2026-01-10T07:00", "2026-01-10T08:00"),
        (DAY, "2026-01-10T16:00", "2026-01-11T08:00"),
        (DAY, "2026-03-28T18:00", "2026-03-29T07:00"),  # the clocks go forward in between
        (
            Window(opens=time(2, 15), closes=time(4)),
            "2026-03-28T18:00",
            "2026-03-29T01:15",
        ),  # opens in the hour that is skipped
    ],
)
def test_a_run_waits_for_its_window(window: Window, moment: str, opens: str) -> None:
    assert table("0 4 * * *", window=window).next_open(utc(moment)) == utc(opens)


@given(st.sampled_from(ZONES), MOMENTS, st.times(), st.times())
def test_window_opens_soon_and_is_open_then(
    zone: str, moment: datetime, opens: time, closes: time
) -> None:
    opens, closes = opens.replace(second=0, microsecond=0), closes.replace(second=0, microsecond=0)
    minutes = (closes.hour - opens.hour) * 60 + closes.minute - opens.minute
    if minutes % 1440 < 150:
        return  # such a one can lie in an hour that the clocks skip
    timetable = table("0 4 * * *", zone, window=Window(opens=opens, closes=closes))
    opening = timetable.next_open(moment)
    assert moment <= opening <= moment + timedelta(hours=25)
    assert timetable.window is not None
    assert timetable.window.holds(opening.astimezone(timetable.zone))


@each_row(
    "expression", ["0 4 * * *", "*/15 9-17 * * 1-5", "0 0 29 2 *", "0 0 L * *", "0 0 1,15 * *"]
)
def test_good_expression(expression: str) -> None:
    assert check_expression(expression) == ""


@each_row(
    "expression",
    ["", "@daily", "0 4 * *", "0 0 4 * * *", "60 4 * * *", "0 4 31 2 *", "a b c d e", "0 4 * * 8"],
)
def test_bad_expression(expression: str) -> None:
    assert check_expression(expression) != ""


@each_row(
    ("expression", "reason"),
    [
        ("60 4 * * *", "not a cron expression: minute 60 is out of range"),
        ("0 4-25 * * *", "not a cron expression: hour 25 is out of range"),
        ("0 4 * 13 *", "not a cron expression: month 13 is out of range"),
        ("0 4 * * 8", "not a cron expression: day of the week 8 is out of range"),
        ("0 4 31 2 *", "not a cron expression: day of the month '31' is not valid"),
        ("0 */0 * * *", "not a cron expression: hour '*/0' is not valid"),
        ("0 5-4 * * *", "not a cron expression: hour '5-4' is not valid"),
        ("0 4 * * MUN", "not a cron expression: day of the week 'MUN' is not valid"),
        ("0 0 1 * SUN#6", "not a cron expression: day of the week 'SUN#6' is not valid"),
    ],
)
def test_reason_names_the_field(expression: str, reason: str) -> None:
    assert check_expression(expression) == reason
