"""Which answers throttle or block us, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scraper.demo.faults import _CHALLENGE
from scraper.responses.throttling import (
    LONGEST_RETRY_AFTER_S,
    Throttling,
    next_wait_s,
    retry_after_s,
    throttling_of,
)
from scraper.responses.verdicts import Answer
from tests.each_row import each_row

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
URL = "https://shop.example/blogs/news/one"
ARTICLE = (
    b'<html><body><script>var __st={"p":"article","rtyp":"article","rid":1};</script><h1>'
    b"A post</h1><p>Words.</p></body></html>"
)


@each_row(
    ("answer", "expected"),
    [
        pytest.param(Answer(url=URL, status=200, body=ARTICLE), "", id="a post"),
        pytest.param(Answer(url=URL, status=429), "throttled", id="429"),
        pytest.param(Answer(url=URL, status=430), "throttled", id="430"),
        pytest.param(Answer(url=URL, status=503), "throttled", id="503"),
        pytest.param(
            Answer(url=URL, status=200, body=_CHALLENGE), "blocked", id="challenge as 200"
        ),
        pytest.param(
            Answer(url=URL, status=403, headers={"cf-mitigated": "challenge"}),
            "blocked",
            id="challenge by header",
        ),
        pytest.param(
            Answer(url=URL, status=200, body=ARTICLE, headers={"cf-mitigated": "challenge"}),
            "blocked",
            id="header beats mark",
        ),
        pytest.param(
            Answer(url=URL, status=302, headers={"location": "/password"}), "blocked", id="password"
        ),
        pytest.param(
            Answer(url=URL, status=404, body=b"<html><body><h1>Not found</h1></body></html>"),
            "",
            id="404",
        ),
        pytest.param(Answer(url=URL, status=500), "", id="500"),
        pytest.param(
            Answer(
                url=URL,
                status=200,
                body=(
                    b"<html><body>A device from your location is sending large amounts of web "
                    b"requests</body></html>"
                ),
            ),
            "throttled",
            id="Shopify's older block page",
        ),
    ],
)
def test_what_throttles_or_blocks(answer: Answer, expected: Throttling) -> None:
    assert throttling_of(answer) == expected


@each_row(
    ("header", "expected"),
    [
        ("120", 120.0),
        (" 2.5 ", 2.5),
        ("0", 0.0),
        ("999999999999", LONGEST_RETRY_AFTER_S),
        ("Sun, 01 Mar 2026 12:01:30 GMT", 90.0),
        ("Sunday, 01-Mar-26 12:01:30 GMT", 90.0),
        ("Sun Mar  1 12:01:30 2026", 90.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("Sun, 01 Mar 9026 12:00:00 GMT", LONGEST_RETRY_AFTER_S),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1" * 30, None),
        ("Sun, 99 Mar 2026 12:01:30 GMT", None),
        ("Sun, 01 Mar 99999999999 12:01:30 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header: str, expected: float | None) -> None:
    assert retry_after_s(header, NOW) == expected


def test_a_wait_doubles_up_to_the_longest() -> None:
    assert next_wait_s(0, asked_s=None, first_s=5, most_s=300) == 5
    assert next_wait_s(200, asked_s=None, first_s=5, most_s=300) == 300
    assert next_wait_s(5, asked_s=90, first_s=5, most_s=300) == 90
