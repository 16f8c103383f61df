"""robots.txt: which URLs a host excludes, and the delay it asks for."""

from __future__ import annotations

import asyncio
import logging
from typing import Self
from urllib.parse import urljoin

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Response

from scraper.documents.robots import Robots, parse_robots
from scraper.exceptions import RobotsUnavailable
from scraper.extensions.crawl_run import ENDING, CrawlRun
from scraper.history.crawl_health import FORBIDS
from scraper.hosts import host_of, hosts_of, parse_store_url, same_store
from scraper.responses.redirects import read_redirect
from scraper.spiders.responses import IMAGE, FetchedPage, read_failure, read_response
from scraper.spiders.store_identity import FORMER_ADDRESS

logger = logging.getLogger(__name__)

MAX_REDIRECTS = 5
"""RFC 9309, section 2.3.1.2: at least five hops, and what is found holds for the host asked."""


class RobotsMiddleware:
    """Obeys the robots.txt of every host, with wildcards and crawl-delay.

    The spider fetches that of the store's own host; that of another host (``www.``, a former
    address) is fetched here, once and before anything else of it, and saved as evidence. A
    crawl-delay counts up to `max_delay_s` seconds: one that is longer would stop the crawl.
    """

    def __init__(self, crawler: Crawler, user_agent: str, max_delay_s: float) -> None:
        self.crawler = crawler
        self.user_agent = user_agent
        self.max_delay_s = max_delay_s
        self.robots: dict[str, Robots] = {}
        self._leads_to: dict[str, str] = {}
        self._asking: dict[str, asyncio.Future[Exception | None]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Raises NotConfigured if ROBOTSTXT_OBEY is off."""
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        settings = crawler.settings
        return cls(crawler, settings["USER_AGENT"], settings.getfloat("ARCHIVE_BACKOFF_MAX"))

    async def process_request(self, request: Request) -> None:
        """Raises IgnoreRequest for a URL that the host's robots.txt forbids, RobotsUnavailable
        where the host has one and does not show it, and what the download raised where no answer
        came."""
        if request.meta.get("dont_obey_robotstxt"):
            return
        host = host_of(request.url)
        robots = self._known(host) or await self._ask_once(request, host)
        if robots.access == "nothing":
            raise RobotsUnavailable(f"robots.txt of {host} could not be read")
        if not robots.allows(request.url):
            self.crawler.stats.inc_value("archive/robots_refused")
            if not request.meta.get(IMAGE):
                CrawlRun.of(self.crawler).robots_refused += 1
            raise IgnoreRequest(f"{FORBIDS} {request.url}")

    def process_response(self, request: Request, response: Response) -> Response:
        """Read the rules and the crawl-delay from an answer to /robots.txt."""
        if not request.meta.get("dont_obey_robotstxt"):
            return response
        host = host_of(request.url)
        if 300 <= response.status < 400:
            location = (response.headers.get("Location") or b"").decode("latin-1")
            self._leads_to[host] = host_of(read_redirect(request.url, location).target)
            return response
        self.robots[host] = parse_robots(response.body, response.status, self.user_agent)
        if delay_s := self.robots[host].crawl_delay_s:
            self._slow_down(request, min(delay_s, self.max_delay_s))
        return response

    def _known(self, host: str) -> Robots | None:
        """The rules for a host, which those of another may be."""
        for _ in range(MAX_REDIRECTS):
            if host in self.robots or host not in self._leads_to:
                break
            host = self._leads_to[host]
        return self.robots.get(host)

    async def _ask_once(self, request: Request, host: str) -> Robots:
        if host not in self._asking:
            self._asking[host] = asyncio.ensure_future(self._ask(request, host))
        error = await asyncio.shield(self._asking[host])
        if CrawlRun.of(self.crawler).is_ending():
            raise IgnoreRequest(ENDING)
        if error:
            raise error
        return self._known(host) or parse_robots(b"", 0, self.user_agent)

    async def _ask(self, request: Request, host: str) -> Exception | None:
        """Fetch the robots.txt of a host, over redirects within it and the store. Returns the error
        where no answer came."""
        url, error = urljoin(request.url, "/robots.txt"), None
        hosts = self._hosts(url)
        for _ in range(MAX_REDIRECTS + 1):
            page, error = await self._download(url)
            CrawlRun.of(self.crawler).save(page.visit("robots"))
            url = page.judgement.target
            if not url or self._known(host) or not same_store(url, hosts):
                break
        return error

    async def _download(self, url: str) -> tuple[FetchedPage, Exception | None]:
        meta = {"dont_obey_robotstxt": True, FORMER_ADDRESS: True}
        request = Request(url, headers={"Accept": "text/plain"}, dont_filter=True, meta=meta)
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as error:  # noqa: BLE001 - whatever the downloader raises
            return read_failure(error, url=url, asked=url, expected="text"), error
        return read_response(response, asked=url, expected="text"), None

    def _hosts(self, url: str) -> frozenset[str]:
        """The hosts of the store, where it is now, and those of the address that is asked."""
        address = getattr(self.crawler.spider, "address", None)
        own = address.origin if address else url
        present = CrawlRun.of(self.crawler).present_address(own) or own
        addresses = map(parse_store_url, (url, own, present))
        return frozenset(host for one in addresses for host in hosts_of(one))

    def _slow_down(self, request: Request, delay_s: float) -> None:
        """Apply a crawl-delay, which Scrapy itself ignores."""
        downloader = self.crawler.engine.downloader
        key = downloader.get_slot_key(request)
        slot = downloader.slots.get(key)
        if slot and slot.delay < delay_s:
            logger.info("robots.txt asks for %s s between requests", delay_s)
            slot.delay, slot.jitter, slot.concurrency = delay_s, 0.0, 1
            downloader.per_slot_settings[key] = {"delay": delay_s, "jitter": 0.0, "concurrency": 1}
