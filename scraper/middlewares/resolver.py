"""DNS resolver that refuses private addresses: a store's name must not lead a crawl into our own
network."""

from __future__ import annotations

from typing import Any, Self
from urllib.parse import urlsplit
from urllib.request import getproxies

from scrapy.crawler import Crawler
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from scraper.hosts import is_private_address


class PublicResolver(CachingThreadedResolver):
    """Scrapy's resolver (IPv4, with a time limit) without names that lead to a private address.
    `refused` maps such names to their addresses.

    Each lookup checks the address that the connection will use, so a name cannot change its target
    after the check. A literal address is allowed: requests go only to the store's own hosts
    (`StoreOnlyMiddleware`), so the operator gave it. The operator's proxies are allowed too.
    """

    refused: dict[str, str]
    trusted: frozenset[str]
    allow_private: bool

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """Allows private addresses if ARCHIVE_ALLOW_PRIVATE is set."""
        resolver = super().from_crawler(crawler, reactor)
        proxies = [crawler.settings["ARCHIVE_PROXY"], *getproxies().values()]
        resolver.refused = {}
        resolver.trusted = frozenset(_host_of_proxy(proxy) for proxy in proxies if proxy)
        resolver.allow_private = crawler.settings.getbool("ARCHIVE_ALLOW_PRIVATE")
        return resolver

    # The name is Twisted's.
    def getHostByName(self, name: str, timeout: Any = ()) -> Deferred[str]:  # noqa: N802
        """The address of `name`; fails with DNSLookupError if it is private."""
        found = super().getHostByName(name, timeout)
        if self.allow_private or name in self.trusted or is_private_address(name):
            return found
        return found.addCallback(self._checked, name)

    def _checked(self, address: str, name: str) -> str:
        if is_private_address(address):
            self.refused[name] = address
            raise DNSLookupError(f"{name} leads to the private address {address}")
        return address


def _host_of_proxy(proxy: str) -> str:
    try:
        return (urlsplit(proxy if "://" in proxy else f"http://{proxy}").hostname or "").lower()
    except ValueError:
        return ""
