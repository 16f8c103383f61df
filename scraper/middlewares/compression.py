"""Unpacks answers in gzip at once, which most are."""

from __future__ import annotations

import zlib

from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware

_GZIP_BITS = 16 + zlib.MAX_WBITS


class CompressionMiddleware(HttpCompressionMiddleware):
    """Scrapy's middleware, with one call of zlib for a whole answer in gzip. Scrapy reads it by
    Python's `gzip` in pieces, which takes a sixth of what fetching a page of 100 KB costs; what is
    damaged, in parts or too large is left to it."""

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        if encoding in {b"gzip", b"x-gzip"}:
            unpacked = _unpack_whole(body, max_size)
            if unpacked is not None:
                return unpacked
        return HttpCompressionMiddleware._decode(body, encoding, max_size)


def _unpack_whole(body: bytes, max_size: int) -> bytes | None:
    """What one sound member of gzip holds, if that is at most `max_size` bytes (0: any number);
    else None."""
    stream = zlib.decompressobj(_GZIP_BITS)
    try:
        unpacked = stream.decompress(body, max_size + 1 if max_size else 0)
    except zlib.error:
        return None
    is_whole = stream.eof and not stream.unused_data
    return unpacked if is_whole and (not max_size or len(unpacked) <= max_size) else None
