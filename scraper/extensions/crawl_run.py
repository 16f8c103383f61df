"""Extensions: the archive of a running crawl, and what a person sees of it."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from rich.console import Console
from rich.live import Live
from rich.text import Text
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure

from scraper.archive.captures.schema import captures_path
from scraper.archive.write.session import ArchiveSession
from scraper.exceptions import AlreadyCrawling, ArchiveError
from scraper.extract.version import EXTRACTOR
from scraper.graph import similarity
from scraper.history.crawl_health import CrawlEnd
from scraper.shopify.urls import parse_store_url
from scraper.spiders.blog import BlogSpider
from scraper.spiders.stop import request_stop
from scraper.timestamps import utc_now

logger = logging.getLogger(__name__)


class ArchiveExtension:
    """Opens the archive when the spider opens, keeps every item, and has the crawl judged when the
    spider closes.

    The judgement is left in the stats: ``archive/outcome``, ``archive/health``, ``archive/reason``,
    ``archive/crawl_id``.
    """

    def __init__(
        self, crawler: Crawler, session: ArchiveSession, heartbeat_s: float, most_hours: float = 0.0
    ) -> None:
        self.crawler = crawler
        self.session = session
        self.heartbeat_s = heartbeat_s
        self.most_s = most_hours * 3600
        self.started = time.monotonic()
        self.trouble: list[str] = []
        self.refusal: AlreadyCrawling | None = None
        self._heart = LoopingCall(self._beat)
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        settings = crawler.settings
        path = Path(settings["ARCHIVE_DB"])
        session = ArchiveSession(
            path,
            captures=captures_path(path, settings["ARCHIVE_CAPTURES"]),
            extractor=EXTRACTOR,
            resume_within_s=settings.getfloat("ARCHIVE_RESUME_HOURS") * 3600,
            likeness=similarity if settings.getbool("ARCHIVE_COMPARE_TEXTS") else None,
        )
        if isinstance(crawler.spider, BlogSpider):
            with suppress(ArchiveError):  # the first item tells it
                present = session.present_address(crawler.spider.address.origin)
                crawler.spider.present = parse_store_url(present) if present else None
        extension = cls(
            crawler,
            session,
            settings.getfloat("ARCHIVE_HEARTBEAT"),
            settings.getfloat("ARCHIVE_MAX_HOURS"),
        )
        crawler.signals.connect(extension.spider_opened, signals.spider_opened)
        crawler.signals.connect(extension.spider_error, signals.spider_error)
        crawler.signals.connect(extension.item_error, signals.item_error)
        crawler.signals.connect(extension.spider_closed, signals.spider_closed)
        return extension

    def spider_opened(self, spider: Spider) -> None:
        assert isinstance(spider, BlogSpider)
        spider.known = self.session.known_store
        spider.is_stranger = self.session.is_stranger
        spider.resembling = self.session.resembling
        self._heart.start(self.heartbeat_s, now=False)

    def keep(self, item: Any) -> None:
        """Write an item; when that fails, the crawl ends: what cannot be kept need not be asked
        for."""
        if self.refusal:
            return
        try:
            self.session.keep(item, utc_now())
        except AlreadyCrawling as error:
            self.refusal = error
            self._closing = request_stop(self.crawler, "already_crawling")
        except ArchiveError as error:
            if not self.trouble:
                logger.error("%s", error)
                self._closing = request_stop(self.crawler, "archive_failed")
            self.trouble.append(str(error))
        for line in self.session.complaints():
            logger.warning("%s", line)

    def spider_error(self, failure: Failure, response: Any) -> None:
        self.trouble.append(f"{getattr(response, 'url', '')}: {failure.getErrorMessage()}")

    def item_error(self, failure: Failure, response: Any) -> None:
        self.trouble.append(f"{getattr(response, 'url', '')}: {failure.getErrorMessage()}")

    def spider_closed(self, spider: Spider, reason: str) -> None:
        if self._heart.running:
            self._heart.stop()
        assert isinstance(spider, BlogSpider)
        for (
            item
        ) in spider.reader.read_held():  # pages that still waited when the crawl was ended early
            self.keep(item)
        stats = self.crawler.stats
        warning = stats.get_value("archive/credentials_warning")
        try:
            if warning is not None:
                self.session.note_credentials(warning, utc_now())
            judgement = self.session.finish(self._ending(reason), at=utc_now())
        except ArchiveError as error:
            self.trouble.append(str(error))
            return
        for name in ("outcome", "health", "reason"):
            stats.set_value(f"archive/{name}", getattr(judgement, name))
        stats.set_value("archive/crawl_id", self.session.crawl_id)

    def _ending(self, reason: str) -> CrawlEnd:
        stats = self.crawler.stats
        return CrawlEnd(
            finished=reason == "finished" and not self.trouble,
            failed_sources=int(stats.get_value("archive/failed_sources", 0)),
            retry_at=stats.get_value("archive/retry_at", ""),
            not_asked=stats.get_value("archive/not_asked_why", ""),
            moved_to=stats.get_value("archive/moved_to", ""),
            accepted=self.crawler.settings.getbool("ARCHIVE_TRUST_CRAWL"),
        )

    def _beat(self) -> None:
        try:
            self.session.heartbeat(utc_now())
        except ArchiveError as error:
            logger.warning("%s", error)
        if 0 < self.most_s < time.monotonic() - self.started:
            self.most_s = 0.0  # said once
            logger.warning(
                "the crawl took more than the hours of ARCHIVE_MAX_HOURS: it ends here, incomplete"
            )
            self._closing = request_stop(self.crawler, "took_too_long")


class ProgressExtension:
    """Tells how the crawl goes: one live line on a terminal, plain log lines elsewhere."""

    def __init__(self, crawler: Crawler, console: Console, interval_s: float) -> None:
        self.crawler = crawler
        self.live = (
            Live(console=console, auto_refresh=False, transient=True)
            if console.is_terminal
            else None
        )
        self.interval_s = 0.25 if self.live else interval_s
        self.started = 0.0
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

    def spider_closed(self, spider: Spider) -> None:
        if self._ticker.running:
            self._ticker.stop()
        if self.live:
            self.live.stop()
        else:
            logger.info("%s", self._line())

    def _tick(self) -> None:
        if self.live:
            self.live.update(Text(self._line()), refresh=True)
        else:
            logger.info("%s", self._line())

    def _line(self) -> str:
        archive = self.crawler.get_extension(ArchiveExtension)
        listed, wanted = (
            self.crawler.stats.get_value(f"archive/posts_{name}") for name in ("listed", "wanted")
        )
        if archive is None or wanted is None:
            return "looking for posts …"
        counts = archive.session.counts
        done = sum(counts[name] for name in ("new", "changed", "same", "absent", "error"))
        parts = [
            f"{listed} posts listed",
            f"{counts['unmodified']} unchanged",
            f"{done} of {wanted} answered",
        ]
        parts += [
            f"{counts['new']} new",
            f"{counts['changed']} changed",
            f"{counts['blocked']} blocked",
        ]
        return " · ".join(
            (*parts, f"{_time_left(time.monotonic() - self.started, done, wanted)} left")
        )


def _time_left(elapsed_s: float, done: int, wanted: int) -> str:
    if not done:
        return "?" if wanted else "0 s"
    left = round(elapsed_s / done * max(wanted - done, 0))
    return f"{left // 60} min {left % 60:02} s" if left >= 60 else f"{left} s"
