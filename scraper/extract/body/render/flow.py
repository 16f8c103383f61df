"""What the cleaner would glue together or lose, made plain markup: spans shown as blocks, buttons
and labels that an author's text stands in, formulas, words in drawings."""

from __future__ import annotations

import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.extract.dom import ancestors, child_elements
from scraper.extract.page.text import one_line

_SHOWN_AS_BLOCK: Final = re.compile(
    r"(?<![\w-])display\s{0,9}:\s{0,9}(?:inline-)?(?:block|flex|grid|table|list-item|flow-root)",
    re.I,
)
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


def part_words(container: LexborNode) -> None:
    """Part what a page shows apart, in place: line breaks around spans that are shown as blocks,
    paragraphs of buttons and labels; formulas and drawings become their words."""
    styled = ",[style*='display' i]" if "display" in (container.html or "") else ""
    for node in container.css(_QUERY + styled):
        tag = node.tag or ""
        if tag in ("math", "svg"):
            words = formula_text(node) if tag == "math" else _drawn_text(node)
            node.replace_with(f" {words} " if words else " ")
        elif tag in _CONTROLS:
            _unwrap_control(node)
        elif tag in _INLINE and _SHOWN_AS_BLOCK.search(node.attributes.get("style") or ""):
            _break_around(node)


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
