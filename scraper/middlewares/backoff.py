"""Waiting when a store pushes back, and stopping when it keeps refusing."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from scraper.shopify.waits import next_wait_s, retry_after_s
from scraper.spiders.closing import close_soon

logger = logging.getLogger(__name__)

PUSHED_BACK = frozenset({429, 430, 503})
"""Answers that ask for less: Shopify's rate limit, its security rejection, and an overloaded server (SHOPIFY.md, 3.5)."""


class BackoffMiddleware:
    """When the store pushes back, the whole crawl waits, for as long as Retry-After says or twice as long each time, and tries again.

    A request is given up after `tries` more. After `give_up` of those, or as many waits in a row after which nothing came through, the
    crawl ends as blocked: asking on would only make it worse.
    """

    def __init__(self, crawler: Crawler, *, first_s: float, most_s: float, tries: int, give_up: int) -> None:
        self.crawler = crawler
        self.first_s, self.most_s, self.tries, self.give_up = first_s, most_s, tries, give_up
        self.wait_s = 0.0
        self.resume_at = 0.0
        self.given_up = 0
        self.waits_in_vain = 0
        self.ending = False
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        settings = crawler.settings
        return cls(
            crawler,
            first_s=settings.getfloat("ARCHIVE_BACKOFF_FIRST"),
            most_s=settings.getfloat("ARCHIVE_BACKOFF_MAX"),
            tries=settings.getint("ARCHIVE_BACKOFF_TRIES"),
            give_up=settings.getint("ARCHIVE_BLOCKED_AFTER"),
        )

    async def process_request(self, request: Request) -> None:
        while not self.ending and (left := self.resume_at - _monotonic()) > 0:
            await asyncio.sleep(min(left, 1.0) + random.uniform(0, 0.1))
        if self.ending:
            self.crawler.stats.inc_value("archive/not_asked")
            raise IgnoreRequest("the crawl is ending, for the store keeps refusing")

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        if self.ending:
            return response
        if response.status not in PUSHED_BACK:
            # Slow to speed up: one page that comes through does not mean that the store has forgotten.
            self.waits_in_vain = 0
            self.wait_s = self.wait_s / 2 if self.wait_s > self.first_s else 0.0
            return response
        self.crawler.stats.inc_value("archive/pushed_back")
        told = retry_after_s((response.headers.get("Retry-After") or b"").decode("latin-1"))
        self._pause(told)
        if (told is not None and told > self.most_s) or self.waits_in_vain > self.give_up:
            # We would have to wait longer than we may, or have waited in vain: say so rather than ask again.
            self._give_up(self.give_up)
            return response
        assert self.crawler.spider is not None
        reason = f"HTTP {response.status}"
        retry = get_retry_request(request, spider=self.crawler.spider, reason=reason, max_retry_times=self.tries, give_up_log_level="INFO")
        if retry is None:
            self._give_up(1)
        return retry or response

    def _pause(self, told_s: float | None) -> None:
        """One pause for all requests: answers to those already under way do not make it longer."""
        now = _monotonic()
        if now < self.resume_at and told_s is None:
            return
        self.waits_in_vain += 1
        self.wait_s = next_wait_s(self.wait_s, told_s=told_s, first_s=self.first_s, most_s=self.most_s)
        self.resume_at = max(self.resume_at, now + self.wait_s)
        logger.info("the store pushed back: waiting %.1f s", self.wait_s)

    def _give_up(self, requests: int) -> None:
        self.given_up += requests
        if self.given_up >= self.give_up and not self.ending:
            logger.warning("the store keeps refusing: the crawl stops here, to be run again later")
            self.ending = True
            self._closing = close_soon(self.crawler, "blocked")


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
