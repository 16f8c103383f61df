"""Heartbeats: sent to a local server, without waiting, and never a failure of the crawl."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from scraper.schedule.heartbeat import Heartbeats
from scraper.schedule.timetable.stores import StoreConfig, parse_stores


def store(heartbeat: str) -> StoreConfig:
    return parse_stores(
        f'[stores.tea]\nurl = "https://tea.example"\nschedule = "0 5 * * *"\n{heartbeat}'
    ).stores["tea"]


class Listener(ThreadingHTTPServer):
    """`asked` are the paths that it was asked for. One it answers with an error, one with a
    redirect, another a byte at a time until it is `released`."""

    daemon_threads = True

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.released = threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    server: Listener

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        with suppress(ConnectionError):
            while self.path == "/drip/secret" and not self.server.released.wait(0.05):
                self.wfile.write(b"H")
        self.send_response({"/broken/secret": 500, "/moved/secret": 302}.get(self.path, 200))
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(integration: None) -> Iterator[Listener]:
    with Listener() as made:
        threading.Thread(target=made.serve_forever, args=(0.05,), daemon=True).start()
        yield made
        made.released.set()
        made.shutdown()


def ping(port: int, path: str, heartbeats: Heartbeats) -> None:
    heartbeats.ping(store(f'heartbeat = "http://127.0.0.1:{port}{path}"'))


def test_address_is_asked_once(server: Listener) -> None:
    heartbeats = Heartbeats(timeout_s=60)
    ping(server.server_port, "/ok/secret", heartbeats)
    heartbeats.ping(store(""))
    heartbeats.wait()
    assert server.asked == ["/ok/secret"]


def test_nothing_waits_for_long_for_an_answer_that_never_ends(
    server: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    heartbeats = Heartbeats(timeout_s=0.4)
    with caplog.at_level(logging.INFO):
        ping(server.server_port, "/drip/secret", heartbeats)
        heartbeats.wait()
    assert not server.released.is_set()
    assert "heartbeat sent to" not in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("path", ["/broken/secret", "/refused/secret", "/moved/secret"])
def test_failure_is_logged_without_the_address(
    server: Listener, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        refused = path == "/refused/secret"
        heartbeats = Heartbeats(timeout_s=60)
        with caplog.at_level(logging.INFO):
            ping(unused.getsockname()[1] if refused else server.server_port, path, heartbeats)
            heartbeats.wait()
    assert "secret" not in caplog.text
    assert "heartbeat not sent to 127.0.0.1" in caplog.text
    assert "/elsewhere" not in server.asked
