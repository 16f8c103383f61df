"""The one spider: a store is its argument."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from scraper.crawl_evidence import DiscoverySummary, KnownStore
from scraper.extensions.crawl_run import CrawlRun
from scraper.extract import LEARN_PAGES
from scraper.history.recrawl import is_due
from scraper.history.removal import RING
from scraper.hosts import hosts_of, is_loopback, parse_store_url, same_store
from scraper.items import PAGERS, ArticlePage, CleanPost, Visit
from scraper.responses.block_pages import PageSignature
from scraper.responses.robots_directives import forbids_archiving
from scraper.responses.verdicts import Expected
from scraper.shopify.page_markers import is_of_another_store
from scraper.shopify.urls import canonical_post_url, normal_segment
from scraper.spiders.discovery import Discovery, Limits
from scraper.spiders.fetch_tasks import (
    FetchPlan,
    FetchTask,
    Unchanged,
    choose_unmoved,
    make_task,
    plan_fetches,
)
from scraper.spiders.responses import FetchedPage, download, is_refusal, read_failure
from scraper.spiders.store_identity import FORMER_ADDRESS, StoreIdentifier
from scraper.timestamps import utc_now

MAX_REDIRECTS = 5
REQUEST_BATCH = 50
"""So many requests are queued at once, and the next when none of them is left."""
ACCEPT = {
    "html": "text/html,application/xhtml+xml",
    "xml": "application/atom+xml,application/xml,text/xml",
    "text": "text/plain,*/*;q=0.1",
}


class BlogSpider(Spider):
    """Crawls the blogs of a store: every post that is new or may have changed, and a share of the
    others, and yields each article page.

    Arguments: `store` is the store's address; `blogs` are the handles of the only blogs to crawl,
    `skip_blogs` of those to leave out, separated by commas.
    """

    name = "blog"

    def __init__(
        self, store: str = "", blogs: str = "", skip_blogs: str = "", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.store_url = store
        self.blogs, self.skipped = _handles(blogs), _handles(skip_blogs)
        self.address = parse_store_url(store)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        rate = crawler.settings.getfloat("ARCHIVE_RATE")
        if rate > 0 and not is_loopback(spider.address.host):
            # One request a second, two in flight, was never refused; ten at once were refused nine
            # times in ten (docs/explanation/shopify.md, 3.5). The second between them comes from
            # the budget that all crawls share (BackoffMiddleware).
            crawler.settings.set("CONCURRENT_REQUESTS", 2, priority="spider")
        crawler.signals.connect(spider.post_saved, signals.item_scraped)
        return spider

    @property
    def run(self) -> CrawlRun:
        """The state of this crawl."""
        return CrawlRun.of(self.crawler)

    async def start(self) -> AsyncIterator[Any]:
        """Find where the posts are, then request those that are to be fetched."""
        now, sweep_days = utc_now(), self.settings.getfloat("ARCHIVE_SWEEP_DAYS")
        await self._follow_known_move()

        def is_walk_due(last: str) -> bool:
            return not last or is_due(self.address.origin, last=last, now=now, days=sweep_days)

        discovery = self._discovery(self._limits(), is_walk_due)
        await discovery.walk(self.run.load_known)
        self._stop_if_asked()
        self.run.discovering = False
        self.run.named_blogs = named = frozenset(discovery.found.named)
        if discovery.moved_to or discovery.identifier.doubt:
            self.run.moved_to = discovery.moved_to
            self.run.not_requested_reason = discovery.identifier.doubt
            return
        if self.blogs and named and self.blogs.isdisjoint(named):
            self.run.not_requested_reason = "the store has none of the blogs to crawl"
            return
        plan = self._plan(discovery, now, sweep_days)
        self._end_discovery(discovery, plan)
        del discovery  # what it knew of each post is not needed while they are fetched
        async for request in self._requests(plan.tasks):
            yield request

    def _discovery(self, limits: Limits, is_walk_due: Callable[[str], bool]) -> Discovery:
        return Discovery(
            self.address,
            self.store_url,
            self.settings["USER_AGENT"],
            self._fetch,
            self.run,
            self._store_identifier(),
            limits,
            is_walk_due=is_walk_due,
            is_chosen=self.is_chosen,
        )

    def _plan(self, discovery: Discovery, now: str, sweep_days: float) -> FetchPlan:
        requests, candidates = self.run.requests, discovery.found.posts
        known = {post.url: post for post in discovery.known.posts}
        plan = plan_fetches(candidates, known, now=now, sweep_days=sweep_days)
        for candidate in candidates.values():
            requests.skip(candidate.page_url)
        for task in plan.tasks:
            requests.expect(task.url, task.number)
        requests.fetch_more = partial(self._fetch_unchanged, plan.unchanged)
        self.run.unmoved = choose_unmoved(candidates, known)
        return plan

    def _end_discovery(self, discovery: Discovery, plan: FetchPlan) -> None:
        shown, run = discovery.not_found, self.run
        dates_moved = plan.dates.judge(utc_now(), discovery.known.dates_moved)
        run.not_found = shown or _learned_not_found(discovery.known)
        if not self.settings.getbool("ARCHIVE_TRUST_CRAWL"):
            run.shop_id = discovery.known.shop_id
        run.save(
            DiscoverySummary(
                whole=discovery.whole,
                walked=discovery.walked and not discovery.failed,
                unchanged=len(plan.unchanged),
                not_found=(shown.title, shown.heading) if shown else ("", ""),
                dates_moved=dates_moved,
                failed=frozenset(discovery.failed),
                left_out=frozenset(
                    handle for handle in discovery.known.blogs if not self.is_chosen(handle)
                ),
            )
        )
        run.failed_sources = len(discovery.failed)
        run.dates_trusted = dates_moved != "untrusted"
        run.posts_listed, run.posts_requested = discovery.listed, len(plan.tasks)
        stats = self.crawler.stats
        stats.set_value("archive/failed_sources", run.failed_sources)
        stats.set_value("archive/posts_listed", run.posts_listed)
        stats.set_value("archive/posts_requested", run.posts_requested)
        for reason, number in plan.reasons.items():
            stats.set_value(f"archive/requested_for/{reason}", number)

    async def _follow_known_move(self) -> None:
        """From an address at which the archive knew the store to the one at which it knows it now,
        if the old one leads there or is dead; one that stands by itself is another store's now, or
        the store is back."""
        present = self.run.present_address(self.address.origin)
        if not present:
            return
        address = parse_store_url(present)
        if not same_store(address.origin, hosts_of(self.address)):
            page = await self._fetch(f"{self.address.origin}/", "html")
            self.run.save(page.visit("home"))
            leads_there = same_store(page.judgement.target, hosts_of(address))
            if page.capture.http_status and not leads_there:
                return
        self.run.moved_from = self.address.origin
        seed = canonical_post_url(self.store_url)
        moved = seed.url.replace(seed.origin, address.origin, 1) if seed else address.origin
        self.store_url, self.address = moved, address

    async def _requests(self, tasks: list[FetchTask]) -> AsyncIterator[Request]:
        """Requests as fast as they are taken: those of a large store would weigh more than all else
        that a crawl holds."""
        tasks.reverse()  # so that each leaves from the end
        while tasks:
            if self.crawler.engine.needs_backout():
                await self.crawler.signals.wait_for(signals.scheduler_empty)
            for _ in range(min(REQUEST_BATCH, len(tasks))):
                yield self._request(tasks.pop())

    def _store_identifier(self) -> StoreIdentifier:
        return StoreIdentifier(
            self._fetch,
            self._ask_former,
            self.run,
            self.settings.getbool("ARCHIVE_TRUST_CRAWL"),
        )

    def is_chosen(self, handle: str) -> bool:
        """Whether the blog of that handle is to be crawled."""
        return handle not in self.skipped and (not self.blogs or handle in self.blogs)

    def _limits(self) -> Limits:
        return Limits.for_posts(self.settings.getint("ARCHIVE_MAX_POSTS"))

    def parse_post(self, response: Response, task: FetchTask) -> Iterator[ArticlePage | Request]:
        """Judge a response to a request for a post: yield an article page, save anything else."""
        page, following = None, None
        try:
            page, following = self._judge(self.run.read_post(response, task.url), task)
        finally:
            # Before the page is yielded: it may wait for the responses to other requests.
            self.run.requests.answered(task.number, brought_page=page is not None)
        if following:
            yield following
        if page:
            yield page

    def failed_post(self, failure: Failure) -> None:
        """Save that a request for a post brought no response, unless we did not send it."""
        request: Request = failure.request  # type: ignore[attr-defined]
        task: FetchTask = request.cb_kwargs["task"]
        try:
            if failure.value is not None and not is_refusal(failure.value):
                page = read_failure(failure.value, url=request.url, asked=task.url, expected="html")
                self.run.save(page.visit("post"))
        finally:
            self.run.requests.answered(task.number, brought_page=False)

    def post_saved(self, item: Any, response: Response) -> None:
        """Go on to posts that only the older or newer link of a saved post names."""
        requests = self.run.requests
        for link in item.links if isinstance(item, CleanPost) else ():
            url = link["url"]
            if link["kind"] in PAGERS and requests.is_new(url) and self._may_request(url):
                self._schedule(FetchTask(url=url, number=requests.count))

    def _fetch_unchanged(self, unchanged: list[Unchanged], number: int) -> int:
        """Request up to `number` posts that have not changed, spread over all of them, to learn the
        store's new theme from; returns how many. It does so once."""
        wanted = min(number, LEARN_PAGES - self.run.requests.count)
        if not unchanged or wanted <= 0:
            return 0
        chosen = unchanged[:: max(1, len(unchanged) // wanted)][:wanted]
        unchanged.clear()
        for candidate, known in chosen:
            self._schedule(make_task(candidate, known, self.run.requests.count))
        return len(chosen)

    def _schedule(self, task: FetchTask) -> None:
        self.run.requests.expect(task.url, task.number)
        self.crawler.engine.crawl(self._request(task))

    def _judge(
        self, page: FetchedPage, task: FetchTask
    ) -> tuple[ArticlePage | None, Request | None]:
        """The article page, if it is one, or the request that follows its redirect."""
        verdict, target = page.judgement.verdict, page.judgement.target
        if verdict == "renamed" and self._may_follow(target, len(task.redirected_from)):
            return None, self._follow(page, task)
        if verdict == "renamed" and len(task.redirected_from) >= MAX_REDIRECTS:
            self._save_unreadable(page, f"more than {MAX_REDIRECTS} redirects")
        elif verdict != "ok":
            self.run.save(page.visit("post"))
        elif is_of_another_store(page.judgement.markers, self.run.shop_id):
            self._save_unreadable(page, "a page of another store")
        else:
            return self._article(page, task), None
        return None, None

    def _article(self, page: FetchedPage, task: FetchTask) -> ArticlePage | None:
        """The article page, marked where it asks not to be archived; None where that is obeyed."""
        capture = page.capture
        if not forbids_archiving(capture.headers, page.body, self.settings["BOT_NAME"]):
            return _article_page(page, task)
        self.crawler.stats.inc_value("archive/noarchive")
        capture = replace(capture, detail="the page asks not to be archived (noarchive)")
        if self.settings.getbool("ARCHIVE_OBEY_NOARCHIVE"):
            skipped = replace(capture, verdict="noarchive", body=b"", body_hash="", headers=())
            self.run.save(Visit(capture=skipped, resource_type="post"))
            return None
        return _article_page(replace(page, capture=capture), task)

    def _follow(self, page: FetchedPage, task: FetchTask) -> Request | None:
        """Save a redirect, and request its target unless that is requested anyway."""
        target, requests = page.judgement.target, self.run.requests
        if target == task.url or target in task.redirected_from:
            self._save_unreadable(page, RING)
            return None
        address = canonical_post_url(target)
        if address and not page.judgement.same_address:
            capture = replace(page.capture, final_url=address.url)
            self.run.save(Visit(capture=capture, resource_type="post"))
        if not requests.is_new(target):
            return None
        requests.expect(target, task.number)
        redirected_from = (*task.redirected_from, target)
        return self._request(replace(task, redirected_from=redirected_from), target)

    def _save_unreadable(self, page: FetchedPage, why: str) -> None:
        capture = replace(page.capture, verdict="unreadable", detail=why)
        self.run.save(Visit(capture=capture, resource_type="post"))

    def _request(self, task: FetchTask, url: str = "") -> Request:
        # PostRequests knows what was requested already: Scrapy's own filter would hash every
        # address for it.
        return Request(
            url or task.url,
            callback=self.parse_post,
            errback=self.failed_post,
            headers=None if url else task.conditions,
            cb_kwargs={"task": task},
            dont_filter=True,
        )

    async def _fetch(self, url: str, expected: Expected) -> FetchedPage:
        """Fetch one address of the store at once, following redirects within the store. Raises
        CloseSpider where the crawl is to stop."""
        self._stop_if_asked()
        here = url
        for hop in range(MAX_REDIRECTS + 1):
            page = await self._download(here, url, expected)
            follows = page.judgement.verdict == "renamed"
            if not follows or not self._may_follow(page.judgement.target, hop):
                return page
            here = page.judgement.target
        return page

    def _stop_if_asked(self) -> None:
        if self.run.stop_reason:
            raise CloseSpider(self.run.stop_reason)

    def _may_request(self, url: str) -> bool:
        address = canonical_post_url(url)
        return same_store(url, hosts_of(self.address)) and (
            address is None or self.is_chosen(address.blog_handle)
        )

    async def _ask_former(self, url: str) -> FetchedPage:
        """Fetch the home page of a store that the archive knows at another address, once."""
        return await self._download(url, url, "html", former=True)

    async def _download(
        self, here: str, asked: str, expected: Expected, *, former: bool = False
    ) -> FetchedPage:
        meta = {"dont_obey_robotstxt": expected == "text", FORMER_ADDRESS: former}
        request = Request(here, headers={"Accept": ACCEPT[expected]}, dont_filter=True, meta=meta)
        return await download(self.crawler, request, asked=asked, expected=expected)

    def _may_follow(self, target: str, hops: int) -> bool:
        return bool(target) and hops < MAX_REDIRECTS and same_store(target, hosts_of(self.address))


def _learned_not_found(known: KnownStore) -> PageSignature | None:
    """The store's own page for what is not there, as an earlier crawl learned it."""
    if not any(known.not_found):
        return None
    title, heading = known.not_found
    return PageSignature(title=title, heading=heading)


def _handles(words: str) -> frozenset[str]:
    return frozenset(normal_segment(word.strip()) for word in words.split(",") if word.strip())


def _article_page(page: FetchedPage, task: FetchTask) -> ArticlePage:
    return ArticlePage(
        capture=page.capture,
        final_url=page.final_url,
        body=page.body,
        charset=page.charset,
        feed_entry=task.entry,
        lastmod=task.lastmod,
        number=task.number,
    )
