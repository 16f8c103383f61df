"""Strips the theme: an article page comes in, a visit with its clean post goes out.

A page alone says less than the store's pages together, so the first pages of a crawl wait here
until the template of the store is settled on them.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any, Self

from itemadapter import ItemAdapter
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from scraper.exceptions import ExtractionError
from scraper.extensions.crawl_run import CrawlRun
from scraper.extract import (
    LEARN_PAGES,
    ParsedPage,
    SavedPage,
    keeps_template,
    parse_page,
    settle_template,
    take_post,
)
from scraper.items import ArticlePage, FeedEntry, Template, TemplateSettled, Visit


@dataclass(frozen=True, slots=True, eq=False)
class PendingPage:
    """A parsed page that waits for the template; `settled` is done when it may be read."""

    number: int
    page: ParsedPage
    feed_entry: FeedEntry | None
    settled: asyncio.Future[None]

    def as_saved(self) -> SavedPage:
        """The page to learn from."""
        return SavedPage(self.page, self.page.url, self.feed_entry)


class BoilerplatePipeline:
    """Turns an `ArticlePage` into a `Visit` with its post, read by the store's template.

    Pages wait for the responses to the first LEARN_PAGES requests, so that the order in which
    responses happen to arrive decides nothing; then they are read in the order of asking. A page
    in which no post is found is saved as evidence, and dropped (``archive/unreadable``).
    """

    def __init__(self, run: CrawlRun) -> None:
        self.run = run
        self.template: Template | None = None
        self.settled = False
        self._pending: list[PendingPage] = []
        self._arrived = self._arrived_first = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        pipeline = cls(CrawlRun.of(crawler))
        pipeline.run.requests.listener = pipeline.settle_if_ready
        pipeline.run.on_end(pipeline.settle_early)
        return pipeline

    async def process_item(self, item: Any) -> Any:
        """The visit with its post. Raises DropItem where the page holds none."""
        if not isinstance(item, ArticlePage):
            return item
        adapter = ItemAdapter(item)
        self._arrived += 1
        self._arrived_first += adapter["number"] < LEARN_PAGES
        try:
            page = parse_page(adapter["body"], url=adapter["final_url"], charset=adapter["charset"])
            await self._wait_for_template(adapter, page)
            post = take_post(
                page,
                final_url=adapter["final_url"],
                entry=adapter["feed_entry"],
                template=self.template,
                addresses=self.run.known.addresses,
            )
        except ExtractionError as error:
            capture = replace(adapter["capture"], verdict="unreadable", detail=str(error))
            self.run.save(Visit(capture=capture, resource_type="post"))
            self.run.crawler.stats.inc_value("archive/unreadable")
            self.settle_if_ready()
            raise DropItem(f"{capture.url}: {error}", log_level="INFO") from error
        return Visit(
            capture=adapter["capture"],
            resource_type="post",
            post=post,
            lastmod=adapter["lastmod"],
        )

    async def _wait_for_template(self, adapter: ItemAdapter, page: ParsedPage) -> None:
        self._take_settled()
        if self.settled:
            return
        loop = asyncio.get_running_loop()
        waiting = loop.create_future()
        self._pending.append(PendingPage(adapter["number"], page, adapter["feed_entry"], waiting))
        # Not at once: this page, too, takes its turn in the order of asking.
        loop.call_soon(self.settle_if_ready)
        await waiting

    def _take_settled(self) -> None:
        """A crawl that is resumed has settled on a template already, or on none."""
        known = self.run.known
        if known.settled and not self.settled:
            self.template, self.settled = known.template, True

    def settle_if_ready(self) -> None:
        """Settle the template when all the pages that it is to be learned from have come."""
        if self.settled or not self._pending or not self._all_have_come():
            return
        if not self.run.requests.fetch_more(self._missing_pages()):
            self._settle()

    def _all_have_come(self) -> bool:
        requests = self.run.requests
        if requests.outstanding_first == 0 and self._arrived_first == requests.first_pages:
            return True
        return requests.outstanding == 0 and self._arrived == requests.pages

    def _missing_pages(self) -> int:
        """How many more pages are needed to learn from: none, unless the template that is known
        no longer fits the few that have come."""
        known = self.run.known.template
        if known is None or len(self._pending) >= LEARN_PAGES:
            return 0
        if keeps_template([pending.as_saved() for pending in self._pending], known):
            return 0
        return LEARN_PAGES - len(self._pending)

    def _settle(self) -> None:
        pages = sorted(self._pending, key=lambda pending: pending.number)
        self._pending.clear()
        self.template = settle_template(
            [pending.as_saved() for pending in pages[:LEARN_PAGES]], self.run.known.template
        )
        self.settled = True
        self.run.save(TemplateSettled(template=self.template))
        for pending in pages:
            pending.settled.set_result(None)

    def settle_early(self) -> None:
        """Settle a crawl that ends early on the pages that came."""
        if self._pending:
            self._settle()
