"""What the cleaner would glue together or lose, made plain markup: spans shown as blocks, buttons
and labels that an author's text stands in, formulas, words in drawings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import islice
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.extract.body.boilerplate import is_to_place
from scraper.extract.body.hidden import is_hidden
from scraper.extract.dom import BLOCK_TAGS, ancestors, child_elements, siblings_before
from scraper.extract.page.text import letters_only, one_line

_SHOWN_AS_BLOCK: Final = re.compile(
    r"(?<![\w-])(?:display\s{0,9}:\s{0,9}(?:inline-)?"
    r"(?:block|flex|grid|table|list-item|flow-root)|float\s{0,9}:\s{0,9}(?:left|right))",
    re.I,
)
_PARTS_CHILDREN: Final = re.compile(
    r"(?<![\w-])display\s{0,9}:\s{0,9}(?:inline-)?(?:flex|grid)", re.I
)
_MOVED: Final = re.compile(r"vertical-align\s{0,9}:\s{0,9}(super|sub)\b", re.I)
_MOVED_BY: Final = re.compile(  # as word processors raise (to the top is less than nothing)
    r"(?<![\w-])(?:(top)|vertical-align)\s{0,9}:\s{0,9}(-?)(?=[\d.]{0,9}[1-9])", re.I
)
_BLOCK_CLASSES: Final = frozenset({"block", "d-block"})
_PARTING_CLASSES: Final = frozenset(
    {"flex", "inline-flex", "grid", "inline-grid", "d-flex", "d-grid"}
)
_RAISED_CLASSES: Final = frozenset({"sup", "superscript"})
_SET_AS_BLOCK: Final = "[class~=block],[class~=d-block]"
_STYLED: Final = {  # by what all of its signs share
    "style": (
        ("display", "[style*='display' i]"),
        ("vertical-align", "[style*='vertical-align' i]"),
        ("relative", "[style*='relative' i]"),
        ("float", "[style*='float' i]"),
    ),
    "class": (("flex", "[class*=flex]"), ("grid", "[class*=grid]")),
    'href="#': (('href="#', "a[href^='#']"),),
    "sup": (("superscript", "[class*=superscript]"), ('"sup"', "[class~=sup]")),
    "note": (("noteref", "a[role=doc-noteref]"), ("footnote", "a[class*=footnote]")),
    "block": (("block ", _SET_AS_BLOCK), ('block"', _SET_AS_BLOCK)),
}
_LONGEST_SCRIPT: Final = 40  # characters
_LONGEST_MARK: Final = 5
_BEHIND_WORD: Final = ".,;:!?)]*%‰€$£°'”’\"»…。，、！？」"
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
            if node.mem_id != container.mem_id:
                _unwrap_control(node)
        else:
            _part_children(node)
            if tag in _INLINE:
                _style_inline(node)


def _styled(html: str) -> str:
    """Return what to add to the query for elements that a style or class sets apart: each part of
    a query is a walk, and few bodies need any."""
    signs = (pair for shared, pairs in _STYLED.items() if shared in html for pair in pairs)
    queries = dict.fromkeys(query for sign, query in signs if sign in html)
    return f",:is({','.join(queries)})" if queries else ""  # each element once


def _part_children(node: LexborNode) -> None:
    """Part the inline elements within one that sets its children apart, in a row or a grid."""
    attributes = node.attributes
    classes = (name.rpartition(":")[2] for name in (attributes.get("class") or "").split())
    if _PARTS_CHILDREN.search(attributes.get("style") or "") or any(
        name in _PARTING_CLASSES for name in classes
    ):
        for child in child_elements(node):
            if child.tag in _INLINE and child.prev is not None:
                child.insert_before(" ")


def _style_inline(node: LexborNode) -> None:
    attributes = node.attributes
    style, classes = attributes.get("style") or "", (attributes.get("class") or "").split()
    words = one_line(node.text())
    if _SHOWN_AS_BLOCK.search(style) or not _BLOCK_CLASSES.isdisjoint(classes):
        if len(words) > 1:  # not a word's first letter, or each of its letters by itself
            _break_around(node)
    elif len(words) <= _LONGEST_SCRIPT and (tag := _script_tag(node, style, classes, words)):
        _wrap(node, tag)


def _script_tag(node: LexborNode, style: str, classes: list[str], words: str) -> str:
    """Return the tag of raised or lowered signs for an element that is shown so, or an empty
    string."""
    if moved := _MOVED.search(style):
        return "sub" if moved[1].lower() == "sub" else "sup"
    if not _RAISED_CLASSES.isdisjoint(classes):
        return "sup"
    if len(words) > _LONGEST_MARK:
        return ""
    if _is_note(node, words):
        return "sup"
    by = _MOVED_BY.search(style) if any(map(str.isdigit, words)) else None
    if by is None:
        return ""
    return "sup" if bool(by[1]) == bool(by[2]) else "sub"


def _is_note(node: LexborNode, words: str) -> bool:
    """Return whether a link is a footnote's mark: by its name, or it stands right behind a word,
    has no letters and leads to a place on the page."""
    attributes = node.attributes
    if node.tag != "a":
        return False
    if "footnote" in (attributes.get("class") or "") or attributes.get("role") == "doc-noteref":
        return True
    before = (node.prev.text() or "") if node.prev is not None and node.prev.is_text_node else ""
    is_glued = bool(before) and _ends_word(before[-1])
    return is_glued and is_to_place(node) and not any(map(str.isalpha, words))


def _ends_word(sign: str) -> bool:
    """Return whether a sign is of a word, or closes one or a sentence."""
    return unicodedata.category(sign)[0] in "LMN" or sign in _BEHIND_WORD


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
    """Leave a control's words in the heading or paragraph around it, or make it a paragraph, unless
    it holds what ends one: a heading, a layout's element with words or a picture."""
    around = next((outer.tag for outer in ancestors(node)), "")
    if around in _HOLDS_TEXT or any(map(_is_block, node.css("*"))):
        node.unwrap()
        return
    paragraph = LexborHTMLParser(f"<p>{node.inner_html or ''}</p>").css_first("p")
    if paragraph is not None:
        node.insert_before(paragraph)
        node.decompose()


def _is_block(node: LexborNode) -> bool:
    if node.tag not in BLOCK_TAGS:
        return False
    return bool(letters_only(node.text())) or node.css_first("img") is not None


def _break_around(node: LexborNode) -> None:
    for beside, insert in ((node.prev, node.insert_before), (node.next, node.insert_after)):
        neighbour = beside
        while neighbour is not None and neighbour.is_text_node and not neighbour.text().strip():
            neighbour = neighbour.prev if insert == node.insert_before else neighbour.next
        line_break = LexborHTMLParser("<br>").css_first("br")
        if neighbour is not None and neighbour.tag != "br" and line_break is not None:
            insert(line_break)
