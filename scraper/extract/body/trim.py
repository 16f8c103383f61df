"""Find what a theme prints in one flow with the body: title and byline before it, comments and
cards of other posts after it."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from itertools import filterfalse, islice, takewhile
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.caches import cache_short
from scraper.extract.body.boilerplate_index import is_cards
from scraper.extract.body.class_names import names_metadata
from scraper.extract.dom import (
    ancestors,
    child_elements,
    is_inside,
    own_text,
    self_and_ancestors,
    siblings_after,
    siblings_before,
)
from scraper.extract.fields.written_dates import find_dates
from scraper.extract.page.text import is_blank, letters_only, one_line, title_letters
from scraper.extract.vocabulary import any_of
from scraper.extract.vocabulary.bylines import AUTHOR_LABELS, BY, BY_OR_OF, TEXT_LABELS
from scraper.extract.vocabulary.calendar import WEEKDAYS
from scraper.extract.vocabulary.dates import PREPOSITIONS, PUBLISHED, READING_TIME
from scraper.extract.vocabulary.sections import (
    CARD_HEADINGS,
    COMMENTS,
    CONTENTS_HEADINGS,
    LEAVE_A_COMMENT,
    RELATED_HEADINGS,
    SHARE_HEADINGS,
    TAG_LABELS,
)

Removal = tuple[LexborNode, str]
_LEADING: Final = 6  # leaves that are looked at before the first sentence
_LONGEST_META: Final = 120  # characters
# Low headings too, as in themes whose logo is the first-level heading.
_TITLE_TAGS: Final = frozenset({"h1", "h2", "h3", "h4", "header", "div", "span", "p"})
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4"})
_SENTENCE: Final = 60  # characters of a paragraph that an author may have written before his title
_WRAPPERS: Final = frozenset({"div", "header", "section", "article", "center", "hgroup"})

# What a line of facts is made of; each piece is taken out in turn, and a line that is used up says
# nothing else.
_TIME: Final = r"""\bT?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?
    \s*(?:[ap]\.?m\b\.?|Z\b|[+-]\d{2}:?\d{2}\b)?"""
_MINUTES: Final = rf"\b\d+\s*(?:-\s*)?min(?:ute)?s?\.?(?:\s+(?:{READING_TIME}))?\b"
_METADATA_PARTS: Final = tuple(
    re.compile(pattern, re.I | re.X)
    for pattern in (
        r"\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b",  # in an order that nobody knows
        rf"\b{WEEKDAYS}\b|{_TIME}",
        _MINUTES,
        rf"(?<![\w.,])\d[\d.,]*+(?:\s*+k)?\s+(?:{any_of(COMMENTS)}|views?|likes?|shares?|reads?)\b",
        rf"\b(?:{any_of(PUBLISHED)})(?:\s+(?:on|am|le|el|em|op|il|at|in))?\b(?=\W|$)",
    )
)
_BY: Final = re.compile(
    rf"""\b(?i:(?:{TEXT_LABELS})\s++(?={any_of(BY)}))?+(?i:{any_of(BY_OR_OF)}|{any_of(AUTHOR_LABELS)})\b\s*+(?::\s*+)?
        (?:(?i:{any_of(BY)})\s+)?
        (?:(?:[A-ZÀ-Þ@]|(?:of|the|and|de|la|van|von|der|y|e|et)\b|&)
          [\w.'’&@-]*(?:\s+|(?=\W)|$)){{1,7}}
      | \b(?i:{any_of(BY)})\s+\S+$""",
    re.X,
)
_SEPARATORS: Final = re.compile(rf"\b(?:{PREPOSITIONS})\b|[^\w]+", re.I)
_COMMENTS: Final = re.compile(
    rf"""^(?:(?:\d+|no)\s+)?(?:{any_of(COMMENTS)})(?:\s*\(?\d+\)?)?(?:\s+(?:to\s+show|yet))?\W*$
      | ^(?:{any_of(LEAVE_A_COMMENT)})$""",
    re.I | re.X,
)
_ANNOUNCING: Final = {
    "comments": _COMMENTS,
    "related_widget": re.compile(
        rf"^\W*+(?:{any_of(CARD_HEADINGS)}|{any_of(RELATED_HEADINGS)})\W*+$", re.I
    ),
    "share": re.compile(rf"^(?:{SHARE_HEADINGS})\W*+$", re.I),
    "tags": re.compile(rf"^(?:{any_of(TAG_LABELS)})\W*+$", re.I),
    "contents_list": re.compile(rf"^(?:{any_of(CONTENTS_HEADINGS)})\W*+$", re.I),
}
_HEADING_RULES: Final = tuple((rule, _ANNOUNCING[rule]) for rule in ("comments", "related_widget"))
_LONGEST_HEADING: Final = 60
_WIDGETS: Final = {  # characters that announce one
    **dict.fromkeys(("related_widget", "comments", "overlay"), _LONGEST_HEADING),
    "newsletter": 200,
}
_ENDS: Final = {**dict.fromkeys(_WIDGETS, ".!"), "newsletter": ""}  # of a sentence
_ANY_HEADING: Final = "h1,h2,h3,h4,h5,h6"
_SHOWN: Final = "img,iframe,video"
_MAIL_FIELD: Final = "input[type=email],input[name*=email i]"
_MOST_LINES: Final = 6
_COOKIES: Final = re.compile(r"\bcookies\b", re.I)  # a word of most languages
_BODY_TAGS: Final = frozenset({"p", "ul", "ol", "div", "blockquote", "table"})
_COMMENT_FORM: Final = "textarea,[name^=comment],[class*=comment i],[id*=comment i]"


def find_leading_boilerplate(
    container: LexborNode,
    title: str,
    *,
    may_hold_boilerplate: bool,
    title_elsewhere: bool,
    is_removed: Callable[[LexborNode], bool],
) -> list[Removal]:
    """Find title, byline and date where the theme prints them before the body's first sentence.

    `may_hold_boilerplate` is set for a container that was found by density; `title_elsewhere` where
    the theme prints the title outside it; `is_removed` knows the elements that other rules remove.
    A theme that prints its title inside the container prints its byline there too.
    """
    title_key = title_letters(title)
    removals: list[Removal] = []
    if may_hold_boilerplate and title_key and not title_elsewhere:
        removals = _before_title(container, title_key, is_removed)
    before = {node.mem_id for node, _ in removals}
    leaves = _leading_leaves(container, lambda node: node.mem_id in before or is_removed(node))
    title_tag, is_under_title = "", True
    head: LexborNode | None = None
    for node in islice(leaves, _LEADING):
        text = one_line(node.text(separator=" "))
        is_title = _repeats_title(text, title, title_key)
        if head is not None and is_inside(node, head):
            continue
        if is_title and title_tag in _HEADINGS:
            break  # the theme has printed it already, so this is the author's own heading
        if is_title and not title_elsewhere and node.tag in _TITLE_TAGS:
            head = _head_around(node, container)
            removals.append((head or node, "title"))
            title_tag = node.tag or "title"
        elif _is_metadata(node, text, container, in_theme=may_hold_boilerplate or bool(title_tag)):
            removals.append((node, "meta"))
        elif title_tag and is_under_title and node.tag in _HEADINGS and not is_title:
            is_under_title = False  # a subtitle: what dates the post may stand below it
        elif not is_title:
            break
    return removals


def _head_around(title: LexborNode, container: LexborNode) -> LexborNode | None:
    """Return the article's head that holds its title, with byline and date and no sentence."""
    within = takewhile(lambda one: one.mem_id != container.mem_id, self_and_ancestors(title))
    head = next((one for one in within if one.tag == "header"), None)
    if head is None or len(one_line(head.text())) > len(one_line(title.text())) + _LONGEST_META:
        return None
    return head


def _repeats_title(text: str, title: str, title_key: str) -> bool:
    is_near = bool(title_key) and len(text) < 2 * len(title) + 40
    return is_near and letters_only(text) == title_key


def _is_metadata(node: LexborNode, text: str, container: LexborNode, *, in_theme: bool) -> bool:
    """Return whether a leaf dates the post or says who wrote it: by its words where a theme prints
    its head too, elsewhere by its class as well."""
    if in_theme and (node.tag == "time" or is_metadata_line(text)):
        return True
    return _says_metadata(node, container) and _is_all_metadata(node)


def _says_metadata(node: LexborNode, container: LexborNode) -> bool:
    """Return whether the names of an element, or of one around it within the body, say that it
    holds metadata."""
    within = takewhile(lambda one: one.mem_id != container.mem_id, self_and_ancestors(node))
    return any(
        names_metadata(f"{one.attributes.get('class') or ''} {one.attributes.get('id') or ''}")
        for one in within
    )


def _is_all_metadata(node: LexborNode) -> bool:
    """Return whether each line of an element, whose class says that it holds metadata, does."""
    lines = [line for raw in node.text(separator="\n").split("\n") if (line := one_line(raw))]
    return 0 < len(lines) <= _MOST_LINES and all(
        is_metadata_line(line) or _is_name(line) for line in lines
    )


def find_widget_headings(
    removals: dict[int, Removal], container: LexborNode, *, may_hold_boilerplate: bool
) -> list[Removal]:
    """Find the headings that stand right before what is removed and announce it, and the elements
    in a body that hold nothing but widgets and their heading, in whatever words. `removals` are by
    memory id."""
    if not removals:
        return []
    found: list[Removal] = []
    seen: set[tuple[int, str]] = set()
    most = len(container.text()) // 2
    for node, rule in removals.values():
        pattern = _ANNOUNCING.get(rule)
        before = next((one for one in siblings_before(node) if one.is_element_node), None)
        if pattern is not None and before is not None:
            text = one_line(before.text())
            if len(text) <= _LONGEST_HEADING and pattern.match(text):
                found.append((before, rule))
        kind = "newsletter" if node.tag == "form" and node.css_first(_MAIL_FIELD) else rule
        if kind not in _WIDGETS:
            continue
        around = _widget_around(node, kind, container, removals, seen)
        if (
            around is not None
            and len(around.text()) < most
            and (may_hold_boilerplate or around.css_first(_ANY_HEADING) is not None)
        ):
            found.append((around, kind))
    return found


def _widget_around(
    node: LexborNode,
    kind: str,
    container: LexborNode,
    removals: Container[int],
    seen: set[tuple[int, str]],
) -> LexborNode | None:
    """Return the element around a widget that holds its heading too, and nothing else; none where
    it was `seen` from another one."""
    for around in takewhile(lambda one: one.mem_id != container.mem_id, ancestors(node)):
        if (around.mem_id, kind) in seen:
            return None
        seen.add((around.mem_id, kind))
        beside = [
            one
            for one in child_elements(around)
            if one.mem_id != node.mem_id and one.mem_id not in removals
        ]
        if any(one.css_first(_SHOWN) is not None for one in beside):
            return None
        texts = (own_text(around), *(one.text() for one in beside))
        if text := " ".join(filter(None, map(one_line, texts))):
            is_heading = len(text) <= _WIDGETS[kind] and text[-1] not in _ENDS[kind]
            return around if is_heading and around.tag in _WRAPPERS else None
        node = around
    return None


def _before_title(
    container: LexborNode, title_key: str, is_removed: Callable[[LexborNode], bool]
) -> list[Removal]:
    """What stands before the theme's title (`title_key`, letters only) in a container that may hold
    boilerplate: menus, crumbs, a cart."""
    titles = (one for one in container.css("h1,h2") if letters_only(one.text()) == title_key)
    heading = next(filterfalse(is_removed, titles), None)
    if heading is None:
        return []
    before = [node for node in _siblings(heading, container, forward=False) if not is_removed(node)]
    whole = _prose(container)
    if any(_prose(node) for node in before if not _is_of_others(node, whole)):
        return []
    return [(node, "header") for node in before]


@cache_short(maxsize=512)
def is_metadata_line(text: str) -> bool:
    """Return whether a line holds date, author, reading time or comment count, and nothing else."""
    if not text or len(text) > _LONGEST_META:
        return False
    dates = find_dates(text)
    rest = text
    for found in reversed(dates):
        rest = f"{rest[: found.start]} {rest[found.end :]}"
    for fact in _METADATA_PARTS:
        rest = fact.sub(" ", rest)
    if not _SEPARATORS.sub("", _BY.sub(" ", rest)):
        return True
    return bool(dates) and _is_name(rest)  # "Sam Fern | 24 February 2021"


def _is_name(rest: str) -> bool:
    words = [
        word for word in re.findall(r"[\w'’.&-]+", rest) if any(letter.isalnum() for letter in word)
    ]
    return len(words) <= 3 and all(word[:1].isupper() for word in words)


def _leading_leaves(
    container: LexborNode, is_removed: Callable[[LexborNode], bool]
) -> Iterator[LexborNode]:
    """Return the first elements with text, from wrappers down to what holds text itself; lazily,
    for the first sentence ends the search."""
    waiting = [child_elements(container)]
    while waiting:
        node = next(waiting[-1], None)
        if node is None:
            waiting.pop()
        elif is_removed(node) or is_blank(node.text()):
            continue
        elif node.tag in _WRAPPERS and _only_wraps(node) and not _is_row_of_facts(node):
            waiting.append(child_elements(node))
        else:
            yield node


def _is_row_of_facts(node: LexborNode) -> bool:
    """Return whether the parts of an element are metadata together: one alone may be a name."""
    return node.css_first(f"{_ANY_HEADING},{_SHOWN}") is None and is_metadata_line(
        one_line(node.text(separator=" ")[: 2 * _LONGEST_META])
    )


def _only_wraps(node: LexborNode) -> bool:
    """Return whether an element has no text of its own, and a child that has."""
    return is_blank(own_text(node)) and any(
        not is_blank(child.text()) for child in child_elements(node)
    )


def find_trailing_boilerplate(container: LexborNode) -> list[Removal]:
    """In a container that may hold boilerplate: from the heading of the comments, or of cards of
    other posts, to the container's end."""
    for heading in container.css("h2,h3,h4,h5,h6,legend,[id=comments]"):
        text = one_line(heading.text())
        rule = next((rule for rule, pattern in _HEADING_RULES if pattern.match(text)), "")
        if (
            rule
            and (after := _from(heading, container))
            and any(_bears_out(rule, node) for node in after)
            and not (rule == "related_widget" and _goes_on(heading, after, container))
        ):
            return [(node, rule) for node in after]
    return []


def _from(heading: LexborNode, container: LexborNode) -> list[LexborNode]:
    """A heading and all that follows it in the container, as the fewest elements; empty where
    nothing is written before it."""
    before = _siblings(heading, container, forward=False)
    if not any(node.tag in _BODY_TAGS and not is_blank(node.text()) for node in before):
        return []
    return [heading, *_siblings(heading, container, forward=True)]


def _siblings(node: LexborNode, container: LexborNode, *, forward: bool) -> list[LexborNode]:
    """Return the elements after (or before) a node, and after (or before) each of its ancestors, up
    to the container."""
    found: list[LexborNode] = []
    walk = siblings_after if forward else siblings_before
    for level in self_and_ancestors(node):
        if level.mem_id == container.mem_id:
            break
        found += [beside for beside in walk(level) if beside.is_element_node]
    return found


def _goes_on(heading: LexborNode, after: list[LexborNode], container: LexborNode) -> bool:
    """Return whether the author's text goes on behind a heading: paragraphs follow in his own flow,
    or more prose than stands before it."""
    if any(node.css_first("h1") is not None for node in after):
        return False
    if sum(node.tag == "p" and _prose(node) > 0 for node in after) > 1:
        return True
    before = _siblings(heading, container, forward=False)
    return sum(map(_prose, filterfalse(_is_cards, after))) > sum(map(_prose, before))


def _is_cards(node: LexborNode) -> bool:
    """Return whether an element holds cards of other posts and hardly more."""
    return is_cards(node, len(one_line(node.text())), fewest=1)


def _is_of_others(node: LexborNode, whole: int) -> bool:
    """Return whether an element before a post's title is another article, with less than half of
    the `whole` prose or about cookies, or cards of posts."""
    if node.tag == "article" and (2 * _prose(node) < whole or _COOKIES.search(node.text())):
        return True
    return _is_cards(node)


def _prose(node: LexborNode) -> int:
    """Return the characters of an element's sentences."""
    paragraphs = [node] if node.tag == "p" else node.css("p")
    sizes = (len(one_line(one.text())) for one in paragraphs)
    return sum(size for size in sizes if size >= _SENTENCE)


def _bears_out(rule: str, node: LexborNode) -> bool:
    """Return whether what follows is what the heading says: a form for comments, or cards, which
    have pictures or headings of their own."""
    if rule == "comments":
        return node.css_first(_COMMENT_FORM) is not None
    if node.css_first("h1") is not None:
        return True  # a whole other article
    links = node.css("a[href]:not([href^='#'])")
    return any(
        link.css_first("img,h2,h3,h4,h5") is not None
        or (link.parent and link.parent.tag in ("h2", "h3", "h4", "h5"))
        for link in links
    )
