"""Identify an element across the pages of one store by the tags and names on the way to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.extract.dom import ancestors, child_elements

# Ids of sections, posts and products differ from page to page, columns of a grid do not; the editor
# of themes ends the id of a section that it adds with six letters and digits (hQMrdW).
_NUMBER: Final = re.compile(r"\d{3,}|(?<=_)(?=\d|[A-Za-z]{1,5}[A-Z\d])[A-Za-z\d]{6}(?![\w-])")
_RANDOM: Final = re.compile(
    r"(?<=[-_.#])(?:[0-9a-f#]{1,8}(?:-[0-9a-f#]{1,4}){3}-[0-9a-f#]{1,12}"
    r"|(?=[0-9a-f]*#)[0-9a-f#]{2,}|(?=[a-f]*[0-9])[0-9a-f]{5,}|[a-f]{7,})(?![0-9a-z])",
    re.IGNORECASE,
)  # a UUID, or hexadecimal digits, long numbers of which are left out already
_LONGEST_STEP: Final = 160
_SEPARATOR: Final = " > "
_MAX_FOLLOWED: Final = 100
_ORDINAL: Final = re.compile(r" \(([1-9]\d{0,2})\)$")


def path_step(node: LexborNode) -> str:
    """An element's tag, id and classes, long numbers left out: ``div#main.article.rte``."""
    attributes = node.attributes
    return _cached_step(str(node.tag), attributes.get("id") or "", attributes.get("class") or "")


@lru_cache(maxsize=8192)
def _cached_step(tag: str, identifier: str, classes: str) -> str:
    names = "".join(f".{name}" for name in classes.split())
    return _NUMBER.sub(
        "#", f"{tag}{'#' + identifier.strip() if identifier.strip() else ''}{names}"
    ).replace(">", "")[:_LONGEST_STEP]


def block_step(node: LexborNode) -> str:
    """As `path_step`, within a body: without random digits, which apps write into names."""
    return _without_random(path_step(node))


_without_random = lru_cache(maxsize=8192)(partial(_RANDOM.sub, "#"))


def is_named(wanted_step: str) -> bool:
    """Return whether a step, or a path's last one, has an id or a class to know it by."""
    last = wanted_step.rpartition(_SEPARATOR)[2]
    return "." in last or "#" in last


def named_paths(path: str) -> list[str]:
    """Return a path and those of its ancestors, so far as they have a name."""
    steps = path.split(_SEPARATOR)
    return [_SEPARATOR.join(steps[:at]) for at, one in enumerate(steps, 1) if is_named(one)]


def path_below(node: LexborNode, root: LexborNode) -> str:
    """Return the steps from below `root` down to an element that lies within it."""
    steps = [path_step(node)]
    for ancestor in ancestors(node):
        if ancestor.mem_id == root.mem_id:
            break
        steps.append(path_step(ancestor))
    return _SEPARATOR.join(reversed(steps))


def join_path(path: str, wanted_step: str) -> str:
    """The path of a child whose step is `wanted_step` below an element at `path`."""
    return f"{path}{_SEPARATOR}{wanted_step}" if path else wanted_step


def named_path(path: str, wanted_step: str) -> str:
    """As `join_path`, without the unnamed steps before the first named one: an author's wrappers
    around an app's block differ from post to post."""
    is_below = is_named(path.partition(_SEPARATOR)[0])
    return join_path(path, wanted_step) if is_below else wanted_step


def elements_at(root: LexborNode, path: str) -> list[LexborNode]:
    """Return the elements at a path below `root`, in document order; of a path that ends in a
    number (`numbered_path`), that one alone. No more than a hundred are followed."""
    number = _ORDINAL.search(path)
    nodes = [root]
    for step in (path[: number.start()] if number else path).split(_SEPARATOR):
        nodes = [child for node in nodes for child in _children_named(node, step)][:_MAX_FOLLOWED]
    return nodes[int(number[1]) - 1 : int(number[1])] if number else nodes


def numbered_path(node: LexborNode, root: LexborNode) -> str:
    """As `path_below`; where the path leads to several elements, with this one's number among them:
    ``div.section (1)``."""
    path = path_below(node, root)
    nodes = elements_at(root, path)
    number = {other.mem_id: number for number, other in enumerate(nodes, 1)}.get(node.mem_id)
    return f"{path} ({number})" if number and len(nodes) > 1 else path


def unnumbered(path: str) -> str:
    """A path without its number."""
    return _ORDINAL.sub("", path)


def _children_named(node: LexborNode, wanted_step: str) -> Iterator[LexborNode]:
    same_tag = (one for one in child_elements(node) if wanted_step.startswith(str(one.tag)))
    return (one for one in same_tag if path_step(one) == wanted_step)
