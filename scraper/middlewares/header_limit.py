"""Limit the size of an answer's headers: Twisted limits only a line of them, Scrapy the body."""

from __future__ import annotations

from typing import Any

from scrapy.core.downloader.handlers import http11
from scrapy.crawler import Crawler

MAX_BYTES = 256 * 1024
"""Limit of status line and headers together. Shopify sends 5 KB; servers and browsers allow 8 to
256 KB."""


class BoundedHandler(http11.HTTP11DownloadHandler):
    """Scrapy's handler with a limit: it aborts a connection after `MAX_BYTES` of headers, and the
    request counts as unanswered.

    Scrapy has no setting for it, so this uses private names; requirements.txt pins the version that
    has them.
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
            if self._head_bytes > MAX_BYTES:
                assert self.transport is not None
                self.transport.abortConnection()
                return
        super().dataReceived(data)  # type: ignore[no-untyped-call]


class _BoundedFactory(http11._LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: Any) -> _BoundedProtocol:  # noqa: N802 - Twisted's name
        return _BoundedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]
