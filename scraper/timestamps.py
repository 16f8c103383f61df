"""Timestamps as the archive saves them: UTC, to the second, such as ``2026-03-04T05:06:07Z``.

Parsing and formatting are pure. `utc_now` reads the clock: the pure packages take the time as an
argument instead.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Final

LAST_DAY: Final = "9999-12-30"
"""The end of a span of days that is open: the last day after which there is another."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_STAMP = re.compile(
    r"""
    ([0-9]{4}-[0-9]{2}-[0-9]{2})            # day
    [Tt\ ]+
    ([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)       # time, with or without seconds
    (?:[.,][0-9]+)?                         # parts of a second are dropped
    \ ?
    # Liquid prints "2019-05-20 13:48:00 -0700" and "... UTC" where no format is given.
    (Z|z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})
    """,
    re.VERBOSE,
)
_LONGEST_STAMP = 64


def utc_now() -> str:
    """The current time as a timestamp."""
    return format_timestamp(datetime.now(UTC))


def format_timestamp(moment: datetime) -> str:
    """A time with a zone as a timestamp; fractions of a second are dropped. Raises OverflowError if
    its UTC lies outside the calendar."""
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def parse_timestamp(text: str) -> datetime:
    """The time of a timestamp, or the start of a bare date; UTC unless it names a zone. Raises
    ValueError."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def parse_timestamp_or_none(text: str) -> datetime | None:
    """The time of a timestamp as `parse_timestamp` reads it; None for any other text."""
    try:
        return parse_timestamp(text)
    except (ValueError, TypeError):
        return None


def parse_day(text: str) -> date:
    """A day such as ``2026-03-04``. Raises ValueError with a message for people."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a day such as 2026-03-01") from None


def span_of_days(since: str, until: str) -> tuple[str, str]:
    """The first and the last second of two days (UTC), either of which may be open. Raises
    ValueError with a message for people."""
    return f"{since}T00:00:00Z" if since else "", end_of_day(until or LAST_DAY)


def end_of_day(text: str) -> str:
    """The last second of a day (UTC), or a time, as a timestamp. Raises ValueError with a message
    for people."""
    day, _, time = text.partition("T")
    if not time:
        return f"{parse_day(day)}T23:59:59Z"
    try:
        return format_timestamp(parse_timestamp(text))
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is not a day such as 2026-03-01") from None


def to_utc(raw: str) -> str:
    """Return the UTC form ``YYYY-MM-DDTHH:MM:SSZ`` of an ISO 8601, RFC 2822 or Liquid time that
    names its offset.

    A bare date (``2026-03-04``) stays as it is; anything else, also a time without an offset, gives
    an empty string: it is no instant, and is not guessed.
    """
    text = raw.strip()
    if not text or len(text) > _LONGEST_STAMP:
        return ""
    if _DATE.fullmatch(text):
        return _real_date(text)
    stamp = _STAMP.fullmatch(text)
    moment = _read_iso(stamp) if stamp else _read_rfc2822(text)
    if moment is None or moment.tzinfo is None:
        return ""
    try:
        return format_timestamp(moment)
    except OverflowError:  # the first or last day of the calendar, moved out of it by its offset
        return ""


def _real_date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _read_iso(stamp: re.Match[str]) -> datetime | None:
    day, time, offset = stamp.groups()
    offset = "+00:00" if offset[0] not in "+-" else offset
    try:
        return datetime.fromisoformat(f"{day}T{time}{offset}")
    except ValueError:
        return None


def _read_rfc2822(text: str) -> datetime | None:
    if not text.isascii() or ":" not in text:
        return None
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
