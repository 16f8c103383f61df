"""Listings of blogs of any system: which sitemaps name posts, and feeds as RSS or Atom."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Final
from urllib.parse import urljoin, urlsplit

from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from scraper.documents.markup_limits import limit_markup
from scraper.documents.safe_xml import local_name, plain_bytes
from scraper.documents.sitemaps import Sitemap
from scraper.exceptions import FeedError
from scraper.items import FeedEntry
from scraper.platforms.platform import Platform
from scraper.platforms.posts import BLOG, read_page_address, read_post_address
from scraper.timestamps import to_utc

MOST_ENTRIES: Final = 5000
"""Entries of one feed: Hugo lists every post in its own."""

_NO_POSTS = re.compile(
    r"(?:^|[-_/])(?:pages?|categor(?:y|ies)|tags?|post_tag|taxonom(?:y|ies)|authors?|users?"
    r"|products?|attachments?|images?|videos?|media)(?:[-_.]|$)",
    re.IGNORECASE,
)
_POSTS = re.compile(r"post|blog|article|news", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SitemapKind:
    """What the name of a sitemap says of its addresses: that they are posts, or that none is."""

    names_posts: bool
    names_others: bool


def sitemap_kind(url: str) -> SitemapKind:
    """Read the name of a sitemap (``post-sitemap.xml``, ``sitemap-pages.xml``)."""
    try:
        name = urlsplit(url).path.rpartition("/")[2]
    except ValueError:
        name = ""
    others = _NO_POSTS.search(name) is not None
    return SitemapKind(not others and _POSTS.search(name) is not None, others)


def posts_in(
    url: str, sitemap: Sitemap, platform: Platform, folders: Collection[str]
) -> Iterator[tuple[str, str, str]]:
    """The posts in a sitemap, each with the time of its last change and that as written: all of one
    whose name says so, else what lies in a folder in which the feed's posts lie, or has the shape
    of the system's posts."""
    is_sure = sitemap_kind(url).names_posts or platform.post_paths is not None
    for entry in sitemap.entries:
        address = read_post_address(entry.url, platform)
        if address and (is_sure or address.blog_handle in folders):
            yield entry.url, entry.lastmod, entry.lastmod_raw


def folders_of(entries: Iterable[FeedEntry], platform: Platform) -> set[str]:
    """The folders in which a feed's posts lie."""
    addresses = filter(None, (read_post_address(entry.url, platform) for entry in entries))
    return {address.blog_handle for address in addresses} - {BLOG}


def find_feeds(body: bytes, url: str) -> tuple[str, ...]:
    """The feeds that a page offers in its head, without those of comments. Raises TooMuchMarkup."""
    tree = LexborHTMLParser(limit_markup(body))
    links = tree.css(
        'link[rel~="alternate"][type$="rss+xml"], link[rel~="alternate"][type$="atom+xml"]'
    )
    found = (urljoin(url, link.attributes.get("href") or "") for link in links)
    return tuple(dict.fromkeys(each for each in found if "comments" not in each))


def parse_any_feed(body: bytes, url: str) -> tuple[FeedEntry, ...]:
    """Read the entries of an RSS 2.0 or Atom feed fetched from `url`, each under the address of its
    post.

    Raises FeedError, with the reason, for what is not well-formed, is no feed, or is too large.
    """
    walk = etree.iterparse(
        BytesIO(plain_bytes(body, "feed")),
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    entries: list[FeedEntry] = []
    root = ""
    try:
        for event, element in walk:
            name = local_name(element)
            root = root or name
            if root not in {"rss", "feed", "RDF"}:
                raise FeedError(f"the feed is none: its root element is {root[:40]!r}")
            if event == "end" and name in {"item", "entry"}:
                entry = _read_entry(element, url)
                entries += [entry] if entry else []
                element.clear()
            if len(entries) > MOST_ENTRIES:
                raise FeedError(f"the feed holds more than {MOST_ENTRIES} entries")
    except etree.XMLSyntaxError as error:
        raise FeedError(f"the feed is not well-formed XML: {str(error)[:200]}") from None
    return _without_shared_guids(entries)


def _without_shared_guids(entries: list[FeedEntry]) -> tuple[FeedEntry, ...]:
    shared = {guid for guid, count in Counter(one.guid for one in entries).items() if count > 1}
    return tuple(replace(one, guid="") if one.guid in shared else one for one in entries)


def _read_entry(element: etree._Element, url: str) -> FeedEntry | None:
    texts: dict[str, str] = {}
    link = ""
    for child in element:
        name = local_name(child)
        if name == "link" and child.get("href"):
            if child.get("rel", "alternate") == "alternate":
                link = child.get("href", "")
        else:
            texts.setdefault(name, "".join(child.itertext()).strip())
    link = link or texts.get("link", "") or texts.get("guid", "") or texts.get("id", "")
    address = read_page_address(urljoin(url, link)) if link else None
    if address is None:
        return None
    published = texts.get("pubDate") or texts.get("published") or texts.get("date", "")
    updated = texts.get("updated") or texts.get("modified", "")
    return FeedEntry(
        url=address.url,
        title=" ".join(texts.get("title", "").split()),
        author=texts.get("creator") or texts.get("name") or texts.get("author", ""),
        published_at=to_utc(published),
        published_raw=published,
        updated_at=to_utc(updated),
        updated_raw=updated,
        summary_html=texts.get("description") or texts.get("summary", ""),
        content_html=texts.get("encoded") or texts.get("content", ""),
        guid=texts.get("guid") or texts.get("id", ""),
    )
