"""Answers in gzip are unpacked as Scrapy unpacks them, only quicker."""

from __future__ import annotations

import gzip

from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware

from scraper.middlewares.compression import CompressionMiddleware

PAGE = b"<p>Slow tea</p>" * 9000
WHOLE = gzip.compress(PAGE)
LIMIT = len(PAGE)
BODIES = {
    "whole": WHOLE,
    "of nothing": gzip.compress(b""),
    "larger than the limit": gzip.compress(PAGE + b"!"),
    "a bomb": gzip.compress(bytes(20 * LIMIT)),
    "of two members": gzip.compress(PAGE[:99]) + gzip.compress(PAGE[:99]),
    "with zeros behind": WHOLE + b"\0" * 8,
    "with a page behind": WHOLE + PAGE,
    "cut short": WHOLE[: len(WHOLE) // 2],
    "without its checksum": WHOLE[:-8],
    "with a wrong checksum": WHOLE[:-8] + b"\0" * 8,
    "with a wrong byte": WHOLE[:30] + b"\xff" + WHOLE[31:],
    "no gzip": PAGE,
    "empty": b"",
}


def test_gzip_is_unpacked_as_scrapy_does():
    differing = {
        (name, limit): (ours, theirs)
        for name, body in BODIES.items()
        for limit in (0, LIMIT)
        if (ours := _unpack(CompressionMiddleware, body, limit))
        != (theirs := _unpack(HttpCompressionMiddleware, body, limit))
    }
    assert differing == {}
    assert _unpack(CompressionMiddleware, WHOLE, LIMIT) == PAGE.decode()
    assert "Exceeded" in _unpack(CompressionMiddleware, BODIES["a bomb"], LIMIT)


def _unpack(kind: type[HttpCompressionMiddleware], body: bytes, limit: int) -> str:
    """What a middleware unpacks, or the name of its error."""
    try:
        return kind._decode(body, b"gzip", limit).decode()
    except Exception as error:  # noqa: BLE001 - whichever it is, both are to raise it
        return type(error).__name__
