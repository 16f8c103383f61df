"""What a person sees of a running crawl."""

from __future__ import annotations

import logging
import sys
import time
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from twisted.internet.task import LoopingCall

from scraper.extensions.crawl_run import CrawlRun

logger = logging.getLogger(__name__)


class ProgressExtension:
    """Shows the progress of a crawl: one live line on a terminal, plain log lines elsewhere."""

    def __init__(self, crawler: Crawler, console: Console, interval_s: float) -> None:
        self.crawler = crawler
        self.live = (
            Live(console=console, auto_refresh=False, transient=True)
            if console.is_terminal
            else None
        )
        self.interval_s = 0.25 if self.live else interval_s
        self.started = 0.0
        self.is_stopping = False
        self._ticker = LoopingCall(self._tick)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        extension = cls(
            crawler, Console(file=sys.stderr), crawler.settings.getfloat("ARCHIVE_HEARTBEAT")
        )
        crawler.signals.connect(extension.spider_opened, signals.spider_opened)
        crawler.signals.connect(extension.spider_closed, signals.spider_closed)
        return extension

    def spider_opened(self, spider: Spider) -> None:
        self.started = time.monotonic()
        if self.live:
            self.live.start()
        self._ticker.start(self.interval_s, now=False)
        CrawlRun.of(self.crawler).on_end(self.announce_stop)

    def spider_closed(self, spider: Spider) -> None:
        if self._ticker.running:
            self._ticker.stop()
        self.announce_stop()
        if self.live:
            self.live.stop()
        else:
            logger.info("%s", self._line())

    def announce_stop(self) -> None:
        """Say at once that an interrupted crawl stops, and what becomes of it."""
        if self.is_stopping or not CrawlRun.of(self.crawler).is_interrupted():
            return
        self.is_stopping = True
        self._tick()

    def _tick(self) -> None:
        if self.live:
            self.live.update(Text(self._line()), refresh=True)
        else:
            logger.info("%s", self._line())

    def _line(self) -> str:
        run = CrawlRun.of(self.crawler)
        if self.is_stopping:
            return "stopping … what is saved stays, the next crawl fetches the rest"
        if run.recorder is None or run.posts_requested is None:
            return "looking for posts …"
        counts = run.recorder.counts
        done = sum(counts[name] for name in ("new", "changed", "same", "absent", "error"))
        left = _time_left(time.monotonic() - self.started, done, run.posts_requested)
        parts = (
            f"{run.posts_listed} posts listed",
            f"{counts['unmodified']} unchanged",
            f"{done} of {run.posts_requested} answered",
            f"{counts['new']} new",
            f"{counts['changed']} changed",
            f"{counts['blocked']} blocked",
            f"{left} left",
        )
        return " · ".join(parts)


def _time_left(elapsed_s: float, done: int, wanted: int) -> str:
    if not done:
        return "?" if wanted else "0 s"
    left = round(elapsed_s / done * max(wanted - done, 0))
    return f"{left // 60} min {left % 60:02} s" if left >= 60 else f"{left} s"
