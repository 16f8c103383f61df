"""Items go to the archive; what cannot be written ends the crawl."""

from __future__ import annotations

from typing import Any, Self

from scrapy.crawler import Crawler

from scraper.extensions.crawl_run import ArchiveExtension


class ArchivePipeline:
    """Hands every item to the crawl's archive."""

    def __init__(self, archive: ArchiveExtension) -> None:
        self.archive = archive

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        archive = crawler.get_extension(ArchiveExtension)
        assert archive is not None, (
            "scraper.extensions.crawl_run.ArchiveExtension is switched off in EXTENSIONS"
        )
        return cls(archive)

    def process_item(self, item: Any) -> Any:
        self.archive.keep(item)
        return item
