"""Wait when a store refuses requests, and end the crawl when it refuses them repeatedly."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from datetime import UTC, datetime, timedelta
from typing import Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.utils.misc import load_object

from scraper.exceptions import StoreLost
from scraper.extensions.crawl_run import ENDING, CrawlRun
from scraper.hosts import is_loopback
from scraper.middlewares.budget_state import BudgetFile
from scraper.middlewares.shared_rate_limit import SharedRateLimit
from scraper.responses.throttling import (
    edge_of,
    next_wait_s,
    retry_after_s,
    throttling_of,
)
from scraper.spiders.blog import BlogSpider
from scraper.spiders.responses import expected_of, to_answer
from scraper.timestamps import format_timestamp

logger = logging.getLogger(__name__)

_SENT_AT = "asked_at"


class BackoffMiddleware:
    """Pauses all requests of the crawl when the store refuses one, then retries it.

    A pause lasts as long as Retry-After asks for, else twice as long each time. A request fails
    after `tries` retries. The crawl ends as blocked after `max_failures` failed requests, or pauses
    in a row without a successful answer, or block pages in a row (a challenge, a password page);
    then `CrawlRun.retry_at` holds when to try again (UTC). Requests to stores that are not on
    loopback also wait for the budget that all crawls of this machine share, and so for a bounded
    share of what other stores behind the same edge ask for.
    """

    def __init__(
        self, crawler: Crawler, *, first_s: float, most_s: float, tries: int, max_failures: int
    ) -> None:
        self.crawler = crawler
        self.first_s, self.most_s = first_s, most_s
        self.tries, self.max_failures = tries, max_failures
        self.wait_s = 0.0
        self.resume_at = 0.0
        self.failures = 0
        self.failed_waits = 0
        self.block_pages = 0
        self.ending = False
        self.budget: SharedRateLimit | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The middleware of a crawl, from its settings."""
        settings = crawler.settings
        middleware = cls(
            crawler,
            first_s=settings.getfloat("ARCHIVE_BACKOFF_FIRST"),
            most_s=settings.getfloat("ARCHIVE_BACKOFF_MAX"),
            tries=settings.getint("ARCHIVE_BACKOFF_TRIES"),
            max_failures=settings.getint("ARCHIVE_BLOCKED_AFTER"),
        )
        rate, spider = settings.getfloat("ARCHIVE_RATE"), crawler.spider
        if isinstance(spider, BlogSpider):
            delay_s = 1 / rate if rate > 0 and not is_loopback(spider.address.host) else 0.0
            middleware.share_budget(load_object(settings["ARCHIVE_BUDGET_STATE"]), delay_s)
        return middleware

    def share_budget(self, kind: type[BudgetFile], delay_s: float) -> None:
        """Wait for the budget of a kind of state, if there is a delay or the state wants to be
        asked anyway."""
        if delay_s or kind.asked_without_rate:
            state = kind.from_settings(self.crawler.settings)
            self.crawler.signals.connect(state.close, signals.spider_closed)
            self.budget = SharedRateLimit(state, delay_s=delay_s, most_s=self.most_s)

    async def process_request(self, request: Request) -> None:
        """Wait for a pause and for the budget. Raises IgnoreRequest when the crawl ends."""
        run = CrawlRun.of(self.crawler)
        while not self._is_ending(run) and (left := self.resume_at - _monotonic()) > 0:
            await asyncio.sleep(min(left, 1.0) + random.uniform(0, 0.1))
        if self.budget:
            host, delay_s = self._own_delay(request)
            try:
                request.meta[_SENT_AT] = await self.budget.take(
                    host, delay_s, lambda: self._is_ending(run)
                )
            except StoreLost as lost:
                self._end_lost(lost)
        if self._is_ending(run):
            self.crawler.stats.inc_value("archive/not_asked")
            raise IgnoreRequest(ENDING)

    def _end_lost(self, lost: StoreLost) -> None:
        if not self.ending:
            logger.warning("%s: the crawl ends here", lost)
            self.ending = True
            CrawlRun.of(self.crawler).request_stop("store_lost")

    def _is_ending(self, run: CrawlRun) -> bool:
        return self.ending or run.is_ending()

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Pause and retry after a refusal; count block pages; speed up after a success."""
        if self.ending:
            return response
        throttling = throttling_of(to_answer(response, expected_of(request)))
        if throttling == "throttled":
            return self._throttled(request, response)
        if throttling == "blocked":
            self._block_page(request, response)
            return response
        # Speed up slowly: one successful answer does not mean that the store allows the full rate.
        self.failed_waits = self.block_pages = 0
        self.wait_s = self.wait_s / 2 if self.wait_s > self.first_s else 0.0
        if self.budget:
            asked_at = request.meta.get(_SENT_AT, 0.0)
            self.budget.record_success(
                self._own_delay(request)[0], _edge_of(request, response), asked_at
            )
        return response

    def _throttled(self, request: Request, response: Response) -> Request | Response:
        self.crawler.stats.inc_value("archive/throttled")
        retry_after = retry_after_s(
            (response.headers.get("Retry-After") or b"").decode("latin-1"), datetime.now(UTC)
        )
        self._pause(request, response, retry_after)
        too_long = retry_after is not None and retry_after > self.most_s
        if too_long or self.failed_waits > self.max_failures:
            self._record_failures(self.max_failures, retry_after)
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
            self._record_failures(1, retry_after)
        return retry or response

    def _block_page(self, request: Request, response: Response) -> None:
        """Count a block page. It is not retried: we cannot pass a challenge or a password page."""
        self.crawler.stats.inc_value("archive/block_pages")
        self.block_pages += 1
        self._slow_all_crawls(request, response, 0.0)
        if self.block_pages >= self.max_failures:
            self._record_failures(self.max_failures, None)

    def _pause(self, request: Request, response: Response, asked_s: float | None) -> None:
        """Pause all requests. Answers to requests already sent do not make the pause longer."""
        now = _monotonic()
        if now < self.resume_at and asked_s is None:
            return
        self.failed_waits += 1
        self.wait_s = next_wait_s(
            self.wait_s, asked_s=asked_s, first_s=self.first_s, most_s=self.most_s
        )
        self.resume_at = max(self.resume_at, now + self.wait_s)
        logger.info("the store refused a request: waiting %.1f s", self.wait_s)
        self._slow_all_crawls(request, response, self.wait_s)

    def _slow_all_crawls(self, request: Request, response: Response, pause_s: float) -> None:
        if self.budget:
            asked_at, host = request.meta.get(_SENT_AT, time.time()), self._own_delay(request)[0]
            self.budget.record_throttled(host, _edge_of(request, response), asked_at, pause_s)

    def _record_failures(self, requests: int, asked_s: float | None) -> None:
        self.failures += requests
        wait_s = max(asked_s or 0.0, self.most_s)
        retry_at = format_timestamp(datetime.now(UTC) + timedelta(seconds=wait_s))
        CrawlRun.of(self.crawler).postpone_until(retry_at)
        if self.failures >= self.max_failures and not self.ending:
            logger.warning(
                "the store refuses requests: the crawl ends here; run it again after %s", retry_at
            )
            self.ending = True
            CrawlRun.of(self.crawler).request_stop("blocked")

    def _own_delay(self, request: Request) -> tuple[str, float]:
        """The downloader's slot key of the request, and the crawl-delay of its host in seconds."""
        downloader = self.crawler.engine.downloader
        key = downloader.get_slot_key(request)
        return key, downloader.per_slot_settings.get(key, {}).get("delay", 0.0)


def _edge_of(request: Request, response: Response) -> str:
    headers = {
        name.decode("latin-1").lower(): values[0].decode("latin-1")
        for name, values in response.headers.items()
        if values
    }
    # Behind a proxy the address is the proxy's.
    address = "" if request.meta.get("proxy") else str(response.ip_address or "")
    return edge_of(headers, address)


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
