"""The state of a running crawl: one object for spider, middlewares, pipelines and extensions."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol, Self, TypeVar

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.internet.task import LoopingCall

from scraper.crawl_evidence import (
    HUNG,
    CrawlEvidence,
    KnownStore,
    QueuedImage,
    StoredSight,
    StoreSeen,
    UnmovedPost,
)
from scraper.exceptions import (
    AlreadyCrawling,
    ArchiveError,
    ExtractionError,
    FeedError,
    WrongClock,
)
from scraper.extract import LEARN_PAGES, PageFetch
from scraper.history.crawl_health import CrawlAssessment
from scraper.items import FeedEntry, hash_body
from scraper.responses.block_pages import PageSignature
from scraper.spiders.responses import FetchedPage, download, read_response
from scraper.timestamps import utc_now

logger = logging.getLogger(__name__)

END_CHECK_S = 0.2
"""Seconds between two checks whether the crawl has begun to end."""

ENDING = "the crawl is ending"
"""The reason of a request that is dropped."""


_Listing = TypeVar("_Listing")


class Recorder(Protocol):
    """Where a crawl saves its evidence, and what is known there of the store."""

    @property
    def crawl_id(self) -> int:
        """The crawl's id, 0 while nothing is written."""

    @property
    def counts(self) -> Counter[str]:
        """Number of visits by result."""

    def save(self, evidence: CrawlEvidence, at: str) -> bool:
        """Save evidence of the time `at` (UTC). False where it is quarantined until the crawl's
        end. Raises ArchiveError."""

    def warnings(self) -> list[str]:
        """Lines for a person on what went wrong since the last call though the crawl goes on."""

    def known_store(self) -> KnownStore:
        """What is known of the store."""

    def present_address(self, origin: str) -> str:
        """The origin to which the store at `origin` has moved; empty where it has not."""

    def is_stranger(self) -> bool:
        """Whether other stores are known, but not this one."""

    def next_images(self, limit: int) -> list[QueuedImage]:
        """Images of posts that this crawl is to ask for."""

    def similar_stores(self, store: StoreSeen) -> tuple[str, ...]:
        """Origins of known stores that this one, at another, might be."""


class CrawlRun:
    """State of one crawl, shared by all of its components; get it by `CrawlRun.of(crawler)`.

    Discovery: `discovering` until all listings are read; `posts_listed` and `posts_requested`
    (None until then); `failed_sources` counts listings that could not be read; `moved_from` and
    `moved_to` are origins; `stop_reason` ends discovery at the next request.
    Failures: `not_requested_reason` says why the store was left alone, `retry_at` (UTC) when it may
    be asked again, `robots_refused` counts requests that robots.txt forbids, `errors` are one-line
    messages, `refusal` says why the archive takes no crawl now, `credentials_warning` is None where
    the store has none.
    Pages: `known` is what the archive knows of the store, `not_found` the store's own page for what
    is not there, `named_blogs` the handles of all blogs that its listings name, `shop_id` the
    number that its pages must bear, or empty.
    `dates_trusted` is False where the dates of nearly all posts moved by themselves.
    `unconfirmed` are the posts, by URL, in which nothing confirms a difference, each with its entry
    of the feed; `unmoved` are some whose dates stand still.
    `assessment` is the crawl's own, set at its end. `read_apart` calls a function with a page in
    the process that reads pages, where there is one.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.recorder: Recorder | None = None
        self.discovering = True
        self.stop_reason = ""
        self.posts_listed = 0
        self.named_blogs = frozenset[str]()
        self.posts_requested: int | None = None
        self.failed_sources = 0
        self.moved_from = ""
        self.moved_to = ""
        self.not_requested_reason = ""
        self.retry_at = ""
        self.robots_refused = 0
        self.credentials_warning: str | None = None
        self.errors: list[str] = []
        self.refusal: ArchiveError | None = None
        self.assessment: CrawlAssessment | None = None
        self.known = KnownStore()
        self.not_found: PageSignature | None = None
        self.shop_id = ""
        self.requests = PostRequests()
        self.dates_trusted = True
        self.unconfirmed: dict[str, FeedEntry | None] = {}
        self.unmoved: tuple[UnmovedPost, ...] = ()
        self.read_apart: Callable[..., Awaitable[Any]] | None = None
        self._closing: asyncio.Future[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._at_end: list[Callable[[], None]] = [self.cancel_waiting]
        self._end_check = LoopingCall(self._check_end)
        crawler.signals.connect(self._start_end_check, signals.spider_opened)
        crawler.signals.connect(self._stop_end_check, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @classmethod
    def of(cls, crawler: Crawler) -> Self:
        """The state of a crawler's crawl."""
        run = crawler.get_extension(cls)
        assert run is not None, (
            "scraper.extensions.crawl_run.CrawlRun is switched off in EXTENSIONS"
        )
        return run

    @property
    def crawl_id(self) -> int:
        """The crawl's id in the archive, 0 while nothing is written."""
        return self.recorder.crawl_id if self.recorder else 0

    def save(self, evidence: CrawlEvidence) -> bool:
        """Save evidence; False where it was not, or not yet. When the archive cannot be written
        the crawl ends: what cannot be saved need not be requested."""
        if self.recorder is None or self.refusal:
            return False
        saved = False
        try:
            saved = self.recorder.save(evidence, utc_now())
        except (AlreadyCrawling, WrongClock) as error:
            self.refusal = error
            self.request_stop("refused")
        except ArchiveError as error:
            if not self.errors:
                logger.error("%s", error)
                self.request_stop("archive_failed")
            self.errors.append(str(error))
        for line in self.recorder.warnings():
            logger.warning("%s", line)
        return saved

    def judging(self, url: str, body_hash: str) -> AbstractContextManager[None]:
        """Name a post's page as the one that is being judged, for whoever ends the crawl should it
        hang there. Nobody does where nothing is archived."""
        return nullcontext()

    def read_post(self, response: Response, asked: str) -> FetchedPage:
        """Judge a response to a request for a post, unless its bytes have hung a crawl before."""
        body_hash = hash_body(response.body)
        reason = self.known.rejected.get(body_hash, "")
        with self.judging(asked, body_hash):
            return read_response(
                response,
                asked=asked,
                expected="html",
                store_not_found=self.not_found,
                hung=reason if reason.startswith(HUNG) else "",
                body_hash=body_hash,
            )

    async def read_listing(self, read: Callable[[bytes], _Listing], body: bytes) -> _Listing:
        """Read a page that lists: outside the event loop, for parsing one that means harm may take
        hours. Raises FeedError."""
        if self.read_apart is None:
            return read(body)
        try:
            listing: _Listing = await self.read_apart(read, body)
        except ExtractionError as error:
            raise FeedError(str(error)) from error
        return listing

    async def fetch_again(self, url: str) -> FetchedPage:
        """Fetch a page once more, which nobody can have edited meanwhile."""
        request = Request(url, dont_filter=True)
        return await download(self.crawler, request, asked=url, expected="html")

    def load_known(self) -> KnownStore:
        """Read what the archive knows of the store, and remember it as `known`."""
        if self.recorder:
            self.known = self.recorder.known_store()
        return self.known

    def present_address(self, origin: str) -> str:
        """The origin to which the store at `origin` has moved; empty where it has not, or where
        the archive cannot be read: saving will report that."""
        if self.recorder is None:
            return ""
        try:
            return self.recorder.present_address(origin)
        except ArchiveError:
            return ""

    def is_stranger(self) -> bool:
        """Whether the archive holds other stores, but not this one."""
        return self.recorder is not None and self.recorder.is_stranger()

    def similar_stores(self, store: StoreSeen) -> tuple[str, ...]:
        """Origins of stores in the archive that this one, at another, might be."""
        return self.recorder.similar_stores(store) if self.recorder else ()

    def next_images(self, limit: int) -> list[QueuedImage]:
        """Images of posts that this crawl is to ask for; none where the archive cannot be
        read."""
        if self.recorder is None or self.refusal:
            return []
        try:
            return self.recorder.next_images(limit)
        except ArchiveError as error:
            self.errors.append(str(error))
            return []

    def load_sights(self) -> list[list[PageFetch]]:
        """The pages of unconfirmed posts, and of some others, since their dates moved last."""
        return []

    @property
    def extractor(self) -> str:
        """The version of the extraction by which this crawl reads; empty where nothing is
        archived."""
        return ""

    def previous_page(self, url: str, lastmod: str, template: str) -> StoredSight | None:
        """The page of a post before its date moved to `lastmod`, before a difference that one more
        sight would confirm, or before it was read by this template or this extractor."""
        return None

    def unmoved_page(self, post: UnmovedPost, by: str = "") -> StoredSight | None:
        """The last page of a post whose date stands still since, or that of a time."""
        return None

    def postpone_until(self, retry_at: str) -> None:
        """Note when (UTC) the store may be asked again; the latest time counts."""
        self.retry_at = max(self.retry_at, retry_at)

    def request_stop(self, reason: str) -> None:
        """End the crawl early, without waiting: closing waits for the requests under way, and the
        caller is mostly one of them.

        While the spider still looks for posts it ends by itself, at its next request: Scrapy 2.19
        cannot close under downloads that `start` makes (AlreadyCalledError, and a crawl without an
        end). The task is stored, for the event loop holds tasks by weak references only.
        """
        if self.discovering:
            self.stop_reason = reason
        elif self._closing is None:
            self._closing = asyncio.ensure_future(
                self.crawler.engine.close_spider_async(reason=reason)
            )
        self._check_end()

    def stop_from_thread(self, reason: str) -> None:
        """As `request_stop`, from any thread and at any moment."""
        if self._loop:
            self._loop.call_soon_threadsafe(self.request_stop, reason)
        else:
            self.stop_reason = reason

    def on_end(self, callback: Callable[[], None]) -> None:
        """Call back when the crawl begins to end, at once or within `END_CHECK_S`, and again until
        it has ended: whatever waits must not hold it up."""
        self._at_end.append(callback)

    def _start_end_check(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._end_check.start(END_CHECK_S, now=False)

    def _stop_end_check(self) -> None:
        if self._end_check.running:
            self._end_check.stop()

    def _check_end(self) -> None:
        if self.is_ending():
            for callback in self._at_end:
                callback()

    def is_ending(self) -> bool:
        """Whether the crawl has begun to end, so that no more requests are to be sent. Scrapy has
        no signal for that moment, of which Ctrl-C is one cause."""
        engine = self.crawler.engine
        slot = engine._slot if engine else None
        return bool(self.stop_reason) or slot is None or slot.closing is not None

    def is_interrupted(self) -> bool:
        """Whether a person or the system ends the crawl (Ctrl-C, SIGTERM), and nothing of ours."""
        is_ours = bool(self.stop_reason) or self._closing is not None
        # Scrapy calls a crawl that ends because nothing is left "crawling" to the last.
        return self.is_ending() and not is_ours and not self.crawler.crawling

    def cancel_waiting(self) -> None:
        """Drop the requests that wait in the downloader for their turn: a store that asks for an
        hour between two requests would hold up the end for hours."""
        downloader = self.crawler.engine.downloader
        for slot in list(downloader.slots.values()):
            while slot.queue:
                _, waiting = slot.queue.popleft()
                waiting.errback(IgnoreRequest(ENDING))


class PostRequests:
    """Which post URLs were requested or skipped in this crawl, and how many responses, of all
    requests and of the first `LEARN_PAGES`, are still outstanding.

    Each request has a number, from 0 in the order of asking. `pages` counts the responses that
    brought an article page. `listener` is called after each response; `fetch_more` requests up to
    so many posts that would have been skipped, and returns how many.
    """

    def __init__(self) -> None:
        self.count = 0
        self.urls: set[str] = set()
        self.outstanding = 0
        self.outstanding_first = 0
        self.pages = 0
        self.first_pages = 0
        self.listener: Callable[[], None] = lambda: None
        self.fetch_more: Callable[[int], int] = lambda _: 0

    def is_new(self, url: str) -> bool:
        """Whether a URL was neither requested nor skipped."""
        return bool(url) and url not in self.urls

    def skip(self, url: str) -> None:
        """Mark a URL as one that need not be requested."""
        self.urls.add(url)

    def expect(self, url: str, number: int) -> None:
        """Mark a URL as requested under a number."""
        self.urls.add(url)
        self.count = max(self.count, number + 1)
        self.outstanding += 1
        self.outstanding_first += number < LEARN_PAGES

    def answered(self, number: int, *, brought_page: bool) -> None:
        """Count a response, or that none will come."""
        self.outstanding -= 1
        self.outstanding_first -= number < LEARN_PAGES
        self.pages += brought_page
        self.first_pages += brought_page and number < LEARN_PAGES
        self.listener()
