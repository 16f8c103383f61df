"""Unpack answers, none of which is in very many parts."""

from __future__ import annotations

from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest

from scraper.documents.frame_limits import MOST_FRAMES, has_many_frames


class BoundedCompressionMiddleware(HttpCompressionMiddleware):
    """Scrapy's middleware, which bounds what an answer unpacks to, with a bound on its parts too:
    an answer beyond either is ignored, by a ValueError.

    It overrides a private name: where an answer is packed twice, only that is given the inner one.
    """

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        if has_many_frames(body, encoding.decode("latin-1")):
            cause = ValueError(f"more than {MOST_FRAMES} frames")
            raise IgnoreRequest(f"an answer in {cause} is not unpacked") from cause
        return HttpCompressionMiddleware._decode(body, encoding, max_size)
