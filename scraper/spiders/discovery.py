"""Finds the posts of a store: robots.txt, sitemaps, feeds and blog indexes, one after the other.

Discovery comes before the first post is requested, so that each post is fetched once and can be
compared with its feed entry. Of a known store only sitemaps and feeds are read, which show what
changed; its index pages are read the first time, once in every sweep, and wherever a sitemap does
not name what the feed does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, Self, TypeVar

from scraper.crawl_evidence import BlogSeen, KnownStore, Listing, ListingSource, StoreSeen
from scraper.documents.robots import Robots, parse_robots
from scraper.documents.sitemaps import (
    Sitemap,
    SitemapEntry,
    blog_sitemaps,
    parse_sitemap,
)
from scraper.exceptions import FeedError
from scraper.extensions.crawl_run import CrawlRun
from scraper.history.crawl_health import is_forbidden
from scraper.hosts import StoreAddress, host_of, hosts_of, parse_store_url, same_store
from scraper.items import Verdict, Visit
from scraper.platforms import identify_platform
from scraper.platforms.posts import GENERIC
from scraper.responses.block_pages import PageSignature, page_signature
from scraper.shopify.feeds import parse_feed
from scraper.shopify.listings import read_blog_index, read_home
from scraper.shopify.page_markers import store_seen
from scraper.shopify.urls import NO_SUCH_HANDLE, BlogAddress, blog_of, canonical_post_url
from scraper.spiders.candidates import Candidates
from scraper.spiders.platform_discovery import PlatformDiscovery
from scraper.spiders.responses import FetchedPage
from scraper.spiders.store_identity import Fetch, StoreIdentifier

logger = logging.getLogger(__name__)

_Document = TypeVar("_Document")

ABSENT_LISTING: Final[frozenset[Verdict]] = frozenset({"not_found", "gone"})
"""Answers of a store that does not have a listing."""

FEWEST_SITEMAPS: Final = 50
POSTS_A_SITEMAP: Final = 4_000
POSTS_AN_INDEX_PAGE: Final = 20
"""How many listings a store may have: one for so many posts of ARCHIVE_MAX_POSTS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one store can make us request: sitemaps, index pages of each blog, posts. A listing
    that exceeds one counts as incomplete."""

    sitemaps: int
    index_pages: int
    posts: int

    @classmethod
    def for_posts(cls, most: int) -> Self:
        """The limits for a store of at most so many posts."""
        return cls(
            sitemaps=max(FEWEST_SITEMAPS, most // POSTS_A_SITEMAP),
            index_pages=max(1, most // POSTS_AN_INDEX_PAGE),
            posts=most,
        )


@dataclass(slots=True)
class Discovery:
    """One walk through a store's listings; everything read is saved in `run`.

    `is_walk_due` says, from the time of the last walk that included all index pages, whether to
    include them again. After `walk`: `found` holds the posts and blogs, `listed` is the number of
    posts that the store itself names, `failed` are URLs of listings that could not be read, `known`
    is what the archive holds of the store, `walked` says whether index pages were included,
    `not_found` is the store's own not-found page if it was learned now, `moved_to` the origin to
    which the store's address leads, beyond where we follow.
    """

    store: StoreAddress
    seed_url: str
    user_agent: str
    fetch: Fetch
    run: CrawlRun
    identifier: StoreIdentifier
    limits: Limits
    is_walk_due: Callable[[str], bool]
    is_chosen: Callable[[str], bool] = lambda _: True
    failed: list[str] = field(default_factory=list)
    failed_sources: set[ListingSource] = field(default_factory=set)
    listed: int = 0
    known: KnownStore = field(default_factory=KnownStore)
    walked: bool = False
    not_found: PageSignature | None = None
    moved_to: str = ""
    found: Candidates = field(init=False)
    _redirected_off: bool = False
    _in_sitemap: set[str] = field(default_factory=set)
    _sitemaps: dict[str, Sitemap] = field(default_factory=dict)
    _index_signatures: list[PageSignature] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.found = Candidates(self.store, self.limits.posts, self.is_chosen)

    async def walk(self, load_known: Callable[[], KnownStore]) -> None:
        """Read the listings source by source; `load_known` reads what the archive holds, once it is
        clear which store this is."""
        page = await self.fetch(f"{self.store.origin}/robots.txt", "text")
        self._follow_origin(page)
        self.run.save(page.visit("robots"))  # by its date a crawl's clock is checked
        self.run.save(StoreSeen(origin=self.store.origin))
        robots = parse_robots(page.body, page.capture.http_status, self.user_agent)
        if self._leads_off(page):
            return
        if robots.access == "nothing":
            self._record_failure("sitemap", page.url)
            return
        await self._read_store(robots)
        if self.moved_to or self.identifier.doubt:
            return
        self.known = load_known()
        self.walked = self.is_walk_due(self.known.full_discovery_at)
        await self._read_blogs()
        self.listed = len(self.found.posts)
        known_urls = [*(post.url for post in self.known.posts), *self.known.pending]
        self.run.save(self.found.add_unlisted(known_urls))
        if self.found.is_cut:
            why = f"posts beyond the {self.limits.posts} of ARCHIVE_MAX_POSTS are not requested"
            self._record_cut("sitemap", self.store.origin, why)

    async def _read_store(self, robots: Robots) -> None:
        """Identify a store that the archive may know at another address, and read its sitemaps."""
        if self.run.is_stranger():
            await self.identifier.identify(self.store)
            if self.identifier.doubt:
                return
        await self._read_sitemaps(robots)
        if self._redirected_off and not self._in_sitemap:
            home = await self.fetch(f"{self.store.origin}/", "html")
            self.run.save(home.visit("home"))
            self._leads_off(home)

    async def _read_blogs(self) -> None:
        await self._read_home()
        for blog in list(self.found.blogs.values()):
            await self._read_blog(blog)
        if self.walked:
            await self._learn_not_found()

    @property
    def whole(self) -> frozenset[ListingSource]:
        """The sources that were read to their end."""
        read: set[ListingSource] = {"sitemap", "feed", "archive"}
        if self.walked:
            read.add("index")
        return frozenset(read - self.failed_sources)

    @property
    def _hosts(self) -> frozenset[str]:
        return hosts_of(self.store)

    def _follow_origin(self, page: FetchedPage) -> None:
        """A store that answers at its www variant, or over https, is the store at that address."""
        if same_store(page.final_url, self._hosts):
            self.store = self.found.store = parse_store_url(page.final_url)

    def _leads_off(self, page: FetchedPage) -> bool:
        """Whether an answer redirects to another host, where we do not follow; records which."""
        target = page.judgement.target
        if page.judgement.verdict == "redirected_off":
            self.moved_to = f"{target.partition('://')[0]}://{host_of(target)}"
        return self.moved_to != ""

    async def _read_sitemaps(self, robots: Robots) -> None:
        named = [url for url in robots.sitemaps if same_store(url, self._hosts)]
        queue = named or [f"{self.store.origin}/sitemap.xml"]
        read: set[str] = set()
        while queue and len(read) < self.limits.sitemaps:
            url = queue.pop(0)
            if url not in read:
                read.add(url)
                queue += await self._read_sitemap(url)
        if left := [url for url in dict.fromkeys(queue) if url not in read]:
            limit = f"the {self.limits.sitemaps} that ARCHIVE_MAX_POSTS allows"
            self._record_cut(
                "sitemap", left[0], f"{len(left)} sitemaps beyond {limit} are not read"
            )

    async def _read_sitemap(self, url: str) -> list[str]:
        """Save what a sitemap lists; returns the sitemaps that an index of sitemaps names."""
        page = await self.fetch(url, "xml")
        self._redirected_off |= page.judgement.verdict == "redirected_off"
        sitemap = await self._parse(page, parse_sitemap, "sitemap")
        if sitemap is None:
            return []
        if not self.found.posts:
            self._sitemaps[url] = sitemap  # another system's names posts that this does not know
        if sitemap.kind == "index":
            named = blog_sitemaps(sitemap)
            urls = (*named.own, *(url for _, url in named.localised))
            return [url for url in urls if same_store(url, self._hosts)]
        listing = self.found.add_listing("sitemap", url, self._with_blogs(sitemap.entries))
        self._in_sitemap.update(post.url for post in listing.posts)
        self.run.save(listing)
        return []

    def _with_blogs(self, entries: Iterable[SitemapEntry]) -> Iterator[tuple[str, str, str]]:
        """The entries of a sitemap; the blogs among them are added on the way."""
        for entry in entries:
            address = canonical_post_url(entry.url)
            if address is None or address.blog_handle not in self.found.blogs:
                self.found.add_blog(address.blog if address else blog_of(entry.url))
            yield entry.url, entry.lastmod, entry.lastmod_raw

    async def _read_home(self) -> None:
        """Add the seed itself; the known blogs where no sitemap could be read; and the blogs that
        the home page links to where none is known."""
        seed = canonical_post_url(self.seed_url)
        if seed and same_store(seed.url, self._hosts):
            self.found.add_blog(seed.blog)
            named = [(self.seed_url, "", "")]
            self.run.save(self.found.add_listing("seed", self.seed_url, named))
        self.found.add_blog(blog_of(self.seed_url))
        if not self._in_sitemap and self.known.platform in {"", "unknown", "shopify"}:
            for handle in self.known.blogs:
                self.found.add_blog(blog_of(f"{self.store.origin}/blogs/{handle}"))
        if self.found.blogs:
            return
        page = await self.fetch(f"{self.store.origin}/", "html")
        if page.judgement.verdict in ABSENT_LISTING:
            self._record_failure("index", page.url)
        blogs = await self._parse(page, partial(read_home, url=page.final_url), "index", "home")
        for blog in blogs or ():
            self.found.add_blog(blog)
        if not self.found.blogs:
            await self._read_platform(page)

    async def _read_platform(self, home: FetchedPage) -> None:
        """Read the listings of a blog of another system, known or not."""
        platform = identify_platform(home.body, home.capture.headers) or GENERIC
        if platform.name == "shopify" or home.judgement.verdict != "ok":
            return
        self.run.save(StoreSeen(origin=self.store.origin, platform=platform.name))
        walk = PlatformDiscovery(
            platform,
            self.store,
            self.fetch,
            self.run,
            self.found,
            self._sitemaps,
            self.limits.sitemaps,
        )
        await walk.walk(home)
        self._in_sitemap |= walk.in_sitemap
        self.failed_sources |= walk.forbidden
        for url, source in walk.failed:
            self._record_failure(source, url)

    async def _read_blog(self, blog: BlogAddress) -> None:
        page = await self.fetch(blog.feed_url, "xml")
        feed = await self._parse(page, lambda body: parse_feed(body, blog.feed_url), "feed")
        listing = None
        if feed:
            listing = self.found.add_feed(blog.feed_url, feed.entries)
            self.run.save(listing)
        if self.walked or not self._is_in_sitemap(blog, listing):
            await self._read_index(blog, feed.blog_title if feed else "")

    def _is_in_sitemap(self, blog: BlogAddress, feed: Listing | None) -> bool:
        """Whether a known blog's posts are all in the sitemaps, as far as its feed shows: then its
        index pages add nothing."""
        if "sitemap" in self.failed_sources or blog.handle not in self.known.blogs:
            return False
        if not any(_in_blog(url, blog) for url in self._in_sitemap):
            return False
        return feed is None or all(post.url in self._in_sitemap for post in feed.posts)

    async def _learn_not_found(self) -> None:
        """Request once what cannot exist, and remember what the store shows for it, unless an index
        page shows the same."""
        blog = next(iter(self.found.blogs.values()), None)
        if blog is None:
            return
        page = await self.fetch(f"{blog.url}/{NO_SUCH_HANDLE}", "html")
        self.run.save(page.visit("not_found"))
        is_page = page.judgement.verdict in {"ok", "not_found", "gone", "soft_404"}
        if is_page and page.capture.http_status in {200, 404, 410}:
            shown = page_signature(page.body)
            self.not_found = None if shown in self._index_signatures else shown

    async def _read_index(self, blog: BlogAddress, title: str) -> None:
        """Read the index pages of a blog, each the next of the one before."""
        url, seen = blog.url, set[str]()
        for number in range(self.limits.index_pages):
            page = await self.fetch(url, "html")
            if page.judgement.verdict in ABSENT_LISTING:
                self._save_missing_index(blog, url, is_first=number == 0)
            index = await self._parse(page, partial(read_blog_index, url=page.final_url), "index")
            if index is None:
                return
            if number == 0:
                self._save_blog(blog, title or index.title, page)
            posts = [post for post in index.posts if _in_blog(post, blog)]
            named = ((post, "", "") for post in posts)
            self.run.save(self.found.add_listing("index", url, named))
            # A theme that answers every page number alike would never end.
            if not index.next_page or seen.issuperset(posts):
                return
            if not same_store(index.next_page, self._hosts):
                return
            seen.update(posts)
            url = index.next_page
        limit = f"the {self.limits.index_pages} that ARCHIVE_MAX_POSTS allows"
        self._record_cut("index", url, f"index pages of {blog.url} beyond {limit} are not read")

    def _save_missing_index(self, blog: BlogAddress, url: str, *, is_first: bool) -> None:
        """An index page that is not there is a failure, unless it is the first: a store may have
        none, as long as a sitemap names its posts; and a known blog that a sitemap no longer names
        is gone, so that its index names no post."""
        if is_first and any(_in_blog(post, blog) for post in self._in_sitemap):
            return
        if is_first and blog.handle in self.known.blogs and self._has_read_sitemaps:
            self.run.save(self.found.add_listing("index", url, ()))
            return
        self._record_failure("index", url)

    @property
    def _has_read_sitemaps(self) -> bool:
        return bool(self._sitemaps or self._in_sitemap) and "sitemap" not in self.failed_sources

    def _save_blog(self, blog: BlogAddress, title: str, index: FetchedPage) -> None:
        self._index_signatures.append(page_signature(index.body))
        self.run.save(
            BlogSeen(handle=blog.handle, title=title, url=blog.url, feed_url=blog.feed_url)
        )
        if index.judgement.markers:
            self.run.save(store_seen(self.store.origin, index.judgement.markers))

    def _record_cut(self, source: ListingSource, url: str, why: str) -> None:
        """A store that lists more than we request was not read to its end."""
        if url not in self.failed:
            logger.warning("%s", why)
            self._record_failure(source, url)

    async def _parse(
        self,
        page: FetchedPage,
        parse: Callable[[bytes], _Document],
        source: ListingSource,
        resource_type: str = "",
    ) -> _Document | None:
        """Save a listing and return it, or None. One that the store does not have is no failure;
        one that it has and we could not read is."""
        capture, document = page.capture, None
        if page.judgement.verdict == "ok":
            try:
                if source == "index":
                    document = await self.run.read_listing(parse, page.body)
                else:
                    document = parse(page.body)
            except FeedError as error:
                logger.warning("%s cannot be read: %s", page.url, error)
                capture = replace(capture, verdict="unreadable", detail=str(error))
        self.run.save(Visit(capture=capture, resource_type=resource_type or source))
        if is_forbidden(page.judgement.detail):
            self.failed_sources.add(source)  # not read, but no failure: nothing was asked
        elif document is None and page.judgement.verdict not in ABSENT_LISTING:
            self._record_failure(source, page.url)
        return document

    def _record_failure(self, source: ListingSource, url: str) -> None:
        self.failed.append(url)
        self.failed_sources.add(source)


def _in_blog(url: str, blog: BlogAddress) -> bool:
    """An index page links to posts of other blogs too (menus, footers): those are not its
    listing."""
    address = canonical_post_url(url)
    return address is not None and address.blog_handle == blog.handle
