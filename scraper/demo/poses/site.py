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
    """A system: the path of a post, its pages and documents, the pages beside the posts with their
    titles, and what every answer's headers say."""

    path: Callable[[DemoPost], str]
    post_page: Callable[[PosedSite, DemoPost], str]
    page: Callable[[PosedSite, str, str, str], str]
    document: Callable[[PosedSite, str], str | None]
    others: Mapping[str, str]
    sitemap: str
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

    def path(self, post: DemoPost) -> str:
        """The path of a post."""
        return self.pose.path(post)

    def moved_to(self, path: str) -> str:
        """Where a renamed post is now; empty for another path."""
        for old, new in self.edition.redirects.items():
            post = self.edition.by_path.get(new)
            handle = old.rpartition("/")[2]
            if post and path.rstrip("/").rpartition("/")[2] == handle:
                return self.path(post)
        return ""

    def body(self, post: DemoPost) -> str:
        """The author's text, its links to other posts as the author would set them here."""

        def here(match: re.Match[str]) -> str:
            target = self.edition.by_path.get(match["path"])
            return match["before"] + (self.path(target) if target else match["path"])

        return _LINK.sub(here, post.body_html)

    def sitemap_of(self, entries: Iterable[tuple[str, str]], *, index: bool = False) -> str:
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

    def rss(self, count: int, identity: Callable[[DemoPost], str]) -> str:
        """A feed of the newest posts, with their whole text."""
        items = "".join(
            f"<item><title>{escape(post.title)}</title>"
            f"<link>{escape(self.url(self.path(post)))}</link>"
            f"<dc:creator><![CDATA[{post.author}]]></dc:creator>"
            f"<pubDate>{post.published:%a, %d %b %Y %H:%M:%S %z}</pubDate>"
            f'<guid isPermaLink="false">{escape(identity(post))}</guid>'
            f"<description><![CDATA[{post.excerpt}]]></description>"
            f"<content:encoded><![CDATA[{self.body(post)}]]></content:encoded></item>"
            for post in self.newest[:count]
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
            'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
            f"<title>{escape(self.store.shop.name)}</title><link>{self.url('/')}</link>{items}"
            "</channel></rss>"
        )
