"""Machines' stamps of time, turned to UTC; what cannot be read for certain has no value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final, Literal

from scraper.caches import cache_short
from scraper.extract.fields.written_dates import ascii_digits, find_dates
from scraper.extract.vocabulary.calendar import MONTHS, ZONES
from scraper.timestamps import format_timestamp

Precision = Literal["offset", "zulu", "local", "date", "none"]

_ISO: Final = re.compile(
    r"""^\s*(?P<year>\d{4})-?(?:(?P<month>\d{2}|(?<=-)\d(?=-))-?(?P<day>\d{2}|(?<=-)\d)
          |W(?P<week>\d{2})-?(?P<weekday>\d)|(?P<of_year>\d{3}))
        (?:[T ]\s*(?P<time>\d{1,2}:?\d{2}(?::?\d{2}(?:[.,]\d+)?)?)
           \s*+(?P<zone>Z|UTC|GMT|(?P<offset>[+-]\d{2}(?::?\d{2})?))?Z?
           (?:\[[\w/+-]{1,40}\]|(?(offset)\s[A-Z]{3,4}))?)?\s*+$""",
    re.X | re.I | re.A,
)
# RFC 2822 ("Wed, 04 Mar 2026 09:30:00 +0100"), and what JavaScript prints of a date
# ("Wed Mar 04 2026 09:30:00 GMT+0100 (CET)").
_RFC: Final = re.compile(
    r"""^\s*(?:[A-Z]{3,9},?\s+)?
        (?:(?P<day>\d{1,2})[ -](?P<month>[A-Z]{3})|(?P<us_month>[A-Z]{3})\s(?P<us_day>\d{1,2}),?)
        [ -](?P<year>\d{4}|\d\d)\s+(?P<time>\d{1,2}:\d{2}(?::\d{2})?)
        \s*+(?P<zone>(?:GMT|UTC|Z)?(?:[+-]\d{2}:?\d{2})?|[A-Z]{3,4})\s*+(?:\([^()]{1,60}\)\s*+)?$""",
    re.X | re.I | re.A,
)
# What `date` and Java print: "Wed Mar  4 09:30:00 CET 2026".
_UNIX_DATE: Final = re.compile(
    r"^\s*([A-Z]{3} [A-Z]{3}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d) ([A-Z]{3,4}) (\d{4})\s*+$",
    re.I | re.A,
)
_UNIX: Final = re.compile(r"^\s*(?:/Date\()?(\d{9,10})(?:\d{3})?(?:\)/)?\s*$", re.A)
_LONGEST: Final = 300  # characters in which a date must stand
_UTC: Final = ("Z", "UTC", "GMT")
_EARLIEST: Final = "1991"
_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """A date as read: `value` is UTC (``…Z``), a bare date, or empty; `precision` says what the raw
    text held."""

    value: str
    precision: Precision


NO_DATE: Final = ParsedDate("", "none")


@cache_short(maxsize=1024)
def parse_machine_date(
    raw: str, *, utc_offset_s: int | None = None, zulu_is_local: bool = False, language: str = ""
) -> ParsedDate:
    """Read a machine's stamp, else a date in words of the page's `language`.

    A time without a zone is the store's own (`utc_offset_s`); an unknown offset leaves the bare
    date. `zulu_is_local` reads a "Z" as local time, as theme code writes it that formats the
    store's time with a literal Z (243 of 777 saved pages).
    """
    text = ascii_digits(raw[:_LONGEST])
    try:
        if unix := _UNIX.match(text):
            return ParsedDate(format_timestamp(datetime.fromtimestamp(int(unix[1]), UTC)), "offset")
        if (found := _ISO.match(text)) is None:
            return _read_rfc(text, utc_offset_s) or parse_written_date(raw, language)
        day = _day(found)
        if not found["time"]:
            return ParsedDate(day.isoformat(), "date")
        moment = datetime.combine(day, _time(found["time"]), UTC)
        zone = (found["zone"] or "").upper()
        zone = "+00" if zone in ("UTC", "GMT") else zone
        return _in_utc(moment, zone, utc_offset_s, zulu_is_local)
    except (ValueError, OverflowError):
        return NO_DATE


def parse_written_date(text: str, language: str = "") -> ParsedDate:
    """Read the first date in words or figures, as `find_dates` finds it."""
    first = next(iter(find_dates(text, language)), None)
    return ParsedDate(first.value, "date") if first is not None else NO_DATE


def plausible(stamp: ParsedDate, latest: str = "") -> ParsedDate:
    """Return a date as it is, or none where no post can have it.

    Templates print year 1, 1970 or 1980 for a date that is not set; nothing on the web is older
    than 1991. `latest` (UTC) is when the page was seen: what is later by more than a day, which
    clocks and zones may differ by, is no date of publication.
    """
    if stamp.value and stamp.value < _EARLIEST:
        return NO_DATE
    return NO_DATE if stamp.value and latest and _apart(latest, stamp.value) > _A_DAY else stamp


def _apart(first: str, last: str) -> timedelta:
    return date.fromisoformat(last[:10]) - date.fromisoformat(first[:10])


def _day(found: re.Match[str]) -> date:
    """Return the day of a stamp, by its month, its week or its number in the year."""
    year = int(found["year"])
    if found["week"]:
        return date.fromisocalendar(year, int(found["week"]), int(found["weekday"]))
    if not found["of_year"]:
        return date(year, int(found["month"]), int(found["day"]))
    day = date(year, 1, 1) + timedelta(days=int(found["of_year"]) - 1)
    if day.year != year:
        raise ValueError("no such day in the year")
    return day


def _time(text: str) -> time:
    hours, _, rest = text.replace(",", ".").partition(":")
    return time.fromisoformat(f"{hours.zfill(2)}:{rest}" if rest else hours)


def _read_rfc(text: str, utc_offset_s: int | None) -> ParsedDate | None:
    found = _RFC.match(_UNIX_DATE.sub(r"\1 \2 \5 \3 \4", text))
    month = MONTHS.get((found["month"] or found["us_month"]).lower()) if found else None
    if found is None or month is None:
        return None
    year = int(found["year"])
    day = date(year if year > 99 else 2000 + year, month, int(found["day"] or found["us_day"]))
    moment = datetime.combine(day, _time(found["time"]), UTC)
    zone = re.sub(r"^(?:GMT|UTC|Z)(?=[+-])", "", found["zone"], flags=re.I).upper()
    if zone.isalpha() and zone not in _UTC:
        hours = ZONES.get(zone)
        zone = f"{hours:+03d}00" if hours is not None else ""
    return _in_utc(moment, zone, utc_offset_s, zulu_is_local=False)


def _in_utc(
    moment: datetime, zone: str, utc_offset_s: int | None, zulu_is_local: bool
) -> ParsedDate:
    if zone[:1] in "+-" and zone:
        digits = zone[1:].replace(":", "").ljust(4, "0")
        seconds = (int(digits[:2]) * 3600 + int(digits[2:]) * 60) * (-1 if zone[0] == "-" else 1)
        return ParsedDate(_utc(moment, seconds), "offset")
    precision: Precision = "zulu" if zone else "local"
    if zone and not zulu_is_local:
        return ParsedDate(_utc(moment, 0), precision)
    if utc_offset_s is None:
        return ParsedDate(moment.date().isoformat(), precision)
    return ParsedDate(_utc(moment, utc_offset_s), precision)


def _utc(moment: datetime, offset_s: int) -> str:
    return format_timestamp(moment.replace(tzinfo=timezone(timedelta(seconds=offset_s))))
