"""Fetch the images of posts, when all posts of a crawl are done: they wait in a queue of the
archive, so what a crawl leaves there is for the next one."""

from __future__ import annotations

from collections import deque
from typing import Final, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider, NotConfigured
from scrapy.http import Response
from twisted.python.failure import Failure

from scraper.crawl_evidence import ImageAnswer, QueuedImage
from scraper.extensions.crawl_run import CrawlRun
from scraper.history.images import may_fetch_image, uploaded_at
from scraper.hosts import StoreAddress
from scraper.responses.content_checks import image_type
from scraper.spiders.responses import (
    IMAGE,
    FetchedPage,
    is_refusal,
    read_failure,
    read_response,
)

ACCEPT: Final = "image/png,image/jpeg,image/gif,*/*;q=0.5"
"""Always the same, and without the formats into which a CDN converts for whoever names them: two
answers are compared byte by byte."""

MAX_REDIRECTS: Final = 3
AT_ONCE: Final = 8
_LOADED: Final = 100
_MEGABYTE: Final = 1_000_000


class ImagesExtension:
    """Requests the images that wait, each once, none larger than `most_each` bytes, and no more
    once they came to `most` bytes in this crawl: at most one exceeds that.

    No other hosts are asked than the store's own and those where blog systems store images.
    """

    def __init__(self, crawler: Crawler, *, most_each: int, most: int) -> None:
        self.crawler = crawler
        self.most_each = most_each
        self.left = most
        self.in_flight = 0
        self._waiting: deque[QueuedImage] = deque()
        self._asked: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The images of a crawl, whose turn is when nothing else is left to do. Raises
        NotConfigured if ARCHIVE_IMAGES is off."""
        if not crawler.settings.getbool("ARCHIVE_IMAGES"):
            raise NotConfigured
        megabytes = crawler.settings.getfloat
        fetches = cls(
            crawler,
            most_each=int(megabytes("ARCHIVE_MAX_IMAGE_MB") * _MEGABYTE),
            most=int(megabytes("ARCHIVE_MAX_IMAGES_MB") * _MEGABYTE),
        )
        crawler.signals.connect(fetches.on_idle, signals.spider_idle)
        return fetches

    @property
    def run(self) -> CrawlRun:
        """The state of the crawl."""
        return CrawlRun.of(self.crawler)

    @property
    def origin(self) -> str:
        """The store's origin."""
        address: StoreAddress = self.crawler.spider.address  # type: ignore[union-attr]
        return address.origin

    def on_idle(self) -> None:
        """Ask for the images that wait. Raises DontCloseSpider while there are any."""
        if self.run.is_ending() or not self.run.crawl_id:
            return
        if not self._waiting:
            found = self.run.next_images(_LOADED)
            self._waiting.extend(image for image in found if image.url not in self._asked)
        if sum(self._send_next() for _ in range(AT_ONCE)):
            raise DontCloseSpider

    def _send_next(self) -> bool:
        reserved = self.in_flight * self.most_each
        if not self._waiting or self.left <= reserved or self.run.is_ending():
            return False
        image = self._waiting.popleft()
        self._asked.add(image.url)
        conditions = {"If-None-Match": image.etag, "If-Modified-Since": image.last_modified}
        self._send(image.url, image.url, 0, {k: v for k, v in conditions.items() if v})
        return True

    def _send(self, here: str, url: str, hops: int, conditions: dict[str, str]) -> None:
        request = Request(
            here,
            callback=self.parse,
            errback=self.failed,
            headers={"Accept": ACCEPT, **conditions},
            cb_kwargs={"url": url, "hops": hops},
            meta={IMAGE: True, "download_maxsize": self.most_each},
            dont_filter=True,
        )
        self.in_flight += 1
        self.crawler.engine.crawl(request)

    def parse(self, response: Response, url: str, hops: int) -> None:
        """Save an answer, or follow its redirect to another address of the store's images."""
        self.in_flight -= 1
        self._count(len(response.body))
        page = read_response(response, asked=url, expected="image")
        target = page.judgement.target
        if target and hops < MAX_REDIRECTS and may_fetch_image(target, (self.origin,)):
            self._send(target, url, hops + 1, {})
            return
        self._save(url, page)

    def failed(self, failure: Failure) -> None:
        """Save that no answer came, or that it was not asked for."""
        request: Request = failure.request  # type: ignore[attr-defined]
        url: str = request.cb_kwargs["url"]
        self.in_flight -= 1
        if not is_refusal(failure.value or Exception()):
            error = failure.value or Exception()
            page = read_failure(error, url=request.url, asked=url, expected="image")
            self._count(self.most_each if page.capture.verdict == "too_large" else 0)
            self._save(url, page)
        elif not self.run.is_ending():
            self.run.save(ImageAnswer(url=url, capture=None))
            self._send_next()

    def _save(self, url: str, page: FetchedPage) -> None:
        self.run.save(
            ImageAnswer(
                url=url,
                capture=page.capture,
                media_type=image_type(page.capture.body),
                uploaded_at=uploaded_at(url, page.capture.last_modified),
            )
        )
        self._send_next()

    def _count(self, n_bytes: int) -> None:
        self.left -= n_bytes
        self.crawler.stats.inc_value("archive/images")
        self.crawler.stats.inc_value("archive/image_bytes", n_bytes)
