"""The time, and waiting: an object, so that a test can move it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Says what time it is, and waits."""

    def now(self) -> datetime:
        """The time, UTC."""

    def wait(self, seconds: float) -> None:
        """Wait for so long, or until woken."""


class SystemClock:
    """The wall clock: it goes on while a machine sleeps, and a wait over such a sleep ends soon
    after it."""

    def __init__(self) -> None:
        self._woken = threading.Event()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wait(self, seconds: float) -> None:
        self._woken.wait(seconds)
        self._woken.clear()

    def wake(self) -> None:
        """End a wait, from a signal's handler too."""
        self._woken.set()
