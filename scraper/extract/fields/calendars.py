"""Years of other calendars than the Gregorian one, as pages print them."""

from __future__ import annotations

from datetime import date
from typing import Final

_BUDDHIST: Final = range(2443, 2800)
"""Years that stand for 1900 and later in the Buddhist calendar, which is 543 years ahead."""

_PERSIAN: Final = range(1300, 1500)
"""Years of the Persian calendar, which begin in March: 1404 began on 21 March 2025."""

_DAYS_BEFORE_PERSIAN_1: Final = 226_894


def gregorian_date(year: int, month: int, day: int, language: str) -> date:
    """Return the date that a page in a language means. Raises ValueError where there is none."""
    if year in _PERSIAN and language[:2] == "fa":
        return _from_persian(year, month, day)
    return date(year - 543 if year in _BUDDHIST else year, month, day)


def _from_persian(year: int, month: int, day: int) -> date:
    """Six months have 31 days and five 30; of 33 years eight are longer by a day, which for all
    years of the web gives those of astronomers."""
    if not (1 <= month <= 12 and 1 <= day <= (31 if month < 7 else 30)):
        raise ValueError("no such day in the Persian calendar")
    before = 365 * (year - 1) + (8 * year + 21) // 33
    return date.fromordinal(
        _DAYS_BEFORE_PERSIAN_1 + before + 31 * (month - 1) - max(0, month - 7) + day
    )
