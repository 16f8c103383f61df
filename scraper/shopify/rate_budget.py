"""The budget of requests that all crawls of a machine share: one usual rate for all, and the
refusals of each store, quick to slow that store down, slow to speed it up.

Thousands of stores stand behind one edge, and a client that one of them refused was then refused by
all (lessons.md, "Reaching the store"). But a store that refuses everybody, or wants to harm, must
not hold up the others: behind the same edge they wait a tenth of its pause, once, and are then
guided by the answers that they get themselves. Behind another edge they do not wait.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

SLOWER = 2.0
"""Each push-back makes the time between two requests so many times as long …"""

SLOWEST = 32.0
"""… up to so many times."""

QUICKER = 0.95
"""As many answers in a row as `PASSED` that came through make it so many times as long."""

PASSED = 10

SHARE = 0.1
"""Of a store's pause, other stores behind the same edge wait this share …"""

MOST_SHARED_S = 30.0
"""… and at most so many seconds."""

MOST = 1e12
"""No number of a budget is as large."""

MOST_HOSTS = 10_000
"""No budget has refusals of more hosts."""

FORGOTTEN_S = 6 * 3600.0
"""A push-back so many seconds ago slows nobody down any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """The refusals of one host. Times are Unix seconds on the wall clock, the one clock that
    several processes and a reboot share.

    `edge` names what it stands behind, empty where unknown. `since` is the first refusal without an
    answer that came through since, `slowed_at` when `slowness` last grew: how many times as long as
    usual the next request has to wait after `asked_at`. `resume_at` is the end of the pause,
    `passed` how many answers came through since `slowness` last moved.
    """

    edge: str = ""
    since: float = 0.0
    asked_at: float = 0.0
    slowness: float = 1.0
    slowed_at: float = 0.0
    resume_at: float = 0.0
    passed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Where the budget stands: when the last request of all went, and the hosts that refused."""

    asked_at: float = 0.0
    hosts: Mapping[str, Refusals] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who wants to send a request: to `host`, which stands behind `edge` (empty where unknown) and
    last let an answer through at `passed_at` (Unix seconds, 0: never)."""

    host: str
    edge: str = ""
    passed_at: float = 0.0


def parse_budget(text: str) -> Budget:
    """A budget as `write_budget` wrote it. Raises ValueError for anything else: for what is cut
    short, and for numbers that are none."""
    read = json.loads(text)
    if not isinstance(read, dict) or set(read) != {"asked_at", "hosts"}:
        raise ValueError("not the state of a budget")
    if not isinstance(read["hosts"], dict) or len(read["hosts"]) > MOST_HOSTS:
        raise ValueError("not the hosts of a budget")
    hosts = {host: _parse_refusals(found) for host, found in read["hosts"].items()}
    return Budget(asked_at=_number(read["asked_at"]), hosts=hosts)


def _parse_refusals(read: object) -> Refusals:
    names = {one.name for one in fields(Refusals)}
    if not isinstance(read, dict) or set(read) != names or not isinstance(read["edge"], str):
        raise ValueError("not the refusals of a host")
    edge = read.pop("edge")
    return Refusals(edge=edge, **{name: _number(value) for name, value in read.items()})


def _number(value: Any) -> Any:
    # Infinity and NaN are JSON to Python.
    if type(value) not in (int, float) or not 0 <= value < MOST:
        raise ValueError("a number that no budget holds")
    return value


def write_budget(budget: Budget) -> str:
    """A budget as one line of JSON."""
    return json.dumps(asdict(budget)) + "\n"


def settle(budget: Budget, now: float, *, most_s: float) -> Budget:
    """Return the budget as it can be at `now`: no request went in the future, no pause is longer
    than `most_s`, an old push-back is forgotten.

    So a clock that was set back, and a file that somebody made, can delay a request by `most_s` or
    one interval, never for ever.
    """
    hosts = {
        host: _settle_refusals(found, now, most_s)
        for host, found in budget.hosts.items()
        if now - min(found.slowed_at, now) <= FORGOTTEN_S
    }
    return Budget(asked_at=min(budget.asked_at, now), hosts=hosts)


def _settle_refusals(found: Refusals, now: float, most_s: float) -> Refusals:
    return replace(
        found,
        since=min(found.since, now),
        asked_at=min(found.asked_at, now),
        slowness=min(max(found.slowness, 1.0), SLOWEST),
        slowed_at=min(found.slowed_at, now),
        resume_at=min(found.resume_at, now + most_s),
    )


def wait_s(budget: Budget, now: float, asker: Asker, *, delay_s: float, most_s: float) -> float:
    """Seconds until the next request may go, 0 for now. `delay_s` is the usual time between two;
    slowed down, it is at most `most_s`."""
    own = budget.hosts.get(asker.host, Refusals())
    delay = min(delay_s * own.slowness, max(delay_s, most_s))
    ends = (
        budget.asked_at + delay_s,
        own.asked_at + delay,
        own.resume_at,
        *(_shared_until(other) for other in _pulling(budget, asker)),
    )
    return max(0.0, *(end - now for end in ends))


def _pulling(budget: Budget, asker: Asker) -> list[Refusals]:
    """The refusals of others for which a request waits: of those behind the same edge that have
    refused since an answer came through here."""
    return [
        found
        for host, found in budget.hosts.items()
        if host != asker.host and asker.edge and found.edge == asker.edge
        if found.since > asker.passed_at
    ]


def _shared_until(found: Refusals) -> float:
    pause = max(found.resume_at - found.slowed_at, 0.0)
    return found.since + min(pause * SHARE, MOST_SHARED_S)


def record_request(budget: Budget, now: float, host: str) -> Budget:
    """After a request to a host went at `now`."""
    found = budget.hosts.get(host)
    hosts = budget.hosts if found is None else {**budget.hosts, host: replace(found, asked_at=now)}
    return Budget(asked_at=now, hosts=hosts)


def record_throttled(
    budget: Budget, now: float, asker: Asker, *, asked_at: float, pause_s: float
) -> Budget:
    """After a host pushed back a request that went at `asked_at`. One that went before the last
    slowing says nothing new."""
    known = budget.hosts.get(asker.host)
    found = known or Refusals(since=now, asked_at=asked_at)
    found = replace(
        found,
        edge=asker.edge or found.edge,
        since=now if found.passed else found.since,
        resume_at=max(found.resume_at, now + pause_s),
        passed=0,
    )
    if known is None or asked_at >= found.slowed_at:
        slowness = min(found.slowness * SLOWER, SLOWEST)
        found = replace(found, slowness=slowness, slowed_at=now)
    return replace(budget, hosts={**budget.hosts, asker.host: found})


def record_success(budget: Budget, host: str) -> Budget:
    """After an answer of a host that came through. A host at its usual rate is forgotten."""
    found = budget.hosts.get(host)
    if found is None:
        return budget
    if found.passed + 1 < PASSED:
        return replace(
            budget, hosts={**budget.hosts, host: replace(found, passed=found.passed + 1)}
        )
    slowness = max(found.slowness * QUICKER, 1.0)
    hosts = {name: other for name, other in budget.hosts.items() if name != host}
    if slowness > 1.0:
        hosts[host] = replace(found, slowness=slowness, passed=0)
    return replace(budget, hosts=hosts)
