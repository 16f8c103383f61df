from __future__ import annotations

import http.client
import socket

import pytest

from scraper.demo import DemoServer, DemoStore
from tests.demo.conftest import Serve, ask

POST = "/blogs/journal/cool-room"


def raw(server: DemoServer, request: bytes) -> bytes:
    with socket.create_connection((server.host, server.port), timeout=60) as client:
        client.sendall(request)
        client.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: client.recv(65536), b""))


def test_an_absolute_target_is_answered_in_the_name_it_asks_for(server: DemoServer):
    text = ask(server, f"http://small-fern.example{POST}?page=1").text

    assert f'<link rel="canonical" href="http://small-fern.example{POST}">' in text
    assert server.requests[-1].path == f"{POST}?page=1"
    assert server.requests[-1].authority == "small-fern.example"


def test_links_use_the_host_that_the_client_asked_for(server: DemoServer):
    assert (
        "Sitemap: http://small-fern.example/sitemap.xml"
        in ask(server, "/robots.txt", Host="small-fern.example").text
    )


@pytest.mark.parametrize("host", ["www.small-fern.example", "small-fern.myshopify.com"])
def test_other_names_of_the_store_lead_to_the_primary_one(server: DemoServer, host: str):
    reply = ask(server, f"http://{host}{POST}")

    assert (reply.status, reply.headers["location"]) == (301, f"http://small-fern.example{POST}")


def test_a_foreign_host_is_refused(server: DemoServer):
    assert ask(server, "http://elsewhere.example/").status == 421


def test_a_connection_serves_many_requests(server: DemoServer):
    connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
    sockets = set()
    for _ in range(3):
        connection.request("GET", POST)
        connection.getresponse().read()
        sockets.add(connection.sock)
    connection.close()

    assert len(sockets) == 1
    assert None not in sockets


def test_head_has_the_length_and_no_body(server: DemoServer):
    reply = ask(server, POST, method="HEAD")

    assert reply.body == b""
    assert int(reply.headers["content-length"]) == len(ask(server, POST).body)


def test_other_methods_are_refused(server: DemoServer):
    assert ask(server, "/cart", method="POST").status == 405


@pytest.mark.parametrize(
    "request_bytes",
    [
        pytest.param(b"nonsense\r\n\r\n", id="no request line"),
        pytest.param(b"GET ftp://x/ HTTP/1.1\r\n\r\n", id="other scheme"),
        pytest.param(b"GET http://[x/ HTTP/1.1\r\n\r\n", id="broken host"),
        pytest.param(b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", id="negative length"),
        pytest.param(b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 101 + b"\r\n", id="too many headers"),
    ],
)
def test_what_is_no_http_is_answered_400(server: DemoServer, request_bytes: bytes):
    assert raw(server, request_bytes).startswith(b"HTTP/1.1 400 ")


def test_gzip_is_sent_to_those_who_accept_it(server: DemoServer):
    plain, packed = ask(server, POST), ask(server, POST, Accept_Encoding="gzip, deflate")

    assert packed.headers["content-encoding"] == "gzip"
    assert packed.text == plain.text
    assert len(packed.body) < len(plain.body) / 2


def test_pages_of_one_day_are_equal_byte_for_byte_by_default(server: DemoServer):
    assert ask(server, POST).body == ask(server, POST).body


def test_fresh_tokens_make_every_answer_different(store: DemoStore, serve: Serve):
    server = serve(store, fresh_tokens=True)
    first, second = ask(server, POST).text, ask(server, POST).text

    assert first != second
    assert "cures every bad night" in second


def test_the_day_can_be_set_while_it_runs(server: DemoServer):
    before = ask(server, POST).text
    server.day = 2

    assert "cures every bad night" in before
    assert "may help with bad nights" in ask(server, POST).text


def test_a_day_before_the_first_is_refused(server: DemoServer):
    with pytest.raises(ValueError, match="days count from 1"):
        server.day = 0


def test_requests_are_logged_with_their_headers(server: DemoServer):
    ask(server, POST, User_Agent="Test")

    logged = server.requests[-1]
    assert (logged.method, logged.path, logged.headers["user-agent"]) == ("GET", POST, "Test")


def test_after_stop_nobody_answers(server: DemoServer):
    connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
    connection.request("GET", POST)
    connection.getresponse().read()

    server.stop()
    server.stop()

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((server.host, server.port), timeout=1)
    assert connection.sock.recv(1) == b""
    connection.close()
