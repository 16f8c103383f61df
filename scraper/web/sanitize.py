"""Make an archived body safe to show: nothing in it runs, nothing loads from other hosts, and links
to archived posts point at their pages here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Final

import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.documents.markup_limits import is_written_plainly
from scraper.extract.dom import BLOCK_TAGS
from scraper.shopify.urls import canonical_post_url
from scraper.web.pictures import IMAGES, FindPath, replace_by_picture, replace_node

UNREADABLE: Final = "This body is not as Blogkeep writes it, so it is shown as it stands:"

MAX_PART_CHARS: Final = 350_000
"""Characters of a body on one page, so that no page exceeds 500 KB. A longer body is split into
parts."""

_TEXT_TAGS: Final = (
    "a abbr b bdi bdo br cite code del dfn em i ins kbd mark q rp rt ruby s samp small span strong "
    "sub sup td th u var"
)
# Most have a landmark role, which only the page itself may use: shown as blocks without one.
_SECTIONS: Final = {
    "address",
    "article",
    "aside",
    "center",
    "fieldset",
    "footer",
    "header",
    "hgroup",
    "main",
    "nav",
    "search",
    "section",
}
BODY_TAGS: Final = BLOCK_TAGS - _SECTIONS - {"menu"} | set(_TEXT_TAGS.split())
"""The elements of a body that a page here shows."""

_ATTRIBUTES: Final[dict[str, set[str]]] = {
    "a": {"href", "title"},
    "img": {"src", "alt", "loading"},
    "span": {"class"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start", "reversed", "type"},
    "li": {"value", "class", "role"},
    "dt": {"role"},
    "dd": {"role"},
    "bdo": {"dir"},
    "*": {"lang", "dir"},
}
_CLASSES: Final = {"picture", "loose"}
_LISTS: Final = {"li": {"ul", "ol"}, "dt": {"dl"}, "dd": {"dl"}}
_LOOSE: Final = '<li class="loose">'
_SHOWN_AS: Final = {"h1": "h2", "menu": "ul", **dict.fromkeys(_SECTIONS, "div")}
_RENAMED: Final = re.compile(rf"(</?)({'|'.join(_SHOWN_AS)})(?=[\s>])")
_OUR_IMAGE: Final = re.compile(rf"(?:/[\w.~-]+)*{IMAGES}[0-9a-f]{{64}}")


def _allow(tag: str, name: str, value: str) -> str | None:
    """Return an attribute's value if it may stay: only our own classes, roles and images."""
    if (name == "class" and value not in _CLASSES) or (name == "role" and value != "none"):
        return None
    if tag == "img" and name == "src" and not _OUR_IMAGE.fullmatch(value):
        return None
    return value


_CLEANER: Final = nh3.Cleaner(
    tags={*BODY_TAGS, "img"},
    attributes=_ATTRIBUTES,
    attribute_filter=_allow,
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel="noopener noreferrer nofollow",
)


def render_body(
    html: str,
    *,
    base: str,
    archived: Mapping[str, str],
    find_image: FindPath = lambda _: "",
    part: int = 1,
) -> tuple[str, int]:
    """Return one part (counted from 1) of a body as safe HTML, and how many parts there are.

    `base` is the post's own URL. `archived` maps URLs of archived posts to their pages here. An
    image is the archived one of `find_image`, or its description, because it would load from the
    store. The body of an archive that somebody else wrote may be made to hang the parser: it is
    shown as text.
    """
    parts = _split(html)
    number = min(max(part, 1), len(parts))
    if not is_written_plainly(html):
        return f"<p>{UNREADABLE}</p><pre>{escape(parts[number - 1])}</pre>", len(parts)
    tree = LexborHTMLParser(f"<body>{parts[number - 1]}</body>")
    linked = {image.mem_id for image in tree.css("a img")}
    for image in tree.css("img"):
        _replace_image(image, find_image, is_linked=image.mem_id in linked)
    for link in tree.css("a[href]"):
        if _is_empty(link):
            _label_embed(link)
        else:
            _link_to_archive(link, base, archived)
    renamed = _RENAMED.sub(lambda tag: tag[1] + _SHOWN_AS[tag[2]], _inner_html(tree))
    return _mend_lists(_CLEANER.clean(renamed)), len(parts)


def _inner_html(tree: LexborHTMLParser) -> str:
    return (tree.body.inner_html or "") if tree.body is not None else ""


def _mend_lists(html: str) -> str:
    """Have screen readers find their way in cleaned HTML: what stands in a list beside its items,
    as another list may, gets an item without a mark; items in a group of their own are the list's;
    an item that stands in no list is none."""
    tree = LexborHTMLParser(f"<body>{html}</body>")
    items = tree.css("li, dt, dd")
    groups = _find_groups(tree.css("div"), items)
    for group in groups:
        group.insert_before(" ")
        group.insert_after(" ")
        group.unwrap()
    strays = [item for item in items if not _is_in_its_list(item)]
    for item in strays:
        item.attrs["role"] = "none"
    loose = [node for found in tree.css("ul, ol") for node in _find_loose(found)]
    for node in loose:
        node.insert_before(_new_item(tree))
    if not (groups or strays or loose):
        return html
    # An item without an end tag ends where the next begins, or its list ends.
    return _CLEANER.clean(_inner_html(tree).replace(f"{_LOOSE}</li>", _LOOSE))


def _find_groups(blocks: list[LexborNode], items: list[LexborNode]) -> list[LexborNode]:
    """Find the blocks, each in the one before it, between a list and its items; the outer ones
    first, so that no item moves twice."""
    around: dict[int, str] = {}
    for block in blocks:
        if block.parent is not None:
            around[block.mem_id] = around.get(block.parent.mem_id, block.parent.tag or "")
    found = set[int]()
    for item in items:
        group = item.parent
        while group is not None and around.get(group.mem_id) in _LISTS[item.tag or ""]:
            if group.mem_id in found:
                break
            found.add(group.mem_id)
            group = group.parent
    return [block for block in blocks if block.mem_id in found]


def _is_in_its_list(item: LexborNode) -> bool:
    return item.parent is not None and item.parent.tag in _LISTS[item.tag or ""]


def _new_item(tree: LexborHTMLParser) -> LexborNode:
    item = tree.create_node("li")
    item.attrs["class"] = "loose"
    return item


def _find_loose(found: LexborNode) -> Iterator[LexborNode]:
    """Yield the first of each run of text and elements in a list that are no items."""
    is_in_run = False
    for node in found.iter(include_text=True):
        if node.tag == "li":
            is_in_run = False
        elif not is_in_run and (node.tag != "-text" or node.text(strip=True)):
            is_in_run = True
            yield node


def _split(html: str) -> list[str]:
    """Split a body into parts of at most `MAX_PART_CHARS`, between blocks where it has any."""
    parts = []
    while len(html) > MAX_PART_CHARS:
        cut = _find_cut(html)
        parts.append(html[:cut])
        html = html[cut:]
    return [*parts, html]


def _find_cut(html: str) -> int:
    """Find where to end the first part: after a block, else after a tag, a word, or anywhere; none
    in its first half."""
    shortest = MAX_PART_CHARS // 2
    for ends in (("</p>", "</li>", "</tr>", "<br>", "</div>"), (">",), (" ",)):
        cut = max(html.rfind(end, shortest, MAX_PART_CHARS) + len(end) for end in ends)
        if cut > shortest:
            return cut
    return MAX_PART_CHARS


def _replace_image(image: LexborNode, find_image: FindPath, *, is_linked: bool) -> None:
    """Replace an image by the archived one, else by its description, linked to the image unless it
    stands in a link."""
    if path := find_image(image.attributes.get("src") or ""):
        replace_by_picture(image, path)
        return
    description, source = image.attributes.get("alt") or "", image.attributes.get("src") or ""
    label = "image without a description"
    if description.strip():
        label = f"image: {description}"
    html = escape(label)
    if source.startswith(("http:", "https:")) and not is_linked:
        html = f'<a href="{escape(source)}">{html}</a>'
    replace_node(image, f'<span class="picture">{html}</span>')


def _is_empty(link: LexborNode) -> bool:
    return not link.text(strip=True) and link.css_first("img") is None


def _label_embed(link: LexborNode) -> None:
    """Show a box for what was embedded there, such as a film. A link without anything to click on
    is none."""
    url = link.attributes.get("href") or ""
    if "data-embed" in link.attributes:
        label = escape(f"embedded: {url.partition('://')[2] or url}")
        replace_node(link, f'<span class="picture"><a href="{escape(url)}">{label}</a></span>')
    else:
        del link.attrs["href"]


def _link_to_archive(link: LexborNode, base: str, archived: Mapping[str, str]) -> None:
    """Point a link to an archived post at its page here, with the store's URL as its title."""
    url = link.attributes.get("href") or ""
    canonical = canonical_post_url(url, base)
    page = archived.get(url) or (canonical and archived.get(canonical.url))
    if page:
        link.attrs["href"] = page
        link.attrs["title"] = url
