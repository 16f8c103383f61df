"""Find a page's body, and the theme's blocks in it, by a template that was learned before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.extract.body.container import BodyMatch
from scraper.extract.body.parts import common_body
from scraper.extract.dom import child_elements, visible_size, visible_text
from scraper.extract.page.text import letters_only
from scraper.extract.template.dom_path import block_step, elements_at, join_path, named_path
from scraper.extract.template.shape import shape_of
from scraper.items import Evidence, Template, TemplateBlock

CONFIDENCE: Final[dict[Evidence, float]] = {"feed": 0.99, "jsonld": 0.98, "pages": 0.96}
"""How sure a body is, by what taught the template its place."""

_UNCERTAIN: Final = 0.7  # where density found the place


def find_by_template(root: LexborNode, template: Template) -> BodyMatch | None:
    """Return the element that holds a page's body; None where no learned path leads to a text or a
    picture. `root` is the page's body element."""
    for body in template.bodies:
        nodes = [node for node in elements_at(root, body.path) if shows_something(node)]
        if nodes:
            joined = common_body([(node, visible_size(node)) for node in nodes])
            return BodyMatch(
                joined or _longest(nodes),
                "template",
                _UNCERTAIN if body.framed else CONFIDENCE[body.learned_from],
                body.learned_from,
                body.framed or joined is not None,
            )
    return None


def _longest(nodes: list[LexborNode]) -> LexborNode:
    if len(nodes) == 1:
        return nodes[0]
    return max(nodes, key=lambda node: len(visible_text(node)))


def shows_something(node: LexborNode) -> bool:
    """Return whether an element holds text, an image or a film."""
    return bool((node.text() or "").strip()) or node.css_first("img,iframe,video") is not None


def theme_blocks(
    container: LexborNode, template: Template
) -> Iterator[tuple[LexborNode, TemplateBlock]]:
    """Yield the outermost elements inside a body's element that the template knows as the
    theme's."""
    known: defaultdict[str, list[TemplateBlock]] = defaultdict(list)
    varying: defaultdict[str, list[TemplateBlock]] = defaultdict(list)
    for block in template.blocks:
        (varying if block.learned_from == "sights" else known)[block.path].append(block)
    waiting = [(child, "", "") for child in child_elements(container)] if template.blocks else []
    while waiting:
        node, above, named_above = waiting.pop()
        step = block_step(node)
        path, named = join_path(above, step), named_path(named_above, step)
        candidates = (*known.get(path, ()), *varying.get(named, ()))
        matching = next((block for block in candidates if _is_at(node, block)), None)
        if matching:
            yield node, matching
        elif varying or any(other.startswith(f"{path} ") for other in known):
            waiting += [(child, path, named) for child in child_elements(node)]


def _is_at(node: LexborNode, block: TemplateBlock) -> bool:
    if not block.text:
        return True
    wanted = shape_of if block.learned_from == "sights" else letters_only
    return block.text == wanted(visible_text(node))
