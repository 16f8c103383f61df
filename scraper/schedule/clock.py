"""The time and waiting, as an object that tests replace."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Reads the time, and waits."""

    def now(self) -> datetime:
        """The time, UTC."""

    def wait(self, seconds: float) -> None:
        """Wait so many seconds, or until woken."""


class SystemClock:
    """The wall clock. It advances while the machine sleeps."""

    def __init__(self) -> None:
        self._woken = threading.Event()

    def now(self) -> datetime:
        """The time, UTC."""
        return datetime.now(UTC)

    def wait(self, seconds: float) -> None:
        """Wait so many seconds, or until `wake` is called."""
        self._woken.wait(seconds)
        self._woken.clear()

    def wake(self) -> None:
        """End a wait; safe to call from a signal handler."""
        self._woken.set()
