"""An archived body made fit to be shown: nothing in it runs, nothing is fetched from outside, and
links lead to what is archived first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Final

import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.shopify.urls import canonical_post_url

LONGEST: Final = 350_000
"""Characters of a body that are shown on one page, so that no page is over 500 KB; what is longer
goes on at a next part."""

# What carries a role of its own on a page, such as main or nav, or a style, is left out: its
# content stays.
_TEXT_TAGS: Final = {
    "a",
    "abbr",
    "b",
    "bdi",
    "bdo",
    "br",
    "cite",
    "code",
    "del",
    "dfn",
    "em",
    "i",
    "ins",
    "kbd",
    "mark",
    "q",
    "rp",
    "rt",
}
_TEXT_TAGS_TOO: Final = {"ruby", "s", "samp", "small", "span", "strong", "sub", "sup", "u", "var"}
_BLOCK_TAGS: Final = {
    "blockquote",
    "dd",
    "details",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "summary",
    "ul",
}
_HEADING_TAGS: Final = {"h1", "h2", "h3", "h4", "h5", "h6"}
_TABLE_TAGS: Final = {"caption", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
_ATTRIBUTES: Final[dict[str, set[str]]] = {
    "a": {"href", "title"},
    "span": {"class"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start", "reversed"},
    "bdo": {"dir"},
    "*": {"lang", "dir"},
}
_CLEANER: Final = nh3.Cleaner(
    tags=_TEXT_TAGS | _TEXT_TAGS_TOO | _BLOCK_TAGS | _HEADING_TAGS | _TABLE_TAGS,
    attributes=_ATTRIBUTES,
    attribute_filter=lambda tag, name, value: (
        None if name == "class" and value not in {"picture", "kept"} else value
    ),
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel="noopener noreferrer nofollow",
)


def shown_body(html: str, *, base: str, kept: Mapping[str, str], part: int = 1) -> tuple[str, int]:
    """A part (counted from 1) of a sanitised body as it may stand on a page, and how many parts
    there are.

    `base` is the post's own address, `kept` the address in the reading room of each archived post
    by its own. Images are told in words, for they would be fetched from the store.
    """
    parts = _split(html)
    wanted = min(max(part, 1), len(parts))
    tree = LexborHTMLParser(f"<body>{parts[wanted - 1]}</body>")
    for image in tree.css("img"):
        _tell_image(image)
    for link in tree.css("a[href]"):
        _lead_home(link, base, kept)
    body = tree.body
    cleaned = _CLEANER.clean(body.inner_html or "") if body is not None else ""
    return re.sub(r"<(/?)h1\b", r"<\1h2", cleaned), len(parts)


def _split(html: str) -> list[str]:
    """A body in parts of at most `LONGEST`, cut between blocks where it has any."""
    parts = []
    while len(html) > LONGEST:
        cut = max(
            html.rfind(end, LONGEST // 2, LONGEST) + len(end)
            for end in ("</p>", "</li>", "</tr>", "<br>", "</div>")
        )
        if cut <= LONGEST // 2:
            cut = (
                html.rfind(">", LONGEST // 2, LONGEST) + 1
                or html.rfind(" ", LONGEST // 2, LONGEST) + 1
                or LONGEST
            )
        parts.append(html[:cut])
        html = html[cut:]
    return [*parts, html]


def _tell_image(image: LexborNode) -> None:
    words, source = image.attributes.get("alt") or "", image.attributes.get("src") or ""
    told = escape(f"image: {words}" if words.strip() else "image without a description")
    link = (
        f'<a href="{escape(source)}">{told}</a>'
        if source.startswith(("http:", "https:")) and not _is_linked(image)
        else told
    )
    fragment = LexborHTMLParser(f'<body><span class="picture">{link}</span></body>')
    if fragment.body is not None and fragment.body.child is not None:
        image.replace_with(fragment.body.child)


def _is_linked(node: LexborNode) -> bool:
    parent = node.parent
    while parent is not None and parent.tag != "a":
        parent = parent.parent
    return parent is not None


def _lead_home(link: LexborNode, base: str, kept: Mapping[str, str]) -> None:
    """A link to an archived post leads to what is archived; the address at the store is told on
    hover."""
    address = link.attributes.get("href") or ""
    canonical = canonical_post_url(address, base)
    found = kept.get(address) or (canonical and kept.get(canonical.url))
    if found:
        link.attrs["href"] = found
        link.attrs["title"] = address
