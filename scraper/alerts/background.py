"""Sends alerts in the background of the schedule, so that no crawl waits for a channel."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from scraper.alerts.sender import Sender
from scraper.exceptions import BlogkeepError
from scraper.schedule.clock import SystemClock

END_TIMEOUT_S = 60.0
"""How long the end of the runner waits for messages in progress, in seconds. Those that remain are
sent next time."""


def make_sender(archive: Path, stores: Path, web_url: str) -> Sender:
    """A sender of an archive's alerts over the network. Files of secrets are relative to the file
    of stores."""
    # Imported here because Scrapy imports every command's module: a crawl needs no mail client.
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
    """Runs `send` in a thread, one call at a time. `send` returns lines for people, with which
    `report` is called."""

    def __init__(self, send: Callable[[], Sequence[str]], report: Callable[[str], None]) -> None:
        self._send, self._report = send, report
        self._requested = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._problem = ""

    def soon(self) -> None:
        """Start sending; if that is in progress, send again when it has ended."""
        with self._lock:
            self._requested.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()

    def wait(self, seconds: float = END_TIMEOUT_S) -> None:
        """Wait until nothing is in progress, at most so many seconds."""
        end = time.monotonic() + seconds
        while (thread := self._thread) and time.monotonic() < end:
            thread.join(max(end - time.monotonic(), 0))

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._requested.is_set():
                    self._thread = None
                    return
                self._requested.clear()
            try:
                for line in self._send():
                    self._report(line)
                self._problem = ""
            except BlogkeepError as problem:
                self._report_problem(str(problem))
            except Exception as problem:  # noqa: BLE001 - a dead thread would never send again
                self._report_problem(type(problem).__name__)

    def _report_problem(self, problem: str) -> None:
        if problem != self._problem:
            self._problem = problem
            self._report(f"alerts could not be sent: {problem}")
