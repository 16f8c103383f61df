"""Waiting when a store pushes back, and stopping when it keeps refusing."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from scraper.middlewares.shared_rate_limit import SharedRateLimit
from scraper.shopify.responses.retry_after import next_wait_s, retry_after_s
from scraper.shopify.responses.throttling import pushback_of
from scraper.shopify.urls import is_loopback
from scraper.spiders.blog import BlogSpider
from scraper.spiders.responses import expected_of, to_answer, utc_text
from scraper.spiders.stop import request_stop

logger = logging.getLogger(__name__)

_ASKED_AT = "asked_at"


class BackoffMiddleware:
    """When the store pushes back, the whole crawl waits, for as long as Retry-After says or twice
    as long each time, and tries again.

    A request is given up after `tries` more. After `give_up` of those, or as many waits in a row
    after which nothing came through, or as many walls in a row (a challenge, a password page), the
    crawl ends as blocked: asking on would only make it worse. The stat ``archive/retry_at`` then
    says when to come back (UTC). A store beyond this machine is asked by the budget that all crawls
    share.
    """

    def __init__(
        self, crawler: Crawler, *, first_s: float, most_s: float, tries: int, give_up: int
    ) -> None:
        self.crawler = crawler
        self.first_s, self.most_s, self.tries, self.give_up = first_s, most_s, tries, give_up
        self.wait_s = 0.0
        self.resume_at = 0.0
        self.given_up = 0
        self.waits_in_vain = 0
        self.walls = 0
        self.ending = False
        self.budget: SharedRateLimit | None = None
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        settings = crawler.settings
        middleware = cls(
            crawler,
            first_s=settings.getfloat("ARCHIVE_BACKOFF_FIRST"),
            most_s=settings.getfloat("ARCHIVE_BACKOFF_MAX"),
            tries=settings.getint("ARCHIVE_BACKOFF_TRIES"),
            give_up=settings.getint("ARCHIVE_BLOCKED_AFTER"),
        )
        rate, spider = settings.getfloat("ARCHIVE_RATE"), crawler.spider
        if rate > 0 and isinstance(spider, BlogSpider) and not is_loopback(spider.address.host):
            path = Path(
                settings["ARCHIVE_RATE_STATE"]
                or Path(settings["ARCHIVE_DB"]).with_name("rate_state.json")
            )
            middleware.budget = SharedRateLimit(path, delay_s=1 / rate, most_s=middleware.most_s)
        return middleware

    async def process_request(self, request: Request) -> None:
        while not self.ending and (left := self.resume_at - _monotonic()) > 0:
            await asyncio.sleep(min(left, 1.0) + random.uniform(0, 0.1))
        if self.budget:
            host, delay_s = self._own_delay(request)
            request.meta[_ASKED_AT] = await self.budget.take(host, delay_s, lambda: self.ending)
        if self.ending:
            self.crawler.stats.inc_value("archive/not_asked")
            raise IgnoreRequest("the crawl is ending, for the store keeps refusing")

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        if self.ending:
            return response
        pushback = pushback_of(to_answer(response, expected_of(request)))
        if pushback == "refused":
            return self._refused(request, response)
        if pushback == "walled":
            self._walled(request, response)
            return response
        # Slow to speed up: one page that comes through does not mean that the store has forgotten.
        self.waits_in_vain = self.walls = 0
        self.wait_s = self.wait_s / 2 if self.wait_s > self.first_s else 0.0
        if self.budget:
            self.budget.passed()
        return response

    def _refused(self, request: Request, response: Response) -> Request | Response:
        self.crawler.stats.inc_value("archive/pushed_back")
        told = retry_after_s(
            (response.headers.get("Retry-After") or b"").decode("latin-1"), datetime.now(UTC)
        )
        self._pause(request, told)
        if (told is not None and told > self.most_s) or self.waits_in_vain > self.give_up:
            # We would have to wait longer than we may, or have waited in vain: say so rather than
            # ask again.
            self._give_up(self.give_up, told)
            return response
        assert self.crawler.spider is not None
        reason = f"HTTP {response.status}"
        retry = get_retry_request(
            request,
            spider=self.crawler.spider,
            reason=reason,
            max_retry_times=self.tries,
            give_up_log_level="INFO",
        )
        if retry is None:
            self._give_up(1, told)
        return retry or response

    def _walled(self, request: Request, response: Response) -> None:
        """A wall is not asked again: nobody here can prove to be human, or knows the password."""
        self.crawler.stats.inc_value("archive/walls")
        self.walls += 1
        self._tell_edge(request, 0.0)
        if self.walls >= self.give_up:
            self._give_up(self.give_up, None)

    def _pause(self, request: Request, told_s: float | None) -> None:
        """One pause for all requests: answers to those already under way do not make it longer."""
        now = _monotonic()
        if now < self.resume_at and told_s is None:
            return
        self.waits_in_vain += 1
        self.wait_s = next_wait_s(
            self.wait_s, told_s=told_s, first_s=self.first_s, most_s=self.most_s
        )
        self.resume_at = max(self.resume_at, now + self.wait_s)
        logger.info("the store pushed back: waiting %.1f s", self.wait_s)
        self._tell_edge(request, self.wait_s)

    def _tell_edge(self, request: Request, pause_s: float) -> None:
        if self.budget:
            self.budget.pushed_back(request.meta.get(_ASKED_AT, time.time()), pause_s)

    def _give_up(self, requests: int, told_s: float | None) -> None:
        self.given_up += requests
        wait_s = self.most_s if told_s is None else max(told_s, self.most_s)
        retry_at = utc_text(datetime.now(UTC) + timedelta(seconds=wait_s))
        self.crawler.stats.set_value(
            "archive/retry_at", max(retry_at, self.crawler.stats.get_value("archive/retry_at", ""))
        )
        if self.given_up >= self.give_up and not self.ending:
            logger.warning(
                "the store keeps refusing: the crawl stops here, to be run again after %s", retry_at
            )
            self.ending = True
            self._closing = request_stop(self.crawler, "blocked")

    def _own_delay(self, request: Request) -> tuple[str, float]:
        """How the downloader calls the request's host, and the seconds between two requests that
        this host asks for."""
        downloader = self.crawler.engine.downloader
        key = downloader.get_slot_key(request)
        return key, downloader.per_slot_settings.get(key, {}).get("delay", 0.0)


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
