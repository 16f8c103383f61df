"""Which hosts may be asked."""

from __future__ import annotations

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from scraper.shopify.urls import StoreAddress, hosts_of, same_store


class StoreOnlyMiddleware:
    """The last gate: no request leaves the store's own hosts, whoever made it."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        address: StoreAddress | None = getattr(self.crawler.spider, "address", None)
        if address and not same_store(request.url, hosts_of(address)):
            self.crawler.stats.inc_value("archive/off_store_refused")
            raise IgnoreRequest(f"not on the store's own hosts: {request.url}")
