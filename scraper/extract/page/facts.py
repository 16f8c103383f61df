"""Which elements within a body's element date the post or name its author, before its first
sentence."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import dropwhile, islice
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.extract.body.boilerplate_index import BoilerplateIndex
from scraper.extract.body.class_names import names_metadata
from scraper.extract.body.trim import is_metadata_line
from scraper.extract.dom import has_ancestor, is_inside, own_text
from scraper.extract.page.text import one_line

_MOST_LEADING: Final = 40  # elements that are looked at
_SENTENCE: Final = 60  # characters
_LONGEST: Final = 200  # characters
_HIGH_HEADINGS: Final = ("h1", "h2")


def leading_facts(container: LexborNode, boilerplate: BoilerplateIndex) -> list[LexborNode]:
    """Return the elements before the first sentence of a body's element, or behind the page's title
    within it, whose names say that they date the post or name its author, an article's head, and
    beside the title what is nothing but such facts."""
    titles = [title.mem_id for title in boilerplate.titles if is_inside(title, container)]
    found = _facts_among(islice(container.traverse(include_text=False), 1, None), bool(titles))
    if titles:
        walk = container.traverse(include_text=False)
        behind = dropwhile(lambda one: one.mem_id != titles[0], walk)
        known = {one.mem_id for one in found}
        own = _facts_among(islice(behind, 1, None), holds_title=True)
        found += [one for one in own if not has_ancestor(one, known) and one.mem_id not in known]
    return found


def _facts_among(nodes: Iterator[LexborNode], holds_title: bool) -> list[LexborNode]:
    """Return the facts that stand before the first sentence."""
    found: list[LexborNode] = []
    for node in islice(nodes, _MOST_LEADING):
        if len(own_text(node).strip()) >= _SENTENCE and node.tag not in _HIGH_HEADINGS:
            break
        names = f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"
        is_fact = (
            node.tag == "header"
            or (names != " " and names_metadata(names))
            or (holds_title and _is_line_of_facts(node))
        )
        if (
            is_fact
            and 0 < len(one_line(node.text())) < _LONGEST
            and not has_ancestor(node, {one.mem_id for one in found})
        ):
            found.append(node)
    return found


def _is_line_of_facts(node: LexborNode) -> bool:
    text = one_line(own_text(node))
    return len(text) < _SENTENCE and is_metadata_line(text)
