"""Run the web interface with uvicorn, which waits without end for the head of a request."""

from __future__ import annotations

import asyncio
import socket
from typing import Any, Final

import datasette.app  # noqa: F401 - what it serves, of many modules
import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from scraper.exceptions import BlogkeepError

HEAD_S: Final = 20.0
"""Seconds in which a connection must bring the complete head of its first or next request."""


class BoundedProtocol(AutoHTTPProtocol):  # type: ignore[misc,valid-type]
    """Closes a connection on which nothing is being asked: a thousand of them would take all file
    descriptors from the readers. A request in progress has the time it needs."""

    head_s = HEAD_S

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._look_later()

    def connection_lost(self, exc: Exception | None) -> None:
        self._next_look.cancel()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP. A request whose body it is has no other answer."""
        if self.cycle is not None:
            self.cycle.disconnected = True
        super().send_400_response(msg)

    def _look_later(self) -> None:
        self._next_look = self.loop.call_later(self.head_s, self._look, self.cycle)

    def _look(self, last: Any) -> None:
        """Look whether a request was begun since the last call, or is still being answered."""
        if self.cycle is last and (last is None or last.response_complete):
            self.transport.close()
        else:
            self._look_later()


def run(app: Any, *, sockets: list[socket.socket]) -> None:
    """Serve an application until Ctrl+C or SIGTERM, on sockets that listen already. Raises
    BlogkeepError if it does not start."""
    server = uvicorn.Server(make_config(app))
    try:
        server.run(sockets=sockets)
    except KeyboardInterrupt:  # uvicorn raises the signal once more when it has ended
        return
    if not server.started:
        raise BlogkeepError("the web interface did not start: see above")


def make_config(app: Any, **options: Any) -> uvicorn.Config:
    """The configuration of a server for the web interface."""
    settings: dict[str, Any] = {"http": BoundedProtocol, "lifespan": "on", "ws": "none"}
    return uvicorn.Config(app, **{**settings, "log_level": "warning", **options})
