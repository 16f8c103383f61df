"""`python -m tests.bench.bare default|tuned FILE`: bare Scrapy fetches the addresses in FILE, one a
line, and does nothing with them."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response
from scrapy.settings import BaseSettings, Settings

COMPONENTS = ("DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "EXTENSIONS", "ITEM_PIPELINES")


class BareSpider(Spider):
    """Fetches a list of addresses."""

    name = "bare"
    urls: tuple[str, ...] = ()

    async def start(self) -> AsyncIterator[Any]:
        for url in self.urls:
            yield Request(url)

    def parse(self, response: Response, **kwargs: Any) -> None:
        """Nothing: this is what fetching alone costs."""


def default_settings() -> Settings:
    """Scrapy's own defaults, all of them."""
    return Settings()


def tuned_settings() -> Settings:
    """The project's settings without its components: Scrapy as we tune it, fetching and nothing
    else."""
    settings = Settings()
    settings.setmodule("scraper.settings", priority="project")
    for name in COMPONENTS:
        ours: BaseSettings = settings[name]
        settings.set(
            name,
            {component: order for component, order in ours.items() if not _is_ours(component)},
            priority="cmdline",
        )
    settings.set("SPIDER_MODULES", [], priority="cmdline")
    settings.set("DOWNLOAD_HANDLERS", {}, priority="cmdline")
    return settings


def main(arguments: list[str]) -> int:
    """Fetch, and exit with 1 unless every address was answered with 200."""
    kind, file = arguments
    urls = tuple(Path(file).read_text().split())
    process = CrawlerProcess(default_settings() if kind == "default" else tuned_settings())
    crawler = process.create_crawler(BareSpider)
    process.crawl(crawler, urls=urls)
    process.start()
    return 0 if crawler.stats.get_value("downloader/response_status_count/200") == len(urls) else 1


def _is_ours(component: object) -> bool:
    name = component if isinstance(component, str) else getattr(component, "__module__", "")
    return name.startswith("scraper.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
