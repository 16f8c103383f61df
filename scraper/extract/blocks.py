"""Every block of a page, kept or removed, and the rule that decided: what `explain` shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.extract.clean import Removal
from scraper.extract.junk import junk_rule
from scraper.extract.text import one_line
from scraper.items import Block

_BLOCK_TAGS: Final = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "div",
        "dl",
        "dt",
        "dd",
        "figure",
        "figcaption",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tr",
        "ul",
        "script",
        "style",
        "noscript",
        "template",
        "iframe",
    ]
)
_TEXT_LIMIT: Final = 200


def cheap_blocks(container: LexborNode, removals: list[Removal]) -> tuple[Block, ...]:
    """The body's element and what was taken out of it."""
    kept = Block(path=css_path(container), kept=True, rule="body", text=_beginning(container))
    return (kept, *(Block(path=css_path(node), kept=False, rule=rule, text=_excerpt(node)) for node, rule in removals))


def all_blocks(body: LexborNode, container: LexborNode, removals: list[Removal]) -> tuple[Block, ...]:
    """Every block of the page in order, walked with a stack of its own (pages may be nested deeper than Python recurses)."""
    rules = {node.mem_id: rule for node, rule in removals}
    return tuple(_walk(body, container.mem_id, rules))


def _walk(body: LexborNode, container: int, rules: dict[int, str]) -> Iterator[Block]:
    waiting: list[tuple[LexborNode, str, bool]] = [(body, "outside_body", False)]
    while waiting:
        node, rule, inside = waiting.pop()
        inside = inside or node.mem_id == container
        if node.mem_id == container:
            rule = "body"
        elif inside:
            rule = rules.get(node.mem_id, rule)
        elif rule == "outside_body":
            rule = junk_rule(node, around=True) or rule
        children = [child for child in _children(node) if child.tag in _BLOCK_TAGS]
        if not children or _has_own_text(node):
            if text := _excerpt(node):
                yield Block(path=css_path(node), kept=rule == "body", rule=rule, text=text)
            children = [child for child in children if child.mem_id in rules] if rule == "body" else []
        waiting.extend((child, rule, inside) for child in reversed(children))


def _children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.child
    while child is not None:
        if child.is_element_node:
            yield child
        child = child.next


def _has_own_text(node: LexborNode) -> bool:
    child = node.child
    while child is not None:
        if child.is_text_node and (child.text() or "").strip():
            return True
        child = child.next
    return False


def _beginning(node: LexborNode) -> str:
    """As `_excerpt`, without reading the whole body for its first words."""
    pieces: list[str] = []
    length, child = 0, node.child
    while child is not None and length < _TEXT_LIMIT * 4:
        pieces.append(child.text(separator=" ") or "")
        length += len(pieces[-1])
        child = child.next
    return one_line(" ".join(pieces)[: _TEXT_LIMIT * 4])[:_TEXT_LIMIT]


def _excerpt(node: LexborNode) -> str:
    return one_line(node.text(separator=" ")[: _TEXT_LIMIT * 4])[:_TEXT_LIMIT]


def css_path(node: LexborNode) -> str:
    """A CSS path from the body element to a node: tags with an id, or with their first class."""
    parts: list[str] = []
    current: LexborNode | None = node
    while current is not None and current.tag not in ("body", "html", "-undef") and len(parts) < 40:
        parts.append(_step(current))
        current = current.parent
    return " > ".join(reversed(parts)) or "body"


def _step(node: LexborNode) -> str:
    attributes = node.attributes
    identifier, classes = attributes.get("id") or "", (attributes.get("class") or "").split()
    if identifier and " " not in identifier:
        return f"{node.tag}#{identifier}"
    return f"{node.tag}.{classes[0]}" if classes else str(node.tag)
