"""Where the posts of a store are: robots.txt, sitemaps, feeds and blog indexes, one after the
other, their union kept.

Discovery comes before the first post is asked for, so that each post is fetched once and can be
held against its feed entry. A store that is known is asked for its sitemaps and feeds alone, which
tell what changed; its index pages are walked the first time, once in every sweep, and wherever a
sitemap does not name what the feed does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from scraper.exceptions import FeedError
from scraper.extensions.crawl_run import CrawlRun
from scraper.items import (
    BlogSeen,
    FeedEntry,
    KnownStore,
    ListedPost,
    Listing,
    ListingSource,
    StoreSeen,
)
from scraper.shopify.documents.feeds import parse_feed
from scraper.shopify.documents.listings import read_blog_index, read_home
from scraper.shopify.documents.robots import Robots, parse_robots
from scraper.shopify.documents.sitemaps import SitemapEntry, blog_sitemaps, parse_sitemap
from scraper.shopify.page_markers import store_seen
from scraper.shopify.responses.block_pages import PageSignature, page_signature
from scraper.shopify.urls import (
    BlogAddress,
    StoreAddress,
    blog_of,
    canonical_post_url,
    host_of,
    hosts_of,
    parse_store_url,
    same_store,
)
from scraper.spiders.responses import FetchedPage
from scraper.spiders.store_identity import Fetch, StoreIdentifier

logger = logging.getLogger(__name__)

_Document = TypeVar("_Document")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one store can make us ask for, by the settings of these names: ARCHIVE_MAX_SITEMAPS,
    ARCHIVE_MAX_INDEX_PAGES of each blog, ARCHIVE_MAX_POSTS. What is beyond counts as a listing that
    was not read whole."""

    sitemaps: int
    index_pages: int
    posts: int


NO_SUCH_HANDLE = "blogkeep-asks-for-what-cannot-be-here"
"""A handle that no author gave a post: what its address answers is the store's own page for what is
not there."""


@dataclass(frozen=True, slots=True)
class FetchCandidate:
    """A post to fetch: the address to ask for, its feed entry where a feed named it, whether a
    listing of the store did, and the latest word of those listings on when it was last modified
    (UTC, or empty)."""

    page_url: str
    entry: FeedEntry | None = None
    listed: bool = True
    lastmod: str = ""


@dataclass(slots=True)
class Discovery:
    """One walk through a store's listings. After `walk`, `posts` maps canonical addresses to what is
    wanted of them; `listed` says how many of them the store itself named, `failed` which listings
    could not be read, `known` what the archive holds of the store, `walked` whether its index pages
    were walked too, and `not_found` is its own page for what is not there, if learned now;
    `moved_to` is the origin to which its address leads now, beyond where we follow.

    Of blogs whose handles `chosen` refuses, nothing is asked for or listed.

    `walk_due` says, from when the listings were last walked whole, whether they are to be walked
    again.
    """

    store: StoreAddress
    seed_url: str
    user_agent: str
    fetch: Fetch
    run: CrawlRun
    identifier: StoreIdentifier
    limits: Limits
    walk_due: Callable[[str], bool]
    chosen: Callable[[str], bool] = lambda _: True
    posts: dict[str, FetchCandidate] = field(default_factory=dict)
    blogs: dict[str, BlogAddress] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    failed_sources: set[ListingSource] = field(default_factory=set)
    listed: int = 0
    known: KnownStore = field(default_factory=KnownStore)
    walked: bool = False
    not_found: PageSignature | None = None
    moved_to: str = ""
    _led_off: bool = False
    _in_sitemap: set[str] = field(default_factory=set)
    _index_signatures: list[PageSignature] = field(default_factory=list)

    async def walk(self, load_known: Callable[[], KnownStore]) -> None:
        """Read the listings source by source and save what they say; `load_known` reads what the
        archive holds, when it is clear which store this is."""
        page = await self.fetch(f"{self.store.origin}/robots.txt", "text")
        self._settle_on(page)
        self.run.save(StoreSeen(origin=self.store.origin))
        self.run.save(page.visit("robots"))
        robots = parse_robots(page.body, page.capture.http_status, self.user_agent)
        if self._leads_off(page):
            return
        if robots.access == "nothing":
            self._note_failure("sitemap", page.url)
            return
        await self._from_store(robots)
        if self.moved_to or self.identifier.doubt:
            return
        self.known = load_known()
        self.walked = self.walk_due(self.known.full_discovery_at)
        await self._from_blogs()
        self.listed = len(self.posts)
        addresses = [*(post.url for post in self.known.posts), *self.known.pending]
        unlisted = tuple(
            ListedPost(url=url) for url in addresses if url not in self.posts and self._is_ours(url)
        )
        self._want_first(unlisted)
        self.run.save(Listing(source="archive", source_url="", posts=unlisted))

    async def _from_store(self, robots: Robots) -> None:
        """Which store it is, where the archive may know it under another address, and what its
        sitemaps name."""
        if self.run.is_stranger():
            await self.identifier.identify(self.store)
            if self.identifier.doubt:
                return
        await self._from_sitemaps(robots)
        if self._led_off and not self._in_sitemap:
            home = await self.fetch(f"{self.store.origin}/", "html")
            self.run.save(home.visit("home"))
            self._leads_off(home)

    async def _from_blogs(self) -> None:
        await self._from_home()
        for blog in list(self.blogs.values()):
            await self._from_blog(blog)
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

    def _is_ours(self, url: str) -> bool:
        """Whether an address is one of this store's, and of none of the blogs that are not to be
        crawled."""
        address = canonical_post_url(url)
        return same_store(url, self._hosts) and (
            address is None or self.chosen(address.blog_handle)
        )

    def _settle_on(self, page: FetchedPage) -> None:
        """A store that answers under its www twin, or under https, is the store at that address."""
        if same_store(page.final_url, self._hosts):
            self.store = parse_store_url(page.final_url)

    def _leads_off(self, page: FetchedPage) -> bool:
        """Whether an answer sends us to another host, where we do not follow: all that is left to
        do is to say so."""
        if page.judgement.verdict == "redirected_off":
            self.moved_to = (
                f"{page.judgement.target.partition('://')[0]}://{host_of(page.judgement.target)}"
            )
        return self.moved_to != ""

    async def _from_sitemaps(self, robots: Robots) -> None:
        queue = [url for url in robots.sitemaps if same_store(url, self._hosts)] or [
            f"{self.store.origin}/sitemap.xml"
        ]
        asked: set[str] = set()
        while queue and len(asked) < self.limits.sitemaps:
            url = queue.pop(0)
            if url in asked:
                continue
            asked.add(url)
            page = await self.fetch(url, "xml")
            self._led_off |= page.judgement.verdict == "redirected_off"
            self.run.save(page.visit("sitemap"))
            sitemap = self._parsed(page, parse_sitemap, "sitemap")
            if sitemap is None:
                continue
            if sitemap.kind == "index":
                named = blog_sitemaps(sitemap)
                queue += [
                    url
                    for url in (*named.own, *(url for _, url in named.localised))
                    if same_store(url, self._hosts)
                ]
                continue
            listing = self._listing("sitemap", url, self._with_blogs(sitemap.entries))
            self._in_sitemap.update(post.url for post in listing.posts)
            self.run.save(listing)
        if left := [url for url in dict.fromkeys(queue) if url not in asked]:
            why = f"{len(left)} sitemaps beyond the {self.limits.sitemaps} of ARCHIVE_MAX_SITEMAPS are not read"
            self._cut("sitemap", left[0], why)

    def _with_blogs(self, entries: Iterable[SitemapEntry]) -> Iterator[tuple[str, str, str]]:
        """What a sitemap names; the blogs among it, and those of its posts, are noted on the way:
        each address is then read once."""
        for entry in entries:
            address = canonical_post_url(entry.url)
            if address is None or address.blog_handle not in self.blogs:
                self._add_blog(address.blog if address else blog_of(entry.url))
            yield entry.url, entry.lastmod, entry.lastmod_raw

    async def _from_home(self) -> None:
        """The seed itself; the blogs known already where no sitemap could be read, and the home
        page's links where none is known."""
        seed = canonical_post_url(self.seed_url)
        if seed and same_store(seed.url, self._hosts):
            self._add_blog(seed.blog)
            self.run.save(self._listing("seed", self.seed_url, [(self.seed_url, "", "")]))
        self._add_blog(blog_of(self.seed_url))
        if not self._in_sitemap:
            for handle in self.known.blogs:
                self._add_blog(blog_of(f"{self.store.origin}/blogs/{handle}"))
        if self.blogs:
            return
        page = await self.fetch(f"{self.store.origin}/", "html")
        self.run.save(page.visit("home"))
        if page.judgement.verdict != "ok":
            self._note_failure("index", page.url)
            return
        for blog in self._parsed(page, lambda body: read_home(body, page.final_url), "index") or ():
            self._add_blog(blog)

    async def _from_blog(self, blog: BlogAddress) -> None:
        page = await self.fetch(blog.feed_url, "xml")
        self.run.save(page.visit("feed"))
        feed = self._parsed(page, lambda body: parse_feed(body, blog.feed_url), "feed")
        listing = None
        if feed:
            listing = self._listing(
                "feed",
                blog.feed_url,
                ((entry.url, entry.updated_at, entry.updated_raw) for entry in feed.entries),
            )
            self.run.save(listing)
            self._note_entries(feed.entries)
        if self.walked or not self._is_in_sitemap(blog, listing):
            await self._from_index(blog, feed.blog_title if feed else "")

    def _is_in_sitemap(self, blog: BlogAddress, feed: Listing | None) -> bool:
        """Whether a known blog's posts are all in the sitemaps, as far as its feed can tell: then
        its index pages add nothing."""
        if "sitemap" in self.failed_sources or blog.handle not in self.known.blogs:
            return False
        if not any(_in_blog(url, blog) for url in self._in_sitemap):
            return False
        return feed is None or all(post.url in self._in_sitemap for post in feed.posts)

    async def _learn_not_found(self) -> None:
        """Ask once for what cannot be there, and keep what the store shows for it, unless any page
        of the blog shows the same."""
        blog = next(iter(self.blogs.values()), None)
        if blog is None:
            return
        page = await self.fetch(f"{blog.url}/{NO_SUCH_HANDLE}", "html")
        self.run.save(page.visit("not_found"))
        if page.capture.http_status in (200, 404, 410) and page.judgement.verdict in (
            "ok",
            "not_found",
            "gone",
            "soft_404",
        ):
            shown = page_signature(page.body)
            self.not_found = None if shown in self._index_signatures else shown

    async def _from_index(self, blog: BlogAddress, title: str) -> None:
        url, seen = blog.url, set[str]()
        for number in range(self.limits.index_pages):
            page = await self.fetch(url, "html")
            self.run.save(page.visit("index"))
            if page.judgement.verdict != "ok":
                # A store may do without index pages, as long as something else names its posts.
                absent = page.judgement.verdict in {"not_found", "gone"}
                if (
                    number > 0
                    or not absent
                    or not any(_in_blog(post, blog) for post in self._in_sitemap)
                ):
                    self._note_failure("index", url)
                return
            index = self._parsed(page, partial(read_blog_index, url=page.final_url), "index")
            if index is None:
                return
            if number == 0:
                self._index_signatures.append(page_signature(page.body))
                self.run.save(
                    BlogSeen(
                        handle=blog.handle,
                        title=title or index.title,
                        url=blog.url,
                        feed_url=blog.feed_url,
                    )
                )
                if page.judgement.markers:
                    self.run.save(store_seen(self.store.origin, page.judgement.markers))
            posts = [post for post in index.posts if _in_blog(post, blog)]
            self.run.save(self._listing("index", url, ((post, "", "") for post in posts)))
            # A theme that answers every page number alike would go on for ever.
            if (
                not index.next_page
                or seen.issuperset(posts)
                or not same_store(index.next_page, self._hosts)
            ):
                return
            seen.update(posts)
            url = index.next_page
        why = f"index pages of {blog.url} beyond the {self.limits.index_pages} of ARCHIVE_MAX_INDEX_PAGES are not read"
        self._cut("index", url, why)

    def _cut(self, source: ListingSource, url: str, why: str) -> None:
        """A store that names more than we ask for was not read whole."""
        if url not in self.failed:
            logger.warning("%s", why)
            self._note_failure(source, url)

    def _parsed(
        self, page: FetchedPage, parse: Callable[[bytes], _Document], source: ListingSource
    ) -> _Document | None:
        """A listing read, or None. One that the store does not have is no trouble; one that it has
        and we could not read is."""
        if page.judgement.verdict == "ok":
            try:
                return parse(page.body)
            except FeedError as error:
                logger.warning("%s cannot be read: %s", page.url, error)
        if page.judgement.verdict not in {"not_found", "gone"}:
            self._note_failure(source, page.url)
        return None

    def _note_failure(self, source: ListingSource, url: str) -> None:
        self.failed.append(url)
        self.failed_sources.add(source)

    def _add_blog(self, blog: BlogAddress | None) -> None:
        if blog and same_store(blog.url, self._hosts) and self.chosen(blog.handle):
            here = replace(
                blog, url=self._here(blog.url, blog.origin), origin=self.store.origin, locale=""
            )
            self.blogs.setdefault(here.handle, here)

    def _listing(
        self, source: ListingSource, source_url: str, named: Iterable[tuple[str, str, str]]
    ) -> Listing:
        """What a source named, posts of this store only, each once, under its canonical address."""
        posts: dict[str, ListedPost] = {}
        hosts = self._hosts
        for url, lastmod, lastmod_raw in named:
            address = canonical_post_url(url)
            if (
                address is None
                or not same_store(address.origin, hosts)
                or not self.chosen(address.blog_handle)
            ):
                continue
            page_url = self._here(address.page_url, address.origin)
            posts.setdefault(
                page_url,
                ListedPost(
                    url=self._here(address.url, address.origin),
                    page_url=page_url,
                    lastmod=lastmod,
                    lastmod_raw=lastmod_raw,
                ),
            )
        self._want(posts.values())
        return Listing(source=source, source_url=source_url, posts=tuple(posts.values()))

    def _want(self, posts: Iterable[ListedPost]) -> None:
        """Each post is fetched once: at its own address where any source names that, else at the
        locale copy that was named."""
        for post in posts:
            page_url, before = post.page_url or post.url, self.posts.get(post.url)
            if before is None and len(self.posts) >= self.limits.posts:
                why = f"posts beyond the {self.limits.posts} of ARCHIVE_MAX_POSTS are not asked for"
                self._cut("sitemap", self.store.origin, why)
                return
            if before is None:
                self.posts[post.url] = FetchCandidate(page_url, lastmod=post.lastmod)
                continue
            own = page_url if page_url == post.url else before.page_url
            self.posts[post.url] = replace(
                before, page_url=own, lastmod=max(before.lastmod, post.lastmod)
            )

    def _want_first(self, posts: Iterable[ListedPost]) -> None:
        """Addresses that nothing lists any more come first: where one redirects, the post is known
        before its new address is asked for."""
        self.posts = {
            post.url: FetchCandidate(post.url, listed=False) for post in posts
        } | self.posts

    def _note_entries(self, entries: Iterable[FeedEntry]) -> None:
        for entry in entries:
            address = canonical_post_url(entry.url)
            url = self._here(address.url, address.origin) if address else ""
            if url in self.posts:
                self.posts[url] = replace(self.posts[url], entry=entry)

    def _here(self, url: str, origin: str) -> str:
        """An address at the store's own origin: its http or www twin is the same post."""
        return self.store.origin + url.removeprefix(origin)


def _in_blog(url: str, blog: BlogAddress) -> bool:
    """An index page links to posts of other blogs too (menus, footers): those are not its
    listing."""
    address = canonical_post_url(url)
    return address is not None and address.blog_handle == blog.handle
