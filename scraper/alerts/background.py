"""Alerts beside the schedule: no crawl waits for a channel."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from scraper.alerts.sender import Sender
from scraper.exceptions import BlogkeepError
from scraper.schedule.clock import SystemClock

LAST_S = 60.0
"""So long the runner's end waits for messages under way; those that it does not see off go out next
time."""


def make_sender(archive: Path, stores: Path, web_url: str) -> Sender:
    """What sends an archive's alerts over the network; files of secrets stand beside the file of
    stores."""
    # Scrapy imports every command to run one: at the top every crawl would load a client for the
    # web and for mail.
    from scraper.alerts.delivery import deliver  # noqa: PLC0415

    return Sender(
        archive=archive,
        deliver=lambda channel, message, key, created_at: deliver(
            channel, message, key=key, created_at=created_at, folder=stores.parent
        ),
        clock=SystemClock().now,
        web_url=web_url,
    )


class BackgroundSender:
    """Has alerts sent in a thread, one at a time. `send` sends what there is and gives lines for
    people, which `tell` is called with."""

    def __init__(self, send: Callable[[], Sequence[str]], tell: Callable[[str], None]) -> None:
        self._send, self._tell = send, tell
        self._wanted = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._problem = ""

    def soon(self) -> None:
        """Send what there is, or, where that is under way, once more when it has ended."""
        with self._lock:
            self._wanted.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()

    def wait(self, seconds: float = LAST_S) -> None:
        """Wait until nothing is under way, but no longer than so."""
        end = time.monotonic() + seconds
        while (thread := self._thread) and time.monotonic() < end:
            thread.join(max(end - time.monotonic(), 0))

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._wanted.is_set():
                    self._thread = None
                    return
                self._wanted.clear()
            try:
                for line in self._send():
                    self._tell(line)
                self._problem = ""
            except BlogkeepError as problem:
                self._tell_problem(str(problem))
            except Exception as problem:  # noqa: BLE001 - a thread that died would be taken for one that is at work
                self._tell_problem(type(problem).__name__)

    def _tell_problem(self, problem: str) -> None:
        if problem != self._problem:
            self._problem = problem
            self._tell(f"alerts could not be sent: {problem}")
