"""Pages that list: a blog's index, a tag's page, the home page. Posts are known by their address,
never by a theme's markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from scraper.documents.markup_limits import limit_markup
from scraper.hosts import StoreAddress, hosts_of, parse_store_url, same_store
from scraper.shopify.urls import BlogAddress, PostAddress, blog_of, canonical_post_url

_PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,5}")
_TAG = re.compile(r"/tagged/.*", re.S)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlogIndex:
    """One page of a blog's index: `posts` as canonical addresses in the page's order, each once, at
    the origin the page came from.

    `next_page` is the address of the following page, or empty; `title` the blog's; `feed_url` where
    Shopify serves its feed.
    """

    posts: tuple[str, ...]
    next_page: str
    title: str
    feed_url: str
    blog_handle: str


def read_blog_index(body: bytes, url: str) -> BlogIndex:
    """Read a blog's index fetched from `url` (any page of it, any locale, a tag's page too).

    Every link of the page that leads to a post of the store counts, for cards differ from theme to
    theme (docs/explanation/shopify.md, 2.2). Raises NotAStoreURL if `url` itself is no web address,
    TooMuchMarkup as `limit_markup` does.
    """
    tree, store = LexborHTMLParser(limit_markup(body)), parse_store_url(url)
    links = tuple(dict.fromkeys(_links(tree)))
    blog = blog_of(_TAG.sub("", urlsplit(url).path), url)
    posts = tuple(dict.fromkeys(address.url for address in posts_among(links, url, store)))
    return BlogIndex(
        posts=posts,
        # One theme prints a link to the next page behind the last one too, for ever; a page without
        # posts is the end.
        next_page=_next_page(tree, links, url, store) if posts else "",
        title=_title(tree),
        feed_url=blog.feed_url if blog else "",
        blog_handle=blog.handle if blog else "",
    )


def read_home(body: bytes, url: str) -> tuple[BlogAddress, ...]:
    """Return the blogs that a page of the store links to, directly or by one of their posts or
    tags; each once, in the page's order.

    Raises as `read_blog_index` does.
    """
    tree, store = LexborHTMLParser(limit_markup(body)), parse_store_url(url)
    blogs: dict[str, BlogAddress] = {}
    hosts = hosts_of(store)
    for link in dict.fromkeys(_links(tree)):
        post = canonical_post_url(link, url)
        blog = post.blog if post else blog_of(_TAG.sub("", link), url)
        if blog and same_store(blog.url, hosts):
            here = replace(blog, url=_moved(blog.url, blog.origin, store), origin=store.origin)
            blogs.setdefault(here.url, here)
    return tuple(blogs.values())


def posts_among(links: tuple[str, ...], url: str, store: StoreAddress) -> Iterator[PostAddress]:
    """Return the posts of the store among links found at `url`, as addresses at the store's own
    origin.

    A link to the twin host (with or without ``www.``, http or https) is the same post, so it must
    not be listed twice.
    """
    hosts = hosts_of(store)
    for link in links:
        post = canonical_post_url(link, url)
        if post and same_store(post.url, hosts):
            yield replace(post, url=_moved(post.url, post.origin, store), origin=store.origin)


def _moved(url: str, origin: str, store: StoreAddress) -> str:
    return store.origin + url.removeprefix(origin)


def _links(tree: LexborHTMLParser) -> Iterator[str]:
    for anchor in tree.css("a[href]"):
        href = anchor.attributes.get("href")
        if href:
            yield href.strip()


def _next_page(
    tree: LexborHTMLParser, links: tuple[str, ...], url: str, store: StoreAddress
) -> str:
    """Return the page after this one: the nearest higher ``page=N`` of the same path, whichever
    element names it.

    Labels and classes of pagers differ in every theme; the parameter is Shopify's own. Other
    parameters are dropped.
    """
    path, here, hosts = urlsplit(url).path.rstrip("/"), _page_number(url), hosts_of(store)
    heads = [link.attributes.get("href") or "" for link in tree.css('link[rel="next"]')]
    later: list[int] = []
    for link in (*heads, *links):
        target = _joined(url, link) if "page=" in link else ""
        if target and urlsplit(target).path.rstrip("/") == path and same_store(target, hosts):
            later.append(_page_number(target))
    number = min((number for number in later if number > here), default=0)
    return f"{store.origin}{path}?page={number}" if number else ""


def _joined(url: str, link: str) -> str:
    try:
        return urljoin(url, link)
    except ValueError:
        return ""


def _page_number(url: str) -> int:
    try:
        number = parse_qs(urlsplit(url).query).get("page", ["1"])[0]
    except ValueError:  # more fields than anybody means
        return 1
    return int(number) if _PAGE_NUMBER.fullmatch(number) else 1


def _title(tree: LexborHTMLParser) -> str:
    """Return the blog's title: what the page offers for sharing, else its first heading, else its
    title; without the shop's name."""
    shop = _meta(tree, "og:site_name")
    heading, title = tree.css_first("h1"), tree.css_first("title")
    named = (
        _meta(tree, "og:title")
        or _words(heading.text() if heading else "")
        or _words(title.text() if title else "")
    )
    for separator in (" – ", " - ", " — ", " | "):
        named = (
            named.removesuffix(f"{separator}{shop}").removeprefix(f"{shop}{separator}")
            if shop
            else named
        )
    return named


def _meta(tree: LexborHTMLParser, name: str) -> str:
    element = tree.css_first(f'meta[property="{name}"]')
    return _words(element.attributes.get("content") or "") if element else ""


def _words(text: str) -> str:
    return " ".join(text.split())
