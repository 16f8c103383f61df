"""The elements of a body with their words, so that two sights of a post can be compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.extract.dom import HEADINGS, children
from scraper.extract.page.text import letters_only, one_line
from scraper.extract.template.dom_path import block_step, named_path

_MAX_ELEMENTS: Final = 5000
_SILENT: Final = frozenset({"script", "style", "noscript", "template"})
_INLINE_TAGS: Final = (
    "a abbr b bdi bdo br button cite code data del em font i img ins kbd label mark q s samp small "
    "span strike strong sub sup svg time tt u var wbr"
)
_INLINE: Final = frozenset(_INLINE_TAGS.split())


@dataclass(slots=True, eq=False)
class Element:
    """An element below a body's element: its path (`named_path`), its words on one line, and
    `look`, its words with the last parts of the addresses that its links lead to.

    A *unit* is an outermost element without blocks inside: a paragraph, a list item, a row of
    spans. `own_words` are the words of a unit, or those that stand directly in an element that also
    holds blocks. `in_link`: it lies in a link; `is_linked`: or it holds one. `end` is the place
    behind its last descendant in the outline.
    """

    node: LexborNode
    path: str
    parent: int
    words: str = ""
    look: str = ""
    own_words: str = ""
    is_unit: bool = False
    in_link: bool = False
    is_linked: bool = False
    has_block: bool = False
    end: int = 0
    first_text: int = 0
    own_texts: list[str] = field(default_factory=list)

    @property
    def is_heading(self) -> bool:
        """Return whether it is a heading of the text, and not the title of a linked card."""
        return self.node.tag in HEADINGS and not self.is_linked

    @property
    def is_inline(self) -> bool:
        """Return whether it stands within a line of text by its tag."""
        return self.node.tag in _INLINE


class Outline:
    """A body's elements in document order, those in `removed` (memory ids) left out."""

    def __init__(self, container: LexborNode, removed: Collection[int] = ()) -> None:
        self.elements: list[Element] = []
        self._texts: list[tuple[str, str]] = []
        self._walk(container, removed)
        self.by_path: defaultdict[str, list[int]] = defaultdict(list)
        for at, element in enumerate(self.elements):
            self.by_path[element.path].append(at)
        self.letters = sum(len(letters_only(text)) for text, _ in self._texts)
        self._texts.clear()

    def units(self, at: int) -> list[Element]:
        """Return the elements with words of their own within an element, and pictures that link;
        itself, where it is a part of one."""
        inside = self.elements[at : self.elements[at].end]
        return [one for one in inside if one.own_words or (one.is_unit and one.look)] or inside[:1]

    def all_units(self) -> Iterator[Element]:
        """Yield the elements with words of their own."""
        return (element for element in self.elements if element.own_words)

    def _walk(self, container: LexborNode, removed: Collection[int]) -> None:
        waiting: list[tuple[LexborNode | None, int]] = [
            (child, -1) for child in reversed(list(children(container)))
        ]
        while waiting:
            node, parent = waiting.pop()
            if node is None:
                self._close(parent)
            elif node.is_text_node:
                self._add_text(node.text() or "", parent)
            elif node.is_element_node and node.tag not in _SILENT and node.mem_id not in removed:
                at = self._open(node, parent)
                waiting.append((None, at))
                if at < _MAX_ELEMENTS:
                    waiting += [(child, at) for child in reversed(list(children(node)))]

    def _add_text(self, text: str, parent: int) -> None:
        self._texts.append((text, text))
        if parent >= 0:
            self.elements[parent].own_texts.append(text)

    def _open(self, node: LexborNode, parent: int) -> int:
        above = self.elements[parent].path if parent >= 0 else ""
        element = Element(node, named_path(above, block_step(node)), parent)
        element.first_text = len(self._texts)
        element.in_link = node.tag == "a" or (parent >= 0 and self.elements[parent].in_link)
        element.is_linked = element.in_link
        if node.tag == "a" and (target := _last_part(node.attributes.get("href") or "")):
            self._texts.append(("", f"[{target}]"))
        self.elements.append(element)
        return len(self.elements) - 1

    def _close(self, at: int) -> None:
        element = self.elements[at]
        element.end = len(self.elements)
        inside = self._texts[element.first_text :]
        element.words = one_line(" ".join(text for text, _ in inside))
        element.look = one_line(" ".join(look for _, look in inside))
        above = self.elements[element.parent] if element.parent >= 0 else None
        if above is not None:
            above.has_block |= element.has_block or not element.is_inline
            above.is_linked |= element.is_linked
        if element.has_block:
            element.own_words = one_line(" ".join(element.own_texts))
            self._name_units(at)
        elif above is None:
            self._make_unit(element)

    def _name_units(self, at: int) -> None:
        """The children without blocks of an element that holds blocks are units."""
        child = at + 1
        while child < self.elements[at].end:
            if not self.elements[child].has_block:
                self._make_unit(self.elements[child])
            child = self.elements[child].end

    @staticmethod
    def _make_unit(element: Element) -> None:
        element.is_unit = True
        element.own_words = element.words


def is_item(unit: Element) -> bool:
    """Return whether a unit is an item of a list, or of a row of links."""
    return unit.parent >= 0 and (unit.node.tag == "li" or unit.is_linked)


def lists_of(units: Iterable[Element]) -> list[list[Element]]:
    """Return the lists of several items among units."""
    found: defaultdict[tuple[int, str], list[Element]] = defaultdict(list)
    for unit in units:
        if is_item(unit):
            found[unit.parent, unit.path].append(unit)
    return [items for items in found.values() if len(items) > 1]


def _last_part(href: str) -> str:
    """Return the last part of an address's path: what stays where host, locale and query vary."""
    path = href.partition("#")[0].partition("?")[0].rstrip("/")
    return path.rpartition("/")[2]
