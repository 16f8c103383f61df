"""Timestamps as the archive saves them: UTC, to the second, such as ``2026-03-04T05:06:07Z``.

Parsing and formatting are pure. `utc_now` reads the clock: the pure packages take the time as an
argument instead.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

LAST_DAY: Final = "9999-12-30"
"""The end of a span of days that is open: the last day after which there is another."""


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
