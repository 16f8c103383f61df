"""Find the list of related posts that an author typed at a body's end: "Related … articles:" and
the items that follow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from itertools import chain, islice
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.extract.dom import (
    holds,
    last_descendant,
    self_and_ancestors,
    siblings_after,
    siblings_before,
)
from scraper.extract.page.text import is_blank, one_line
from scraper.extract.vocabulary import any_of
from scraper.extract.vocabulary.sections import RELATED_FIRST_WORDS, RELATED_HEADINGS

RELATED_HEADING: Final = re.compile(rf"^\W*+(?:{any_of(RELATED_HEADINGS)})\W*+$", re.I)
# Looked for at the start of a piece of sanitised markup, before any element is.
_HINT: Final = re.compile(rf">\W{{0,6}}+(?:{any_of(RELATED_FIRST_WORDS)})", re.I)
# Wordings have no end ("See also:", "More from the workshop:"): a few words and a colon will do,
# where nothing but links to posts follows.
_ANNOUNCEMENT: Final = re.compile(r"^[^.!?:]{2,40}[:：]\W*$")
_ANNOUNCED_LIST: Final = re.compile(
    r"[:：]\s*(?:</(?:p|h[1-6]|strong|b|em|span|div)>\s*)+<(?:ul|ol)\b", re.I
)
_POST_LINK: Final = re.compile(r"/blogs/[^/?#]+/(?!tagged/)[^/?#]+")
_BULLET: Final = re.compile(r"^\s*(?:[•●▪◦‣·*–—-]|\d{1,2}[.)])\s*")
# The parser's own serialisation: attributes stand in double quotes.
_BREAK: Final = re.compile(r"<br\b(?:[^<>\"]++|\"[^\"]*+\")*+>")
_MARKUP: Final = re.compile(r"<(?:[^<>\"]++|\"[^\"]*+\")*+>")
_HREF: Final = re.compile(r'<a\b(?:[^<>"]|"[^"]*+")*?\bhref="([^"]*+)"')
_FIRST_END: Final = re.compile(r"[:：\n•]")
_MOST_HEADINGS: Final = 20  # of the last that are tried
_TITLE_LIMIT: Final = 200
_TAIL_LIMIT: Final = 60  # characters that may follow the list before it is no longer an ending
_POSSIBLE_TAGS: Final = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "div", "strong", "b"])
_HEADING_TAGS: Final = frozenset(
    ["p", "h1", "h2", "h3", "h4", "h5", "h6", "div", "strong", "b", "span", "em"]
)


@dataclass(frozen=True, slots=True)
class RelatedItem:
    """One item of a related list: its text, and its address as written (empty where it has
    none)."""

    title: str
    href: str


@dataclass(frozen=True, slots=True)
class RelatedList:
    """A related list: the elements that make it up, and its items in order."""

    nodes: tuple[LexborNode, ...]
    items: tuple[RelatedItem, ...]


def find_related_list(container: LexborNode, html: str) -> RelatedList | None:
    """Find the list of related posts that ends a body, or None; `html` is the same body,
    sanitised."""
    may_list = "<ul" in html or "<ol" in html
    if not (_HINT.search(html) or (may_list and _ANNOUNCED_LIST.search(html))):
        return None
    for node in islice(_possible_headings(container), _MOST_HEADINGS):
        related = _inline_list(node) or _following_list(node)
        if related is not None and related.items and _ends_body(related, container):
            return related
    return None


def _possible_headings(container: LexborNode) -> Iterator[LexborNode]:
    """From the body's end upward, where such a list stands if there is one."""
    for node in _backwards(container):
        text = one_line(node.text()[:300])
        first = one_line(_FIRST_END.split(text, maxsplit=1)[0])
        if (
            text
            and len(first) < 100
            and (
                RELATED_HEADING.match(first)
                or RELATED_HEADING.match(text)
                or _ANNOUNCEMENT.match(text)
            )
        ):
            yield node


def _backwards(container: LexborNode) -> Iterator[LexborNode]:
    """Return the elements that may be a heading, in reverse document order, walked as far as they
    are asked for: the list is near the end."""
    node: LexborNode | None = last_descendant(container)
    while node is not None:
        if node.tag in _POSSIBLE_TAGS:
            yield node
        if node.mem_id == container.mem_id:
            return
        before = node.prev
        node = last_descendant(before) if before is not None else node.parent


def _inline_list(node: LexborNode) -> RelatedList | None:
    """Heading and bullets in one paragraph, parted by line breaks."""
    if node.tag not in ("p", "div") or node.css_first("br") is None or holds(node, "ul,ol,p,table"):
        return None
    lines = split_lines(node)
    if (
        len(lines) < 2
        or not RELATED_HEADING.match(lines[0].title)
        or not all(_is_item(line) for line in lines[1:])
    ):
        return None
    return RelatedList((node,), tuple(_clean(line) for line in lines[1:]))


def split_lines(node: LexborNode) -> list[RelatedItem]:
    """An element's lines, as line breaks part them, each with its first link's address."""
    lines = []
    for part in _BREAK.split(node.inner_html or ""):
        link = _HREF.search(part)
        if text := one_line(unescape(_MARKUP.sub("", part))):
            lines.append(RelatedItem(text, unescape(link[1]) if link else ""))
    return lines


def _is_item(line: RelatedItem) -> bool:
    return len(line.title) <= _TITLE_LIMIT and bool(line.href or _BULLET.match(line.title))


def _clean(line: RelatedItem) -> RelatedItem:
    return RelatedItem(_BULLET.sub("", line.title).strip(), line.href)


def _following_list(node: LexborNode) -> RelatedList | None:
    """A heading of its own, and the list, or the paragraphs of links or bullets, that follow it."""
    words = one_line(node.text())
    is_known_heading = bool(RELATED_HEADING.match(words))
    if node.tag not in _HEADING_TAGS or not (is_known_heading or _ANNOUNCEMENT.match(words)):
        return None
    heading = _outermost_alone(node)
    nodes, items = [heading], []
    for follower in _following_blocks(heading):
        found = _items_of(follower)
        if not found:
            break
        nodes.append(follower)
        items.extend(found)
    if not items or not (is_known_heading or _is_all_posts(nodes[1:], items)):
        return None
    return RelatedList(tuple(nodes), tuple(items))


def _is_all_posts(nodes: list[LexborNode], items: list[RelatedItem]) -> bool:
    """Return whether a list is nothing but links to posts, each item a link from end to end."""
    anchors = {one_line(link.text()) for node in nodes for link in node.css("a[href]")}
    return all(node.tag in ("ul", "ol") for node in nodes) and all(
        _POST_LINK.search(item.href) and item.title in anchors for item in items
    )


def _outermost_alone(node: LexborNode) -> LexborNode:
    """Return the outermost element that holds nothing but this heading."""
    while (
        node.parent is not None and node.parent.tag in _HEADING_TAGS and not _has_text_beside(node)
    ):
        node = node.parent
    return node


def _has_text_beside(node: LexborNode) -> bool:
    """Return whether a sibling says anything; asked of the siblings, for the parent's text may be
    the whole body's."""
    siblings = chain(siblings_after(node), siblings_before(node))
    return any(not is_blank(sibling.text() or "") for sibling in siblings)


def _following_blocks(node: LexborNode) -> Iterator[LexborNode]:
    """Yield the elements that say or show something, up to a text that stands in none."""
    for sibling in siblings_after(node):
        text = one_line(sibling.text() or "")
        if sibling.is_element_node and (text or sibling.tag not in ("br", "p", "span", "div")):
            yield sibling
        elif sibling.is_text_node and text:
            return


def _items_of(node: LexborNode) -> list[RelatedItem]:
    if node.tag in ("ul", "ol"):
        return [_clean(_item(entry)) for entry in node.css("li") if not is_blank(entry.text())]
    if node.tag not in ("p", "div"):
        return []
    inner = node.css("ul,ol")
    if len(inner) == 1 and one_line(inner[0].text()) == one_line(node.text()):
        return _items_of(inner[0])
    lines = split_lines(node) if not holds(node, "p,ul,ol") else []
    anchors = {one_line(link.text()) for link in node.css("a[href]")} if lines else set()
    if not all(_is_line_item(line, anchors) for line in lines):
        return []
    return [_clean(line) for line in lines]


def _is_line_item(line: RelatedItem, anchors: set[str]) -> bool:
    """A bulleted line, or one that is a link from end to end; `anchors` are the texts of the
    element's links."""
    if len(line.title) > _TITLE_LIMIT:
        return False
    if _BULLET.match(line.title):
        return True
    return bool(line.href) and line.title in anchors


def _item(entry: LexborNode) -> RelatedItem:
    link = entry.css_first("a[href]")
    return RelatedItem(
        one_line(entry.text()), (link.attributes.get("href") or "") if link is not None else ""
    )


def _ends_body(related: RelatedList, container: LexborNode) -> bool:
    """Return whether nothing but a few characters stands behind the list; a list of links to posts
    may be followed by a farewell."""
    rest = 0
    for node in self_and_ancestors(related.nodes[-1]):
        if node.mem_id == container.mem_id:
            break
        rest += sum(len(one_line(sibling.text() or "")) for sibling in siblings_after(node))
    linked = all("/blogs/" in item.href for item in related.items)
    return rest <= (600 if linked else _TAIL_LIMIT)
