"""One page of a store, asked for as a crawl asks, and handed over rather than archived."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, ClassVar

from scraper.documents.robots import parse_robots
from scraper.spiders.blog import BlogSpider
from scraper.spiders.responses import FetchedPage


class PageSpider(BlogSpider):
    """Fetches robots.txt and then the page at `url`, and yields the page; where robots.txt could
    not be fetched, that failure.

    Redirects within the store are followed. `CrawlRun.robots_refused` counts a page that robots.txt
    forbids.
    """

    name = "page"
    custom_settings: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        # Nothing is archived.
        "EXTENSIONS": {
            "scraper.extensions.crawl_run.CrawlRun": 100,
            "scraper.extensions.archive.ArchiveExtension": None,
            "scraper.extensions.progress.ProgressExtension": None,
        },
        # For its process, in which pages that list are read.
        "ITEM_PIPELINES": {"scraper.pipelines.boilerplate.BoilerplatePipeline": 200},
        # Somebody waits for the answer: a refusal is reported at once, and retried by hand.
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
