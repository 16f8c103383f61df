"""Strips the theme: an article page comes in, a visit with its clean post goes out.

A page alone says less than the store's pages together, so the first pages of a crawl wait here
until the template of the store is settled on them.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from typing import Any, Self

from itemadapter import ItemAdapter
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from scraper.crawl_evidence import TemplateSettled
from scraper.exceptions import ExtractionError, PageLost, PageRejected
from scraper.extensions.crawl_run import CrawlRun
from scraper.extract import LEARN_PAGES, learn_volatile
from scraper.extraction_worker import (
    ExtractionWorker,
    PageParser,
    PageSource,
    reasons_of_limits,
)
from scraper.items import TOO_SLOW, ArticlePage, Post, Template, Verdict, Visit
from scraper.pipelines.control_fetches import ControlFetches
from scraper.pipelines.edits import Edits

logger = logging.getLogger(__name__)

_SPARE = 6
"""How many deadlines all pages of a crawl together may take beyond what each has."""

_MOST_WAITING = 5_000_000
"""Bytes of pages at once, as is Scrapy's default, once the template is settled."""


@dataclass(slots=True, eq=False)
class PendingPage:
    """A page that waits for the template; `settled` is done when it may be read. `restarts` is that
    of the worker to which it was added."""

    number: int
    source: PageSource
    restarts: int
    settled: asyncio.Future[None]


class BoilerplatePipeline:
    """Turns an `ArticlePage` into a `Visit` with its post, read by the store's template.

    Pages are read by `worker`, in a process of its own. They wait for the responses to the first
    LEARN_PAGES requests, so that the order in which responses happen to arrive decides nothing;
    then they are read in the order of asking. A page in which no post is found is saved as
    evidence, and dropped (``archive/unreadable``); likewise one over a limit of reading
    (``archive/rejected``), whose bytes are not read again.
    """

    def __init__(self, run: CrawlRun, deadline_s: float) -> None:
        self.run = run
        self.deadline_s = deadline_s
        self.worker: ExtractionWorker
        self.controls = ControlFetches(run)
        self.edits: Edits
        self.template: Template | None = None
        self.settled = False
        self._rejected: dict[str, str] = {}
        self._pending: list[PendingPage] = []
        self._arrived = self._arrived_first = 0
        self._keys = count(1)
        self._settling: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        run = CrawlRun.of(crawler)
        pipeline = cls(run, crawler.settings.getfloat("ARCHIVE_PAGE_CPU"))
        run.requests.listener = pipeline.settle_if_ready
        run.on_end(pipeline.settle_early)
        crawler.signals.connect(pipeline.controls.post_saved, signals.item_scraped)
        return pipeline

    def open_spider(self) -> None:
        """Start the worker: now, while the crawl has no thread and no file open."""
        self.worker = ExtractionWorker(self.deadline_s, spare=_SPARE)
        self.run.read_apart = partial(self.worker.call_async, PageParser.read_listing)
        self.edits = Edits(self.run, self.worker, self._keys, self.controls)

    async def close_spider(self) -> None:
        """Learn what varies by itself, for the next crawl, and end the worker."""
        template = self.edits.template or self.template
        if template is not None and self.run.crawl_id:
            await self._learn_volatile(template)
        self.worker.close()

    async def _learn_volatile(self, template: Template) -> None:
        knows_places = any(block.learned_from == "sights" for block in template.blocks)
        if not self.run.unconfirmed and not knows_places:
            return
        try:
            learned = await self.worker.call_async(learn_volatile, self.run.load_sights(), template)
        except ExtractionError as error:
            logger.info("no place that varies is learned: %s", error)
            return
        if learned != template:
            self.run.save(TemplateSettled(template=learned))

    async def process_item(self, item: Any) -> Any:
        """The visit with its post. Raises DropItem where the page holds none, and for what still
        waits when the crawl is interrupted: the next one fetches it again."""
        if not isinstance(item, ArticlePage):
            return item
        if self.settled and self.run.is_interrupted():
            raise DropItem("the crawl was interrupted", log_level="DEBUG")
        adapter = ItemAdapter(item)
        capture = adapter["capture"]
        known = self._known_reason(capture.body_hash)
        source, lastmod = self._source(adapter), adapter["lastmod"]
        try:
            post = await self._read(source, adapter["number"], known)
            read = await self.edits.read(source, post, lastmod, self.template)
        except ExtractionError as error:
            is_rejected = isinstance(error, PageRejected)
            if is_rejected:
                self._rejected[capture.body_hash] = str(error)
            verdict: Verdict = "rejected" if is_rejected else "unreadable"
            failed = replace(capture, verdict=verdict, detail=str(error))
            self.run.save(Visit(capture=failed, resource_type="post"))
            self.run.crawler.stats.inc_value(f"archive/{verdict}")
            raise DropItem(f"{capture.url}: {error}", log_level="INFO") from error
        except MemoryError:
            with self.run.judging(capture.url, capture.body_hash):
                raise
        return Visit(
            capture=read.instead or capture,
            controls=(*read.controls, *((capture,) if read.instead else ())),
            resource_type="post",
            post=read.post,
            moving=read.moving,
            lastmod=lastmod,
            before=read.before,
            feed_entry=source.feed_entry,
        )

    def _source(self, adapter: ItemAdapter) -> PageSource:
        return PageSource(
            key=next(self._keys),
            body=adapter["body"],
            final_url=adapter["final_url"],
            charset=adapter["charset"],
            feed_entry=adapter["feed_entry"],
            fetched_at=adapter["capture"].fetched_at,
        )

    def _known_reason(self, body_hash: str) -> str:
        """Why a page of these bytes was rejected before; empty for one that is to be read."""
        reason = self._rejected.get(body_hash) or self.run.known.rejected.get(body_hash, "")
        # By another deadline it may be read.
        is_other = reason.startswith(TOO_SLOW) and reason not in reasons_of_limits(self.deadline_s)
        return "" if is_other else reason

    async def _read(self, source: PageSource, number: int, rejected: str) -> Post:
        known = self.run.known
        if known.settled and not self.settled:
            # A crawl that is resumed has settled on a template already, or on none.
            self.template = known.template
            self._end_waiting()
        if not self.settled:
            await self._wait_for_template(source, number, rejected)
            with suppress(PageLost):  # when a page before it ended the worker
                return await self.worker.call_async(
                    PageParser.take_post, source.key, self.template, known.addresses
                )
        _refuse(rejected)
        return await self.worker.call_async(PageParser.read, source, self.template, known.addresses)

    async def _wait_for_template(self, source: PageSource, number: int, rejected: str) -> None:
        loop = asyncio.get_running_loop()
        try:
            _refuse(rejected)
            await self.worker.call_async(PageParser.add, source)
            pending = PendingPage(number, source, self.worker.restarts, loop.create_future())
            self._pending.append(pending)
        finally:
            self._arrived += 1
            self._arrived_first += number < LEARN_PAGES
            # Not at once: this page, too, takes its turn in the order of asking.
            loop.call_soon(self.settle_if_ready)
        if self.settled:  # while the page was parsed
            self._pending.remove(pending)
        else:
            await pending.settled

    def settle_if_ready(self) -> None:
        """Settle the template when all the pages that it is to be learned from have come."""
        if self._pending and self._all_have_come():
            self._begin_settling(may_fetch_more=True)

    def settle_early(self) -> None:
        """Settle a crawl that ends early on the pages that came."""
        if self._pending:
            self._begin_settling(may_fetch_more=False)

    def _begin_settling(self, *, may_fetch_more: bool) -> None:
        if not self.settled and self._settling is None:
            self._settling = asyncio.ensure_future(self._settle(may_fetch_more=may_fetch_more))
            self._settling.add_done_callback(self._raise_in_pages)

    def _raise_in_pages(self, settling: asyncio.Future[None]) -> None:
        """A defect in learning fails the pages that wait, which would otherwise wait for ever."""
        if error := settling.exception():
            self.settled = True
            for pending in self._in_order():
                pending.settled.set_exception(error)
            self._pending.clear()

    def _all_have_come(self) -> bool:
        requests = self.run.requests
        if requests.outstanding_first == 0 and self._arrived_first == requests.first_pages:
            return True
        return requests.outstanding == 0 and self._arrived == requests.pages

    async def _settle(self, *, may_fetch_more: bool) -> None:
        try:
            await self._add_lost()
            if may_fetch_more and self.run.requests.fetch_more(await self._missing_pages()):
                self._settling = None
                return
            self.template = await self._learn()
        except (ExtractionError, PageLost):
            # Pages from which nothing can be learned in time are read one by one; likewise where
            # another page ended the worker meanwhile.
            self.template = self.run.known.template
        self._end_waiting()
        self.run.save(TemplateSettled(template=self.template))
        for pending in self._in_order():
            pending.settled.set_result(None)
        self._pending.clear()

    def _end_waiting(self) -> None:
        """Read pages as they come, and have Scrapy ask for no more while many wait to be read."""
        self.settled = True
        engine = self.run.crawler.engine
        if engine is not None and engine.scraper.slot is not None:
            engine.scraper.slot.max_active_size = _MOST_WAITING

    async def _add_lost(self) -> None:
        """Add the pages again that the worker lost when another page ended it."""
        for page in self._in_order():
            if page.restarts != self.worker.restarts:
                await self.worker.call_async(PageParser.add, page.source)
                page.restarts = self.worker.restarts

    async def _missing_pages(self) -> int:
        """How many more pages are needed to learn from: none, unless the template that is known
        no longer fits the few that have come."""
        known, pages = self.run.known.template, self._learnable()
        if known is None or len(pages) >= LEARN_PAGES:
            return 0
        if await self.worker.call_async(PageParser.keeps_template, pages, known):
            return 0
        return LEARN_PAGES - len(pages)

    async def _learn(self) -> Template | None:
        return await self.worker.call_async(
            PageParser.settle_template, self._learnable()[:LEARN_PAGES], self.run.known.template
        )

    def _learnable(self) -> list[int]:
        """Keys of the pages that the worker still has."""
        restarts = self.worker.restarts
        return [page.source.key for page in self._in_order() if page.restarts == restarts]

    def _in_order(self) -> list[PendingPage]:
        return sorted(self._pending, key=lambda page: page.number)


def _refuse(reason: str) -> None:
    if reason:
        raise PageRejected(reason)
