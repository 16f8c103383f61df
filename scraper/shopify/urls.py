"""Addresses of a Shopify store: which is the store, a blog, a post, and which hosts belong to it.

A post lives at ``/blogs/BLOG/POST``, in any market or language also at ``/LOCALE/blogs/BLOG/POST``
with the same article id. Everything here reads text only: no name is resolved and nothing is
fetched.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, quote, unquote_to_bytes, urljoin, urlsplit

from scraper.exceptions import NotAStoreURL
from scraper.shopify.hosts import clean_host, is_literal_address, is_loopback

NO_SUCH_HANDLE = "blogkeep-asks-for-what-cannot-be-here"
"""A handle that no author gave a post: its URL answers with the store's own not-found page."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LONGEST_URL = 4096
_LONGEST_SHOWN = 80

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_BARE_SCHEME = re.compile(r"([a-z][a-z0-9+-]*):(?!\d)", re.IGNORECASE)
_UNFIT = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\\<>\"]")

_LOCALE = r"(?:/(?P<locale>[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,4}){0,2}))?"
_BLOG_PATH = re.compile(_LOCALE + r"/blogs/(?P<blog>[^/]+)/?")
_POST_PATH = re.compile(_LOCALE + r"/blogs/(?P<blog>[^/]+)/(?P<post>[^/]+)/?")
# Other formats of the same address (feed, JSON, oEmbed); a handle itself never holds a dot.
_FORMAT = re.compile(r"\.(?:atom|rss|xml|json|js|oembed)$", re.IGNORECASE)
# What mirrors and older shop systems append; Shopify's handles hold no dot, so the post is the one
# without it.
_PAGE_SUFFIX = re.compile(r"\.html?$", re.IGNORECASE)
_SLASHES = re.compile(r"/{2,}")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_SAFE_IN_PATH = "/%!$&'()*+,;=:@"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAddress:
    """Where a store is: `origin` such as ``https://shop.example`` (default port left out), `host`
    without brackets, `port` always."""

    origin: str
    host: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BlogAddress:
    """A blog: `url` is canonical (no locale, no query); `locale` is lower-case, or empty for the
    store's own language."""

    url: str
    origin: str
    locale: str
    handle: str

    @property
    def page_url(self) -> str:
        """The address in the locale that was asked for."""
        return _with_locale(self.url, self.origin, self.locale)

    @property
    def feed_url(self) -> str:
        """Where Shopify serves the blog's Atom feed."""
        return f"{self.url}.atom"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostAddress:
    """A post: `url` is canonical (no locale, no query, no fragment); `locale` is lower-case, or
    empty."""

    url: str
    origin: str
    locale: str
    blog_handle: str
    handle: str

    @property
    def page_url(self) -> str:
        """The address in the locale that was asked for."""
        return _with_locale(self.url, self.origin, self.locale)

    @property
    def blog(self) -> BlogAddress:
        """Return the blog that the post stands in."""
        blog_url = self.url.rpartition("/")[0]
        return BlogAddress(
            url=blog_url, origin=self.origin, locale=self.locale, handle=self.blog_handle
        )


def _with_locale(url: str, origin: str, locale: str) -> str:
    return f"{origin}/{locale}{url.removeprefix(origin)}" if locale else url


def parse_store_url(text: str) -> StoreAddress:
    """Read what a person typed as a store's address: any page of the store will do, https is
    assumed where no scheme is given.

    Raises NotAStoreURL, one line, for what cannot be one. Credentials are refused rather than
    dropped, and never repeated.
    """
    typed = text.strip()
    if not typed:
        raise NotAStoreURL(
            "no address given: name the store's web address, such as https://shop.example"
        )
    scheme = _SCHEME.match(typed)
    bare = None if scheme else _BARE_SCHEME.match(typed)
    if (scheme and scheme[1].lower() not in _DEFAULT_PORTS) or bare:
        raise _refusal(typed, "a store's address begins with https:// or http://")
    if len(typed) > _LONGEST_URL or _UNFIT.search(typed):
        raise _refusal(typed, "it holds characters that no web address has, or is too long")
    return _store_of(
        typed if scheme else f"https://{typed}", typed, single_label=scheme is not None
    )


def _store_of(url: str, typed: str, *, single_label: bool) -> StoreAddress:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refusal(typed, "its host or port cannot be read") from None
    if "@" in parts.netloc:
        raise NotAStoreURL(
            "the address holds a user name or password: give it without, such as https://shop.example"
        )
    host = clean_host(parts.hostname or "")
    if not host or port == 0:
        raise _refusal(typed, "its host or port cannot be read")
    if not single_label and "." not in host and ":" not in host and not is_loopback(host):
        raise _refusal(typed, "its host has no dot")
    return StoreAddress(
        origin=_origin(parts.scheme, host, port),
        host=host,
        port=port or _DEFAULT_PORTS[parts.scheme],
    )


def _refusal(typed: str, reason: str) -> NotAStoreURL:
    shown = typed if "@" not in typed else "this"
    shown = shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…"
    return NotAStoreURL(
        f"{shown!r} is not the address of a store: {reason}; give its web address, such as https://shop.example"
    )


def _origin(scheme: str, host: str, port: int | None) -> str:
    return f"{scheme}://{_host_key(scheme, host, port)}"


def _host_key(scheme: str, host: str, port: int | None) -> str:
    shown = f"[{host}]" if ":" in host else host
    return shown if port in (None, _DEFAULT_PORTS[scheme]) else f"{shown}:{port}"


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
        base = base[
            :end
        ]  # the menu's links are the same on every page: so that the cache knows them again
    return _read_post_url(url, base)


@lru_cache(
    maxsize=8192
)  # asked for by a post's listing, its response and its page, 20 to 40 µs each
def _read_post_url(url: str, base: str) -> PostAddress | None:
    parts = _split_web_url(url, base)
    path = _POST_PATH.fullmatch(_SLASHES.sub("/", parts.path)) if parts else None
    if parts is None or path is None:
        return None
    blog, post = normal_segment(path["blog"]), _PAGE_SUFFIX.sub("", normal_segment(path["post"]))
    if not blog or not post or post == "tagged" or _FORMAT.search(post):
        return None
    origin = _origin_of(parts)
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
    if len(url) > _LONGEST_URL or (
        "blogs/" not in url and (url.startswith(("/", "#", "?")) or ":" in url)
    ):
        return None
    try:
        parts = urlsplit(urljoin(base, url) if base else url)
    except ValueError:
        return None
    return parts if parts.scheme in _DEFAULT_PORTS and "@" not in parts.netloc else None


def normal_segment(segment: str) -> str:
    """One segment of a path in its canonical percent-encoding; empty where it is blank or a dot
    segment."""
    encoded = quote(_ESCAPE.sub(_normal_escape, segment), safe=_SAFE_IN_PATH, errors="replace")
    encoded = re.sub(r"%(?![0-9A-F]{2})", "%25", encoded)
    if encoded in (".", "..") or not unquote_to_bytes(encoded).strip():
        return ""
    return encoded


def _normal_escape(escape: re.Match[str]) -> str:
    byte = int(escape[1], 16)
    return chr(byte) if byte in _UNRESERVED else f"%{byte:02X}"


def _origin_of(parts: SplitResult) -> str:
    return _origin_at(parts.scheme, parts.netloc)


@lru_cache(maxsize=1024)  # a sitemap names one host some ten thousand times
def _origin_at(scheme: str, netloc: str) -> str:
    parts = SplitResult(scheme, netloc, "", "", "")
    try:
        host, port = clean_host(parts.hostname or ""), parts.port
    except ValueError:
        return ""
    return _origin(scheme, host, port) if host else ""


def blog_of(url: str, base: str = "") -> BlogAddress | None:
    """Read an address as a blog's index, any page of it; None for anything else (posts, tag pages,
    feeds)."""
    parts = _split_web_url(url, base)
    path = _BLOG_PATH.fullmatch(_SLASHES.sub("/", parts.path)) if parts else None
    if parts is None or path is None:
        return None
    handle, origin = _PAGE_SUFFIX.sub("", normal_segment(path["blog"])), _origin_of(parts)
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


@lru_cache(maxsize=64)
def bare_host(url: str) -> str:
    """Return the host of an address without port and ``www.``; empty where it names none."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def host_of(url: str) -> str:
    """Return the host of an address, with its port where that is not the scheme's own:
    ``shop.example``, ``127.0.0.1:8000``; else empty."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    return _origin_of(parts).partition("://")[2] if parts.scheme in _DEFAULT_PORTS else ""


@lru_cache(maxsize=64)
def hosts_of(address: StoreAddress) -> frozenset[str]:
    """Return the hosts a store answers at, in the form of `host_of`: the one given and its twin
    with or without ``www.``.

    http and https of one host are the same host; another port of it is another server.
    """
    key = address.origin.partition("://")[2]
    if is_literal_address(address.host) or "." not in address.host or is_loopback(address.host):
        return frozenset({key})
    twin = key.removeprefix("www.") if key.startswith("www.") else f"www.{key}"
    return frozenset({key, twin})


def same_store(url: str, hosts: Collection[str]) -> bool:
    """Return whether an address lies on one of `hosts` (as `hosts_of` gives them); never with
    credentials, never with another scheme."""
    try:
        credentials = "@" in urlsplit(url.strip()).netloc
    except ValueError:
        return False
    return not credentials and host_of(url) in hosts
