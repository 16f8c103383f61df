"""A store asked for its listings alone, to see what a crawl would find; nothing is archived."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

from scraper.crawl_evidence import KnownStore
from scraper.items import Verdict
from scraper.platforms import identify_platform
from scraper.responses.verdicts import Expected
from scraper.shopify.urls import canonical_post_url
from scraper.spiders.page import PageSpider
from scraper.spiders.responses import FetchedPage


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a store's robots.txt, sitemaps and feeds say: posts by the handle of each blog that is
    chosen, the handles of all blogs, the verdict on robots.txt, how many listings could not be
    read, and how many requests were made. `platform` is the system that its answers show, or
    ``unknown``."""

    origin: str
    platform: str
    blogs: dict[str, int]
    named: frozenset[str]
    robots: Verdict
    failed: int
    requests: int


class ProbeSpider(PageSpider):
    """Asks for robots.txt, the sitemaps and the feeds, and where those name no blog for the home
    page; yields what was `Found`."""

    name = "probe"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fetched: list[FetchedPage] = []

    async def _fetch(self, url: str, expected: Expected) -> FetchedPage:
        page = await super()._fetch(url, expected)
        self.fetched.append(page)
        return page

    async def start(self) -> AsyncIterator[Any]:
        """Walk through the listings, no index pages."""
        limits = replace(self._limits(), index_pages=1)
        discovery = self._discovery(limits, lambda _: False)
        # Its blogs count as known: of a known store index pages are asked for only where feeds name
        # what no sitemap does.
        await discovery.walk(lambda: KnownStore(blogs=tuple(discovery.found.blogs)))
        blogs = dict.fromkeys(discovery.found.blogs, 0)
        for url in discovery.found.posts:
            address = canonical_post_url(url)
            if address:
                blogs[address.blog_handle] = blogs.get(address.blog_handle, 0) + 1
        yield Found(
            origin=discovery.store.origin,
            platform=self._platform(),
            blogs=blogs,
            named=frozenset(discovery.found.named),
            robots=self.fetched[0].capture.verdict,
            failed=len(discovery.failed),
            requests=len(self.fetched),
        )

    def _platform(self) -> str:
        for page in self.fetched:
            if platform := identify_platform(page.body, page.capture.headers):
                return platform.name
        return "unknown"
