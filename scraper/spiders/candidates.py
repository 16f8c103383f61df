"""The blogs and posts that the listings of one store name, each under its canonical URL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from scraper.crawl_evidence import ListedPost, Listing, ListingSource
from scraper.hosts import StoreAddress, hosts_of, same_store
from scraper.items import FeedEntry
from scraper.shopify.urls import BlogAddress, PostAddress, canonical_post_url


@dataclass(frozen=True, slots=True)
class FetchCandidate:
    """A post that may be fetched.

    `page_url` is the URL to request, `entry` its feed entry, `listed` whether the store lists it
    at all, `lastmod` the latest modification time that a listing gives (UTC, or empty).
    """

    page_url: str
    entry: FeedEntry | None = None
    listed: bool = True
    lastmod: str = ""


@dataclass(slots=True)
class Candidates:
    """Collects blogs by handle and posts by canonical URL.

    `is_chosen` says whether the blog of a handle is crawled; all others are ignored, `named` holds
    the handles of both. No more than
    `max_posts` posts are collected; `is_cut` says that there were more.
    """

    store: StoreAddress
    max_posts: int
    is_chosen: Callable[[str], bool]
    read_address: Callable[[str], PostAddress | None] = canonical_post_url
    posts: dict[str, FetchCandidate] = field(default_factory=dict)
    blogs: dict[str, BlogAddress] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    is_cut: bool = False

    def is_ours(self, url: str) -> bool:
        """Whether a URL belongs to this store, and to none of the ignored blogs."""
        address = self.read_address(url)
        return same_store(url, hosts_of(self.store)) and (
            address is None or self.is_chosen(address.blog_handle)
        )

    def add_blog(self, blog: BlogAddress | None) -> None:
        """Add a blog, if it is one of this store's."""
        if blog is None or not same_store(blog.url, hosts_of(self.store)):
            return
        self.named.add(blog.handle)
        if self.is_chosen(blog.handle):
            url = self._at_store(blog.url, blog.origin)
            self.blogs.setdefault(
                blog.handle, replace(blog, url=url, origin=self.store.origin, locale="")
            )

    def add_listing(
        self, source: ListingSource, source_url: str, named: Iterable[tuple[str, str, str]]
    ) -> Listing:
        """Add the posts that a source names by URL, `lastmod` and `lastmod_raw`; returns those of
        this store, each once."""
        posts: dict[str, ListedPost] = {}
        hosts = hosts_of(self.store)
        for url, lastmod, lastmod_raw in named:
            address = self.read_address(url)
            if address is None or not same_store(address.origin, hosts):
                continue
            if not self.is_chosen(address.blog_handle):
                continue
            page_url = self._at_store(address.page_url, address.origin)
            post = ListedPost(
                url=self._at_store(address.url, address.origin),
                page_url=page_url,
                lastmod=lastmod,
                lastmod_raw=lastmod_raw,
            )
            posts.setdefault(page_url, post)
        for post in posts.values():
            self._add_post(post)
        return Listing(source=source, source_url=source_url, posts=tuple(posts.values()))

    def add_unlisted(self, urls: Iterable[str]) -> Listing:
        """Add posts that no listing names any more. They come first: where one redirects, the post
        is known before its new URL is requested."""
        posts = [ListedPost(url=url) for url in urls if url not in self.posts and self.is_ours(url)]
        first = {post.url: FetchCandidate(post.url, listed=False) for post in posts}
        self.posts = first | self.posts
        return Listing(source="archive", source_url="", posts=tuple(posts))

    def add_feed(self, url: str, entries: Sequence[FeedEntry]) -> Listing:
        """Add the posts of the feed at a URL, each with its entry; returns those of this store."""
        named = ((entry.url, entry.updated_at, entry.updated_raw) for entry in entries)
        listing = self.add_listing("feed", url, named)
        for entry in entries:
            address = self.read_address(entry.url)
            post = self._at_store(address.url, address.origin) if address else ""
            if post in self.posts:
                self.posts[post] = replace(self.posts[post], entry=entry)
        return listing

    def _add_post(self, post: ListedPost) -> None:
        """Each post is fetched once: at its own URL where any source names that, else at the
        locale copy that was named."""
        page_url, known = post.page_url or post.url, self.posts.get(post.url)
        if known is not None:
            own = page_url if page_url == post.url else known.page_url
            lastmod = max(known.lastmod, post.lastmod)
            self.posts[post.url] = replace(known, page_url=own, lastmod=lastmod)
        elif len(self.posts) < self.max_posts:
            self.posts[post.url] = FetchCandidate(page_url, lastmod=post.lastmod)
        else:
            self.is_cut = True

    def _at_store(self, url: str, origin: str) -> str:
        """A URL at the store's own origin: its http or www variant is the same post."""
        return self.store.origin + url.removeprefix(origin)
