"""How the time of a call grows with what it is given, measured so that a busy machine does no
harm."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from typing import Final

MEASURES: Final = 6


def is_linear(
    call: Callable[[int], Callable[[], object]],
    size: int,
    times: int,
    *,
    most: float,
    slack_s: float = 0.002,
) -> bool:
    """Whether `times` the size takes at most `most` times the CPU time; `call` gives the call for a
    size.

    Whatever else the machine does only adds, so the least of several measures counts; more are
    taken only while too much was measured.
    """
    least_s = dict.fromkeys((size, times * size), float("inf"))
    for _ in range(MEASURES):
        for one in least_s:
            measured = call(one)
            started = process_time()
            measured()
            least_s[one] = min(least_s[one], process_time() - started)
        if least_s[times * size] <= most * least_s[size] + slack_s:
            return True
    return False
