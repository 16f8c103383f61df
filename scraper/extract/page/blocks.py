"""Every block of a page, kept or removed, and the rule that decided: what `explain` shows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.extract.body.boilerplate import boilerplate_rule
from scraper.extract.body.trim import Removal
from scraper.extract.dom import BLOCK_TAGS, children, self_and_ancestors
from scraper.extract.page.text import one_line
from scraper.items import Block

# What is no text of a page can be a block of its own, too.
_BLOCK_TAGS: Final = BLOCK_TAGS | {"form", "script", "style", "noscript", "template", "iframe"}
_TEXT_LIMIT: Final = 200
_MOST_STEPS: Final = 40
_ROOTS: Final = frozenset({"body", "html", "-undef"})
_SHOWN_TAGS: Final = frozenset({"img", "iframe", "video", "audio", "object", "embed"})
_SHOWN: Final = ",".join(sorted(_SHOWN_TAGS))
_SOURCES: Final = ("data-src", "src", "data", "srcset")


def body_blocks(container: LexborNode, removals: list[Removal]) -> tuple[Block, ...]:
    """Return the body's element and what was taken out of it."""
    kept = Block(path=css_path(container), kept=True, rule="body", text=_beginning(container))
    steps: dict[int, str] = {}
    return (
        kept,
        *(
            Block(path=css_path(node, steps), kept=False, rule=rule, text=_excerpt(node))
            for node, rule in removals
        ),
    )


def page_blocks(
    body: LexborNode, container: LexborNode, removals: list[Removal]
) -> tuple[Block, ...]:
    """Every block of the page in order, each with its own text and not that of the blocks within
    it.

    Walked with a stack of its own: pages may be nested deeper than Python recurses.
    """
    rules = {node.mem_id: rule for node, rule in removals}
    elements = list_elements(body)
    places = {node.mem_id: place for place, node in enumerate(elements)}
    return tuple(
        _walk(
            body,
            container.mem_id,
            rules,
            places,
            _leading_to_blocks(elements, {container.mem_id, *rules}),
        )
    )


def list_elements(body: LexborNode) -> list[LexborNode]:
    """Return the body element and all below it in document order: an element's index is the `place`
    of its block."""
    return [node for node in body.traverse(include_text=False) if node.is_element_node]


def _leading_to_blocks(elements: list[LexborNode], decided: set[int]) -> set[int]:
    """Return the elements that are blocks of their own or hold one: block tags, those that were
    decided on, and all above them.

    Elements with names of a theme's own (``<sticky-header>``) hold most of some pages, so the tags
    alone do not lead to every block.
    """
    leading: set[int] = set()
    for node in elements:
        if node.tag not in _BLOCK_TAGS and node.mem_id not in decided:
            continue
        for holder in self_and_ancestors(node):
            if holder.mem_id in leading:
                break
            leading.add(holder.mem_id)
    return leading


def _walk(
    body: LexborNode,
    container: int,
    rules: dict[int, str],
    places: dict[int, int],
    leading: set[int],
) -> Iterator[Block]:
    waiting: list[tuple[LexborNode, str, bool]] = [(body, "outside_body", False)]
    while waiting:
        node, rule, inside = waiting.pop()
        inside = inside or node.mem_id == container
        if node.mem_id == container:
            rule = "body"
        elif inside:
            rule = rules.get(node.mem_id, rule)
        elif rule == "outside_body":
            rule = boilerplate_rule(node, outside_body=True) or rule
        within: list[LexborNode] = []
        own: list[LexborNode] = []
        for child in children(node):
            if child.mem_id in leading:
                within.append(child)
            elif child.is_element_node or child.is_text_node:
                own.append(child)
        if text := _own_text(node, own):
            yield Block(
                path=css_path(node),
                kept=rule == "body",
                rule=rule,
                text=text,
                place=places[node.mem_id],
            )
        waiting.extend((child, rule, inside) for child in reversed(within))


def _own_text(node: LexborNode, own: list[LexborNode]) -> str:
    """What an element says by itself, from those of its children that lead to no other block; what
    it shows, where it says nothing."""
    pieces: list[str] = []
    length = 0
    for child in own:
        if length > _TEXT_LIMIT * 4:
            break
        pieces.append(child.text(separator=" ")[: _TEXT_LIMIT * 4])
        length += len(pieces[-1])
    return one_line(" ".join(pieces))[:_TEXT_LIMIT] or _shown(node, own)


def _shown(node: LexborNode, own: list[LexborNode]) -> str:
    """Return the first picture or embed of an element that holds no words."""
    if node.tag in _SHOWN_TAGS:
        return describe_media(node)[:_TEXT_LIMIT]
    elements = (child for child in own if child.is_element_node)
    media = (child if child.tag in _SHOWN_TAGS else child.css_first(_SHOWN) for child in elements)
    first = next(filter(None, media), None)
    return describe_media(first)[:_TEXT_LIMIT] if first is not None else ""


def describe_media(node: LexborNode) -> str:
    """An image or embed in words: ``[image: a kettle]``, by its alternative text, else by its file
    or host."""
    attributes = node.attributes
    source = next((value for name in _SOURCES if (value := attributes.get(name))), "")
    name = one_line(attributes.get("alt") or attributes.get("title") or "") or _file_or_host(
        source, node.tag == "img"
    )
    kind = "image" if node.tag == "img" else str(node.tag)
    return f"[{kind}: {name}]" if name else f"[{kind}]"


def _file_or_host(source: str, is_file: bool) -> str:
    if source.startswith("data:"):
        return ""
    host, _, path = source.partition("?")[0].rpartition("//")[2].partition("/")
    return one_line(path.rpartition("/")[2] if is_file else host)


def _beginning(node: LexborNode) -> str:
    """As `_excerpt`, without reading the whole body for its first words."""
    pieces: list[str] = []
    length = 0
    for child in children(node):
        if length >= _TEXT_LIMIT * 4:
            break
        pieces.append(child.text(separator=" ") or "")
        length += len(pieces[-1])
    return one_line(" ".join(pieces)[: _TEXT_LIMIT * 4])[:_TEXT_LIMIT]


def _excerpt(node: LexborNode) -> str:
    return one_line(node.text(separator=" ")[: _TEXT_LIMIT * 4])[:_TEXT_LIMIT]


def css_path(node: LexborNode, steps: dict[int, str] | None = None) -> str:
    """A CSS path from the body element to a node: tags with an id, or with their first class.

    `steps` holds the steps of elements by their memory id, for many paths in one tree; it is added
    to.
    """
    parts: list[str] = []
    known = steps if steps is not None else {}
    for current in islice(self_and_ancestors(node), _MOST_STEPS):
        if current.tag in _ROOTS:
            break
        if current.mem_id not in known:
            known[current.mem_id] = _step(current)
        parts.append(known[current.mem_id])
    return " > ".join(reversed(parts)) or "body"


def _step(node: LexborNode) -> str:
    attributes = node.attributes
    identifier, classes = attributes.get("id") or "", (attributes.get("class") or "").split()
    if identifier and " " not in identifier:
        return f"{node.tag}#{identifier}"
    return f"{node.tag}.{classes[0]}" if classes else str(node.tag)
