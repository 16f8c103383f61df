"""The one spider: a store is its argument."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from scraper.extract import LEARN_PAGES
from scraper.items import PAGERS, FeedEntry, KnownPost, StoreSeen, Template, Visit
from scraper.shopify.urls import canonical_post_url, hosts_of, is_loopback, parse_store_url, same_store
from scraper.shopify.verdicts import Expected
from scraper.spiders.answers import Page, is_refusal, read_failure, read_response
from scraper.spiders.discovery import Discovery, Limits
from scraper.spiders.reading import PageReader, unreadable

MAX_REDIRECTS = 5
ACCEPT = {"html": "text/html,application/xhtml+xml", "xml": "application/atom+xml,application/xml,text/xml", "text": "text/plain,*/*;q=0.1"}


@dataclass(slots=True)
class Frontier:
    """Every address that was asked for in this crawl, and how many answers are still awaited, of all and of the first `LEARN_PAGES`;
    `reader` takes the posts out of them."""

    reader: PageReader
    asked: set[str] = field(default_factory=set)
    awaited: int = 0
    awaited_first: int = 0

    def is_new(self, url: str) -> bool:
        """Whether nobody has asked for an address yet."""
        return bool(url) and url not in self.asked

    def expect(self, url: str, number: int) -> None:
        """Note that an address is asked for, on the errand of that number."""
        self.asked.add(url)
        self.awaited += 1
        self.awaited_first += number < LEARN_PAGES

    def answered(self, number: int) -> bool:
        """Note an answer to an errand, or that none will come. Says whether it was the last of all, or of the first ones."""
        self.awaited -= 1
        self.awaited_first -= number < LEARN_PAGES
        return self.awaited == 0 or (self.awaited_first == 0 and number < LEARN_PAGES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """Why an address is asked for: `asked_url` is where it began before redirects; errands are numbered from 0 in the order of asking."""

    asked_url: str
    frontier: Frontier
    number: int
    entry: FeedEntry | None = None
    hops: int = 0


class BlogSpider(Spider):
    """Crawls every post of every blog of the store at `store`.

    `known` and `known_template` give what the archive holds of the store; its extension puts its own in place. `reader` may still hold
    pages when the spider is closed early: they are read then. While `discovering`, whoever must end
    the crawl sets `stop_reason` (see `closing.close_soon`).
    """

    name = "blog"

    def __init__(self, store: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.store_url = store
        self.address = parse_store_url(store)
        self.known: Callable[[], Sequence[KnownPost]] = tuple
        self.known_template: Callable[[], Template | None] = lambda: None
        self.reader = PageReader(None)
        self.discovering = True
        self.stop_reason = ""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        rate = crawler.settings.getfloat("ARCHIVE_RATE")
        if rate > 0 and not is_loopback(spider.address.host):
            # One request a second, two in flight, was never refused; ten at once were refused nine times in ten (SHOPIFY.md, 3.5).
            # The second between them is kept by the budget that all crawls share (BackoffMiddleware).
            crawler.settings.set("CONCURRENT_REQUESTS", 2, priority="spider")
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """Find where the posts are, then ask for each of them."""
        discovery = Discovery(self.address, self.store_url, self.settings["USER_AGENT"], self._fetch, self._limits())
        async for found in discovery.run(self._known):
            yield found
            if self.stop_reason and not isinstance(found, StoreSeen):  # the answer that stopped us comes with it
                raise CloseSpider(self.stop_reason)
        self.discovering = False
        stats = self.crawler.stats
        stats.set_value("archive/failed_sources", len(discovery.failed))
        stats.set_value("archive/posts_listed", discovery.listed)
        stats.set_value("archive/posts_wanted", len(discovery.posts))
        self.reader = PageReader(self.known_template())
        frontier = Frontier(self.reader)
        wanted = {post.page_url: post.entry for post in discovery.posts.values()}
        errands = [
            Errand(asked_url=url, entry=entry, frontier=frontier, number=number) for number, (url, entry) in enumerate(wanted.items())
        ]
        for errand in errands:
            frontier.expect(errand.asked_url, errand.number)
        for errand in errands:
            yield self._request(errand)

    def _limits(self) -> Limits:
        number = self.settings.getint
        return Limits(
            sitemaps=number("ARCHIVE_MAX_SITEMAPS"), index_pages=number("ARCHIVE_MAX_INDEX_PAGES"), posts=number("ARCHIVE_MAX_POSTS")
        )

    def parse_post(self, response: Response, errand: Errand) -> Iterator[Template | Visit | Request]:
        """Judge an answer to a request for a post; take the post out of it; go on to posts that only its pager names."""
        yield from self._go_on(self._judge(response, errand), errand)

    def _go_on(self, found: Iterable[Template | Visit | Request], errand: Errand) -> Iterator[Template | Visit | Request]:
        """Hand on what an answer brought, with the posts that only a pager names; after the first and the last answers, the pages held."""
        frontier = errand.frontier
        yield from self._with_pagers(found, frontier)
        if frontier.answered(errand.number):
            yield from self._with_pagers(frontier.reader.read_held(), frontier)

    def _with_pagers(self, found: Iterable[Template | Visit | Request], frontier: Frontier) -> Iterator[Template | Visit | Request]:
        for item in found:
            yield item
            for link in item.post.links if isinstance(item, Visit) and item.post else ():
                if link.kind in PAGERS and same_store(link.url, hosts_of(self.address)) and frontier.is_new(link.url):
                    errand = Errand(asked_url=link.url, frontier=frontier, number=len(frontier.asked))
                    frontier.expect(link.url, errand.number)
                    yield self._request(errand)

    def _judge(self, response: Response, errand: Errand) -> Iterator[Template | Visit | Request]:
        page = read_response(response, asked=errand.asked_url, expected="html")
        if page.judgement.verdict == "renamed" and self._may_follow(page.judgement.target, errand.hops):
            yield from self._follow(page, errand)
            return
        if page.judgement.verdict == "renamed" and errand.hops >= MAX_REDIRECTS:
            yield unreadable(page, f"more than {MAX_REDIRECTS} redirects")
            return
        if page.judgement.verdict != "ok":
            yield page.visit("post")
            return
        yield from errand.frontier.reader.read(page, errand.entry, errand.number)

    def failed_post(self, failure: Failure) -> Iterator[Template | Visit | Request]:
        """Tell a request for a post that brought no answer. What we did not send is no evidence."""
        request: Request = failure.request  # type: ignore[attr-defined]
        errand: Errand = request.cb_kwargs["errand"]
        told = []
        if failure.value is not None and not is_refusal(failure.value):
            told = [read_failure(failure.value, url=request.url, asked=errand.asked_url, expected="html").visit("post")]
        yield from self._go_on(told, errand)

    def _follow(self, page: Page, errand: Errand) -> Iterator[Visit | Request]:
        """Tell a redirect, and go where it leads unless that is asked for anyway."""
        target = page.judgement.target
        if target == errand.asked_url:
            yield unreadable(page, "a ring of redirects")
            return
        address = canonical_post_url(target)
        if address and not page.judgement.same_address:
            yield Visit(capture=replace(page.capture, final_url=address.url), wanted="post")
        if errand.frontier.is_new(target):
            errand.frontier.expect(target, errand.number)
            yield self._request(replace(errand, hops=errand.hops + 1), target)

    def _request(self, errand: Errand, url: str = "") -> Request:
        # The frontier says what was asked for already: Scrapy's own filter would hash every address for it.
        return Request(
            url or errand.asked_url, callback=self.parse_post, errback=self.failed_post, cb_kwargs={"errand": errand}, dont_filter=True
        )

    async def _fetch(self, url: str, expected: Expected) -> Page:
        """Fetch one address of the store at once, following redirects within the store."""
        here = url
        for hop in range(MAX_REDIRECTS + 1):
            request = Request(
                here, headers={"Accept": ACCEPT[expected]}, dont_filter=True, meta={"dont_obey_robotstxt": expected == "text"}
            )
            try:
                response = await self.crawler.engine.download_async(request)
            except Exception as error:  # noqa: BLE001 - whatever the downloader raises is an answer that did not come
                return read_failure(error, url=here, asked=url, expected=expected)
            page = read_response(response, asked=url, expected=expected)
            if page.judgement.verdict != "renamed" or not self._may_follow(page.judgement.target, hop):
                return page
            here = page.judgement.target
        return page

    def _may_follow(self, target: str, hops: int) -> bool:
        return bool(target) and hops < MAX_REDIRECTS and same_store(target, hosts_of(self.address))

    def _known(self) -> Sequence[KnownPost]:
        return self.known()
