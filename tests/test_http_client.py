"""An answer is read within a size and a time, however its server sends it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import repeat

import httpx
import pytest

from scraper.exceptions import EndlessAnswer
from scraper.http_client import make_client, read_body


def answer(parts: Iterator[bytes]) -> httpx.Response:
    return httpx.Response(200, content=parts)


def test_a_body_is_read_whole():
    assert read_body(answer(iter([b"a", b"b" * 9])), max_bytes=10, max_s=1000) == b"a" + b"b" * 9


@pytest.mark.parametrize(
    ("max_bytes", "max_s", "reason"), [(10, 1000, "more than 10 bytes"), (10**9, 0, "not complete")]
)
def test_an_endless_body_is_refused(max_bytes: int, max_s: float, reason: str):
    with pytest.raises(EndlessAnswer, match=reason):
        read_body(answer(repeat(b"x")), max_bytes=max_bytes, max_s=max_s)


@pytest.mark.integration
def test_a_head_that_never_ends_is_broken_off():
    ended = threading.Event()

    def answer_slowly(connection: socket.socket) -> None:
        """The first request is answered; the second gets a part of its head now and then."""
        complete = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        connection.recv(4096)
        connection.sendall(complete)
        connection.recv(4096)
        with suppress(OSError):  # it was broken off
            for _ in range(1000):
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                ended.wait(0.01)
            connection.sendall(complete)

    with answering(answer_slowly) as url, make_client(head_s=0.1, timeout=60) as client:
        assert client.get(url).text == "ok"
        with pytest.raises(httpx.HTTPError):
            client.get(url)
        ended.set()


@contextmanager
def answering(answer_one: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that accepts one connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=lambda: answer_one(listener.accept()[0]), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join()
