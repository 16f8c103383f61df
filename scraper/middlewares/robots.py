"""robots.txt: which URLs a store excludes, and the delay it asks for."""

from __future__ import annotations

import logging
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Response

from scraper.extensions.crawl_run import CrawlRun
from scraper.shopify.documents.robots import Robots, parse_robots

logger = logging.getLogger(__name__)


class RobotsMiddleware:
    """Obeys robots.txt, with wildcards and crawl-delay, from the answer that the spider fetched.

    A crawl-delay counts up to `max_delay_s` seconds: one that is longer would stop the crawl.
    """

    def __init__(self, crawler: Crawler, user_agent: str, max_delay_s: float) -> None:
        self.crawler = crawler
        self.user_agent = user_agent
        self.max_delay_s = max_delay_s
        self.robots: dict[str, Robots] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Raises NotConfigured if ROBOTSTXT_OBEY is off."""
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        settings = crawler.settings
        return cls(crawler, settings["USER_AGENT"], settings.getfloat("ARCHIVE_BACKOFF_MAX"))

    def process_request(self, request: Request) -> None:
        """Raises IgnoreRequest for a URL that the host's robots.txt forbids."""
        if request.meta.get("dont_obey_robotstxt"):
            return
        robots = self.robots.get(_host(request))
        if robots and not robots.allows(request.url):
            self.crawler.stats.inc_value("archive/robots_refused")
            CrawlRun.of(self.crawler).robots_refused += 1
            raise IgnoreRequest(f"robots.txt forbids {request.url}")

    def process_response(self, request: Request, response: Response) -> Response:
        """Read the rules and the crawl-delay from an answer to /robots.txt."""
        if urlsplit(response.url).path == "/robots.txt":
            robots = parse_robots(response.body, response.status, self.user_agent)
            self.robots[_host(request)] = robots
            if robots.crawl_delay_s:
                self._slow_down(request, min(robots.crawl_delay_s, self.max_delay_s))
        return response

    def _slow_down(self, request: Request, delay_s: float) -> None:
        """Apply a crawl-delay, which Scrapy itself ignores."""
        downloader = self.crawler.engine.downloader
        key = downloader.get_slot_key(request)
        slot = downloader.slots.get(key)
        if slot and slot.delay < delay_s:
            logger.info("robots.txt asks for %s s between requests", delay_s)
            slot.delay, slot.jitter, slot.concurrency = delay_s, 0.0, 1
            downloader.per_slot_settings[key] = {"delay": delay_s, "jitter": 0.0, "concurrency": 1}


def _host(request: Request) -> str:
    return urlsplit(request.url).netloc
