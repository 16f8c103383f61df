"""The one spider: a store is its argument."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Self

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from scraper.exceptions import ExtractionError
from scraper.extract import extract_post
from scraper.items import FeedEntry, KnownPost, Link, Visit
from scraper.shopify.urls import canonical_post_url, hosts_of, is_loopback, parse_store_url, same_store
from scraper.shopify.verdicts import Expected
from scraper.spiders.answers import Page, is_refusal, read_failure, read_response
from scraper.spiders.discovery import Discovery

MAX_REDIRECTS = 5
ACCEPT = {"html": "text/html,application/xhtml+xml", "xml": "application/atom+xml,application/xml,text/xml", "text": "text/plain,*/*;q=0.1"}
"""With ``Accept: text/markdown`` among the choices, storefronts answer with a page for agents (SHOPIFY.md, 3.4)."""


class BlogSpider(Spider):
    """Crawls every post of every blog of the store at `store`.

    `known` gives the posts that the archive holds; the archive's extension puts its own in place.
    """

    name = "blog"

    def __init__(self, store: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.store_url = store
        self.address = parse_store_url(store)
        self.known: Callable[[], Sequence[KnownPost]] = tuple

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        rate = crawler.settings.getfloat("ARCHIVE_RATE")
        if rate > 0 and not is_loopback(spider.address.host):
            # One request a second, two in flight, was never refused; ten at once were refused nine times in ten (SHOPIFY.md, 3.5).
            crawler.settings.set("DOWNLOAD_DELAY", 1 / rate, priority="spider")
            crawler.settings.set("CONCURRENT_REQUESTS", 2, priority="spider")
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """Find where the posts are, then ask for each of them."""
        discovery = Discovery(self.address, self.store_url, self.settings["USER_AGENT"], self._fetch)
        async for found in discovery.run(self._known):
            yield found
        stats = self.crawler.stats
        stats.set_value("archive/failed_sources", len(discovery.failed))
        stats.set_value("archive/posts_listed", len(discovery.posts))
        for wanted in discovery.posts.values():
            yield self._request(wanted.page_url, asked=wanted.page_url, entry=wanted.entry)

    def parse_post(self, response: Response, asked: str, entry: FeedEntry | None, hops: int = 0) -> Iterator[Visit | Request]:
        """Judge an answer to a request for a post; take the post out of it; go on to posts that only its pager names."""
        page = read_response(response, asked=asked, expected="html")
        target = page.judgement.target
        if page.judgement.verdict == "renamed" and self._may_follow(target, hops):
            address = canonical_post_url(target)
            if address and not page.judgement.same_address:
                yield Visit(capture=replace(page.capture, final_url=address.url), wanted="post")
            yield self._request(target, asked=asked, entry=entry, hops=hops + 1)
            return
        if page.judgement.verdict != "ok":
            yield page.visit("post")
            return
        visit = _take_post(page, entry)
        yield visit
        for link in visit.post.links if visit.post else ():
            if _is_pager(link) and same_store(link.url, hosts_of(self.address)):
                yield self._request(link.url, asked=link.url, entry=None)

    def failed_post(self, failure: Failure) -> Iterator[Visit]:
        """Tell a request for a post that brought no answer. What we did not send is no evidence."""
        request: Request = failure.request  # type: ignore[attr-defined]
        if failure.value is None or is_refusal(failure.value):
            return
        yield read_failure(failure.value, url=request.url, asked=request.cb_kwargs["asked"], expected="html").visit("post")

    def _request(self, url: str, *, asked: str, entry: FeedEntry | None, hops: int = 0) -> Request:
        return Request(
            url,
            callback=self.parse_post,
            errback=self.failed_post,
            headers={"Accept": ACCEPT["html"]},
            cb_kwargs={"asked": asked, "entry": entry, "hops": hops},
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


def _take_post(page: Page, entry: FeedEntry | None) -> Visit:
    try:
        post = extract_post(page.body, url=page.final_url, feed_entry=entry)
    except ExtractionError as error:
        return Visit(capture=replace(page.capture, verdict="unreadable", detail=str(error)), wanted="post")
    # The address that answered is the post's; a canonical link may name another host, or another post.
    address = canonical_post_url(page.final_url)
    if address and address.url != post.url:
        post = replace(post, url=address.url, locale=address.locale, blog_handle=address.blog_handle, handle=address.handle)
    return Visit(capture=page.capture, wanted="post", post=post)


def _is_pager(link: Link) -> bool:
    return link.kind in {"older", "newer", "previous", "next"} and canonical_post_url(link.url) is not None
