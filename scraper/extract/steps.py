"""How an element is told from others across the pages of one store: by the tags and names on the way to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.extract.container import ancestors, element_children

_NUMBER: Final = re.compile(r"\d{3,}")  # ids of sections, posts and products differ from page to page, columns of a grid do not
_LONGEST: Final = 160
_SEPARATOR: Final = " > "
_MOST: Final = 100


def step(node: LexborNode) -> str:
    """An element's tag, id and classes, long numbers left out: ``div#main.article.rte``."""
    attributes = node.attributes
    return _step(str(node.tag), attributes.get("id") or "", attributes.get("class") or "")


@lru_cache(maxsize=8192)
def _step(tag: str, identifier: str, classes: str) -> str:
    names = "".join(f".{name}" for name in classes.split())
    return _NUMBER.sub("#", f"{tag}{'#' + identifier.strip() if identifier.strip() else ''}{names}").replace(">", "")[:_LONGEST]


def is_named(told: str) -> bool:
    """Whether a step, or a path's last one, has an id or a class to know it by."""
    last = told.rpartition(_SEPARATOR)[2]
    return "." in last or "#" in last


def path_below(node: LexborNode, root: LexborNode) -> str:
    """The steps from below `root` down to an element that lies within it."""
    steps = [step(node)]
    for ancestor in ancestors(node):
        if ancestor.mem_id == root.mem_id:
            break
        steps.append(step(ancestor))
    return _SEPARATOR.join(reversed(steps))


def join_path(path: str, told: str) -> str:
    """The path of a child whose step is `told` below an element at `path`."""
    return f"{path}{_SEPARATOR}{told}" if path else told


def elements_at(root: LexborNode, path: str) -> list[LexborNode]:
    """The elements at a path below `root`, in document order; no more than a hundred are followed."""
    nodes = [root]
    for told in path.split(_SEPARATOR):
        nodes = [child for node in nodes for child in _children_named(node, told)][:_MOST]
    return nodes


def _children_named(node: LexborNode, told: str) -> Iterator[LexborNode]:
    return (child for child in element_children(node) if told.startswith(str(child.tag)) and step(child) == told)
