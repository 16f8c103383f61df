"""Which answers throttle or block us."""

from __future__ import annotations

import pytest

from scraper.demo.faults import _CHALLENGE
from scraper.shopify.responses.throttling import Throttling, throttling_of
from scraper.shopify.responses.verdicts import Answer
from tests.each_row import each_row

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
