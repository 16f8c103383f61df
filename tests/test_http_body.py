"""An answer is read within a size and a time, however its server sends it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat

import httpx
import pytest

from scraper.exceptions import EndlessAnswer
from scraper.http_body import read_body


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
