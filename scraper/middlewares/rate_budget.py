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

NUMBER_LIMIT = 1e12
"""No number of a budget is as large."""

MOST_HOSTS = 10_000
"""No budget has refusals of more hosts."""

FORGOTTEN_S = 6 * 3600.0
"""A push-back so many seconds ago slows nobody down any more."""

AHEAD_S = 2.0
"""So many seconds ahead a slot is given: who waits for it sleeps, and keeps nobody else waiting."""

LATE_S = 0.25
"""Who comes so many seconds after its slot has lost it: when a machine wakes from a stall, all that
waited would go at once."""


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
    """Where the budget stands: the last slot that a request was given (Unix seconds, at most
    `AHEAD_S` in the future), and the hosts that refused."""

    slot_at: float = 0.0
    hosts: Mapping[str, Refusals] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who wants to send a request: to `host`, which stands behind `edge` (empty where unknown) and
    last let an answer through at `passed_at` (Unix seconds, 0: never)."""

    host: str
    edge: str = ""
    passed_at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What `take_turn` gave: the budget after it, the slot (0 for none), and in how many seconds to
    ask again. With a slot and nothing left to wait, the request goes now."""

    budget: Budget
    slot: float = 0.0
    wait_s: float = 0.0

    @property
    def goes(self) -> bool:
        """Whether the request goes now."""
        return self.slot > 0 and self.wait_s <= 0


def parse_budget(text: str) -> Budget:
    """A budget as `write_budget` wrote it. Raises ValueError for anything else: for what is cut
    short, and for numbers that are none."""
    read = json.loads(text)
    if not isinstance(read, dict) or set(read) != {"slot_at", "hosts"}:
        raise ValueError("not the state of a budget")
    if not isinstance(read["hosts"], dict) or len(read["hosts"]) > MOST_HOSTS:
        raise ValueError("not the hosts of a budget")
    hosts = {host: _parse_refusals(found) for host, found in read["hosts"].items()}
    return Budget(slot_at=_number(read["slot_at"]), hosts=hosts)


def _parse_refusals(read: object) -> Refusals:
    names = {one.name for one in fields(Refusals)}
    if not isinstance(read, dict) or set(read) != names or not isinstance(read["edge"], str):
        raise ValueError("not the refusals of a host")
    edge = read.pop("edge")
    return Refusals(edge=edge, **{name: _number(value) for name, value in read.items()})


def _number(value: Any) -> Any:
    # Infinity and NaN are JSON to Python.
    if type(value) not in (int, float) or not 0 <= value < NUMBER_LIMIT:
        raise ValueError("a number that no budget holds")
    return value


def write_budget(budget: Budget) -> str:
    """A budget as one line of JSON."""
    return json.dumps(asdict(budget)) + "\n"


def settle(budget: Budget, now: float, *, most_s: float) -> Budget:
    """Return the budget as it can be at `now`: no slot is further ahead than they are given, no
    pause is longer than `most_s`, an old push-back is forgotten.

    So a clock that was set back, and a file that somebody made, can delay a request by `most_s` or
    by `AHEAD_S` and one interval, never for ever.
    """
    hosts = {
        host: _settle_refusals(found, now, most_s)
        for host, found in budget.hosts.items()
        if now - min(found.slowed_at, now) <= FORGOTTEN_S
    }
    return Budget(slot_at=min(budget.slot_at, now + AHEAD_S), hosts=hosts)


def _settle_refusals(found: Refusals, now: float, most_s: float) -> Refusals:
    return replace(
        found,
        since=min(found.since, now),
        asked_at=min(found.asked_at, now),
        slowness=min(max(found.slowness, 1.0), SLOWEST),
        slowed_at=min(found.slowed_at, now),
        resume_at=min(found.resume_at, now + most_s),
    )


def take_turn(
    budget: Budget, now: float, asker: Asker, slot: float, *, delay_s: float, most_s: float
) -> Turn:
    """Give the next request a slot, or let it go in the `slot` that it was given before (0: none).
    `delay_s` is the usual time between two slots.

    Slots are given in a row while anybody waits, so that whoever is late delays no other. What a
    host's refusals ask for is waited for before a slot is given, and holds when it has come.
    """
    pause_s = refused_for_s(budget, now, asker, delay_s=delay_s, most_s=most_s)
    if pause_s > 0:
        return Turn(budget=budget, wait_s=pause_s)
    if not slot or not slot - AHEAD_S <= now <= slot + LATE_S:
        slot = max(now, budget.slot_at + delay_s)
        if slot > now + AHEAD_S:
            return Turn(budget=budget, wait_s=slot - now - AHEAD_S / 2)
        budget = replace(budget, slot_at=slot)
    if slot > now:
        return Turn(budget=budget, slot=slot, wait_s=slot - now)
    return Turn(budget=_record_request(budget, now, asker.host), slot=slot)


def _record_request(budget: Budget, now: float, host: str) -> Budget:
    found = budget.hosts.get(host)
    if found is None:
        return budget
    return replace(budget, hosts={**budget.hosts, host: replace(found, asked_at=now)})


def refused_for_s(
    budget: Budget, now: float, asker: Asker, *, delay_s: float, most_s: float
) -> float:
    """For how many seconds refusals hold up the next request, 0 for none. `delay_s` is the usual
    time between two; slowed down, it is at most `most_s`."""
    own = budget.hosts.get(asker.host, Refusals())
    delay = min(delay_s * own.slowness, max(delay_s, most_s))
    ends = (
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
