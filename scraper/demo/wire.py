"""HTTP/1.1 on sockets: reads requests, writes responses, and can stop in the middle for a fault.

The standard library's request handler parses headers as an e-mail, which costs more than all other
work on a cached page.
"""

from __future__ import annotations

import logging
import socket
import socketserver
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from threading import Event, Lock
from typing import NamedTuple
from urllib.parse import urlsplit

logger = logging.getLogger(__name__)

IDLE_S = 60.0
_LINE_MAX = 65_536
_HEADERS_MAX = 100
_OWN_REASONS = {430: "Shopify Security Rejection"}


class WireRequest(NamedTuple):
    """A received request: `target` is path and query, `authority` the host that the client sent,
    headers by lower-case name."""

    method: str
    target: str
    authority: str
    headers: dict[str, str]
    keep_alive: bool


class WireResponse(NamedTuple):
    """A response: `head` holds header lines without the blank line. It is sent after `delay_s` and
    once `release` is set, with `sent_bytes` of its body (None: all)."""

    status: int
    head: bytes
    body: bytes
    delay_s: float = 0.0
    sent_bytes: int | None = None
    release: Event | None = None


Respond = Callable[[WireRequest], WireResponse | None]
"""Called for each request; None closes the connection without an answer."""


class Listener(ThreadingHTTPServer):
    """One thread for each connection; tracks connections, so that stopping closes them."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], respond: Respond) -> None:
        self.respond = respond
        self._open: set[socket.socket] = set()
        self._lock = Lock()
        super().__init__(address, _Connection)

    def server_bind(self) -> None:
        # HTTPServer would look up this host's name here, which can take seconds.
        socketserver.TCPServer.server_bind(self)

    def handle_error(self, request: object, client_address: object) -> None:
        """Log why a connection is dropped; the standard library prints it, whoever reads."""
        logger.exception("the connection of %s is dropped", client_address)

    def opened(self, connection: socket.socket) -> None:
        """Track a new connection."""
        with self._lock:
            self._open.add(connection)

    def closed(self, connection: socket.socket) -> None:
        """Forget a closed connection."""
        with self._lock:
            self._open.discard(connection)

    def close_connections(self) -> None:
        """Close all open connections."""
        with self._lock:
            left = list(self._open)
        for connection in left:
            _shut(connection)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


class _BadRequest(Exception):
    """Raised for invalid HTTP; the answer is 400, and the connection closes."""


class _Connection(socketserver.StreamRequestHandler):
    """A client's connection, request after request."""

    server: Listener
    timeout = IDLE_S
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.opened(self.connection)

    def finish(self) -> None:
        self.server.closed(self.connection)
        super().finish()

    def handle(self) -> None:
        try:
            while self._serve_one():
                pass
        except (ConnectionError, TimeoutError):
            return

    def _serve_one(self) -> bool:
        try:
            request = self._read()
        except _BadRequest:
            self.wfile.write(
                b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            return False
        response = self.server.respond(request) if request else None
        if request is None or response is None:
            return False
        if response.delay_s:
            time.sleep(response.delay_s)
        if response.release:
            response.release.wait()
        return self._send(request, response)

    def _read(self) -> WireRequest | None:
        line = self.rfile.readline(_LINE_MAX)
        if not line:
            return None
        words = line.decode("latin-1").split()
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            raise _BadRequest
        method, target, version = words
        headers = dict(self._read_headers())
        self.rfile.read(_length(headers))
        connection = headers.get("connection", headers.get("proxy-connection", "")).lower()
        keep_alive = connection != "close" and (version == "HTTP/1.1" or connection == "keep-alive")
        return WireRequest(method, *_target_and_authority(target, headers), headers, keep_alive)

    def _read_headers(self) -> Iterator[tuple[str, str]]:
        for _ in range(_HEADERS_MAX):
            line = self.rfile.readline(_LINE_MAX)
            if line in {b"\r\n", b"\n", b""}:
                return
            name, _, value = line.decode("latin-1").partition(":")
            yield name.strip().lower(), value.strip()
        raise _BadRequest

    def _send(self, request: WireRequest, response: WireResponse) -> bool:
        keep_alive = request.keep_alive and response.sent_bytes is None
        head = (
            f"HTTP/1.1 {response.status} {_reason(response.status)}\r\n"
            f"Date: {formatdate(usegmt=True)}\r\n"
            f"Content-Length: {len(response.body)}\r\n"
            f"Connection: {'keep-alive' if keep_alive else 'close'}\r\n"
        ).encode()
        sent = b"" if request.method == "HEAD" else response.body[: response.sent_bytes]
        self.connection.sendall(b"".join((head, response.head, b"\r\n\r\n", sent)))
        return keep_alive


def _length(headers: dict[str, str]) -> int:
    word = headers.get("content-length", "0")
    if not word.isdecimal() or len(word) > 7:
        raise _BadRequest
    return int(word)


def _target_and_authority(target: str, headers: dict[str, str]) -> tuple[str, str]:
    """Path and query, and authority, of a target in origin form (``/path``) or in absolute form
    (``http://host/path``), as for a proxy."""
    if target.startswith("/"):
        return target, headers.get("host", "")
    try:
        parts = urlsplit(target)
    except ValueError as problem:
        raise _BadRequest from problem
    if parts.scheme != "http" or not parts.netloc:
        raise _BadRequest
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), parts.netloc


def _reason(status: int) -> str:
    return _OWN_REASONS.get(status) or HTTPStatus(status).phrase
