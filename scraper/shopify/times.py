"""Machine-written times to UTC. Times without an offset are no instant, so they are refused rather
than guessed."""

from __future__ import annotations

import re
from datetime import date, datetime
from email.utils import parsedate_to_datetime

from scraper.timestamps import format_timestamp

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


def to_utc(raw: str) -> str:
    """Return the UTC form ``YYYY-MM-DDTHH:MM:SSZ`` of an ISO 8601, RFC 2822 or Liquid time that
    names its offset.

    A bare date (``2026-03-04``) stays as it is; anything else, also a time without an offset, gives
    an empty string.
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
