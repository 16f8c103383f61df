"""Pings: told to a local server, never waited for, never a failure."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from scraper.schedule.heartbeat import Heartbeats
from scraper.schedule.timetable.stores import StoreConfig, parse_stores


def store(heartbeat: str) -> StoreConfig:
    return parse_stores(
        f'[stores.tea]\nurl = "https://tea.example"\nschedule = "0 5 * * *"\n{heartbeat}'
    ).stores["tea"]


@pytest.fixture
def server(integration: None) -> Iterator[HTTPServer]:
    """Notes what it is asked for; one path it answers a byte at a time, another with an error."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            if self.path == "/drip/secret":
                for _ in range(40):
                    self.wfile.write(b"H")
                    time.sleep(0.05)
            self.send_response(500 if self.path == "/broken/secret" else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    made = HTTPServer(("127.0.0.1", 0), Handler)
    made.asked = asked  # type: ignore[attr-defined]
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


def test_address_is_asked_once(server: HTTPServer) -> None:
    heartbeats = Heartbeats()
    heartbeats.ping(store(f'heartbeat = "http://127.0.0.1:{server.server_port}/ok/secret"'))
    heartbeats.ping(store(""))
    heartbeats.wait()
    assert server.asked == ["/ok/secret"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", ["/drip/secret", "/broken/secret", "refused"])
def test_trouble_costs_a_bounded_wait_and_tells_no_address(
    server: HTTPServer, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1] if path == "refused" else server.server_port
        heartbeats = Heartbeats(wait_s=0.4)
        begun = time.monotonic()
        with caplog.at_level(logging.INFO):
            heartbeats.ping(
                store(
                    "heartbeat = "
                    f'"http://127.0.0.1:{port}{"/secret" if path == "refused" else path}"'
                )
            )
            assert time.monotonic() - begun < 0.3
            heartbeats.wait()
    assert time.monotonic() - begun < 1.5
    assert "secret" not in caplog.text
    assert ("heartbeat not told to 127.0.0.1" in caplog.text) == (path != "/drip/secret")
