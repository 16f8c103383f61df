"""Limit an answer's status and the size of its headers, for Twisted limits only a line of them and
Scrapy the body; and the time of an answer once the crawl ends."""

from __future__ import annotations

import asyncio
from typing import Any

from scrapy.core.downloader.handlers import http11
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadFailedError, IgnoreRequest
from scrapy.http import Request, Response

from scraper.extensions.crawl_run import ENDING, CrawlRun

MAX_BYTES = 256 * 1024
"""Limit of status line and headers together. Shopify sends 5 KB; servers and browsers allow 8 to
256 KB."""

GRACE_S = 1.5
"""Seconds that answers under way have when the crawl begins to end: a store may send a byte now and
then until the timeout, which is a minute."""


class BoundedHandler(http11.HTTP11DownloadHandler):
    """Scrapy's handler with limits: it aborts a connection after `MAX_BYTES` of headers, and the
    request counts as unanswered; `GRACE_S` after the crawl began to end it gives up what is under
    way, as a request that was never sent.

    Scrapy has no setting for headers, so this uses private names; requirements.txt pins the version
    that has them.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _BoundedFactory
        self._under_way = set[asyncio.Future[Response]]()
        self._end_seen_at = 0.0
        CrawlRun.of(crawler).on_end(self._give_up_late)

    async def download_request(self, request: Request) -> Response:
        """Raises IgnoreRequest where it is given up, DownloadFailedError for a status that is no
        number of three digits (RFC 9110, 15)."""
        download = asyncio.ensure_future(super().download_request(request))
        self._under_way.add(download)
        try:
            response = await download
        except asyncio.CancelledError:
            if not self._end_seen_at:
                raise
            raise IgnoreRequest(ENDING) from None
        finally:
            self._under_way.discard(download)
        if not 100 <= response.status < 1000:
            raise DownloadFailedError("not the status of an answer")
        return response

    def _give_up_late(self) -> None:
        now = asyncio.get_running_loop().time()
        self._end_seen_at = self._end_seen_at or now
        if now >= self._end_seen_at + GRACE_S:
            for download in self._under_way:
                download.cancel()


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
