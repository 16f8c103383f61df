"""A blog's Atom feed: the author's own words for the newest posts, at most thirty of them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml import etree

from scraper.documents.safe_xml import child_text, local_name, read_elements
from scraper.exceptions import FeedError
from scraper.items import FeedEntry
from scraper.shopify.urls import blog_of, canonical_post_url
from scraper.timestamps import to_utc

ATOM = "{http://www.w3.org/2005/Atom}"
MOST_ENTRIES = 1000
"""Shopify serves at most 30 entries; other builders of feeds a few hundred."""

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A blog's feed. `title` as served (``SHOP - BLOG``), `blog_title` without the shop, `url` as
    asked, `blog_url` canonical.

    `refused` counts entries whose address is no post's.
    """

    title: str
    blog_title: str
    blog_handle: str
    blog_url: str
    url: str
    language: str
    updated_at: str
    entries: tuple[FeedEntry, ...]
    refused: int = 0


def parse_feed(body: bytes, url: str) -> Feed:
    """Read an Atom feed fetched from `url`; bodies and summaries stay raw HTML, for cleaning is
    another's task.

    Raises FeedError, with the reason, for what is not well-formed, not Atom, too large, or holds a
    document type.
    """
    elements = read_elements(body, ("entry",), "feed")
    root = next(elements)
    if root.tag != f"{ATOM}feed":
        raise FeedError(f"the feed is no Atom feed: its root element is {local_name(root)[:40]!r}")
    entries: list[FeedEntry] = []
    refused = 0
    for element in elements:
        entry = _read_entry(element, url)
        if entry is None:
            refused += 1
            continue
        entries.append(entry)
        if len(entries) > MOST_ENTRIES:
            raise FeedError(f"the feed holds more than {MOST_ENTRIES} entries")
    return _read_head(root, url, entries, refused)


def _read_entry(element: etree._Element, url: str) -> FeedEntry | None:
    address = canonical_post_url(_link(element), url) or canonical_post_url(
        child_text(element, "id"), url
    )
    if address is None:
        return None
    published, updated = child_text(element, "published"), child_text(element, "updated")
    author = element.find(f"{ATOM}author")
    return FeedEntry(
        url=address.url,
        title=_plain(element, "title"),
        author=child_text(author, "name") if author is not None else "",
        published_at=to_utc(published),
        published_raw=published,
        updated_at=to_utc(updated),
        updated_raw=updated,
        summary_html=_markup(element, "summary"),
        content_html=_markup(element, "content"),
    )


def _link(element: etree._Element) -> str:
    for link in element.findall(f"{ATOM}link"):
        if link.get("rel", "alternate") == "alternate":
            return link.get("href", "")
    return ""


def _plain(element: etree._Element, name: str) -> str:
    """A text construct as one line: Shopify's titles are plain text, which XML has unescaped
    already (RFC 4287, section 3.1)."""
    return " ".join(child_text(element, name).split())


def _markup(element: etree._Element, name: str) -> str:
    """The HTML of a text construct; of type ``xhtml`` what stands inside its wrapping div (RFC
    4287, section 3.1.1.3)."""
    part = element.find(f"{ATOM}{name}")
    if part is None:
        return ""
    if part.get("type") != "xhtml" or len(part) == 0:
        return "".join(part.itertext()).strip()
    inner = [
        part[0].text or "",
        *(etree.tostring(child, encoding="unicode", method="html") for child in part[0]),
    ]
    return "".join(inner).strip()


def _read_head(root: etree._Element, url: str, entries: list[FeedEntry], refused: int) -> Feed:
    title, author = _plain(root, "title"), root.find(f"{ATOM}author")
    shop = child_text(author, "name") if author is not None else ""
    blog = blog_of(_blog_page(url)) or blog_of(_link(root), url)
    return Feed(
        title=title,
        blog_title=title.removeprefix(f"{shop} - ") if shop else title.rpartition(" - ")[2],
        blog_handle=blog.handle if blog else "",
        blog_url=blog.url if blog else "",
        url=url,
        language=root.get(_LANGUAGE, ""),
        updated_at=to_utc(child_text(root, "updated")),
        entries=tuple(entries),
        refused=refused,
    )


def _blog_page(url: str) -> str:
    """Return the blog whose feed, or whose feed of one tag, lies at this address."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    return urljoin(url, path.partition("/tagged/")[0].removesuffix(".atom"))
