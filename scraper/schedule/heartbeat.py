"""Heartbeats: a request to the store's heartbeat URL after each good crawl, for a service that
raises an alarm when none arrives."""

from __future__ import annotations

import logging
import threading
import time
from urllib.parse import urlsplit

from scraper.http_client import read_status
from scraper.schedule.timetable.stores import StoreConfig

logger = logging.getLogger(__name__)

PING_S = 10.0
"""The timeout of a ping, in seconds. Only the end of the runner waits for pings."""


class Heartbeats:
    """Sends pings, each in its own thread. The result is logged without the URL, which is a
    secret."""

    def __init__(self, timeout_s: float = PING_S) -> None:
        self.timeout_s = timeout_s
        self._threads: list[threading.Thread] = []

    def ping(self, store: StoreConfig) -> None:
        """Request the store's heartbeat URL, if it has one, without waiting."""
        if store.heartbeat:
            thread = threading.Thread(
                target=_request, args=(store.name, store.heartbeat, self.timeout_s), daemon=True
            )
            thread.start()
            self._threads = [*(one for one in self._threads if one.is_alive()), thread]

    def wait(self) -> None:
        """Wait for pings in progress, no longer than the timeout of one, however slowly a server
        answers."""
        end = time.monotonic() + self.timeout_s
        for thread in self._threads:
            thread.join(max(end - time.monotonic(), 0))


def _request(name: str, url: str, timeout_s: float) -> None:
    # Imported for the first ping: most schedules send none.
    import httpx  # noqa: PLC0415

    host = urlsplit(url).hostname
    try:
        status = read_status("GET", url, timeout_s=timeout_s, headers={"User-Agent": "Blogkeep"})
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        logger.warning("%s: heartbeat not sent to %s: %s", name, host, type(error).__name__)
        return
    if 200 <= status < 300:
        logger.info("%s: heartbeat sent to %s", name, host)
    else:
        logger.warning("%s: heartbeat not sent to %s: it answered %d", name, host, status)
