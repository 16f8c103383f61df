"""How politely the Wayback Machine is asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """`interval_s` is the time between two requests; after a refusal the first wait is `first_s`,
    each further one twice as long, at most `longest_s`; after `tries` refusals it is given up."""

    user_agent: str
    interval_s: float
    first_s: float
    longest_s: float
    tries: int
