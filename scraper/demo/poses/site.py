"""A site of another system with the demo store's posts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path

from scraper.demo.posts import DemoPost
from scraper.demo.store import DemoStore, Edition

_LINK = re.compile(r'(?P<before>href="\s*)(?P<path>/blogs/[^/"]+/[^/"?#]+)')


def read_markup(name: str) -> str:
    """The markup of a page, for `str.format`."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """A system: the path of a post, its pages, the pages beside the posts with their titles, where
    its feed and sitemaps are and what they hold, and what every answer's headers say.

    `sitemap` is the index of `sitemaps`, of which `post_sitemap` lists the posts; the feed has the
    newest `feed_posts`, each under its `guid`.
    """

    path: Callable[[DemoPost], str]
    post_page: Callable[[PosedSite, DemoPost], str]
    page: Callable[[PosedSite, str, str, str], str]
    others: Mapping[str, str]
    feed: str
    feed_posts: int
    guid: Callable[[PosedSite, DemoPost], str]
    sitemap: str
    sitemaps: tuple[str, ...]
    post_sitemap: str
    forbidden: str
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class PosedSite:
    """The store on one day in such a pose; `host` is the authority of the request."""

    pose: Pose
    store: DemoStore
    edition: Edition
    host: str

    @cached_property
    def by_path(self) -> dict[str, DemoPost]:
        """The posts by their paths here."""
        return {self.pose.path(post): post for post in self.edition.posts}

    @cached_property
    def newest(self) -> list[DemoPost]:
        """The posts, newest first."""
        return sorted(self.edition.posts, key=lambda post: post.published, reverse=True)

    def url(self, path: str) -> str:
        """An absolute URL of the site."""
        return f"http://{self.host}{path}"

    def moved_to(self, path: str) -> str:
        """Where a renamed post is now; empty for another path."""
        for old, new in self.edition.redirects.items():
            post = self.edition.by_path.get(new)
            handle = old.rpartition("/")[2]
            if post and path.rstrip("/").rpartition("/")[2] == handle:
                return self.pose.path(post)
        return ""

    def body(self, post: DemoPost) -> str:
        """The author's text, its links to other posts as the author would set them here."""

        def here(match: re.Match[str]) -> str:
            target = self.edition.by_path.get(match["path"])
            return match["before"] + (self.pose.path(target) if target else match["path"])

        return _LINK.sub(here, post.body_html)

    def document(self, path: str) -> str | None:
        """The feed or the sitemap at a path; None for another path."""
        if path == self.pose.feed:
            return self._rss()
        if path == self.pose.sitemap:
            return self._sitemap(((one, "") for one in self.pose.sitemaps), index=True)
        if path == self.pose.post_sitemap:
            return self._sitemap(
                (self.pose.path(post), post.updated.isoformat()) for post in self.edition.posts
            )
        if path in self.pose.sitemaps:
            return self._sitemap((other, "") for other in self.pose.others)
        return None

    def _sitemap(self, entries: Iterable[tuple[str, str]], *, index: bool = False) -> str:
        """A sitemap, or an index of them: paths with the time of their last change."""
        root, item = ("sitemapindex", "sitemap") if index else ("urlset", "url")
        rows = "".join(
            f"<{item}><loc>{escape(self.url(path))}</loc>"
            + (f"<lastmod>{lastmod}</lastmod>" if lastmod else "")
            + f"</{item}>"
            for path, lastmod in entries
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</{root}>'
        )

    def _rss(self) -> str:
        """A feed of the newest posts, with their whole text."""
        items = "".join(
            f"<item><title>{escape(post.title)}</title>"
            f"<link>{escape(self.url(self.pose.path(post)))}</link>"
            f"<dc:creator><![CDATA[{post.author}]]></dc:creator>"
            f"<pubDate>{post.published:%a, %d %b %Y %H:%M:%S %z}</pubDate>"
            f'<guid isPermaLink="false">{escape(self.pose.guid(self, post))}</guid>'
            f"<description><![CDATA[{post.excerpt}]]></description>"
            f"<content:encoded><![CDATA[{self.body(post)}]]></content:encoded></item>"
            for post in self.newest[: self.pose.feed_posts]
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
            'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
            f"<title>{escape(self.store.shop.name)}</title><link>{self.url('/')}</link>{items}"
            "</channel></rss>"
        )
