"""How long to wait when a store pushes back."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

DOUBLING = 2.0
"""Each refusal in a row doubles the wait: 5 s at first, at most 300 s (docs/explanation/shopify.md,
3.5)."""


LONGEST_RETRY_AFTER_S = 7 * 86_400.0
"""A store that asks for a longer wait is taken to ask for this one."""


def retry_after_s(header: str, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for at `now` (with an offset): a number of seconds, or
    a date (RFC 9110, 10.2.3).

    None where it is absent or neither; 0 for a date that is past.
    """
    if re.fullmatch(r"\s*\d{1,12}(\.\d{1,6})?\s*", header):
        return min(float(header), LONGEST_RETRY_AFTER_S)
    try:
        then = parsedate_to_datetime(header)
        then = then if then.tzinfo else then.replace(tzinfo=UTC)
        return min(max((then - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER_S)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def next_wait_s(last_s: float, *, asked_s: float | None, first_s: float, most_s: float) -> float:
    """Return the next wait in seconds: what the store asks for, else twice the last one; never more
    than `most_s`."""
    if asked_s is not None:
        return min(asked_s, most_s)
    return min(last_s * DOUBLING if last_s else first_s, most_s)
