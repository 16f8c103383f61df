"""Sends alerts in the background of the schedule, so that no crawl waits for a channel."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from scraper.alerts.channel_queue import Deliver
from scraper.alerts.channels import Channel
from scraper.alerts.notices import Message
from scraper.alerts.sender import Sender
from scraper.exceptions import BlogkeepError

END_TIMEOUT_S = 60.0
"""How long the end of the runner waits for messages in progress, in seconds. Those that remain are
sent next time."""


PAUSE_S = 5.0
"""Seconds between two rounds: a schedule of short crawls asks for one after each, and a round opens
the archive. The first round begins at once."""


def network_delivery(folder: Path) -> Deliver:
    """Delivery over the network. Files of secrets are relative to `folder`."""

    def deliver(channel: Channel, message: Message, key: str, created_at: str) -> None:
        # Imported for the first message: clients of HTTP and mail take longer than ten crawls.
        from scraper.alerts import delivery  # noqa: PLC0415

        delivery.deliver(channel, message, key=key, created_at=created_at, folder=folder)

    return deliver


def make_sender(archive: Path, stores: Path, web_url: str) -> Sender:
    """A sender of an archive's alerts over the network. Files of secrets are relative to the file
    of stores."""
    return Sender(
        archive=archive,
        deliver=network_delivery(stores.parent),
        clock=partial(datetime.now, UTC),
        web_url=web_url,
    )


class BackgroundSender:
    """Runs `send` in a thread, one call at a time and `pause_s` seconds apart. `send` returns lines
    for people, with which `report` is called."""

    def __init__(
        self,
        send: Callable[[], Sequence[str]],
        report: Callable[[str], None],
        pause_s: float = PAUSE_S,
    ) -> None:
        self._send, self._report, self._pause_s = send, report, pause_s
        self._requested, self._ending = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._problem = ""

    def soon(self) -> None:
        """Start sending; if that is in progress, or was a moment ago, send again after the
        pause."""
        with self._lock:
            self._requested.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()

    def wait(self, seconds: float = END_TIMEOUT_S) -> None:
        """Send what was asked for without a pause, and wait for it, at most so many seconds."""
        self._ending.set()
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
            self._ending.wait(self._pause_s)

    def _report_problem(self, problem: str) -> None:
        if problem != self._problem:
            self._problem = problem
            self._report(f"alerts could not be sent: {problem}")
