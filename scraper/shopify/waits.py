"""How long to wait when a store pushes back."""

from __future__ import annotations

import re

DOUBLING = 2.0
"""Each refusal in a row doubles the wait (first 5 s, at most 300 s: squirrelscan PR 196, SHOPIFY.md 3.5)."""


def retry_after_s(header: str) -> float | None:
    """Seconds that a Retry-After header asks for; None where it is absent or not a number of seconds (RFC 9110, 10.2.3 allows dates,
    which need a clock: they count as unsaid)."""
    return float(header) if re.fullmatch(r"\s*\d{1,6}(\.\d+)?\s*", header) else None


def next_wait_s(last_s: float, *, told_s: float | None, first_s: float, most_s: float) -> float:
    """The next wait in seconds: what the store asks for, else twice the last one; never more than `most_s`."""
    if told_s is not None:
        return min(told_s, most_s)
    return min(last_s * DOUBLING if last_s else first_s, most_s)
