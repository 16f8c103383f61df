"""The end of a crawl for which memory, threads, file descriptors or disk space run out."""

from __future__ import annotations

import logging
from collections.abc import Callable

from scrapy.crawler import Crawler

from scraper.extensions.crawl_run import CrawlRun


class ExhaustionWatch(logging.Handler):
    """Ends a crawl at the first error in the log that is want of a resource, of which `reason` says
    which. Whatever nobody catches comes to the log, from Scrapy, Twisted and asyncio; from then on
    no error is written, for all follow from that one.

    `describe` returns the reason, or an empty text for any other error. To be the first handler.
    """

    def __init__(self, crawler: Crawler, describe: Callable[[BaseException], str]) -> None:
        super().__init__()
        self.crawler = crawler
        self.describe = describe
        self.reason = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Look at a record before it is written."""
        error = record.exc_info[1] if record.exc_info else None
        if error and not self.reason:
            self.reason = self.describe(error)
            if self.reason and self.crawler.extensions:
                CrawlRun.of(self.crawler).stop_from_thread("exhausted")
        if error and self.reason:
            record.levelno = logging.NOTSET  # which other handlers leave out
