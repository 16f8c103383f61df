"""The proxy that requests go through, where there is one."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpproxy import HttpProxyMiddleware
from scrapy.exceptions import NotConfigured


class StoreProxyMiddleware(HttpProxyMiddleware):
    """Sends plain http requests through ARCHIVE_PROXY, where one is set; else does as Scrapy does.
    Stays away where there is no proxy."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = super().from_crawler(crawler)
        if proxy := crawler.settings["ARCHIVE_PROXY"]:
            middleware.proxies = {"http": middleware._get_proxy(proxy, "http")}
        if not middleware.proxies:
            raise NotConfigured  # without a word: with one, Scrapy warns of it
        return middleware
