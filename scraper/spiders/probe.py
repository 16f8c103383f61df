"""A store asked for its listings alone, to see what a crawl would find; nothing is archived."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from scraper.items import BlogSeen, KnownStore, Listing, StoreSeen, Verdict, Visit
from scraper.shopify.urls import canonical_post_url
from scraper.spiders.discovery import Discovery, Limits
from scraper.spiders.page import PageSpider
from scraper.spiders.responses import FetchedPage
from scraper.spiders.store_identity import StoreIdentifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a store's robots.txt, sitemaps and feeds say: posts by blog handle, the verdict on
    robots.txt, how many listings could not be read, and how many requests were made."""

    origin: str
    blogs: dict[str, int]
    robots: Verdict
    failed: int
    requests: int


class ProbeSpider(PageSpider):
    """Asks for robots.txt, the sitemaps and the feeds, and where those name no blog for the home
    page; yields what was `Found`."""

    name = "trial"

    async def _ask_nobody(self, url: str) -> FetchedPage:
        raise AssertionError(f"a trial asks no other store, and asked {url}")

    async def start(self) -> AsyncIterator[Any]:
        """Walk through the listings, no index pages."""
        limits = Limits(sitemaps=self._limits().sitemaps, index_pages=1, posts=self._limits().posts)
        discovery = Discovery(
            self.address,
            self.store_url,
            self.settings["USER_AGENT"],
            self._fetch,
            # Nothing is archived, so nobody has to be told from stores that are.
            StoreIdentifier(
                self._fetch,
                self._ask_nobody,
                is_stranger=lambda: False,
                resembling=lambda _: (),
                accepted=False,
            ),
            limits,
            walk_due=lambda _: False,
            chosen=self.is_chosen,
        )
        visits: list[Visit] = []
        # Its blogs count as known: of a known store index pages are asked for only where feeds name
        # what no sitemap does.
        async for item in discovery.run(lambda: KnownStore(blogs=tuple(discovery.blogs))):
            if isinstance(item, Visit):
                visits.append(item)
            else:
                assert isinstance(item, (StoreSeen, BlogSeen, Listing))
        blogs = dict.fromkeys(discovery.blogs, 0)
        for url in discovery.posts:
            address = canonical_post_url(url)
            if address:
                blogs[address.blog_handle] = blogs.get(address.blog_handle, 0) + 1
        robots = visits[0].capture.verdict if visits else "network_error"
        yield Found(
            origin=discovery.store.origin,
            blogs=blogs,
            robots=robots,
            failed=len(discovery.failed),
            requests=len(visits),
        )
