"""Read the body of an HTTP answer whose server may send without end, or a byte now and then."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from scraper.exceptions import EndlessAnswer

if TYPE_CHECKING:
    import httpx


def read_body(response: httpx.Response, *, max_bytes: int, max_s: float) -> bytes:
    """Return the body of a streamed response.

    Raises EndlessAnswer for one of more bytes, or one that is not complete in so many seconds: the
    time limit of httpx begins again with each byte.
    """
    found, ends_at = bytearray(), time.monotonic() + max_s
    for part in response.iter_bytes():
        found += part
        if len(found) > max_bytes:
            raise EndlessAnswer(f"an answer has more than {max_bytes:,} bytes")
        if time.monotonic() > ends_at:
            raise EndlessAnswer(f"an answer is not complete in {max_s:g} seconds")
    return bytes(found)
