"""What an archived answer is an answer to."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal
from urllib.parse import urlsplit

from scraper.history.images import may_fetch_image
from scraper.hosts import same_store
from scraper.platforms import Platform
from scraper.platforms.posts import read_post_address
from scraper.shopify.urls import NO_SUCH_HANDLE, blog_of, canonical_post_url

Kind = Literal["robots", "home", "sitemap", "feed", "index", "not_found", "post", "image"]

_FIXED: Final[dict[str, Kind]] = {"/robots.txt": "robots", "": "home", "/": "home"}
_FEED_TYPES: Final = ("rss+xml", "atom+xml")
_PAGE_TYPES: Final = ("html", "xml", "text/plain", "octet-stream")


def kind_of(
    url: str, content_type: str, hosts: Collection[str], platform: Platform | None = None
) -> Kind | None:
    """What an address of the store is, whose blog system is `platform` (None: Shopify); None for
    what bears on no post. An image may be that of a post: its page says so."""
    if content_type.lower().startswith("image/"):
        return "image" if same_store(url, hosts) or may_fetch_image(url, ()) else None
    if not same_store(url, hosts) or not _may_be_read(content_type):
        return None
    return _kind_at(url, content_type, platform) if platform else _kind_at_shopify(url)


def _kind_at_shopify(url: str) -> Kind | None:
    path = urlsplit(url).path
    name = path.rpartition("/")[2]
    if canonical_post_url(url) is not None:
        return "not_found" if name == NO_SUCH_HANDLE else "post"
    if name.startswith("sitemap") and name.removesuffix(".gz").endswith(".xml"):
        return "sitemap"
    if name.endswith(".atom"):
        return "feed" if blog_of(url.partition("?")[0].removesuffix(".atom")) else None
    return _FIXED.get(path) or ("index" if blog_of(url) else None)


def _kind_at(url: str, content_type: str, platform: Platform) -> Kind | None:
    path = urlsplit(url).path
    if "sitemap" in path and path.removesuffix(".gz").endswith(".xml"):
        return "sitemap"
    if path in platform.listings or any(kind in content_type for kind in _FEED_TYPES):
        return None if "comments" in path else "feed"
    if read_post_address(url, platform) is not None:
        return "post"
    return _FIXED.get(path) if "?" not in url else None


def _may_be_read(content_type: str) -> bool:
    return not content_type or any(kind in content_type.lower() for kind in _PAGE_TYPES)
