"""Take out of the body's element what the theme and apps put there, each piece by a rule's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.extract.body.boilerplate import (
    SUSPECTS,
    is_share_link,
    is_share_row,
    is_tag_link,
    is_tag_row,
    junk_rule,
)
from scraper.extract.body.pagers import is_pager_card, is_pager_row, pager_kind
from scraper.extract.body.trim import Removal, leading_frame, trailing_frame
from scraper.extract.dom import ancestors, child_elements, children, visible_text
from scraper.extract.page.text import letters_only, one_line

_MOST: Final = 200  # characters
_PROSE: Final = 150
_ROW_TESTS: Final[dict[str, Callable[[LexborNode], bool]]] = {
    "tags": is_tag_row,
    "pager": is_pager_row,
    "share": is_share_row,
}
_MANY: Final = 500  # elements that a rule may concern
_MUCH: Final = 2_000_000  # characters that they may hold, all together
_ROWS: Final = frozenset({"newsletter", "share", "pager", "tags", "navigation"})


def find_junk(
    container: LexborNode, *, title: str, around: bool, title_elsewhere: bool
) -> list[Removal]:
    """The outermost elements inside a container that rules take out; the tree stays as it is.

    `around` says that the container was found by its density, so the theme's frame may be inside;
    `title_elsewhere` that the theme prints the title outside, so a heading with its words inside is
    the author's own.
    """
    marked: dict[int, Removal] = {node.mem_id: (node, rule) for node, rule in _link_rows(container)}
    suspects = container.css(SUSPECTS)
    sizes = _Sizes(
        container, weigh=len(suspects) > _MANY or len(suspects) * len(container.text()) > _MUCH
    )
    for node in suspects:
        if (
            node.mem_id != container.mem_id
            and (rule := junk_rule(node, around=around))
            and not _is_wrong(node, sizes, rule)
        ):
            marked[node.mem_id] = (node, rule)
    edges = leading_frame(
        container,
        title,
        framed=around,
        title_elsewhere=title_elsewhere,
        marked=lambda node: node.mem_id in marked,
    )
    edges += trailing_frame(container) if around else []
    for node, rule in edges:
        marked.setdefault(node.mem_id, (node, rule))
    return [
        removal
        for removal in marked.values()
        if not _has_marked_ancestor(removal[0], container, marked)
    ]


def _link_rows(container: LexborNode) -> list[Removal]:
    """Rows of nothing but tags, of links to the posts before and after, or of links that share the
    page, from the links upward."""
    found: dict[int, Removal] = {}
    judged: dict[tuple[int, str], bool] = {}
    for link in container.css("a[href]"):
        rule = _row_rule(link)
        if not rule:
            continue
        row, current = (link if rule == "pager" and is_pager_card(link) else None), link.parent
        while (
            current is not None
            and current.mem_id != container.mem_id
            and _judge(judged, current, rule)
        ):
            row, current = current, current.parent
        if row is not None:
            found[row.mem_id] = (row, rule)
    return list(found.values())


def _row_rule(link: LexborNode) -> str:
    if is_tag_link(link):
        return "tags"
    if is_share_link(link):
        return "share"
    return "pager" if pager_kind(link.text()) or is_pager_card(link) else ""


def _judge(judged: dict[tuple[int, str], bool], node: LexborNode, rule: str) -> bool:
    key = (node.mem_id, rule)
    if key not in judged:
        judged[key] = _ROW_TESTS[rule](node)
    return judged[key]


class _Sizes:
    """How many characters of text stand in the elements of a container, white space run together.

    Each is counted when asked for; where many are asked for, all are weighed at once, for one may
    lie within the other a thousand deep.
    """

    def __init__(self, container: LexborNode, *, weigh: bool) -> None:
        self._container = container
        self._known = _weigh(container) if weigh else {}

    def of(self, node: LexborNode) -> int:
        """The size of an element of the container."""
        if node.mem_id not in self._known:
            self._known[node.mem_id] = len(one_line(node.text()))
        return self._known[node.mem_id]

    def whole(self) -> int:
        """The size of the container."""
        return self.of(self._container)


def _weigh(container: LexborNode) -> dict[int, int]:
    """The sizes of all elements of a container by memory id, from one walk."""
    order: list[tuple[int, int]] = []
    sizes: dict[int, int] = {}
    waiting = [(container, container.mem_id)]
    while waiting:
        node, parent = waiting.pop()
        order.append((node.mem_id, parent))
        sizes[node.mem_id] = 0
        for child in children(node):
            if child.is_text_node:
                sizes[node.mem_id] += len(one_line(child.text() or ""))
            elif child.is_element_node:
                waiting.append((child, node.mem_id))
    for mem_id, parent in reversed(order[1:]):
        sizes[parent] += sizes[mem_id]
    return sizes


def _is_wrong(node: LexborNode, sizes: _Sizes, rule: str) -> bool:
    """A rule that would take most of a body, or a paragraph for a row of buttons, is wrong: pasted
    markup brings its classes along."""
    if rule == "code" or node.child is None:
        return False
    size = sizes.of(node)
    if size > _MOST and size * 2 > sizes.whole():
        return True
    if rule not in _ROWS or size < _PROSE or node.css_first("form,input") is not None:
        return False
    return sum(len(one_line(link.text())) for link in node.css("a")) * 2 < size


def _has_marked_ancestor(
    node: LexborNode, container: LexborNode, marked: dict[int, Removal]
) -> bool:
    for ancestor in ancestors(node):
        if ancestor.mem_id == container.mem_id:
            return False
        if ancestor.mem_id in marked:
            return True
    return False


def outside_feed(container: LexborNode, words: str) -> list[Removal]:
    """The children of a container that stand wholly before or after the feed's words (squashed)
    within it."""
    pieces = [(child, letters_only(visible_text(child))) for child in child_elements(container)]
    whole = letters_only(visible_text(container))
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
