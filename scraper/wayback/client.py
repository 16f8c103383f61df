"""Requests to the Wayback Machine: one after the other, at a rate, with waits when it asks."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import httpx

from scraper.exceptions import EndlessAnswer, WaybackUnavailable
from scraper.http_client import make_client, read_body
from scraper.items import TRANSFER_HEADERS
from scraper.responses.throttling import retry_after_s

TIMEOUT_S: Final = 120.0
"""The index of a large site takes a minute."""
MOST_S: Final = 900.0
"""Seconds for all of an answer, which may come slowly."""
MOST_BYTES: Final = 64 * 1024 * 1024

_BUSY: Final = frozenset({429, 500, 502, 503, 504, 520, 522})


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How politely a server is asked: `interval_s` is the time between two requests; after a
    refusal the first wait is `first_s`, each further one twice as long, at most `longest_s`; after
    `tries` refusals it is given up."""

    user_agent: str
    interval_s: float
    first_s: float
    longest_s: float
    tries: int


class Client:
    """Asks one server. Raises WaybackUnavailable where it does not answer."""

    def __init__(self, base: str, manners: Manners) -> None:
        self.base, self.manners = base.rstrip("/"), manners
        self._http = make_client(
            head_s=TIMEOUT_S,
            timeout=TIMEOUT_S,
            headers={"User-Agent": manners.user_agent},
            follow_redirects=False,
        )
        self._next_at = 0.0

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, query: dict[str, str] | None = None) -> httpx.Response:
        """The answer at a path, whatever its status, except those of a busy server."""
        problem, wait_s = "", self.manners.first_s
        for number in range(self.manners.tries + 1):
            if number:
                time.sleep(min(wait_s, self.manners.longest_s))
                wait_s *= 2
            self._await_turn()
            try:
                response = self._read(path, query)
            except EndlessAnswer as error:
                raise WaybackUnavailable(f"{self.base}: {error}") from error
            except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
                problem = f"{type(error).__name__}: {error}"
                continue
            if response.status_code not in _BUSY:
                return response
            problem = f"status {response.status_code}"
            asked_s = retry_after_s(response.headers.get("retry-after", ""), datetime.now(UTC))
            if asked_s and asked_s > self.manners.longest_s:
                raise WaybackUnavailable(f"{self.base} asks to wait {asked_s:.0f} s")
            wait_s = max(wait_s, asked_s or 0.0)
        raise WaybackUnavailable(f"{self.base} does not answer: {problem}")

    def _read(self, path: str, query: dict[str, str] | None) -> httpx.Response:
        with self._http.stream("GET", self.base + path, params=query) as response:
            body = read_body(response, max_bytes=MOST_BYTES, max_s=MOST_S)
            headers = [
                (name, value)
                for name, value in response.headers.multi_items()
                if name not in TRANSFER_HEADERS
            ]
            return httpx.Response(response.status_code, headers=headers, content=body)

    def _await_turn(self) -> None:
        now = time.monotonic()
        time.sleep(max(self._next_at - now, 0.0))
        self._next_at = max(self._next_at, now) + self.manners.interval_s
