"""The few ways to walk a parsed page that every other module uses.

Nodes are compared by `mem_id`: the parser makes a new Python object each time a node is reached.
All walks are lazy and none recurses, for pages may be nested deeper than Python's stack.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

_BLOCKS = (
    "address article aside blockquote caption center dd details div dl dt fieldset figcaption "
    "figure footer h1 h2 h3 h4 h5 h6 header hgroup hr li main menu nav ol p pre search section "
    "summary table tbody tfoot thead tr ul"
)
BLOCK_TAGS: Final = frozenset(_BLOCKS.split())
"""The elements that part text: each begins and ends a line. Cells of a table stand beside each
other."""

HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
"""The headings of every level."""

PLAYERS: Final = (
    "lite-youtube,lite-vimeo,amp-youtube,amp-vimeo,amp-video,amp-iframe,[class*=wistia_async_],"
    "[data-instgrm-permalink],.tiktok-embed[cite]"
)
"""Elements of a script's that show a film, some by its number alone."""

SHOWN: Final = f"iframe,video,embed,object,img,{PLAYERS}"
"""Elements that show a film or a picture."""

_CODE = "script,style,noscript,template"
_ROOTS = frozenset({"body", "html"})


def children(node: LexborNode) -> Iterator[LexborNode]:
    """Return a node's children in order: elements, texts, comments."""
    return node.iter(include_text=True)


def child_elements(node: LexborNode) -> Iterator[LexborNode]:
    """Return a node's child elements in order."""
    return (child for child in node.iter() if child.is_element_node)


def siblings_after(node: LexborNode) -> Iterator[LexborNode]:
    """Yield the nodes after a node within its parent, in document order."""
    sibling = node.next
    while sibling is not None:
        yield sibling
        sibling = sibling.next


def siblings_before(node: LexborNode) -> Iterator[LexborNode]:
    """Yield the nodes before a node within its parent, the nearest first."""
    sibling = node.prev
    while sibling is not None:
        yield sibling
        sibling = sibling.prev


def ancestors(node: LexborNode) -> Iterator[LexborNode]:
    """Yield a node's ancestors from its parent upward."""
    current = node.parent
    while current is not None:
        yield current
        current = current.parent


def self_and_ancestors(node: LexborNode) -> Iterator[LexborNode]:
    """Yield a node, then its ancestors from its parent upward."""
    current: LexborNode | None = node
    while current is not None:
        yield current
        current = current.parent


def ancestors_in_body(node: LexborNode) -> Iterator[LexborNode]:
    """Yield a node's ancestors below the body element, from its parent upward."""
    current = node.parent
    while current is not None and current.tag not in _ROOTS:
        yield current
        current = current.parent


def holds(node: LexborNode, query: str) -> bool:
    """Return whether an element within a node, not the node itself, matches a query."""
    return any(one.mem_id != node.mem_id for one in node.css(query))


def has_ancestor(node: LexborNode, mem_ids: Container[int]) -> bool:
    """Return whether one of a node's ancestors has one of these memory ids."""
    return any(ancestor.mem_id in mem_ids for ancestor in ancestors(node))


def is_inside(node: LexborNode, outer: LexborNode) -> bool:
    """Return whether a node lies within an element, at any depth."""
    mem_id = outer.mem_id
    return any(ancestor.mem_id == mem_id for ancestor in ancestors(node))


def last_descendant(node: LexborNode) -> LexborNode:
    """Return what ends last within a node: its last child's last child, and so on."""
    while (inner := node.last_child) is not None:
        node = inner
    return node


def own_text(node: LexborNode) -> str:
    """Return the text that stands directly in an element, without that of its child elements."""
    return "".join(child.text_content or "" for child in children(node))


def linked_size(node: LexborNode) -> int:
    """Return how many characters of an element's text are those of links."""
    child = node.child
    if child is None or (child.is_text_node and child.next is None and node.tag != "a"):
        return 0  # quicker to know: the text of most paragraphs stands directly in them
    return sum(len(link.text_lexbor()) for link in node.css("a"))


def visible_text(node: LexborNode) -> str:
    """Return an element's text without scripts, styles and templates; the element stays as is."""
    if node.css_first(_CODE) is None:
        return node.text(separator=" ")
    copy = LexborHTMLParser(node.html or "")
    for code in copy.css(_CODE):
        code.decompose()
    return copy.body.text(separator=" ") if copy.body is not None else ""


def visible_size(node: LexborNode) -> int:
    """Return how many letters an element shows, white space and code left out."""
    text = visible_text(node)
    return len(text) - text.count(" ") - text.count("\n")
