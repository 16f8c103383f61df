"""What stands around the body's element, gathered in one query: headings, times, by-lines, links to blogs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from selectolax.lexbor import LexborNode

from scraper.extract.container import ancestors
from scraper.extract.places import Places
from scraper.extract.survey import Survey
from scraper.extract.text import one_line

_NEAR: Final = 5  # levels above the body's element that still belong to the article
# Rules that take an element out of the body, yet leave it the post's own.
_OF_THE_POST: Final = frozenset({"", "meta", "header", "share", "tags", "navigation"})
_MOST_LINES: Final = 60
_LONGEST_LINE: Final = 200
_CODE_TAGS: Final = frozenset({"script", "style", "noscript", "template", "svg", "select", "form", "nav"})


class Near(NamedTuple):
    """A node and how many levels above the body's element its branch parts from it; `inside` the body's element itself."""

    node: LexborNode
    distance: int
    inside: bool


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The page's headings, times, authors' elements and links, in document order, with their distance; and the lines near the body."""

    headings: tuple[Near, ...]
    times: tuple[Near, ...]
    authors: tuple[Near, ...]
    anchors: tuple[Near, ...]
    lines: tuple[str, ...]
    places: Places

    def in_place(self, found: tuple[Near, ...]) -> list[Near]:
        """Those of `found` that stand in the post's column outside the body's element, the nearest first."""
        outside = sorted((near for near in found if not near.inside), key=lambda near: near.distance)
        return [near for near in outside if self.places.rule(near.node) in _OF_THE_POST]


def gather(seen: Survey, container: LexborNode, places: Places) -> Surroundings:
    """Read what stands around the container; nothing is removed."""
    levels = {container.mem_id: 0} | {ancestor.mem_id: level for level, ancestor in enumerate(ancestors(container), 1)}

    def near(nodes: list[LexborNode]) -> tuple[Near, ...]:
        return tuple(Near(node, distance, distance == 0) for node in nodes for distance in [_distance(node, levels)])

    return Surroundings(
        near(seen.headings),
        near(seen.times),
        near(seen.authors),
        near(seen.anchors),
        tuple(islice(_lines_near(container), _MOST_LINES)),
        places,
    )


def _distance(node: LexborNode, levels: dict[int, int]) -> int:
    """Levels from the body's element up to the branch of `node`; every element passed is noted, so that none is passed twice."""
    passed: list[int] = []
    current: LexborNode | None = node
    while current is not None and current.mem_id not in levels:
        passed.append(current.mem_id)
        current = current.parent
    distance = levels[current.mem_id] if current is not None else 99
    levels.update(dict.fromkeys(passed, distance))
    return distance


def _lines_near(container: LexborNode) -> Iterator[str]:
    """The lines of text before the body's element, then after it, level by level up to the article's end."""
    current: LexborNode | None = container
    for _ in range(_NEAR):
        if current is None or current.tag in ("main", "body"):
            return
        for sibling in _siblings(current):
            yield from _lines(sibling)
        if current.tag == "article":
            return
        current = current.parent


def _siblings(node: LexborNode) -> Iterator[LexborNode]:
    before = node.prev
    found = []
    while before is not None:
        found.append(before)
        before = before.prev
    yield from reversed(found)
    after = node.next
    while after is not None:
        yield after
        after = after.next


def _lines(node: LexborNode) -> Iterator[str]:
    if node.is_element_node and node.tag not in _CODE_TAGS:
        text = node.text(separator="\n")
        if len(text) < 3000:
            yield from (
                line for raw in text.split("\n") if raw and not raw.isspace() and (line := one_line(raw)) and len(line) < _LONGEST_LINE
            )
