"""The one spider: a store is its argument."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from scraper.extract import LEARN_PAGES
from scraper.history.recrawl import is_due, why_fetch
from scraper.items import (
    PAGERS,
    DiscoverySummary,
    FeedEntry,
    KnownPost,
    KnownStore,
    StoreSeen,
    TemplateSettled,
    Visit,
)
from scraper.shopify.responses.block_pages import PageSignature
from scraper.shopify.responses.verdicts import Expected
from scraper.shopify.urls import (
    StoreAddress,
    canonical_post_url,
    hosts_of,
    is_loopback,
    normal_segment,
    parse_store_url,
    same_store,
)
from scraper.spiders.discovery import Discovery, FetchCandidate, Limits
from scraper.spiders.reading import PageReader, PendingPage, unreadable
from scraper.spiders.responses import FetchedPage, is_refusal, read_failure, read_response
from scraper.spiders.store_identity import FORMER_ADDRESS, StoreIdentifier
from scraper.timestamps import utc_now

MAX_REDIRECTS = 5
HANDED_OUT = 50
"""So many requests are queued at once, and the next when none of them is left."""
ACCEPT = {
    "html": "text/html,application/xhtml+xml",
    "xml": "application/atom+xml,application/xml,text/xml",
    "text": "text/plain,*/*;q=0.1",
}


@dataclass(slots=True)
class CrawlState:
    """Every address that was asked for in this crawl or need not be, and how many answers are still
    awaited, of all and of the first `LEARN_PAGES`; `reader` takes the posts out of them,
    `not_found` is the store's own page for what is not there, `shop_id` the number of the store
    whose pages they must be, or empty.

    `quiet` are the posts that the store says have not changed: some of them are asked for after all
    where its theme has.
    """

    reader: PageReader
    not_found: PageSignature | None = None
    shop_id: str = ""
    quiet: list[tuple[FetchCandidate, KnownPost]] = field(default_factory=list)
    errands: int = 0
    asked: set[str] = field(default_factory=set)
    awaited: int = 0
    awaited_first: int = 0

    def is_new(self, url: str) -> bool:
        """Whether an address is none that was asked for, or that need not be."""
        return bool(url) and url not in self.asked

    def expect(self, url: str, number: int) -> None:
        """Note that an address is asked for, on the errand of that number."""
        self.asked.add(url)
        self.errands = max(self.errands, number + 1)
        self.awaited += 1
        self.awaited_first += number < LEARN_PAGES

    def answered(self, number: int) -> bool:
        """Note an answer to an errand, or that none will come. Says whether it was the last of all,
        or of the first ones."""
        self.awaited -= 1
        self.awaited_first -= number < LEARN_PAGES
        return self.awaited == 0 or (self.awaited_first == 0 and number < LEARN_PAGES)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchTask:
    """Why an address is asked for: `asked_url` is where it began before redirects; errands are
    numbered from 0 in the order of asking. `passed` are addresses that led here, `lastmod` is what
    the listings say of it, `conditions` the headers of a conditional request."""

    asked_url: str
    frontier: CrawlState
    number: int
    entry: FeedEntry | None = None
    passed: tuple[str, ...] = ()
    lastmod: str = ""
    conditions: dict[str, str] | None = None


class BlogSpider(Spider):
    """Crawls the blogs of the store at `store`: every post that is new or may have changed, and a
    share of the others.

    `blogs` are handles of the only blogs to be crawled, `skip_blogs` of those that are not, each
    with commas between them.

    `known` gives what the archive holds of the store, `is_stranger` and `resembling` what it says
    of one that it does not know (see `arrival`), `present` where a store stands now that it knew at
    the address given, or nothing; its extension puts its own in place. `reader` may still hold
    pages when the spider is closed early: they are read then. While `discovering`, whoever must end
    the crawl sets `stop_reason` (see `closing.request_stop`).
    """

    name = "blog"

    def __init__(
        self, store: str = "", blogs: str = "", skip_blogs: str = "", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.store_url = store
        self.blogs, self.skipped = _handles(blogs), _handles(skip_blogs)
        self.address = parse_store_url(store)
        self.known: Callable[[], KnownStore] = KnownStore
        self.is_stranger: Callable[[], bool] = lambda: False
        self.resembling: Callable[[StoreSeen], tuple[str, ...]] = lambda _: ()
        self.present: StoreAddress | None = None
        self.reader = PageReader(None)
        self.discovering = True
        self.stop_reason = ""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        rate = crawler.settings.getfloat("ARCHIVE_RATE")
        if rate > 0 and not is_loopback(spider.address.host):
            # One request a second, two in flight, was never refused; ten at once were refused nine
            # times in ten (SHOPIFY.md, 3.5). The second between them is kept by the budget that all
            # crawls share (BackoffMiddleware).
            crawler.settings.set("CONCURRENT_REQUESTS", 2, priority="spider")
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """Find where the posts are, then ask for those that are to be fetched."""
        now, sweep_days = utc_now(), self.settings.getfloat("ARCHIVE_SWEEP_DAYS")
        async for visit in self._go_where_it_stands():
            yield visit
        discovery = Discovery(
            self.address,
            self.store_url,
            self.settings["USER_AGENT"],
            self._fetch,
            self._arrival(),
            self._limits(),
            walk_due=lambda full_discovery_at: (
                not full_discovery_at
                or is_due(self.address.origin, last=full_discovery_at, now=now, days=sweep_days)
            ),
            chosen=self.is_chosen,
        )
        async for found in discovery.run(self.known):
            yield found
            if self.stop_reason and not isinstance(
                found, StoreSeen
            ):  # the answer that stopped us comes with it
                raise CloseSpider(self.stop_reason)
        self.discovering = False
        if discovery.moved_to or discovery.arrival.doubt:
            self.crawler.stats.set_value("archive/moved_to", discovery.moved_to)
            self.crawler.stats.set_value("archive/not_asked_why", discovery.arrival.doubt)
            return
        errands, unchanged = self._errands(discovery, now, sweep_days)
        shown = discovery.not_found
        yield DiscoverySummary(
            whole=discovery.whole,
            walked=discovery.walked and not discovery.failed,
            unchanged=unchanged,
            not_found=(shown.title, shown.heading) if shown else ("", ""),
        )
        stats = self.crawler.stats
        stats.set_value("archive/failed_sources", len(discovery.failed))
        stats.set_value("archive/posts_listed", discovery.listed)
        stats.set_value("archive/posts_wanted", len(errands))
        for errand in errands:
            errand.frontier.expect(errand.asked_url, errand.number)
        del discovery  # what it knew of each post is not needed while they are fetched
        async for request in self._handed_out(errands):
            yield request

    async def _go_where_it_stands(self) -> AsyncIterator[Visit]:
        """From an address at which the archive knew the store to the one at which it knows it now,
        if the old one leads there or is dead; one that stands by itself is another store's now, or
        the store is back."""
        if self.present is None:
            return
        if not same_store(self.present.origin, hosts_of(self.address)):
            page = await self._fetch(f"{self.address.origin}/", "html")
            yield page.visit("home")
            if page.capture.http_status and not same_store(
                page.judgement.target, hosts_of(self.present)
            ):
                return
        self.crawler.stats.set_value("archive/moved_from", self.address.origin)
        seed = canonical_post_url(self.store_url)
        self.store_url = (
            seed.url.replace(seed.origin, self.present.origin, 1) if seed else self.present.origin
        )
        self.address = self.present

    async def _handed_out(self, errands: list[FetchTask]) -> AsyncIterator[Request]:
        """Requests as fast as they are taken: those of a large store would weigh more than all else
        that a crawl holds."""
        errands.reverse()  # so that each leaves from the end
        while errands:
            if self.crawler.engine.needs_backout():
                await self.crawler.signals.wait_for(signals.scheduler_empty)
            for _ in range(min(HANDED_OUT, len(errands))):
                yield self._request(errands.pop())

    def _errands(
        self, discovery: Discovery, now: str, sweep_days: float
    ) -> tuple[list[FetchTask], int]:
        """What is to be asked for, and how many posts the store says have not changed."""
        known = discovery.known
        self.reader = PageReader(
            known.template,
            known.addresses,
            template=known.template if known.settled else None,
            settled=known.settled,
        )
        learned = (
            PageSignature(title=known.not_found[0], heading=known.not_found[1])
            if any(known.not_found)
            else None
        )
        shop_id = "" if self.settings.getbool("ARCHIVE_TRUST_CRAWL") else known.shop_id
        frontier = CrawlState(
            self.reader, not_found=discovery.not_found or learned, shop_id=shop_id
        )
        held = {post.url: post for post in known.posts}
        reasons: Counter[str | None] = Counter()
        errands: list[FetchTask] = []
        for url, wanted in discovery.posts.items():
            post = held.get(url)
            frontier.asked.add(wanted.page_url)
            if post and post.done:
                continue
            reason = why_fetch(
                post, listed=wanted.listed, lastmod=wanted.lastmod, now=now, sweep_days=sweep_days
            )
            reasons[reason] += 1
            if reason:
                errands.append(_errand(wanted, post, frontier, len(errands)))
            elif post:
                frontier.quiet.append((wanted, post))
        for name, number in reasons.items():
            self.crawler.stats.set_value(f"archive/asked_for/{name or 'unchanged'}", number)
        return errands, reasons[None]

    def _arrival(self) -> StoreIdentifier:
        return StoreIdentifier(
            self._fetch,
            self._ask_former,
            self.is_stranger,
            self.resembling,
            self.settings.getbool("ARCHIVE_TRUST_CRAWL"),
        )

    def is_chosen(self, handle: str) -> bool:
        """Whether the blog of that handle is to be crawled."""
        return handle not in self.skipped and (not self.blogs or handle in self.blogs)

    def _limits(self) -> Limits:
        number = self.settings.getint
        return Limits(
            sitemaps=number("ARCHIVE_MAX_SITEMAPS"),
            index_pages=number("ARCHIVE_MAX_INDEX_PAGES"),
            posts=number("ARCHIVE_MAX_POSTS"),
        )

    def parse_post(
        self, response: Response, errand: FetchTask
    ) -> Iterator[TemplateSettled | Visit | Request]:
        """Judge an answer to a request for a post; take the post out of it; go on to posts that
        only its pager names."""
        yield from self._go_on(self._judge(response, errand), errand)

    def _go_on(
        self, found: Iterable[TemplateSettled | Visit | Request], errand: FetchTask
    ) -> Iterator[TemplateSettled | Visit | Request]:
        """Hand on what an answer brought, with the posts that only a pager names; after the first
        and the last answers, the pages held."""
        frontier = errand.frontier
        yield from self._with_pagers(found, frontier)
        if frontier.answered(errand.number):
            more = list(self._more_to_learn_from(frontier))
            yield from more or self._with_pagers(frontier.reader.read_held(), frontier)

    def _more_to_learn_from(self, frontier: CrawlState) -> Iterator[Request]:
        """Where the store's theme has changed and few pages were asked for, some that have not
        changed, to learn the new one from."""
        lacking = (
            min(frontier.reader.lacks_pages(), LEARN_PAGES - frontier.errands)
            if frontier.quiet
            else 0
        )
        if lacking <= 0:
            return
        chosen, frontier.quiet = (
            frontier.quiet[:: max(1, len(frontier.quiet) // lacking)][:lacking],
            [],
        )
        for wanted, known in chosen:
            errand = _errand(wanted, known, frontier, frontier.errands)
            frontier.expect(errand.asked_url, errand.number)
            yield self._request(errand)

    def _with_pagers(
        self, found: Iterable[TemplateSettled | Visit | Request], frontier: CrawlState
    ) -> Iterator[TemplateSettled | Visit | Request]:
        for item in found:
            yield item
            for link in item.post.links if isinstance(item, Visit) and item.post else ():
                if link.kind in PAGERS and frontier.is_new(link.url) and self._may_ask(link.url):
                    errand = FetchTask(
                        asked_url=link.url, frontier=frontier, number=frontier.errands
                    )
                    frontier.expect(link.url, errand.number)
                    yield self._request(errand)

    def _judge(
        self, response: Response, errand: FetchTask
    ) -> Iterator[TemplateSettled | Visit | Request]:
        page = read_response(
            response,
            asked=errand.asked_url,
            expected="html",
            own_not_found=errand.frontier.not_found,
        )
        if page.judgement.verdict == "renamed" and self._may_follow(
            page.judgement.target, len(errand.passed)
        ):
            yield from self._follow(page, errand)
            return
        if page.judgement.verdict == "renamed" and len(errand.passed) >= MAX_REDIRECTS:
            yield unreadable(page, f"more than {MAX_REDIRECTS} redirects")
            return
        if page.judgement.verdict != "ok":
            yield page.visit("post")
            return
        if _is_of_another_store(page, errand.frontier.shop_id):
            yield unreadable(page, "a page of another store")
            return
        yield from errand.frontier.reader.read(
            PendingPage(page, errand.entry, errand.lastmod, errand.number)
        )

    def failed_post(self, failure: Failure) -> Iterator[TemplateSettled | Visit | Request]:
        """Tell a request for a post that brought no answer. What we did not send is no evidence."""
        request: Request = failure.request  # type: ignore[attr-defined]
        errand: FetchTask = request.cb_kwargs["errand"]
        told = []
        if failure.value is not None and not is_refusal(failure.value):
            told = [
                read_failure(
                    failure.value, url=request.url, asked=errand.asked_url, expected="html"
                ).visit("post")
            ]
        yield from self._go_on(told, errand)

    def _follow(self, page: FetchedPage, errand: FetchTask) -> Iterator[Visit | Request]:
        """Tell a redirect, and go where it leads unless that is asked for anyway."""
        target = page.judgement.target
        if target == errand.asked_url or target in errand.passed:
            yield unreadable(page, "a ring of redirects")
            return
        address = canonical_post_url(target)
        if address and not page.judgement.same_address:
            yield Visit(capture=replace(page.capture, final_url=address.url), resource_type="post")
        if errand.frontier.is_new(target):
            errand.frontier.expect(target, errand.number)
            yield self._request(replace(errand, passed=(*errand.passed, target)), target)

    def _request(self, errand: FetchTask, url: str = "") -> Request:
        # The frontier says what was asked for already: Scrapy's own filter would hash every address
        # for it.
        return Request(
            url or errand.asked_url,
            callback=self.parse_post,
            errback=self.failed_post,
            headers=None if url else errand.conditions,
            cb_kwargs={"errand": errand},
            dont_filter=True,
        )

    async def _fetch(self, url: str, expected: Expected) -> FetchedPage:
        """Fetch one address of the store at once, following redirects within the store."""
        here = url
        for hop in range(MAX_REDIRECTS + 1):
            page = await self._ask(here, url, expected)
            if page.judgement.verdict != "renamed" or not self._may_follow(
                page.judgement.target, hop
            ):
                return page
            here = page.judgement.target
        return page

    def _may_ask(self, url: str) -> bool:
        address = canonical_post_url(url)
        return same_store(url, hosts_of(self.address)) and (
            address is None or self.is_chosen(address.blog_handle)
        )

    async def _ask_former(self, url: str) -> FetchedPage:
        """Ask the home page of a store that the archive knows at another address than this one,
        once."""
        return await self._ask(url, url, "html", former=True)

    async def _ask(
        self, here: str, asked: str, expected: Expected, *, former: bool = False
    ) -> FetchedPage:
        meta = {"dont_obey_robotstxt": expected == "text", FORMER_ADDRESS: former}
        request = Request(here, headers={"Accept": ACCEPT[expected]}, dont_filter=True, meta=meta)
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as error:  # noqa: BLE001 - whatever the downloader raises is an answer that did not come
            return read_failure(error, url=here, asked=asked, expected=expected)
        return read_response(response, asked=asked, expected=expected)

    def _may_follow(self, target: str, hops: int) -> bool:
        return bool(target) and hops < MAX_REDIRECTS and same_store(target, hosts_of(self.address))


def _handles(words: str) -> frozenset[str]:
    return frozenset(normal_segment(word.strip()) for word in words.split(",") if word.strip())


def _is_of_another_store(page: FetchedPage, shop_id: str) -> bool:
    """Whether a page says that it is another Shopify store's than the one whose number is known: an
    edge that mixes stores up, or a domain that was handed on, makes no post of ours, and takes none
    away."""
    told = page.judgement.markers.shop_id if page.judgement.markers else ""
    return bool(shop_id and told) and told != shop_id


def _errand(
    wanted: FetchCandidate, known: KnownPost | None, frontier: CrawlState, number: int
) -> FetchTask:
    return FetchTask(
        asked_url=wanted.page_url,
        frontier=frontier,
        number=number,
        entry=wanted.entry,
        lastmod=wanted.lastmod,
        conditions=_validators(known) if known else None,
    )


def _validators(known: KnownPost) -> dict[str, str] | None:
    """A conditional request (RFC 9110, 13.1), for a post that no listing dates; with a date to go
    by, validators might only lie."""
    conditions = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    told = (
        {name: value for name, value in conditions.items() if value}
        if known.last_verdict == "ok"
        else {}
    )
    return told or None
