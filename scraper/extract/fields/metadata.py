"""Read a post's fields, each from its most trusted source; every source's claim is saved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.extract.body.boilerplate import is_tag_link, is_tag_row
from scraper.extract.dom import ancestors
from scraper.extract.fields.authors import read_authors
from scraper.extract.fields.claims import SourceValue, order_claims, plain
from scraper.extract.fields.published import read_dates
from scraper.extract.fields.titles import read_titles
from scraper.extract.fields.written_dates import holds_figure
from scraper.extract.page.addresses import absolute
from scraper.extract.page.context import BodyContext, NearbyNode
from scraper.extract.page.parsed_page import ParsedPage
from scraper.extract.page.text import one_line
from scraper.extract.vocabulary import any_of
from scraper.extract.vocabulary.sections import COMMENT_COUNTS
from scraper.items import FeedEntry, FieldClaim
from scraper.shopify.image_addresses import RENDERING_PARAMETERS, original_path

_COMMENTS: Final = re.compile(rf"^(\d{{1,5}})\s+(?:{any_of(COMMENT_COUNTS)})\b", re.I)
_PLAIN_QUERY: Final = re.compile(
    r"[\w.~-]+=[\w.~-]*(?:&[\w.~-]+=[\w.~-]*)*", re.A
)  # nothing to decode or to encode
_LONGEST_ADDRESS: Final = 4096
_FARTHEST_TAGS: Final = 6  # levels above the body's element


@dataclass(frozen=True, slots=True)
class Metadata:
    """A post's metadata and every source's claim on it, most trusted first within each field."""

    readings: tuple[FieldClaim, ...]
    tags: tuple[str, ...]
    comment_count: int

    def value(self, field: str) -> str:
        """Return the value of a field: its first reading's, or empty."""
        return next((reading.value for reading in self.readings if reading.field == field), "")


def read_fields(
    page: ParsedPage,
    context: BodyContext,
    *,
    blog_handle: str,
    entry: FeedEntry | None,
    seen_at: str = "",
) -> Metadata:
    """Read all fields of a post from its page and, where given, its feed entry; `seen_at` (UTC) is
    when the page was seen."""
    titles = read_titles(page, context, blog_handle, entry)
    readings = (
        *titles,
        *read_authors(
            page, context, entry, blog_handle=blog_handle, title=titles[0].value if titles else ""
        ),
        *read_dates(page, context, entry, seen_at),
        *_excerpts(page, entry),
        *_images(page),
    )
    return Metadata(readings, tuple(_tags(page, context)), _comment_count(page, context))


def _excerpts(page: ParsedPage, entry: FeedEntry | None) -> list[FieldClaim]:
    claims: list[SourceValue] = (
        [("feed", entry.summary_html, _plain_summary(entry.summary_html))]
        if entry is not None
        else []
    )
    for source, name in (("opengraph", "og:description"), ("meta", "description")):
        raw = page.metas.get(name, "")
        claims.append((source, raw, one_line(unescape(raw))))
    return order_claims("excerpt", claims)


def _plain_summary(html: str) -> str:
    """A feed's summary without the link that Shopify appends to it."""
    tree = LexborHTMLParser(html)
    for node in tree.css("a.read-more"):
        node.decompose()
    return one_line(tree.body.text(separator=" ")) if tree.body is not None else ""


def _images(page: ParsedPage) -> list[FieldClaim]:
    claims = [
        ("opengraph", page.metas.get("og:image:secure_url", "")),
        ("opengraph", page.metas.get("og:image", "")),
    ]
    claims += [("jsonld", _image(article.get("image"))) for article in page.articles]
    return order_claims(
        "image_url",
        [
            (source, raw, original_image(raw, page.url))
            for source, raw in dict.fromkeys(claims)
            if raw
        ],
    )


def _image(image: object) -> str:
    if isinstance(image, list):
        image = image[0] if image else ""
    return plain(image.get("url") if isinstance(image, dict) else image)


@lru_cache(maxsize=64)
def original_image(address: str, base: str) -> str:
    """An image's address without the size that a theme asked for; its version (``v=``) stays. Empty
    for what is no address."""
    if len(address) > _LONGEST_ADDRESS:
        return ""
    try:
        parts = urlsplit(absolute(unescape(address), base))
    except ValueError:
        return ""
    query = parts.query
    if _PLAIN_QUERY.fullmatch(query):
        query = "&".join(
            part for part in query.split("&") if part.partition("=")[0] not in RENDERING_PARAMETERS
        )
    elif query:
        query = urlencode(
            [
                (key, value)
                for key, value in parse_qsl(query, keep_blank_values=True)
                if key not in RENDERING_PARAMETERS
            ]
        )
    scheme = "https" if parts.netloc == "cdn.shopify.com" else parts.scheme
    return urlunsplit((scheme, parts.netloc, original_path(parts.path), query, ""))


def _tags(page: ParsedPage, context: BodyContext) -> Iterator[str]:
    """The article's own tags: links to tag pages at the body (a blog's whole list stands in a
    sidebar), else JSON-LD's keywords."""
    tagged = [
        near
        for near in context.anchors
        if is_tag_link(near.node) and not _names_category(near.node)
    ]
    rows: dict[int, bool] = {}
    inside = [near for near in tagged if near.inside and _stands_in_row(near, rows)]
    outside = [near for near in tagged if not near.inside and _is_of_post(near.node, context)]
    nearest = min((near.distance for near in outside), default=0)
    chosen = inside or [near for near in outside if near.distance == nearest <= _FARTHEST_TAGS]
    names = [one_line(near.node.text()).strip("#,;/ ") for near in chosen]
    if not names:
        names = [name for article in page.articles for name in _keywords(article.get("keywords"))]
    yield from dict.fromkeys(name for name in names if name)


def _names_category(link: LexborNode) -> bool:
    """Return whether a link leads to a category, which WordPress calls a tag as well."""
    attributes = link.attributes
    return "category" in (attributes.get("rel") or "").split() or "/category/" in (
        attributes.get("href") or ""
    )


def _is_of_post(link: LexborNode, context: BodyContext) -> bool:
    """Return whether a link to a tag is the post's: it stands in its part of the page, in its
    article's foot, or says that it is."""
    if context.is_of_post(link) or "tag" in (link.attributes.get("rel") or "").split():
        return True
    is_in_foot = context.boilerplate.rule(link) == "footer"
    return is_in_foot and any(around.tag == "article" for around in ancestors(link))


def _stands_in_row(near: NearbyNode, rows: dict[int, bool]) -> bool:
    """Return whether a link inside the body's element stands in a row of tags, not in a sentence;
    `rows` records what was tested, by memory id."""
    parent = near.node.parent
    for node in (parent, parent.parent if parent is not None else None):
        if node is not None and node.mem_id not in rows:
            rows[node.mem_id] = is_tag_row(node)
        if node is not None and rows[node.mem_id]:
            return True
    return False


def _keywords(keywords: object) -> list[str]:
    if isinstance(keywords, list):
        return [plain(keyword) for keyword in keywords]
    return [part.strip() for part in plain(keywords).split(",")]


def _comment_count(page: ParsedPage, context: BodyContext) -> int:
    for article in page.articles:
        count = plain(article.get("commentCount"))
        if count.isdecimal() and len(count) < 10:
            return int(count)
    for heading in context.headings:
        text = heading.node.text()
        if holds_figure(text) and (found := _COMMENTS.match(one_line(text))):
            return int(found[1])
    return 0
