"""Undo the transfer and content codings of a stored answer, within a bound."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from io import BytesIO

from fastwarc.stream_io import BrotliReader, ChunkedReader, ZstdReader

from scraper.documents.frame_limits import has_many_frames

_CHUNK = re.compile(rb"[0-9A-Fa-f]{1,8}[ \t]*(?:;[^\r\n]{0,200})?\r\n")

_MOST_CODINGS = 5
"""Servers send one. Each may read the whole body: 5,000 in one header took two minutes."""


def decode_body(body: bytes, *, transfer: str, content: str, most: int) -> bytes:
    """Return a body without the codings that its headers name, at most `most` bytes and one.

    Crawlers often store what they have unpacked already beside the headers as sent: a body that is
    not coded as its header says is returned as it stands.
    """
    if "chunked" in transfer.lower() and _CHUNK.match(body):
        body = _attempt(_read(ChunkedReader), body, most)
    codings = content.lower().split(",")
    for coding in reversed(codings if len(codings) <= _MOST_CODINGS else []):
        decode = _DECODERS.get(coding.strip())
        if decode and not has_many_frames(body, coding.strip()):
            body = _attempt(decode, body, most)
    return body


def _attempt(decode: Callable[[bytes, int], bytes], body: bytes, most: int) -> bytes:
    try:
        return decode(body, most)
    except (OSError, EOFError, ValueError, zlib.error):
        return body


def _read(reader: Callable[[BytesIO], object]) -> Callable[[bytes, int], bytes]:
    def decode(body: bytes, most: int) -> bytes:
        return bytes(reader(BytesIO(body)).read(most + 1))  # type: ignore[attr-defined]

    return decode


def _unzip(body: bytes, most: int) -> bytes:
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 32).decompress(body, most + 1)


def _inflate(body: bytes, most: int) -> bytes:
    """Deflate in a zlib envelope, as RFC 9110 means it, or bare, as some servers send it."""
    try:
        return _unzip(body, most)
    except zlib.error:
        return zlib.decompressobj(wbits=-zlib.MAX_WBITS).decompress(body, most + 1)


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _unzip,
    "x-gzip": _unzip,
    "deflate": _inflate,
    "br": _read(BrotliReader),
    "zstd": _read(ZstdReader),
}
