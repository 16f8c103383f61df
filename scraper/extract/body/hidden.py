"""What a page hides until a reader asks for it, and the buttons and labels that ask: in an author's
text both are his words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.extract.dom import (
    ancestors,
    children,
    has_ancestor,
    linked_size,
    self_and_ancestors,
    siblings_after,
    siblings_before,
)
from scraper.extract.page.text import letters_only, one_line

SPEAKING: Final = frozenset({"button", "label", "legend", "fieldset", "svg"})
"""Elements that are the shop's, but for those that hold an author's words."""

_ICONS: Final = frozenset(
    {"img", "i"}
)  # hidden from screen readers only: an ornament that everybody else sees
_INVISIBLE: Final = re.compile(r"display\s*+:\s*+none|visibility\s*+:\s*+hidden", re.I)
_AT_SOME_WIDTH: Final = re.compile(
    r"(?<!\S)(?:[\w-]{1,20}:)(?:block|flex|grid|contents|list-item|table(?:-\w{1,12})?"
    r"|inline(?:-\w{1,12})?)"
    r"(?!\S)"
)
_FOR_LISTENERS: Final = re.compile(r"visually-?hidden|(?<!not-)sr-only|screen-reader", re.I)
_TO_ALL_AT_SOME_WIDTH: Final = re.compile(r"(?<!\S)(?:(?:sm|md|lg|xl|2xl|print):)?not-sr-only")
_STREAMED: Final = re.compile(r"S:[0-9a-f]{1,6}")  # React moves it into its place
# A template to be filled, or data for a script.
_UNFILLED: Final = re.compile(r"\{\{|\{%|\[\[|<%|\A\s*+[\[{]\s*+[\"{]")
_OF_A_SCRIPT: Final = re.compile(
    r"katex-html|mjx|mathjax|tooltip|modal|pop-?up|lightbox|spinner|loader|loading|quick-?view",
    re.I,
)
_OPENERS: Final = frozenset(
    {"h1", "h2", "h3", "h4", "h5", "h6", "button", "label", "summary", "dt"}
)
_HOLDS_OPENER: Final = "button,summary,label,[aria-expanded],[aria-controls],[data-toggle]"
_OPENING: Final = re.compile(
    r"accordion|collaps|toggle|faq|question|expand|(?<![a-z])tabs?(?![a-z])|panel|disclosure", re.I
)
_OPENED: Final = re.compile(
    r"accordion|faq|(?<![a-z])(?:tab[-_]?(?:content|panel|pane)|answer)(?![a-z])", re.I
)
_OPENING_ATTRIBUTES: Final = (
    "aria-expanded",
    "aria-controls",
    "data-toggle",
    "data-target",
    "data-bs-toggle",
    "data-bs-target",
)
_TEXT_HOLDERS: Final = frozenset({"p", "li", "td", "blockquote", "div"})
_FIELDS: Final = "input:not([type=checkbox]):not([type=radio]):not([type=hidden]),select,textarea"
_QUESTION: Final = re.compile(r"[?？؟;]\s*+$")
_LONGEST_NAMES: Final = 400
_SENTENCE: Final = 40  # characters
_LEVELS: Final = 3
_MIN_LETTERS: Final = 3
_FEWEST_REPEATED: Final = 3  # paragraphs that nobody writes twice in one order
_LONG: Final = 80  # characters of such a paragraph
_LEVELS_UP: Final = 12  # from such a paragraph to the element that is the copy
_LAYOUT: Final = frozenset({"div", "section", "article"})
_PARTS: Final = frozenset({"li", "td", "blockquote"})  # of an author's text
_MOST: Final = 0.75  # of the text
_MOST_COPIES: Final = 50  # elements that are compared with what stands before them


def is_hidden(tag: str, attributes: dict[str, str | None]) -> bool:
    """Return whether an element's own attributes hide it."""
    style = attributes.get("style")
    if "hidden" in attributes or (style and _INVISIBLE.search(style)):
        return True
    return attributes.get("aria-hidden") == "true" and tag not in _ICONS


def is_shown_by_names(names: str) -> bool:
    """Return whether class names show at some width of the screen what they hide at others
    (``hidden md:block``)."""
    return _AT_SOME_WIDTH.search(names[:_LONGEST_NAMES]) is not None


def is_for_listeners(names: str) -> bool:
    """Return whether class names hide words from all but screen readers."""
    names = names[:_LONGEST_NAMES]
    is_named = _FOR_LISTENERS.search(names) is not None
    return is_named and not _TO_ALL_AT_SOME_WIDTH.search(names)


def is_revealed(node: LexborNode, *, in_authors_text: bool) -> bool:
    """Return whether a script or the reader shows what an element hides.

    In an author's text that is what hidden text is for, unless it shows twice, is a template to be
    filled, or belongs to a script. Elsewhere a heading or button before it must open it.
    """
    attributes = node.attributes
    if attributes.get("hidden") == "until-found" or _STREAMED.fullmatch(attributes.get("id") or ""):
        return True
    text = node.text()
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"[:_LONGEST_NAMES]
    if (
        _UNFILLED.search(text)
        or _OF_A_SCRIPT.search(names)
        or len(letters_only(text)) < _MIN_LETTERS
    ):
        return False
    if is_twin(node, text):
        return False
    return in_authors_text or (_is_opened(node) and not _is_menu(node, text))


def says_authors_words(node: LexborNode) -> bool:
    """Return whether one of the `SPEAKING` elements holds words of an author: the question of an
    accordion, a frame around prose, a drawing with words."""
    tag = node.tag
    if tag == "svg":
        return node.css_first("text") is not None
    if tag == "fieldset":
        return node.css_first("input,select,textarea") is None
    if tag == "legend":
        return node.parent is not None and node.parent.css_first("input,select,textarea") is None
    if len(letters_only(node.text())) < _MIN_LETTERS or _is_beside_field(node):
        return False
    if node.css_first("input,select,textarea") is None and _holds_paragraphs(node):
        return True  # nobody ended it, or a builder made it of a whole post
    return _looks_opening(node) and any(_texts_behind(node))


def _holds_paragraphs(node: LexborNode) -> bool:
    """Return whether an element holds several paragraphs of sentences."""
    sizes = (len(one_line(one.text())) for one in node.css("p"))
    return sum(size >= _SENTENCE for size in sizes) > 1


def _is_beside_field(node: LexborNode) -> bool:
    return node.parent is not None and node.parent.css_first(_FIELDS) is not None


def opens_by_attribute(attributes: dict[str, str | None]) -> bool:
    """Return whether an element's attributes say that it opens another."""
    return any(name in attributes for name in _OPENING_ATTRIBUTES)


def _looks_opening(node: LexborNode) -> bool:
    attributes = node.attributes
    if opens_by_attribute(attributes) or attributes.get("role") == "tab":
        return True
    if _OPENING.search((attributes.get("class") or "")[:_LONGEST_NAMES]):
        return True
    around = node.parent.tag if node.parent is not None else ""
    return around in _OPENERS or _QUESTION.search(one_line(node.text())) is not None


def _texts_behind(node: LexborNode) -> Iterator[bool]:
    """Yield whether what follows an element, or one of the elements around it, says anything."""
    for level in islice(self_and_ancestors(node), _LEVELS):
        following = (
            one
            for one in siblings_after(level)
            if one.is_element_node and one.tag not in ("br", "script", "style", *SPEAKING)
        )
        yield any(len(letters_only(one.text())) >= _MIN_LETTERS for one in islice(following, 2))


def is_twin(node: LexborNode, text: str) -> bool:
    """Return whether the element before or after says the same: one for each kind of screen."""
    letters = letters_only(text)
    neighbours = (_element(siblings_before(node)), _element(siblings_after(node)))
    return any(one is not None and letters_only(one.text()) == letters for one in neighbours)


def _element(siblings: Iterator[LexborNode]) -> LexborNode | None:
    return next((one for one in siblings if one.is_element_node and one.tag != "br"), None)


def _is_opened(node: LexborNode) -> bool:
    attributes = node.attributes
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    if attributes.get("role") == "tabpanel" or _OPENED.search(names[:_LONGEST_NAMES]):
        return True
    before = _element(siblings_before(node))
    if before is not None and (before.tag in _OPENERS or before.css_first(_HOLDS_OPENER)):
        return True
    parent = node.parent
    if node.tag == "span" and parent is not None and parent.tag in _TEXT_HOLDERS:
        return any(one.is_text_node and one.text().strip() for one in siblings_before(node))
    return False


def _is_menu(node: LexborNode, text: str) -> bool:
    linked = linked_size(node)
    return linked * 2 > len(text.strip()) or node.css_first("form,input,select") is not None


def find_copies(
    container: LexborNode, is_removed: Callable[[LexborNode], bool]
) -> list[LexborNode]:
    """Find the elements that say again what stands before them in a body, letter for letter and in
    several paragraphs: a builder's copies for other screens, which style sheets hide.

    A copy is a layout's element and holds most of the text: an author says a shorter part twice, as
    the steps of two recipes. `is_removed` knows what leaves the body, so that one of each stays.
    """
    repeated = _repeated_paragraphs(container)
    if len(repeated) < _FEWEST_REPEATED:
        return []
    letters, places = _letters_with_places(container, is_removed)
    held = Counter(one.mem_id for node in repeated for one in islice(ancestors(node), _LEVELS_UP))
    tried = {container.mem_id}
    found: dict[int, LexborNode] = {}
    for paragraph in repeated:
        if has_ancestor(paragraph, found):
            continue
        copy = None
        for around in islice(ancestors(paragraph), _LEVELS_UP):
            place = places.get(around.mem_id)
            if around.mem_id in tried or place is None or len(tried) > _MOST_COPIES:
                break
            tried.add(around.mem_id)
            if letters.find(letters[place], 0, place.start) < 0:
                break
            copy = around if held[around.mem_id] >= _FEWEST_REPEATED else None
        if copy is not None and copy.tag in _LAYOUT and not _is_in_flow(copy):
            found[copy.mem_id] = copy
    sizes = {mem_id: places[mem_id].stop - places[mem_id].start for mem_id in found}
    said = len(letters) - sum(sizes.values())
    shown = Counter(map(_picture, container.css("img")))
    return [
        copy
        for mem_id, copy in found.items()
        if sizes[mem_id] >= _MOST * said
        and all(shown[one] > n for one, n in Counter(map(_picture, copy.css("img"))).items())
    ]


def _is_in_flow(node: LexborNode) -> bool:
    return any(one.tag in _PARTS for one in ancestors(node))


def _picture(node: LexborNode) -> tuple[str | None, ...]:
    return tuple(map(node.attributes.get, ("src", "data-src", "alt")))


def _repeated_paragraphs(container: LexborNode) -> list[LexborNode]:
    """Return the long paragraphs that say what one before them says."""
    texts = ((node, node.text_lexbor()) for node in container.css("p"))
    seen: set[str] = set()
    repeated: list[LexborNode] = []
    for node, text in texts:
        if len(text) >= _LONG and text in seen:
            repeated.append(node)
        seen.add(text)
    return repeated


def _letters_with_places(
    container: LexborNode, is_removed: Callable[[LexborNode], bool]
) -> tuple[str, dict[int, slice]]:
    """Return the letters of a body, and where those of each element begin and end, without what is
    removed."""
    parts: list[str] = []
    total = 0
    starts: dict[int, int] = {}
    places: dict[int, slice] = {}
    waiting = [container]
    while waiting:
        node = waiting.pop()
        if node.mem_id in starts:
            places[node.mem_id] = slice(starts[node.mem_id], total)
        elif node.is_text_node:
            parts.append(letters_only(node.text()))
            total += len(parts[-1])
        elif node.is_element_node and not is_removed(node):
            starts[node.mem_id] = total
            waiting += [node, *reversed(list(children(node)))]
    return "".join(parts), places
