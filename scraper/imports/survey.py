"""What the listings of one session name: robots.txt, sitemaps, feeds and index pages, read as a
crawl reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, TypeVar

from scraper.crawl_evidence import (
    BlogSeen,
    CrawlEvidence,
    DiscoverySummary,
    KnownStore,
    ListingSource,
)
from scraper.documents.robots import parse_robots
from scraper.documents.sitemaps import Sitemap, SitemapEntry, blog_sitemaps, parse_sitemap
from scraper.exceptions import ExtractionError, FeedError
from scraper.hosts import StoreAddress, hosts_of, same_store
from scraper.imports.answers import JudgedAnswer
from scraper.imports.kinds import Kind
from scraper.items import Verdict, Visit
from scraper.platforms import Platform
from scraper.platforms.listings import folders_of, parse_any_feed, posts_in, sitemap_kind
from scraper.responses.block_pages import PageSignature, page_signature
from scraper.shopify.feeds import parse_feed
from scraper.shopify.listings import read_blog_index
from scraper.shopify.page_markers import store_seen
from scraper.shopify.urls import blog_of, canonical_post_url
from scraper.spiders.candidates import Candidates

Stamped = tuple[CrawlEvidence, str]
"""Evidence, and when it was seen (UTC)."""

_ORDER: Final[tuple[Kind, ...]] = ("robots", "home", "sitemap", "feed", "index", "not_found")

_ABSENT: Final[frozenset[Verdict]] = frozenset({"not_found", "gone"})
_SOURCES: Final[dict[Kind, ListingSource]] = {
    "sitemap": "sitemap",
    "feed": "feed",
    "index": "index",
}
_Document = TypeVar("_Document")


@dataclass(slots=True)
class Survey:
    """Collects what the listings of a session name.

    `found` holds the posts that they name; `platform` is the blog system, where it is not Shopify.
    `failed` are the URLs of listings that could not be read; `not_found` is the store's own page
    for what is not there, if the session has it. `read_listing` calls a function with a page
    in the process that reads pages.
    """

    store: StoreAddress
    user_agent: str
    read_listing: Callable[..., Any]
    found: Candidates
    platform: Platform | None = None
    failed: list[str] = field(default_factory=list)
    not_found: PageSignature | None = None
    _failed_sources: set[ListingSource] = field(default_factory=set)
    _read: dict[ListingSource, set[str]] = field(default_factory=dict)
    _named: dict[ListingSource, set[str]] = field(default_factory=dict)
    _titles: dict[str, str] = field(default_factory=dict)
    _shown: list[PageSignature] = field(default_factory=list)
    _folders: set[str] = field(default_factory=set)

    @property
    def order(self) -> tuple[Kind, ...]:
        """The order in which listings are read, all before the first post: the folders of a feed's
        posts show which addresses of another system's sitemap are posts."""
        return ("robots", "home", "feed", "sitemap") if self.platform is not None else _ORDER

    def read(self, kind: Kind, page: JudgedAnswer) -> Iterator[Stamped]:
        """Read one listing, and yield what it says, in the order in which a crawl saves it."""
        at = page.capture.fetched_at
        for evidence in self._read_document(kind, page):
            yield evidence, at
        markers = page.judgement.markers
        if markers is not None and kind in {"home", "index"} and page.judgement.verdict == "ok":
            yield store_seen(self.store.origin, markers), at

    def summary(self, known: KnownStore, fetched: Iterable[str]) -> DiscoverySummary:
        """The result of reading all listings; `fetched` are the posts that the session has."""
        left = {post.url for post in known.posts} & self.found.posts.keys() - set(fetched)
        return DiscoverySummary(
            whole=self.whole,
            walked=self._is_whole("index"),
            unchanged=len(left),
            not_found=(self.not_found.title, self.not_found.heading)
            if self.not_found
            else ("", ""),
            failed=frozenset(self.failed),
        )

    @property
    def whole(self) -> frozenset[ListingSource]:
        """The sources that the session has to their end."""
        sources: tuple[ListingSource, ...] = ("sitemap", "feed", "index")
        read = {source for source in sources if self._is_whole(source)}
        return frozenset({*read, "archive"}) if read else frozenset()

    def _is_whole(self, source: ListingSource) -> bool:
        read = self._read.get(source, set())
        wanted = set(self._named.get(source, set()))
        if source != "sitemap":
            blogs = self.found.blogs.values()
            wanted |= {blog.feed_url if source == "feed" else blog.url for blog in blogs}
        return bool(read) and wanted <= read and source not in self._failed_sources

    def _read_document(self, kind: Kind, page: JudgedAnswer) -> Iterator[CrawlEvidence]:
        if kind == "robots":
            robots = parse_robots(page.body, page.capture.http_status, self.user_agent)
            named = (url for url in robots.sitemaps if same_store(url, hosts_of(self.store)))
            self._named.setdefault("sitemap", set()).update(named)
            yield page.visit("robots")
        elif kind == "home":
            yield page.visit("home")
        elif kind == "sitemap":
            yield from self._read_sitemap(page)
        elif kind == "feed":
            if self.platform is not None:
                yield from self._read_any_feed(page, self.platform)
            else:
                yield from self._read_feed(page)
        elif kind == "index":
            yield from self._read_index(page)
        else:
            self._learn_not_found(page)
            yield page.visit("not_found")

    def _read_sitemap(self, page: JudgedAnswer) -> Iterator[CrawlEvidence]:
        sitemap, visit = self._parse(page, parse_sitemap, "sitemap")
        yield visit
        if sitemap is None:
            return
        if sitemap.kind == "index":
            self._named.setdefault("sitemap", set()).update(self._sitemaps_in(sitemap))
        elif self.platform is not None:
            named = posts_in(page.url, sitemap, self.platform, self._folders)
            yield self.found.add_listing("sitemap", page.url, named)
        else:
            yield self.found.add_listing("sitemap", page.url, self._with_blogs(sitemap.entries))

    def _sitemaps_in(self, index: Sitemap) -> Iterable[str]:
        if self.platform is None:
            return blog_sitemaps(index).own
        urls = (entry.url for entry in index.entries)
        return [url for url in urls if not sitemap_kind(url).names_others]

    def _with_blogs(self, entries: Iterable[SitemapEntry]) -> Iterator[tuple[str, str, str]]:
        for entry in entries:
            address = canonical_post_url(entry.url)
            self.found.add_blog(address.blog if address else blog_of(entry.url))
            yield entry.url, entry.lastmod, entry.lastmod_raw

    def _read_any_feed(self, page: JudgedAnswer, platform: Platform) -> Iterator[CrawlEvidence]:
        entries, visit = self._parse(page, partial(parse_any_feed, url=page.url), "feed")
        yield visit
        if entries is not None:
            yield self.found.add_feed(page.url, entries)
            self._folders |= folders_of(entries, platform)

    def _read_feed(self, page: JudgedAnswer) -> Iterator[CrawlEvidence]:
        feed, visit = self._parse(page, partial(parse_feed, url=page.url), "feed")
        yield visit
        self.found.add_blog(blog_of(page.url.removesuffix(".atom")))
        if feed is None:
            return
        self._titles[feed.blog_handle] = feed.blog_title
        yield self.found.add_feed(page.url, feed.entries)

    def _read_index(self, page: JudgedAnswer) -> Iterator[CrawlEvidence]:
        read = partial(self.read_listing, partial(read_blog_index, url=page.url))
        index, visit = self._parse(page, read, "index")
        yield visit
        blog = blog_of(page.url)
        if index is None or blog is None:
            return
        self._shown.append(page_signature(page.body))
        if "?" not in page.url:
            title = self._titles.get(blog.handle) or index.title
            yield BlogSeen(handle=blog.handle, title=title, url=blog.url, feed_url=blog.feed_url)
        if index.next_page:
            self._named.setdefault("index", set()).add(index.next_page)
        named = ((post, "", "") for post in index.posts if _blog_handle(post) == blog.handle)
        yield self.found.add_listing("index", page.url, named)

    def _learn_not_found(self, page: JudgedAnswer) -> None:
        is_page = page.judgement.verdict in {"ok", "not_found", "gone", "soft_404"}
        if is_page and page.capture.http_status in {200, 404, 410}:
            shown = page_signature(page.body)
            self.not_found = None if shown in self._shown else shown

    def _parse(
        self, page: JudgedAnswer, parse: Callable[[bytes], _Document], kind: Kind
    ) -> tuple[_Document | None, Visit]:
        source, verdict = _SOURCES[kind], page.judgement.verdict
        self._read.setdefault(source, set()).add(page.url)
        document = None
        if verdict == "ok":
            try:
                document = parse(page.body)
            except (ExtractionError, FeedError) as error:
                page = page.judged_as("unreadable", str(error))
        if document is None and verdict not in _ABSENT:
            self.failed.append(page.url)
            self._failed_sources.add(source)
        return document, page.visit(source)


def _blog_handle(post: str) -> str:
    address = canonical_post_url(post)
    return address.blog_handle if address else ""
