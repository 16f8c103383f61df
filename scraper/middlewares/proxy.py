"""The HTTP proxy of the crawl, if there is one."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpproxy import HttpProxyMiddleware
from scrapy.exceptions import NotConfigured


class StoreProxyMiddleware(HttpProxyMiddleware):
    """Sends plain http requests through ARCHIVE_PROXY if it is set; otherwise like Scrapy's own
    middleware. Not enabled without a proxy."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Uses ARCHIVE_PROXY, or the environment's proxies. Raises NotConfigured without any."""
        middleware = super().from_crawler(crawler)
        if proxy := crawler.settings["ARCHIVE_PROXY"]:
            middleware.proxies = {"http": middleware._get_proxy(proxy, "http")}
        if not middleware.proxies:
            raise NotConfigured  # without a message: Scrapy would log it as a warning
        return middleware
