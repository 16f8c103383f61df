"""The archive of a running crawl: opened with the spider, closed and assessed with it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure

from scraper.archive.captures.schema import captures_path
from scraper.archive.captures.sights import load_sights
from scraper.archive.current_page import CurrentPage, CurrentPageFile, Step, current_page_path
from scraper.archive.write.context import CrawlRules
from scraper.archive.write.session import ArchiveSession
from scraper.crawl_evidence import CrawlEvidence, StoredSight, UnmovedPost
from scraper.exceptions import ArchiveError
from scraper.extensions.crawl_run import CrawlRun
from scraper.extract import PageFetch
from scraper.extract.template.stored_pages import stored_fetch
from scraper.extract.version import EXTRACTOR
from scraper.history.crawl_health import CrawlEnd
from scraper.history.store_addresses import host_key
from scraper.hosts import StoreAddress, is_loopback
from scraper.items import Visit
from scraper.timestamps import utc_now

logger = logging.getLogger(__name__)

RESUME_WITHIN_S = 12 * 3600.0
"""A crawl that was killed is resumed so long after its last heartbeat; later a new one begins."""


class ArchiveExtension(CrawlRun):
    """The state of a crawl that is saved in the archive.

    It writes a heartbeat and names the post's page in work, ends a crawl that takes longer than
    `max_hours` (0: no limit), and has the crawl assessed when the spider closes. The stats
    ``archive/outcome``, ``archive/health``, ``archive/reason`` and ``archive/crawl_id`` repeat the
    assessment for a person.
    """

    def __init__(
        self,
        crawler: Crawler,
        session: ArchiveSession,
        *,
        heartbeat_s: float,
        max_hours: float = 0.0,
    ) -> None:
        super().__init__(crawler)
        self.session = self.recorder = session
        self.heartbeat_s = heartbeat_s
        self.max_s = max_hours * 3600
        self.started = time.monotonic()
        self._heart = LoopingCall(self._beat)
        self._current_page: CurrentPageFile | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        settings = crawler.settings
        path = Path(settings["ARCHIVE_DB"])
        session = ArchiveSession(
            path,
            captures=captures_path(path, settings["ARCHIVE_CAPTURES"]),
            extractor=EXTRACTOR,
            resume_within_s=RESUME_WITHIN_S,
            rules=CrawlRules(
                confirm_sights=settings.getint("ARCHIVE_CONFIRM_SIGHTS"),
                removal_hours=settings.getfloat("ARCHIVE_REMOVAL_HOURS"),
                accepted=settings.getbool("ARCHIVE_TRUST_CRAWL"),
                images=settings.getbool("ARCHIVE_IMAGES"),
                image_days=settings.getfloat("ARCHIVE_SWEEP_DAYS"),
            ),
            compare_texts=settings.getbool("ARCHIVE_COMPARE_TEXTS"),
        )
        extension = cls(
            crawler,
            session,
            heartbeat_s=settings.getfloat("ARCHIVE_HEARTBEAT"),
            max_hours=settings.getfloat("ARCHIVE_MAX_HOURS"),
        )
        crawler.signals.connect(extension.spider_opened, signals.spider_opened)
        crawler.signals.connect(extension.note_error, signals.spider_error)
        crawler.signals.connect(extension.note_error, signals.item_error)
        crawler.signals.connect(extension.spider_closed, signals.spider_closed)
        return extension

    def judging(self, url: str, body_hash: str) -> AbstractContextManager[None]:
        """As `CrawlRun.judging`."""
        return self._working_on(url, body_hash, "judging")

    def save(self, evidence: CrawlEvidence) -> bool:
        """As `CrawlRun.save`."""
        if not isinstance(evidence, Visit) or evidence.resource_type != "post":
            return super().save(evidence)
        with self._working_on(evidence.capture.url, evidence.capture.body_hash, "saving"):
            return super().save(evidence)

    def _working_on(self, url: str, body_hash: str, step: Step) -> AbstractContextManager[None]:
        if self._current_page is None or not self.crawl_id or not body_hash:
            return nullcontext()
        page = CurrentPage(url=url, body_hash=body_hash, step=step)
        return self._current_page.working_on(page)

    def spider_opened(self, spider: Spider) -> None:
        """Start the heartbeat."""
        address: StoreAddress = spider.address  # type: ignore[attr-defined]
        path = current_page_path(self.session.path, address.origin)
        self._current_page = CurrentPageFile(path)
        self._current_page.remove()  # what a crawl that was killed has left
        if is_loopback(address.host):  # it has no outages that time apart could show
            self.session.rules = replace(self.session.rules, removal_hours=0)
        self._heart.start(self.heartbeat_s, now=False)

    def note_error(self, failure: Failure, response: Any) -> None:
        """Note that a callback or a pipeline failed: such a crawl is not complete."""
        self.errors.append(f"{getattr(response, 'url', '')}: {failure.getErrorMessage()}")

    def spider_closed(self, spider: Spider, reason: str) -> None:
        """Have the crawl assessed, and close the archive."""
        if self._heart.running:
            self._heart.stop()
        if self._current_page and self._current_page.is_final:
            self._reject_current_page(spider)
        if self._current_page:
            self._current_page.remove()
        if reason == "shutdown":
            # Nobody waits for that after Ctrl-C: the next crawl compares what this one has left.
            self.session.compare_texts = False
        try:
            if self.credentials_warning is not None:
                self.session.record_credentials(self.credentials_warning, utc_now())
            self.assessment = self.session.finish(self._end(reason), at=utc_now())
        except ArchiveError as error:
            self.errors.append(str(error))
            return
        stats = self.crawler.stats
        for name in ("outcome", "health", "reason"):
            stats.set_value(f"archive/{name}", getattr(self.assessment, name))
        stats.set_value("archive/crawl_id", self.crawl_id)

    def _reject_current_page(self, spider: Spider) -> None:
        host = host_key(spider.address.origin)  # type: ignore[attr-defined]
        try:
            self.session.reject_current_page(host, "out of memory", utc_now())
        except ArchiveError as error:
            self.errors.append(str(error))

    def load_sights(self) -> list[list[PageFetch]]:
        """As the archive and its captures hold them; none where they cannot be read."""
        session, urls = self.session, list(self.unconfirmed)
        try:
            posts = load_sights(session.path, session.captures_path, self.crawl_id, urls)
        except ArchiveError as error:
            logger.warning("no place that varies is learned: %s", error)
            return []
        return [
            [stored_fetch(stored, self.unconfirmed.get(stored.post_url)) for stored in stored_post]
            for stored_post in posts
        ]

    @property
    def extractor(self) -> str:
        """The version of the extraction by which this crawl reads."""
        return self.session.extractor

    def previous_page(self, url: str, lastmod: str, template: str) -> StoredSight | None:
        """As the archive and its captures hold it; none where they cannot be read."""
        return self._stored_page(self.session.previous_page, url, lastmod, template)

    def unmoved_page(self, post: UnmovedPost, by: str = "") -> StoredSight | None:
        """As the archive and its captures hold it; none where they cannot be read."""
        return self._stored_page(self.session.unmoved_page, post.url, post.lastmod, by)

    def _stored_page(
        self, load: Callable[..., StoredSight | None], url: str, *words: str
    ) -> StoredSight | None:
        try:
            return load(url, *words)
        except ArchiveError as error:
            logger.warning("%s is compared as it was read before: %s", url, error)
            return None

    def _end(self, reason: str) -> CrawlEnd:
        return CrawlEnd(
            finished=reason == "finished" and not self.errors,
            failed_sources=self.failed_sources,
            forbidden=self.robots_refused,
            retry_at=self.retry_at,
            not_asked=self.not_requested_reason,
            moved_to=self.moved_to,
            accepted=self.crawler.settings.getbool("ARCHIVE_TRUST_CRAWL"),
        )

    def _beat(self) -> None:
        try:
            self.session.heartbeat(utc_now())
        except ArchiveError as error:
            logger.warning("%s", error)
        if 0 < self.max_s < time.monotonic() - self.started:
            self.max_s = 0.0  # warned once
            logger.warning("the crawl took longer than ARCHIVE_MAX_HOURS: it ends here, incomplete")
            self.request_stop("took_too_long")
