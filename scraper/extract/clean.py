"""Take out of the body's element what the theme and apps put there, each piece by a rule's name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.extract.container import ancestors, element_children, visible_text
from scraper.extract.junk import SUSPECTS, is_tag_link, is_tag_row, junk_rule
from scraper.extract.pagers import is_pager_row, pager_kind
from scraper.extract.text import one_line, squash, squash_title

Removal = tuple[LexborNode, str]
_BYLINE: Final = re.compile(
    r"^(?:(?:posted|written|published|post)\b.{0,80}|(?:by|von|par|por|di|door)\s+\S.{0,60}"
    r"|.{0,40}\b\d{1,2},? \d{4}|\d{1,2}[./ ]\w+[./ ]\d{2,4})$",
    re.I,
)
_READING_TIME: Final = re.compile(r"^\d+\s*(?:min(?:ute)?s?\.?)\s*(?:read|lesezeit|de lecture)?$", re.I)
_EDGE: Final = 4
_MOST: Final = 200  # characters
_PROSE: Final = 150
_WRAPPERS: Final = frozenset({"div", "header", "section", "article", "center", "hgroup"})
_ROWS: Final = frozenset({"newsletter", "share", "pager", "tags", "navigation"})


def find_junk(container: LexborNode, *, title: str, around: bool, title_elsewhere: bool) -> list[Removal]:
    """The outermost elements inside a container that rules take out; the tree stays as it is.

    `around` says that the container was found by its density, so the theme's frame may be inside; `title_elsewhere` that the theme
    prints the title outside, so a heading with its words inside is the author's own.
    """
    marked: dict[int, Removal] = {node.mem_id: (node, rule) for node, rule in _link_rows(container)}
    for node in container.css(SUSPECTS):
        if node.mem_id != container.mem_id and (rule := junk_rule(node, around=around)) and not _is_wrong(node, container, rule):
            marked[node.mem_id] = (node, rule)
    for node, rule in _edge_junk(container, title, around, title_elsewhere):
        marked.setdefault(node.mem_id, (node, rule))
    return [removal for removal in marked.values() if not _has_marked_ancestor(removal[0], container, marked)]


def _link_rows(container: LexborNode) -> list[Removal]:
    """Rows of nothing but tags, or of nothing but links to the posts before and after, from the links upward."""
    found: dict[int, Removal] = {}
    judged: dict[int, bool] = {container.mem_id: False}
    for link in container.css("a[href]"):
        is_tag = is_tag_link(link)
        if not is_tag and not pager_kind(link.text()):
            continue
        is_row, rule = (is_tag_row, "tags") if is_tag else (is_pager_row, "pager")
        row, current = None, link.parent
        while current is not None and _judge(judged, current, is_row):
            row, current = current, current.parent
        if row is not None:
            found[row.mem_id] = (row, rule)
    return list(found.values())


def _judge(judged: dict[int, bool], node: LexborNode, is_row: Callable[[LexborNode], bool]) -> bool:
    if node.mem_id not in judged:
        judged[node.mem_id] = is_row(node)
    return judged[node.mem_id]


def _is_wrong(node: LexborNode, container: LexborNode, rule: str) -> bool:
    """A rule that would take most of a body, or a paragraph for a row of buttons, is wrong: pasted markup brings its classes along."""
    if rule == "code" or node.child is None:
        return False
    size = len(one_line(node.text()))
    if size > _MOST and size * 2 > len(one_line(container.text())):
        return True
    if rule not in _ROWS or size < _PROSE or node.css_first("form,input") is not None:
        return False
    return sum(len(one_line(link.text())) for link in node.css("a")) * 2 < size


def _edge_junk(container: LexborNode, title: str, around: bool, title_elsewhere: bool) -> list[Removal]:
    """The title, by-line and date again, before the body's first sentence."""
    removals: list[Removal] = []
    wanted = squash_title(title)
    for node in islice(_leading_leaves(container), _EDGE):
        text = one_line(node.text())
        if not text:
            continue
        is_title = bool(wanted) and len(text) < 2 * len(title) + 40 and squash(text) == wanted
        if is_title and not title_elsewhere and node.tag in ("h1", "h2", "header", "div", "span", "p"):
            removals.append((node, "title"))
        elif around and len(text) < 90 and (_BYLINE.match(text) or _READING_TIME.match(text) or node.tag == "time"):
            removals.append((node, "meta"))
        elif not is_title:
            break
    return removals


def _leading_leaves(container: LexborNode) -> Iterator[LexborNode]:
    """The first elements, from wrappers down to what holds text itself; lazily, for the first sentence ends the search."""
    waiting = [element_children(container)]
    while waiting:
        node = next(waiting[-1], None)
        if node is None:
            waiting.pop()
        elif node.tag in _WRAPPERS and _only_wraps(node):
            waiting.append(child for child in element_children(node) if one_line(child.text()))
        else:
            yield node


def _only_wraps(node: LexborNode) -> bool:
    """Whether an element has no text of its own, and a child that has."""
    own = one_line("".join(child.text() or "" for child in _text_children(node)))
    return not own and any(one_line(child.text()) for child in element_children(node))


def _text_children(node: LexborNode) -> list[LexborNode]:
    found = []
    child = node.child
    while child is not None:
        if child.is_text_node:
            found.append(child)
        child = child.next
    return found


def _has_marked_ancestor(node: LexborNode, container: LexborNode, marked: dict[int, Removal]) -> bool:
    for ancestor in ancestors(node):
        if ancestor.mem_id == container.mem_id:
            return False
        if ancestor.mem_id in marked:
            return True
    return False


def outside_feed(container: LexborNode, words: str) -> list[Removal]:
    """The children of a container that stand wholly before or after the feed's words (squashed) within it."""
    pieces = [(child, squash(visible_text(child))) for child in element_children(container)]
    whole = squash(visible_text(container))
    start = whole.find(words)
    if start < 0 or "".join(piece for _, piece in pieces) != whole:
        return []
    removals, position = [], 0
    for child, piece in pieces:
        if piece and (position + len(piece) <= start or position >= start + len(words)):
            removals.append((child, "not_in_feed"))
        position += len(piece)
    return removals


def remove(removals: list[Removal]) -> None:
    """Take the elements out of the tree; none of them may lie within another."""
    for node, _ in removals:
        node.decompose()
