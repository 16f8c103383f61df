"""Answers whose head never ends are cut off: Twisted bounds a header's line and nothing else,
Scrapy only what comes after the head."""

from __future__ import annotations

from typing import Any

from scrapy.core.downloader.handlers import http11
from scrapy.crawler import Crawler

MOST_BYTES = 256 * 1024
"""Status line and headers together; Shopify's are 5 KB, and servers and browsers allow a head of 8
to 256 KB."""


class BoundedHandler(http11.HTTP11DownloadHandler):
    """Scrapy's handler, whose connections break off a head of more than `MOST_BYTES`; the request
    then brought no answer.

    Scrapy has no setting for that, so this leans on names of its own making: it is pinned to the
    version whose names these are.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _BoundedFactory


class _BoundedProtocol(http11._LenientHTTP11ClientProtocol):
    _head_bytes = 0

    def request(self, request: Any) -> Any:
        self._head_bytes = 0
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        if self._parser is not None and self._parser.state in ("STATUS", "HEADER"):
            self._head_bytes += len(data)
            if self._head_bytes > MOST_BYTES:
                assert self.transport is not None
                self.transport.abortConnection()
                return
        super().dataReceived(data)  # type: ignore[no-untyped-call]


class _BoundedFactory(http11._LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: Any) -> _BoundedProtocol:  # noqa: N802 - Twisted's name
        return _BoundedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]
