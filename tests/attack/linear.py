"""Proves that every pattern of the program is linear, by the time of the processor that longer and
longer strings take.

`python -m tests.attack.linear [--strings 10000]` prints the patterns that are not, and exits with
1 if there are any. A string of four times the length may take four times as long; a pattern whose
time grows faster, or that takes more than 50 ms for a kilobyte, has failed.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import math
import random
import re
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tests.attack.patterns import Audited, audited
from tests.attack.strings import RUNS, TAILS, Shape, grown, shapes

SHORT: Final = 1_000
GROWTH: Final = 4
MOST_GROWTH: Final = 9.0
"""Of the time, where the string is four times as long: linear is 4, quadratic 16."""

SURELY_LINEAR: Final = 6.0
"""A growth that needs no further measures: to look like this, a quadratic pattern would have to
take nearly three times too long for the shorter string in each of three measures."""

ROUNDS: Final = 6
"""Of measures, before a pattern has failed."""

FLOOR_S: Final = 0.002
"""Less is not measured: a quadratic pattern takes far more for 4,000 characters."""

MOST_S: Final = 0.050
"""For a kilobyte."""


@dataclass(frozen=True)
class Fault:
    """A pattern that is not linear, and the string that shows it."""

    pattern: Audited
    method: str
    shape: Shape
    what: str

    def __str__(self) -> str:
        return f"{self.pattern}\n    {self.method} of {self.shape!r:.120}: {self.what}"


class _Overdue(Exception):
    """Raised by the timer of the processor's time within a match."""


def _use(pattern: re.Pattern[str] | re.Pattern[bytes], method: str) -> Callable[..., object]:
    """The call that the program makes. Those that look for every match are one."""
    if method in {"search", "match", "fullmatch"}:
        return getattr(pattern, method)  # type: ignore[no-any-return]
    return lambda text: deque(pattern.finditer(text), maxlen=0)  # type: ignore[arg-type]


def cpu_s(call: Callable[[str | bytes], object], text: str | bytes, most_s: float) -> float:
    """Seconds of the processor that a call takes, at most `most_s`, when it is broken off."""
    # The process's clock is coarse while a timer of it runs; the thread's is not.
    signal.setitimer(signal.ITIMER_VIRTUAL, most_s)
    begun = time.thread_time()
    try:
        call(text)
    except _Overdue:
        return most_s
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return time.thread_time() - begun


@contextlib.contextmanager
def breaking_off() -> Iterator[None]:
    """Within it, `cpu_s` can break a match off."""
    earlier = signal.signal(signal.SIGVTALRM, _overdue)
    try:
        yield
    finally:
        signal.signal(signal.SIGVTALRM, earlier)


def _overdue(*_: object) -> None:
    raise _Overdue


def methods(pattern: Audited) -> Iterator[str]:
    """One of each kind of use."""
    yield from sorted(pattern.methods & {"match", "fullmatch"})
    if pattern.methods & {"finditer", "findall", "sub", "split"}:
        yield "finditer"
    elif "search" in pattern.methods:
        yield "search"


def faults_of(pattern: Audited, strings: Sequence[Shape]) -> Iterator[Fault]:
    """The first fault of each use."""
    compiled = re.compile(pattern.text, pattern.flags)
    for method in methods(pattern):
        call = _use(compiled, method)
        for shape in strings:
            if what := _what_is_wrong(call, pattern, shape):
                yield Fault(pattern, method, shape, what)
                break


def _what_is_wrong(call: Callable[..., object], pattern: Audited, shape: Shape) -> str:
    """Whatever else the machine does only adds, so the least of some measures counts."""
    can_grow = pattern.longest >= SHORT * GROWTH
    shorter = _as(pattern.text, grown(shape, SHORT if can_grow else pattern.longest))
    most_s = MOST_S * len(shorter) / 1024
    short_s = _least(call, shorter, most_s, 1)
    if not can_grow:
        is_slow = short_s >= most_s and _least(call, shorter, most_s, 2) >= most_s
        return _too_slow(most_s, shorter) if is_slow else ""
    if short_s < FLOOR_S / GROWTH**2:
        return ""  # were it quadratic, the longer string would take less than is measured
    longer, took = _as(pattern.text, grown(shape, SHORT * GROWTH)), math.inf
    for _ in range(ROUNDS):
        short_s = min(short_s, _least(call, shorter, most_s, 2))
        if short_s >= most_s:
            return _too_slow(most_s, shorter)
        took = min(took, _least(call, longer, GROWTH * most_s, 1))
        if took < max(FLOOR_S, min(SURELY_LINEAR * short_s, GROWTH * most_s)):
            return ""
    if took >= GROWTH * most_s:
        return _too_slow(GROWTH * most_s, longer)
    growth = took / short_s
    if growth <= MOST_GROWTH:
        return ""
    return f"{growth:.1f} times as long for {GROWTH} times the length, {took * 1000:.0f} ms"


def _too_slow(most_s: float, text: str | bytes) -> str:
    return f"more than {most_s * 1000:.0f} ms of the processor for {len(text)} bytes"


def _least(call: Callable[..., object], text: str | bytes, most_s: float, times: int) -> float:
    return min(cpu_s(call, text, most_s) for _ in range(times))


def _as(pattern: str | bytes, text: str) -> str | bytes:
    return text if isinstance(pattern, str) else text.encode("utf-8", "replace")


def generic(chance: random.Random) -> list[Shape]:
    """What no pattern has asked for."""
    return [("", run, chance.choice(TAILS)) for run in RUNS]


def every_string(patterns: Sequence[Audited], count: int, chance: random.Random) -> list[Shape]:
    """So many shapes, of every pattern in turn."""
    found: dict[Shape, None] = dict.fromkeys(generic(chance))
    while len(found) < count:
        for pattern in patterns:
            found.update(dict.fromkeys(shapes(pattern.text, pattern.flags, chance)))
    return list(found)[:count]


def slow(pattern: Audited, strings: Sequence[Shape]) -> Iterator[Fault]:
    """Strings of a kilobyte that take a pattern more than 50 ms."""
    compiled = re.compile(pattern.text, pattern.flags)
    for method in methods(pattern):
        call = _use(compiled, method)
        for shape in strings:
            text = _as(pattern.text, grown(shape, min(1024, pattern.longest)))
            most_s = MOST_S * max(1.0, len(text) / 1024)
            if cpu_s(call, text, most_s) >= most_s and _least(call, text, most_s, 3) >= most_s:
                yield Fault(pattern, method, shape, "more than 50 ms for a kilobyte")
                break


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit with 0 if every pattern is known and linear."""
    parser = argparse.ArgumentParser(prog="python -m tests.attack.linear", description=__doc__)
    parser.add_argument("--strings", type=int, default=0, help="so many over every pattern")
    parser.add_argument("--seed", type=int, default=0, help="other strings (default: %(default)s)")
    options = parser.parse_args(arguments)
    gc.disable()  # it would go through the trees of all modules again and again
    patterns, unknown = audited()
    chance = random.Random(options.seed)
    with breaking_off():
        found = [
            fault
            for pattern in patterns
            for fault in faults_of(
                pattern, [*generic(chance), *shapes(pattern.text, pattern.flags, chance)]
            )
        ]
        strings = every_string(patterns, options.strings, chance) if options.strings else []
        found += [fault for pattern in patterns for fault in slow(pattern, strings)]
    for module, line in unknown:
        _print(f"{module}:{line}: a pattern that the audit does not know")
    for fault in found:
        _print(str(fault))
    _print(
        f"{len(patterns)} patterns, {len(strings)} strings over each, {len(found)} not linear, "
        f"{len(unknown)} unknown"
    )
    return 1 if found or unknown else 0


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
