"""Which hosts may receive requests."""

from __future__ import annotations

from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, IgnoreRequest

from scraper.exceptions import PrivateAddress
from scraper.extensions.crawl_run import CrawlRun
from scraper.history.images import may_fetch_image
from scraper.hosts import StoreAddress, hosts_of, same_store
from scraper.middlewares.resolver import PublicResolver
from scraper.spiders.responses import IMAGE
from scraper.spiders.store_identity import FORMER_ADDRESS


class StoreOnlyMiddleware:
    """Rejects requests to hosts that are not the store's, except those that check whether a known
    store has moved here, and those for images where blog systems store them."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Checks the requests of this crawl."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raises IgnoreRequest for a host that is not the store's."""
        address: StoreAddress | None = getattr(self.crawler.spider, "address", None)
        if (
            address
            and not request.meta.get(FORMER_ADDRESS)
            and not (request.meta.get(IMAGE) and may_fetch_image(request.url, (address.origin,)))
            and not same_store(request.url, hosts_of(address))
        ):
            self.crawler.stats.inc_value("archive/off_store_refused")
            raise IgnoreRequest(f"not on the store's own hosts: {request.url}")

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Distinguish a name that the resolver refused from one that does not resolve. Raises
        PrivateAddress."""
        # Importing it installs a reactor, and Scrapy chooses which: so not at the top.
        from twisted.internet import reactor  # noqa: PLC0415

        resolver, name = getattr(reactor, "resolver", None), urlsplit(request.url).hostname or ""
        address = resolver.refused.get(name) if isinstance(resolver, PublicResolver) else None
        if address and isinstance(exception, CannotResolveHostError):
            refusal = PrivateAddress(
                f"{name} leads to the private address {address}, which is not asked unless "
                "ARCHIVE_ALLOW_PRIVATE is set"
            )
            CrawlRun.of(self.crawler).not_requested_reason = str(refusal)
            raise refusal from exception
