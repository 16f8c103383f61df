"""Addresses of a Shopify store: which is a blog, which a post.

A post lives at ``/blogs/BLOG/POST``, in any market or language also at ``/LOCALE/blogs/BLOG/POST``
with the same article id. Everything here reads text only: no name is resolved and nothing is
fetched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote_to_bytes, urljoin, urlsplit

from scraper.caches import cache_short
from scraper.hosts import LONGEST_URL, origin_of

NO_SUCH_HANDLE = "blogkeep-asks-for-what-cannot-be-here"
"""A handle that no author gave a post: its URL answers with the store's own not-found page."""

_LOCALE = r"(?:/(?P<locale>[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,4}){0,2}))?"
_BLOG_PATH = re.compile(_LOCALE + r"/blogs/(?P<blog>[^/]+)/?")
_POST_PATH = re.compile(_LOCALE + r"/blogs/(?P<blog>[^/]+)/(?P<post>[^/]+)/?")
# Other formats of the same address (feed, JSON, oEmbed); a handle itself never holds a dot.
_FORMAT = re.compile(r"\.(?:atom|rss|xml|json|js|oembed)$", re.IGNORECASE)
# What mirrors and older shop systems append; Shopify's handles hold no dot, so the post is the one
# without it.
_PAGE_SUFFIX = re.compile(r"\.html?$", re.IGNORECASE)
_SLASHES = re.compile(r"/{2,}")
_PLAIN_SEGMENT = re.compile(r"[\w~-][\w.~-]*+", re.A)  # nearly all: nothing in it to encode
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_SAFE_IN_PATH = "/%!$&'()*+,;=:@"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A page of a store: `url` is canonical (no locale, no query, no fragment); `locale` is
    lower-case, or empty for the store's own language."""

    url: str
    origin: str
    locale: str
    handle: str

    @property
    def page_url(self) -> str:
        """The address in the locale that was asked for."""
        return _with_locale(self.url, self.origin, self.locale)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlogAddress(Address):
    """A blog."""

    @property
    def feed_url(self) -> str:
        """Where Shopify serves the blog's Atom feed."""
        return f"{self.url}.atom"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostAddress(Address):
    """A post."""

    blog_handle: str

    @property
    def blog(self) -> BlogAddress:
        """Return the blog that the post stands in."""
        blog_url = self.url.rpartition("/")[0]
        return BlogAddress(
            url=blog_url, origin=self.origin, locale=self.locale, handle=self.blog_handle
        )


def _with_locale(url: str, origin: str, locale: str) -> str:
    return f"{origin}/{locale}{url.removeprefix(origin)}" if locale else url


def canonical_post_url(url: str, base: str = "") -> PostAddress | None:
    """Read an address, relative to `base` where it is relative, as a post's; None for anything
    else.

    Not posts: blog indexes, tag pages, feeds and other formats, comment paths, other schemes,
    addresses with credentials. Query and fragment are dropped: on an article they only page its
    comments or track the reader. The path's percent-encoding is normalised after RFC 3986, section
    6.2.2: unreserved characters decoded, all others in upper-case hexadecimal UTF-8.
    """
    if url.startswith(("http:", "https:")):
        base = ""
    elif url.startswith("/") and not url.startswith("//") and (end := base.find("/", 8)) > 0:
        base = base[:end]  # the cache knows a menu's links again from page to page
    return _read_post_url(url, base)


@cache_short(maxsize=8192)  # a post's listing, response and page ask for it, 20 to 40 µs each
def _read_post_url(url: str, base: str) -> PostAddress | None:
    parts = _split_web_url(url, base)
    path = _POST_PATH.fullmatch(_SLASHES.sub("/", parts.path)) if parts else None
    if parts is None or path is None:
        return None
    blog, post = normal_segment(path["blog"]), _PAGE_SUFFIX.sub("", normal_segment(path["post"]))
    if not blog or not post or post == "tagged" or _FORMAT.search(post):
        return None
    origin = origin_of(parts)
    if not origin:
        return None
    return PostAddress(
        url=f"{origin}/blogs/{blog}/{post}",
        origin=origin,
        locale=(path["locale"] or "").lower(),
        blog_handle=blog,
        handle=post,
    )


def _split_web_url(url: str, base: str) -> SplitResult | None:
    """Split an address of the web that may concern a blog; None for others, the cheap test first:
    pages hold hundreds of links."""
    url = url.strip()
    if len(url) > LONGEST_URL or (
        "blogs/" not in url and (url.startswith(("/", "#", "?")) or ":" in url)
    ):
        return None
    try:
        parts = urlsplit(urljoin(base, url) if base else url)
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and "@" not in parts.netloc else None


def normal_segment(segment: str) -> str:
    """One segment of a path in its canonical percent-encoding; empty where it is blank or a dot
    segment."""
    if _PLAIN_SEGMENT.fullmatch(segment):
        return segment
    encoded = quote(_ESCAPE.sub(_normal_escape, segment), safe=_SAFE_IN_PATH, errors="replace")
    encoded = re.sub(r"%(?![0-9A-F]{2})", "%25", encoded)
    if encoded in (".", "..") or not unquote_to_bytes(encoded).strip():
        return ""
    return encoded


def _normal_escape(escape: re.Match[str]) -> str:
    byte = int(escape[1], 16)
    return chr(byte) if byte in _UNRESERVED else f"%{byte:02X}"


def blog_of(url: str, base: str = "") -> BlogAddress | None:
    """Read an address as a blog's index, any page of it; None for anything else (posts, tag pages,
    feeds)."""
    parts = _split_web_url(url, base)
    path = _BLOG_PATH.fullmatch(_SLASHES.sub("/", parts.path)) if parts else None
    if parts is None or path is None:
        return None
    handle, origin = _PAGE_SUFFIX.sub("", normal_segment(path["blog"])), origin_of(parts)
    if (
        not handle or not origin or "=" in handle or _FORMAT.search(handle)
    ):  # "=": a mirror's file name for ``?page=2``
        return None
    return BlogAddress(
        url=f"{origin}/blogs/{handle}",
        origin=origin,
        locale=(path["locale"] or "").lower(),
        handle=handle,
    )
