"""Pings: after each good crawl of a store its address is asked, so that whoever listens there
notices when none comes."""

from __future__ import annotations

import logging
import threading
import time
import urllib.request
from http.client import HTTPException
from urllib.parse import urlsplit

from scraper.schedule.timetable.stores import StoreConfig

logger = logging.getLogger(__name__)

PING_S = 10.0
"""So long a ping may take. Nothing waits for it but the runner's own end."""


class Heartbeats:
    """Asks the addresses, each in a thread of its own. What comes of it is logged, without the
    address: whoever has it can ping."""

    def __init__(self, wait_s: float = PING_S) -> None:
        self.wait_s = wait_s
        self._threads: list[threading.Thread] = []

    def ping(self, store: StoreConfig) -> None:
        """Ask the store's address, if it has one, and wait for nothing."""
        if store.heartbeat:
            thread = threading.Thread(
                target=_ask, args=(store.name, store.heartbeat, self.wait_s), daemon=True
            )
            thread.start()
            self._threads = [*(one for one in self._threads if one.is_alive()), thread]

    def wait(self) -> None:
        """Give pings under way their time: no longer than one may take, however slowly a server
        answers."""
        end = time.monotonic() + self.wait_s
        for thread in self._threads:
            thread.join(max(end - time.monotonic(), 0))


def _ask(name: str, url: str, wait_s: float) -> None:
    request = urllib.request.Request(url, headers={"User-Agent": "Blogkeep"})
    try:
        with urllib.request.urlopen(request, timeout=wait_s):
            logger.info("%s: heartbeat told to %s", name, urlsplit(url).hostname)
    except (OSError, ValueError, HTTPException) as error:
        reason = getattr(error, "reason", "") or type(error).__name__
        logger.warning("%s: heartbeat not told to %s: %s", name, urlsplit(url).hostname, reason)
