from __future__ import annotations

import http.client
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from scraper.demo import DemoServer, Fault
from tests.demo.conftest import ask

POST = "/blogs/journal/cool-room"


@pytest.mark.parametrize(
    ("fault", "status", "header", "words"),
    [
        pytest.param(Fault(kind="rate_limited"), 429, None, "Too many requests", id="429"),
        pytest.param(
            Fault(kind="rate_limited", retry_after="7"),
            429,
            ("retry-after", "7"),
            "Too many requests",
            id="429, retry-after",
        ),
        pytest.param(Fault(kind="security_rejected"), 430, None, "Security Rejection", id="430"),
        pytest.param(Fault(kind="server_error"), 500, None, "went wrong", id="500"),
        pytest.param(Fault(kind="unavailable"), 503, ("retry-after", "2"), "maintenance", id="503"),
        pytest.param(
            Fault(kind="challenge"),
            403,
            ("cf-mitigated", "challenge"),
            "Just a moment",
            id="challenge",
        ),
        pytest.param(
            Fault(kind="challenge", status=429),
            429,
            ("cf-mitigated", "challenge"),
            "Just a moment",
            id="challenge as 429",
        ),
        pytest.param(
            Fault(kind="challenge", status=200), 200, None, "Just a moment", id="challenge as 200"
        ),
        pytest.param(
            Fault(kind="password"), 302, ("location", "/password"), "redirected", id="password"
        ),
        pytest.param(Fault(kind="empty"), 200, ("content-length", "0"), "", id="empty"),
        pytest.param(
            Fault(kind="not_html"),
            200,
            ("content-type", "application/json; charset=utf-8"),
            "errors",
            id="not html",
        ),
        pytest.param(Fault(kind="soft_404"), 200, None, "Page not found", id="soft 404"),
        pytest.param(Fault(kind="gone"), 410, None, "Gone", id="gone"),
        pytest.param(Fault(kind="redirect_home"), 302, ("location", "/"), "", id="redirect home"),
        pytest.param(
            Fault(kind="redirect_off", location="http://off.example/x"),
            301,
            ("location", "http://off.example/x"),
            "",
            id="off",
        ),
    ],
)
def test_a_fault_gives_the_wrong_answer(
    server: DemoServer, fault: Fault, status: int, header: tuple[str, str] | None, words: str
):
    server.fault(fault)

    reply = ask(server, POST)

    assert reply.status == status
    assert words in reply.text
    assert "cures every bad night" not in reply.text
    assert header is None or reply.headers[header[0]] == header[1]


def test_a_429_has_no_retry_after_of_its_own(server: DemoServer):
    server.fault(Fault(kind="rate_limited"))

    assert "retry-after" not in ask(server, POST).headers


def test_garbage_is_no_text(server: DemoServer):
    server.fault(Fault(kind="garbage"))

    with pytest.raises(UnicodeDecodeError):
        ask(server, POST).body.decode()


def test_broken_html_is_unclosed_but_whole(server: DemoServer):
    server.fault(Fault(kind="broken_html"))

    text = ask(server, POST).text

    assert "</p>" not in text
    assert "<strong><em>cures every bad night</strong></em>" in text
    assert text.rstrip().endswith("</html>")


def test_a_truncated_answer_promises_more_than_it_sends(server: DemoServer):
    server.fault(Fault(kind="truncated"))

    with pytest.raises(http.client.IncompleteRead):
        ask(server, POST)


def test_a_cut_answer_ends_in_the_middle_with_a_right_length(server: DemoServer):
    whole = ask(server, POST).body
    server.fault(Fault(kind="cut"))

    assert ask(server, POST).body == whole[: len(whole) // 2]


def test_a_huge_page_weighs_what_was_asked(server: DemoServer):
    server.fault(Fault(kind="huge", size_bytes=3_000_000))

    assert 2_999_000 < len(ask(server, POST).body) <= 3_000_100


def test_a_dropped_connection_has_no_answer(server: DemoServer):
    server.fault(Fault(kind="drop"))

    with pytest.raises(http.client.RemoteDisconnected):
        ask(server, POST)


def test_a_slow_answer_comes_late_and_right(server: DemoServer):
    server.fault(Fault(kind="slow", delay_s=0.15))
    began = time.monotonic()

    reply = ask(server, POST)

    assert time.monotonic() - began >= 0.15
    assert "cures every bad night" in reply.text


def test_slow_goes_together_with_another_fault(server: DemoServer):
    server.fault(Fault(kind="server_error"))
    server.fault(Fault(kind="slow", delay_s=0.1))
    began = time.monotonic()

    assert ask(server, POST).status == 500
    assert time.monotonic() - began >= 0.1


def test_a_held_answer_comes_once_the_faults_are_cleared(server: DemoServer):
    server.fault(Fault(kind="hold"))
    with ThreadPoolExecutor(1) as pool:
        reply = pool.submit(ask, server, POST)
        while not server.requests:
            time.sleep(0.01)
        assert not reply.done()
        server.clear_faults()

        assert "cures every bad night" in reply.result(60).text


def test_a_fault_shows_only_on_its_path(server: DemoServer):
    server.fault(Fault(kind="gone", path="/blogs/recipes/*"))

    assert ask(server, POST).status == 200
    assert ask(server, "/blogs/recipes/r-01").status == 410


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [
        pytest.param(
            Fault(kind="server_error", times=2), [500, 500, 200, 200, 200, 200], id="times"
        ),
        pytest.param(
            Fault(kind="server_error", every=3), [200, 200, 500, 200, 200, 500], id="every"
        ),
        pytest.param(
            Fault(kind="server_error", after=4), [200, 200, 200, 200, 500, 500], id="after"
        ),
        pytest.param(
            Fault(kind="server_error", after=1, every=2, times=1),
            [200, 200, 500, 200, 200, 200],
            id="all together",
        ),
    ],
)
def test_a_fault_counts(server: DemoServer, fault: Fault, statuses: list[int]):
    server.fault(fault)

    assert [ask(server, POST).status for _ in range(6)] == statuses


def test_cleared_faults_are_over(server: DemoServer):
    server.fault(Fault(kind="server_error"))
    server.clear_faults()

    assert ask(server, POST).status == 200


def test_an_answer_with_a_fault_is_not_cached(server: DemoServer):
    server.fault(Fault(kind="broken_html", times=1))
    ask(server, POST)

    assert "</p>" in ask(server, POST).text


def test_an_unknown_fault_is_refused():
    with pytest.raises(ValueError, match="no fault is called gremlin"):
        Fault(kind="gremlin")
