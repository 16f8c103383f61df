"""What the cleaner would glue together or lose, made plain markup: spans shown as blocks, buttons
and labels that an author's text stands in, formulas, words in drawings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.extract.body.hidden import is_hidden
from scraper.extract.dom import ancestors, child_elements, siblings_before
from scraper.extract.page.text import one_line

_SHOWN_AS_BLOCK: Final = re.compile(
    r"(?<![\w-])display\s{0,9}:\s{0,9}(?:inline-)?(?:block|flex|grid|table|list-item|flow-root)",
    re.I,
)
_MOVED: Final = re.compile(r"vertical-align\s{0,9}:\s{0,9}(super|sub)\b", re.I)
_BLOCK_CLASSES: Final = frozenset({"block", "d-block"})
_RAISED_CLASSES: Final = frozenset({"sup", "superscript"})
_SET_AS_BLOCK: Final = "[class~=block],[class~=d-block]"
_STYLED: Final = {  # by what all of its signs share
    "style": (
        ("display", "[style*='display' i]"),
        ("vertical-align", "[style*='vertical-align' i]"),
    ),
    "sup": (("superscript", "[class*=superscript]"), ('"sup"', "[class~=sup]")),
    "note": (("noteref", "a[role=doc-noteref]"), ("footnote", "a[class*=footnote]")),
    "block": (("block ", _SET_AS_BLOCK), ('block"', _SET_AS_BLOCK)),
}
_LONGEST_SCRIPT: Final = 40  # characters
_LONGEST_MARK: Final = 5
_LEVELS: Final = 2
_INLINE: Final = frozenset(
    {"span", "a", "b", "strong", "i", "em", "u", "small", "font", "code", "abbr", "mark", "cite"}
)
_CONTROLS: Final = frozenset({"button", "label", "legend"})
_HOLDS_TEXT: Final = frozenset(
    {"h1", "h2", "h3", "h4", "h5", "h6", "p", "li", "dt", "dd", "td", "th", "summary", "span", "a"}
)
_QUERY: Final = "button,label,legend,math,svg"
_SCRIPTS: Final = {"msup": "^", "msub": "_", "mfrac": "/"}
_UNSAID: Final = frozenset({"annotation", "annotation-xml", "semantics-annotation"})
_MOST_PARTS: Final = 2000


def part_words(container: LexborNode, html: str) -> None:
    """Part what a page shows apart, in place: line breaks around spans that are shown as blocks,
    paragraphs of buttons and labels; formulas and drawings become their words. `html` is the
    container's markup."""
    for node in container.css(_QUERY + _styled(html)):
        tag = node.tag or ""
        if tag in ("math", "svg"):
            words = formula_text(node) if tag == "math" else _drawn_text(node)
            node.replace_with(f" {words} " if words else " ")
        elif tag in _CONTROLS:
            _unwrap_control(node)
        elif tag in _INLINE:
            _style_inline(node)


def _styled(html: str) -> str:
    """Return what to add to the query for elements that a style or class sets apart: each part of
    a query is a walk, and few bodies need any."""
    signs = (pair for shared, pairs in _STYLED.items() if shared in html for pair in pairs)
    queries = dict.fromkeys(query for sign, query in signs if sign in html)
    return f",:is({','.join(queries)})" if queries else ""  # each element once


def _style_inline(node: LexborNode) -> None:
    attributes = node.attributes
    style, classes = attributes.get("style") or "", (attributes.get("class") or "").split()
    if _SHOWN_AS_BLOCK.search(style) or not _BLOCK_CLASSES.isdisjoint(classes):
        _break_around(node)
    elif len(words := one_line(node.text())) <= _LONGEST_SCRIPT:
        moved = _MOVED.search(style)
        is_note = _is_note(node) and len(words) <= _LONGEST_MARK
        if moved or is_note or not _RAISED_CLASSES.isdisjoint(classes):
            _wrap(node, "sub" if moved and moved[1].lower() == "sub" else "sup")


def _is_note(node: LexborNode) -> bool:
    attributes = node.attributes
    is_named = "footnote" in (attributes.get("class") or "")
    return node.tag == "a" and (is_named or attributes.get("role") == "doc-noteref")


def _wrap(node: LexborNode, tag: str) -> None:
    """Put an element into one of raised or lowered signs, unless it stands in one or holds one."""
    if node.css_first("sup,sub") is not None or any(
        outer.tag in ("sup", "sub") for outer in islice(ancestors(node), _LEVELS)
    ):
        return
    wrapped = LexborHTMLParser(f"<{tag}>{node.html or ''}</{tag}>").css_first(tag)
    if wrapped is not None:
        node.insert_before(wrapped)
        node.decompose()


def reveal_formulas(scripts: Iterable[LexborNode]) -> None:
    """Put the formulas that scripts hold for MathJax before them, as their authors wrote them,
    where it has not done so before the page was saved."""
    for node in scripts:
        if (node.attributes.get("type") or "").startswith("math/") and not _is_set(node):
            node.insert_before(f" {one_line(node.text())} ")


def _is_set(script: LexborNode) -> bool:
    """Return whether the element before a script is the formula that MathJax made of it."""
    near = islice(siblings_before(script), _LEVELS)
    before = next((one for one in near if one.is_element_node), None)
    if before is None or "mathjax" not in (before.attributes.get("class") or "").lower():
        return False
    return bool(one_line(before.text())) and not is_hidden(before.tag or "", before.attributes)


def formula_text(node: LexborNode) -> str:
    """Return a MathML formula on one line: its signs parted by blanks, powers with a caret, indices
    with a low line, fractions with a stroke."""
    pieces: list[str] = []
    waiting: list[LexborNode | str] = [node]
    while waiting and len(pieces) < _MOST_PARTS:
        one = waiting.pop()
        if isinstance(one, str):
            pieces.append(one)
        elif one.is_text_node:
            pieces.append(one_line(one.text()))
        elif one.is_element_node and one.tag not in _UNSAID:
            waiting += reversed(_parts(one))
    return re.sub(r" ?([\^_/]) ?", r"\1", one_line(" ".join(filter(None, pieces))))


def _parts(node: LexborNode) -> list[LexborNode | str]:
    sign = _SCRIPTS.get(node.tag or "")
    if sign is None:
        return list(node.iter(include_text=True))
    parts: list[LexborNode | str] = []
    for part in child_elements(node):
        parts += [sign] if parts else []
        is_long = len(list(child_elements(part))) > 1
        parts += ["(", part, ")"] if is_long else [part]
    return parts


def _drawn_text(node: LexborNode) -> str:
    """Return the words that a drawing shows; its title names an icon."""
    return one_line(" ".join(text.text() for text in node.css("text")))


def _unwrap_control(node: LexborNode) -> None:
    """Leave a control's words in the heading or paragraph around it, or make it a paragraph."""
    around = next((outer.tag for outer in ancestors(node)), "")
    if around in _HOLDS_TEXT:
        node.unwrap()
        return
    paragraph = LexborHTMLParser(f"<p>{node.inner_html or ''}</p>").css_first("p")
    if paragraph is not None:
        node.insert_before(paragraph)
        node.decompose()


def _break_around(node: LexborNode) -> None:
    for beside, insert in ((node.prev, node.insert_before), (node.next, node.insert_after)):
        neighbour = beside
        while neighbour is not None and neighbour.is_text_node and not neighbour.text().strip():
            neighbour = neighbour.prev if insert == node.insert_before else neighbour.next
        line_break = LexborHTMLParser("<br>").css_first("br")
        if neighbour is not None and neighbour.tag != "br" and line_break is not None:
            insert(line_break)
