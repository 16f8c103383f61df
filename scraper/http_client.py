"""HTTP with servers that may answer without end, or a byte now and then."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scraper.exceptions import EndlessAnswer

if TYPE_CHECKING:
    import httpx

# httpx logs the address of every request, and that of a webhook is a secret. At DEBUG httpcore logs
# host and answer.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.CRITICAL + 1)


def make_client(*, head_s: float, **options: Any) -> httpx.Client:
    """Make a client, for one request at a time, that breaks a connection off where the head of an
    answer is not complete in so many seconds: the time limits of httpx begin again with each byte.

    The caller gets the error of a connection that was closed, an `httpx.HTTPError`. `read_body`
    bounds the body.
    """
    import httpx  # noqa: PLC0415 - most commands send nothing

    deadline = _Deadline(head_s)
    hooks: dict[str, list[Callable[..., Any]]] = {
        "request": [deadline.start],
        "response": [deadline.end],
    }
    return httpx.Client(event_hooks=hooks, **options)


def read_status(method: str, url: str, *, timeout_s: float, **options: Any) -> int:
    """Send a request, and return the status of its answer, whose body may be endless.

    Redirects are not followed: they may lead to a private address, with the secrets of the request.
    So an address over http never leads to TLS, and the certificates need not be loaded for it.
    Raises httpx.HTTPError, httpx.InvalidURL, OSError.
    """
    verify = urlsplit(url).scheme != "http"
    with (
        make_client(head_s=timeout_s, timeout=timeout_s, verify=verify) as client,
        client.stream(method, url, **options) as answer,
    ):
        return answer.status_code


def read_body(response: httpx.Response, *, max_bytes: int, max_s: float) -> bytes:
    """Return the body of a streamed response.

    Raises EndlessAnswer for one of more bytes, or one that is not complete in so many seconds.
    """
    found, ends_at = bytearray(), time.monotonic() + max_s
    for part in response.iter_bytes():
        found += part
        if len(found) > max_bytes:
            raise EndlessAnswer(f"an answer has more than {max_bytes:,} bytes")
        if time.monotonic() > ends_at:
            raise EndlessAnswer(f"an answer is not complete in {max_s:g} seconds")
    return bytes(found)


class _Deadline:
    """Breaks off the connection of the request in progress."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timer: threading.Timer | None = None
        self._socket: socket.socket | None = None

    def start(self, request: httpx.Request) -> None:
        self._stop()
        request.extensions["trace"] = self._note_connection
        self._timer = threading.Timer(self._seconds, self._break_off)
        self._timer.daemon = True
        self._timer.start()

    def end(self, response: httpx.Response) -> None:
        del response
        self._stop()

    def _stop(self) -> None:
        if self._timer:
            self._timer.cancel()

    def _note_connection(self, event: str, info: dict[str, Any]) -> None:
        """Called by httpx (https://www.encode.io/httpcore/extensions/#trace). A connection that is
        used again is the one noted before."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._socket = info["return_value"].get_extra_info("socket")

    def _break_off(self) -> None:
        if self._socket:
            with suppress(OSError):  # it is closed already
                self._socket.shutdown(socket.SHUT_RDWR)
