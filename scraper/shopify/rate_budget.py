"""The one budget of requests to Shopify's edge that all crawls of a machine share: quick to slow
down, slow to speed up.

Thousands of stores stand behind one edge, and a client that one of them refused was then refused by
all (lessons.md, "Reaching the store").
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace

SLOWER = 2.0
"""Each push-back makes the time between two requests so many times as long …"""

SLOWEST = 32.0
"""… up to so many times."""

QUICKER = 0.95
"""As many answers in a row as `PASSED` that came through make it so many times as long."""

PASSED = 10

MOST = 1e12
"""No number of a budget is as large."""

FORGOTTEN_S = 6 * 3600.0
"""A push-back so many seconds ago slows nobody down any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Where the budget stands. Times are Unix seconds on the wall clock, the one clock that several
    processes and a reboot share.

    `asked_at` is when the last request went, `slowness` how many times as long as usual the next
    has to wait, `slowed_at` when it last grew, `resume_at` the end of the pause, `passed` how many
    answers came through since `slowness` last moved.
    """

    asked_at: float = 0.0
    slowness: float = 1.0
    slowed_at: float = 0.0
    resume_at: float = 0.0
    passed: int = 0


def parse_budget(text: str) -> Budget:
    """A budget as `write_budget` wrote it. Raises ValueError for anything else: for what is cut
    short, and for numbers that are none."""
    read = json.loads(text)
    names = {field.name for field in fields(Budget)}
    if not isinstance(read, dict) or set(read) != names:
        raise ValueError("not the state of a budget")
    if not all(
        type(value) in (int, float) and 0 <= value < MOST for value in read.values()
    ):  # infinity and NaN are JSON to Python
        raise ValueError("a number that no budget holds")
    return Budget(**read)


def write_budget(budget: Budget) -> str:
    """A budget as one line of JSON."""
    return json.dumps(asdict(budget)) + "\n"


def settle(budget: Budget, now: float, *, most_s: float) -> Budget:
    """Return the budget as it can be at `now`: no request went in the future, no pause is longer
    than `most_s`, an old push-back is forgotten.

    So a clock that was set back, and a file that somebody made, can delay a request by `most_s` or
    one interval, never for ever.
    """
    slowed_at = min(budget.slowed_at, now)
    forgotten = now - slowed_at > FORGOTTEN_S
    return Budget(
        asked_at=min(budget.asked_at, now),
        slowness=1.0 if forgotten else min(max(budget.slowness, 1.0), SLOWEST),
        slowed_at=slowed_at,
        resume_at=min(budget.resume_at, now + most_s),
        passed=budget.passed,
    )


def wait_s(budget: Budget, now: float, *, delay_s: float, most_s: float) -> float:
    """Seconds until the next request may go, 0 for now. `delay_s` is the usual time between two;
    slowed down, it is at most `most_s`."""
    delay = min(delay_s * budget.slowness, max(delay_s, most_s))
    return max(budget.asked_at + delay - now, budget.resume_at - now, 0.0)


def record_request(budget: Budget, now: float) -> Budget:
    """After a request went at `now`."""
    return replace(budget, asked_at=now)


def record_throttled(budget: Budget, now: float, *, asked_at: float, pause_s: float) -> Budget:
    """After a store pushed back a request that went at `asked_at`. One that went before the last
    slowing says nothing new."""
    budget = replace(budget, resume_at=max(budget.resume_at, now + pause_s), passed=0)
    if asked_at < budget.slowed_at:
        return budget
    return replace(budget, slowness=min(budget.slowness * SLOWER, SLOWEST), slowed_at=now)


def record_success(budget: Budget) -> Budget:
    """After an answer that came through."""
    if budget.passed + 1 < PASSED:
        return replace(budget, passed=budget.passed + 1)
    return replace(budget, slowness=max(budget.slowness * QUICKER, 1.0), passed=0)
