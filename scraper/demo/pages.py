"""The HTML pages of the demo store, with the values of their heads and frames."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scraper.demo.posts import DemoBlog, DemoPost
from scraper.demo.themes import THEMES
from scraper.demo.views import (
    ArticleView,
    ListingView,
    Site,
    article_view,
    description,
    listing_view,
    stable_number,
)

RECENT_POSTS = 5
LOCALES = ("fr",)
"""Locales with a copy of every page: the same text and ids under other URLs."""

COLLECTIONS = (
    ("teas", "All teas of the shop"),
    ("sleep-aids", "All sleep aids of the shop"),
    ("balms", "All balms of the shop"),
)
_PLURALS = {"product": "products", "collection": "collections", "page": "pages"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Metadata of a page: `path` is without the locale, `resource_type` is ``article``, ``blog``, …
    or empty."""

    kind: str
    path: str
    title: str
    description: str = ""
    canonical_query: str = ""
    next_query: str = ""
    resource_type: str = ""
    resource_id: int = 0
    feed_blog: str = ""


def article_page(site: Site, post: DemoPost, *, comment_page: int = 1) -> str:
    """The page of a post, in its theme. `comment_page` counts from 1 and selects the comments."""
    page = Page(
        kind="article",
        path=post.path,
        title=post.title,
        description=description(post),
        resource_type="article",
        resource_id=post.article_id,
        feed_blog=post.blog,
    )
    return _render(
        site,
        page,
        theme=site.store.theme_of(post),
        post=article_view(site, post, comment_page=comment_page),
    )


def blog_page(site: Site, blog: DemoBlog, *, tags: Sequence[str] = (), number: int = 1) -> str:
    """Page `number` of a blog's index, or of its posts that have all of `tags` (handles)."""
    listing = listing_view(site, blog, tags=tags, number=number)
    page = Page(
        kind="blog",
        path=f"/blogs/{blog.handle}" + (f"/tagged/{'+'.join(tags)}" if tags else ""),
        title=blog.title,
        canonical_query=f"?page={number}" if number > 1 else "",
        next_query=f"?page={number + 1}" if number < listing.pages else "",
        resource_type="blog",
        resource_id=blog.blog_id,
        feed_blog=blog.handle,
    )
    return _render(site, page, listing=listing)


def home_page(site: Site) -> str:
    """The front page, with links to every blog."""
    return _render(site, Page(kind="index", path="/", title=site.store.shop.name))


def not_found_page(site: Site, path: str) -> str:
    """The store's 404 page; only its head depends on the URL."""
    return _render(site, Page(kind="404", path=path, title="404 Not Found"))


def password_page(site: Site) -> str:
    """The page that a closed store shows for every URL."""
    return _render(site, Page(kind="password", path="/password", title="Opening soon"))


def stub_page(site: Site, kind: str, handle: str) -> str:
    """A page that a post may link to: a product, a collection or a page of the shop."""
    title = handle.replace("-", " ").capitalize()
    number = stable_number(f"{kind}:{handle}")
    return _render(
        site,
        Page(
            kind=kind,
            path=f"/{_PLURALS[kind]}/{handle}",
            title=title,
            resource_type=kind,
            resource_id=number,
        ),
    )


def tool_page(site: Site, handle: str) -> str:
    """The search, the basket and the account: pages that robots.txt excludes."""
    return _render(site, Page(kind=handle, path=f"/{handle}", title=f"Your {handle}"))


def _render(
    site: Site,
    page: Page,
    *,
    theme: str = "",
    post: ArticleView | None = None,
    listing: ListingView | None = None,
) -> str:
    shop = site.store.shop
    return THEMES[theme or site.store.house_theme].render(
        {
            "shop": shop,
            "authority": site.authority,
            "blogs": shop.blogs,
            "collections": COLLECTIONS,
            "recent": _recent(site),
            "page": _frame(site, page),
            "post": post,
            "listing": listing,
            "fill": site.store.filling(page.path),
        }
    )


def _recent(site: Site) -> list[tuple[str, str]]:
    newest = [post for posts in site.edition.blogs.values() for post in posts[:RECENT_POSTS]]
    newest.sort(key=lambda post: post.published, reverse=True)
    return [(post.title, f"{site.root}{post.path}") for post in newest[:RECENT_POSTS]]


def _frame(site: Site, page: Page) -> dict[str, Any]:
    canonical = site.url(page.path)
    return {
        "kind": page.kind,
        "title": page.title,
        "description": page.description,
        "path": f"{site.root}{page.path}",
        "root": site.root,
        "lang": site.locale or "en",
        "canonical": f"{canonical}{page.canonical_query}",
        "next_url": f"{canonical}{page.next_query}" if page.next_query else "",
        "alternates": [(code, f"{site.origin}{root}{page.path}") for code, root in _ALTERNATES],
        "feed": f"{site.root}/blogs/{page.feed_blog}.atom" if page.feed_blog else "",
        "resource_type": page.resource_type,
        "resource_id": page.resource_id,
        "reqid": _request_token(site, page),
        "st_url": f"{site.authority}{site.root}{page.path}".replace("/", "\\/"),
    }


_ALTERNATES = (("x-default", ""), ("en", ""), *((locale, f"/{locale}") for locale in LOCALES))


def _request_token(site: Site, page: Page) -> str:
    """Shopify puts a request token into every page, so two answers are rarely byte-equal."""
    seed = f"{site.day}:{site.token}:{site.authority}:{site.root}{page.path}{page.canonical_query}"
    digest = hashlib.sha256(seed.encode()).hexdigest()
    return re.sub(r"^(.{8})(.{4})(.{4})(.{4})(.{12}).*", r"\1-\2-\3-\4-\5", digest)
