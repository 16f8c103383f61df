"""Stamps as pages write them, turned to UTC; what cannot be read for certain has no value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final, Literal

from scraper.extract.vocabulary import MONTHS
from scraper.timestamps import format_timestamp

Precision = Literal["offset", "zulu", "local", "date", "none"]

_ISO: Final = re.compile(
    r"""^\s*(?P<date>\d{4}-\d{2}-\d{2})
        (?:[T ]+(?P<time>\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)
           \s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?\s*$""",
    re.X | re.I,
)
_NAMED_DAY_FIRST: Final = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th|\.|er|º)?\s*(?:de\s+|of\s+)?([A-Za-zÀ-ÿ]{3,10})\.?,?\s+(?:de\s+|del\s+)?(\d{4})\b"
)
_NAMED_MONTH_FIRST: Final = re.compile(
    r"\b([A-Za-zÀ-ÿ]{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b"
)
_DOTTED: Final = re.compile(r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b")
# A date and no more, as a by-line's row shows it: a weekday before it, a clock time behind it,
# slashes in either order.
_ALONE: Final = re.compile(
    r"""^(?:[^\W\d_]{2,10}\.?,?\s+)?
        (?:[^\W\d_]{3,10}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+['’]?(?:\d{4}|\d\d)
          |\d{1,2}(?:st|nd|rd|th|\.|er|º)?\s*(?:de\s+|of\s+)?[^\W\d_]{3,10}\.?,?\s+(?:de\s+|del\s+)?\d{4}
          |\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d{2}-\d{2})
        (?:,?\s+(?:at\s+)?\d{1,2}:\d{2}(?:\s*[ap]\.?m\.?)?)?[\s.,|]*$""",
    re.X | re.I,
)
_SHORT_YEAR: Final = re.compile(r"^\s*([A-Za-zÀ-ÿ]{3,10})\.?\s+(\d{1,2}),\s+['’]?(\d{2})\s*$")
_LONGEST_ALONE: Final = 60
_YEAR: Final = re.compile(r"\d{4}")
_LONGEST: Final = 300  # characters in which a date must stand
_BARE_ISO: Final = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """A date as read: `value` is UTC (``…Z``), a bare date, or empty; `precision` says what the raw
    text held."""

    value: str
    precision: Precision


NO_DATE: Final = ParsedDate("", "none")


@lru_cache(maxsize=1024)
def parse_timestamp(
    raw: str, *, utc_offset_s: int | None = None, zulu_is_local: bool = False
) -> ParsedDate:
    """Read a machine's stamp, else a date in words.

    A time without a zone is the store's own (`utc_offset_s`); an unknown offset leaves the bare
    date. `zulu_is_local` reads a "Z" as local time, as theme code writes it that formats the
    store's time with a literal Z (243 of 777 saved pages).
    """
    found = _ISO.match(raw[:_LONGEST])
    if not found:
        return parse_written_date(raw)
    try:
        if not found["time"]:
            return ParsedDate(date.fromisoformat(found["date"]).isoformat(), "date")
        moment = datetime.fromisoformat(
            f"{found['date']}T{found['time'].split('.')[0].zfill(5)}"
        ).replace(tzinfo=UTC)
        return _in_utc(moment, found["zone"] or "", utc_offset_s, zulu_is_local)
    except (ValueError, OverflowError):
        return NO_DATE


def _in_utc(
    moment: datetime, zone: str, utc_offset_s: int | None, zulu_is_local: bool
) -> ParsedDate:
    if zone[:1] in "+-" and zone:
        digits = zone[1:].replace(":", "")
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


def is_bare_date(text: str) -> bool:
    """Return whether a text is a date in words or figures and nothing else; one in slashes has no
    value, and yet is one."""
    return (
        len(text) < _LONGEST_ALONE
        and any(sign.isdigit() for sign in text)
        and _ALONE.match(text) is not None
    )


def parse_written_date(text: str) -> ParsedDate:
    """Read the first date in words (seven languages), in dots (day first) or as ISO; slashes have
    no certain order and no value."""
    text = text[:_LONGEST]
    if not _YEAR.search(text):
        return _read_short_year(text)
    for pattern, order in (
        (_NAMED_MONTH_FIRST, "mdy"),
        (_NAMED_DAY_FIRST, "dmy"),
        (_DOTTED, "dmy"),
        (_BARE_ISO, "ymd"),
    ):
        for found in pattern.finditer(text):
            parts = dict(zip(order, found.groups(), strict=True))
            month = int(parts["m"]) if parts["m"].isdigit() else MONTHS.get(parts["m"].lower(), 0)
            try:
                return ParsedDate(date(int(parts["y"]), month, int(parts["d"])).isoformat(), "date")
            except ValueError:
                continue
    return NO_DATE


def _read_short_year(text: str) -> ParsedDate:
    """Read "June 20, 24", which must be the whole text."""
    found = _SHORT_YEAR.match(text)
    if found is None or (month := MONTHS.get(found[1].lower())) is None:
        return NO_DATE
    try:
        return ParsedDate(date(2000 + int(found[3]), month, int(found[2])).isoformat(), "date")
    except ValueError:
        return NO_DATE
