"""Finds the posts of a blog of another system than Shopify: its feeds, and the sitemaps that name
posts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar

from scraper.crawl_evidence import Listing, ListingSource
from scraper.documents.sitemaps import Sitemap, parse_sitemap
from scraper.exceptions import FeedError
from scraper.extensions.crawl_run import CrawlRun
from scraper.history.crawl_health import is_forbidden
from scraper.hosts import StoreAddress, hosts_of, same_store
from scraper.items import Verdict, Visit
from scraper.platforms import Platform
from scraper.platforms.announced import (
    lists_of_posts,
    next_page,
    posts_below,
    posts_in_data,
)
from scraper.platforms.listings import (
    find_feeds,
    folders_of,
    parse_any_feed,
    posts_in,
    sitemap_kind,
)
from scraper.platforms.posts import read_post_address
from scraper.shopify.urls import PostAddress
from scraper.spiders.candidates import Candidates
from scraper.spiders.responses import FetchedPage
from scraper.spiders.store_identity import Fetch

logger = logging.getLogger(__name__)

_Document = TypeVar("_Document")
_ABSENT: Final[frozenset[Verdict]] = frozenset({"not_found", "gone", "soft_404"})


@dataclass(slots=True)
class PlatformDiscovery:
    """One walk through the listings of a blog; everything read is saved in `run`.

    `sitemaps` are those that were read already, by address; `most` is how many documents are read.
    After `walk`: `in_sitemap` are the posts that sitemaps name, `failed` the listings that could
    not be read, with their sources, `forbidden` the sources of those that robots.txt forbids.
    """

    platform: Platform
    store: StoreAddress
    fetch: Fetch
    run: CrawlRun
    found: Candidates
    sitemaps: dict[str, Sitemap]
    most: int
    in_sitemap: set[str] = field(default_factory=set)
    failed: list[tuple[str, ListingSource]] = field(default_factory=list)
    forbidden: set[ListingSource] = field(default_factory=set)
    _folders: set[str] = field(default_factory=set)
    _read: set[str] = field(default_factory=set)

    async def walk(self, home: FetchedPage) -> None:
        """Read the feeds that the home page offers, then the sitemaps; where none names a post,
        what pages announce."""
        self.found.read_address = self.read_address
        guesses = [f"{self.store.origin}{path}" for path in self.platform.listings]
        named = await self._read_page(find_feeds, home.body, home.final_url)
        offered = list(filter(self._is_ours, named))
        feeds = offered or [url for url in guesses if not _is_sitemap(url)]
        for url in feeds[:1]:
            await self._read_feed(url, is_guess=not offered)
        known = dict(self.sitemaps)
        for url, sitemap in known.items():
            await self._read_sitemap(url, sitemap)
        if not self.in_sitemap:
            for url in filter(_is_sitemap, guesses):
                await self._fetch_sitemap(url, is_guess=True)
                if self.in_sitemap:
                    break
        if not self.found.posts:
            await self._read_lists(home)

    async def _read_lists(self, home: FetchedPage) -> None:
        """Read what pages announce, where no listing names a post: the home page, and those that it
        links to and that list a blog, each with the pages behind it."""
        url = home.final_url
        self._add_announced(await self._read_page(posts_in_data, home.body, url), url)
        folders = await self._read_page(lists_of_posts, home.body, url)
        for folder in filter(self._is_ours, folders):
            following = folder
            while following and len(self._read) < self.most:
                following = await self._read_list(following, folder=folder)

    async def _read_list(self, url: str, *, folder: str) -> str:
        """Read a page that lists a blog; returns the address of its next page, or an empty
        string."""
        if url in self._read or not self._is_ours(url):
            return ""
        self._read.add(url)
        page = await self.fetch(url, "html")
        self.run.save(Visit(capture=page.capture, resource_type="index"))
        if page.judgement.verdict != "ok":
            return ""
        named = await self._read_page(posts_in_data, page.body, url)
        named = named or await self._read_page(posts_below, page.body, folder)
        self._add_announced(named, url)
        following = await self._read_page(next_page, page.body, url) if named else ()
        return next(iter(following), "")

    def _add_announced(self, urls: Iterable[str], source: str) -> None:
        posts = ((url, "", "") for url in urls if self._is_ours(url))
        self._save(self.found.add_listing("index", source, posts))

    def read_address(self, url: str) -> PostAddress | None:
        """Read an address as that of a post of this blog; None for what cannot be one."""
        return read_post_address(url, self.platform)

    async def _read_feed(self, url: str, *, is_guess: bool) -> None:
        entries = await self._load(url, "feed", parse_any_feed, is_guess=is_guess)
        if entries is None:
            return
        self._save(self.found.add_feed(url, entries))
        self._folders |= folders_of(entries, self.platform)

    async def _fetch_sitemap(self, url: str, *, is_guess: bool = False) -> None:
        if url in self._read or len(self._read) >= self.most:
            return
        sitemap = await self._load(
            url, "sitemap", lambda body, _: parse_sitemap(body), is_guess=is_guess
        )
        if sitemap is not None:
            await self._read_sitemap(url, sitemap)

    async def _read_sitemap(self, url: str, sitemap: Sitemap) -> None:
        self._read.add(url)
        if sitemap.kind == "index":
            for entry in sitemap.entries:
                if self._is_ours(entry.url) and not sitemap_kind(entry.url).names_others:
                    await self._fetch_sitemap(entry.url)
            return
        listing = self.found.add_listing(
            "sitemap", url, posts_in(url, sitemap, self.platform, self._folders)
        )
        self.in_sitemap.update(post.url for post in listing.posts)
        self._save(listing)

    async def _load(
        self,
        url: str,
        source: ListingSource,
        parse: Callable[[bytes, str], _Document],
        *,
        is_guess: bool,
    ) -> _Document | None:
        """Fetch and read a listing; one that we only guessed, or that is not there, is no
        failure."""
        page = await self.fetch(url, "xml")
        self._read.add(url)
        self.run.save(Visit(capture=page.capture, resource_type=source))
        document = None
        if page.judgement.verdict == "ok":
            try:
                document = parse(page.body, url)
            except FeedError as error:
                logger.warning("%s cannot be read: %s", url, error)
        if document is not None or is_guess:
            return document
        if is_forbidden(page.judgement.detail):
            self.forbidden.add(source)
        elif page.judgement.verdict not in _ABSENT:
            self.failed.append((url, source))
        return None

    async def _read_page(
        self, read: Callable[..., tuple[str, ...]], body: bytes, url: str
    ) -> tuple[str, ...]:
        """What a page names; nothing where it cannot be read."""
        try:
            return await self.run.read_listing(partial(read, url=url), body)
        except FeedError as error:
            logger.warning("%s cannot be read: %s", url, error)
            return ()

    def _save(self, listing: Listing) -> None:
        if listing.posts:
            self.run.save(listing)

    def _is_ours(self, url: str) -> bool:
        return same_store(url, hosts_of(self.store))


def _is_sitemap(url: str) -> bool:
    return "sitemap" in url
