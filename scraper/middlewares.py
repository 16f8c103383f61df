"""Downloader middlewares: what may be asked for, and how gently."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpproxy import HttpProxyMiddleware
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Response

from scraper.shopify.robots import Robots, parse_robots
from scraper.shopify.urls import StoreAddress, hosts_of, same_store
from scraper.shopify.waits import next_wait_s, retry_after_s
from scraper.spiders.closing import close_soon

logger = logging.getLogger(__name__)

PUSHED_BACK = frozenset({429, 430, 503})
"""Answers that ask for less: Shopify's rate limit, its security rejection, and an overloaded server (SHOPIFY.md, 3.5)."""


class StoreOnlyMiddleware:
    """The last gate: no request leaves the store's own hosts, whoever made it."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        address: StoreAddress | None = getattr(self.crawler.spider, "address", None)
        if address and not same_store(request.url, hosts_of(address)):
            self.crawler.stats.inc_value("archive/off_store_refused")
            raise IgnoreRequest(f"not on the store's own hosts: {request.url}")


class RobotsMiddleware:
    """Obeys robots.txt, wildcards and crawl-delay included, from the very answer that the spider got when it asked for the file."""

    def __init__(self, crawler: Crawler, user_agent: str) -> None:
        self.crawler = crawler
        self.user_agent = user_agent
        self.robots: dict[str, Robots] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        return cls(crawler, crawler.settings["USER_AGENT"])

    def process_request(self, request: Request) -> None:
        if request.meta.get("dont_obey_robotstxt"):
            return
        robots = self.robots.get(_host(request))
        if robots and not robots.allows(request.url):
            self.crawler.stats.inc_value("archive/robots_refused")
            raise IgnoreRequest(f"robots.txt forbids {request.url}")

    def process_response(self, request: Request, response: Response) -> Response:
        if urlsplit(response.url).path == "/robots.txt":
            robots = parse_robots(response.body, response.status, self.user_agent)
            self.robots[_host(request)] = robots
            if robots.crawl_delay_s:
                self._slow_down(request, robots.crawl_delay_s)
        return response

    def _slow_down(self, request: Request, delay_s: float) -> None:
        """Scrapy does not apply a crawl-delay by itself."""
        downloader = self.crawler.engine.downloader
        key = downloader.get_slot_key(request)
        slot = downloader.slots.get(key)
        if slot and slot.delay < delay_s:
            logger.info("robots.txt asks for %s s between requests", delay_s)
            slot.delay, slot.jitter, slot.concurrency = delay_s, 0.0, 1
            downloader.per_slot_settings[key] = {"delay": delay_s, "jitter": 0.0, "concurrency": 1}


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


class StoreProxyMiddleware(HttpProxyMiddleware):
    """Sends plain http requests through ARCHIVE_PROXY, where one is set; else does as Scrapy does. Stays away where there is no proxy."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = super().from_crawler(crawler)
        if proxy := crawler.settings["ARCHIVE_PROXY"]:
            middleware.proxies = {"http": middleware._get_proxy(proxy, "http")}
        if not middleware.proxies:
            raise NotConfigured  # without a word: with one, Scrapy warns of it
        return middleware


def _host(request: Request) -> str:
    return urlsplit(request.url).netloc


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
