"""One page of a store, asked for as a crawl asks, and handed over rather than archived."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, ClassVar

from scraper.shopify.documents.robots import parse_robots
from scraper.spiders.blog import BlogSpider
from scraper.spiders.responses import FetchedPage


class PageSpider(BlogSpider):
    """Asks for robots.txt and then for the page at `url`, and yields the answer: the page's, or
    that of a robots.txt that could not be had.

    Redirects within the store are followed. Where robots.txt forbids the page, the stats say so
    (``archive/robots_refused``).
    """

    name = "page"
    custom_settings: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        # Nothing is archived and nothing is counted for anyone.
        "EXTENSIONS": {
            "scraper.extensions.crawl_run.CrawlRun": 100,
            "scraper.extensions.archive.ArchiveExtension": None,
            "scraper.extensions.progress.ProgressExtension": None,
        },
        "ITEM_PIPELINES": {
            "scraper.pipelines.boilerplate.BoilerplatePipeline": None,
            "scraper.pipelines.archive.ArchivePipeline": None,
        },
        # Somebody waits for the answer: a store that refuses is told of at once, and asked again by
        # hand.
        "ARCHIVE_BACKOFF_TRIES": 0,
    }

    def __init__(self, url: str = "", **kwargs: Any) -> None:
        super().__init__(store=url, **kwargs)
        self.page_url = url

    async def start(self) -> AsyncIterator[FetchedPage]:
        """Fetch the two, one after the other."""
        robots = await self._fetch(f"{self.address.origin}/robots.txt", "text")
        if (
            parse_robots(
                robots.body, robots.capture.http_status, self.settings["USER_AGENT"]
            ).access
            == "nothing"
        ):
            yield robots
            return
        yield await self._fetch(self.page_url, "html")
