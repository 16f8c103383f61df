"""Where a theme prints its own lines in one flow with the body: the title and by-line before it,
comments and cards after it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.extract.dom import (
    child_elements,
    own_text,
    self_and_ancestors,
    siblings_after,
    siblings_before,
)
from scraper.extract.fields.dates import read_shown_date
from scraper.extract.page.text import letters_only, one_line, title_letters

Removal = tuple[LexborNode, str]
_LEADING: Final = 6  # leaves that are looked at before the first sentence
_LONGEST_META: Final = 120  # characters
_TITLE_TAGS: Final = frozenset({"h1", "h2", "header", "div", "span", "p"})
_LOW_TITLE_TAGS: Final = frozenset(
    {"h3", "h4"}
)  # as in themes whose logo is the first-level heading
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4"})
_SENTENCE: Final = 60  # characters of a paragraph that an author may have written before his title
_WRAPPERS: Final = frozenset({"div", "header", "section", "article", "center", "hgroup"})

# What a line of facts is made of; each piece is taken out in turn, and a line that is used up says
# nothing else.
_DATE: Final = (
    r"\b\d{1,2}(?:st|nd|rd|th|\.|er|º)?\s*(?:de\s+|of\s+)?[^\W\d_]{3,10}\.?,?\s+(?:de\s+|del\s+)?\d{4}\b"
    r"|\b[^\W\d_]{3,10}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}\b|\b\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?(?!\w)|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b"
)
_FACTS: Final = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        _DATE,
        r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b|\b\d{1,2}:\d{2}(?::\d{2})?\s*(?:[ap]\.?m\b\.?)?",
        r"\b\d+\s*(?:-\s*)?min(?:ute)?s?\.?(?:\s+(?:of\s+)?(?:read(?:ing)?(?:\s+time)?|lesezeit|de\s+lect(?:ure|ura)|leestijd))?\b",
        r"\b\d+\s+(?:comments?|commentaires?|kommentare?|comentarios?|comentários?|commenti|reacties|views?)\b",
        r"\b(?:(?:last\s+)?updated|posted|written|published|post|veröffentlicht|gepostet|geposted|geschrieben|publié|écrit|publicado|escrito|pubblicato"
        r"|scritto|geplaatst|geschreven)"
        r"(?:\s+(?:on|am|le|el|em|op|il|at|in))?\b(?=\W|$)",
    )
)
_BY: Final = re.compile(
    r"\b(?i:by|von|par|por|di|da|door|author|autor|auteur)\b\s*+(?::\s*+)?(?:(?i:by|von|par|por)\s+)?"
    r"(?:(?:[A-ZÀ-Þ@]|(?:of|the|and|de|la|van|von|der|y|e|et)\b|&)[\w.'’&@-]*(?:\s+|(?=\W)|$)){1,7}|\b(?i:by|von|par|por)\s+\S+$"
)
_SEPARATORS: Final = re.compile(r"\b(?:on|in|am|le|el|em|at|um|à)\b|[^\w]+", re.I)
_COMMENTS: Final = re.compile(
    r"^(?:(?:\d+|no)\s+)?(?:comments?|commentaires?|kommentare?|comentarios?|comentários?|commenti|reacties)(?:\s*\(?\d+\)?)?"
    r"(?:\s+(?:to\s+show|yet))?\W*$"
    r"|^(?:leave|post|write|add)\s+(?:(?:a|your)\s*)?(?:comment|reply)\W*$|^laisse[rz]\s+un\s+commentaire\W*$"
    r"|^(?:hinterlasse|schreibe?n?)\b.{0,12}\bkommentar\W*$|^deja\s+un\s+comentario\W*$|^deix[ea]\s+um\s+comentário\W*$"
    r"|^lascia\s+un\s+commento\W*$|^(?:laat|plaats)\s+een\s+reactie.{0,12}$",
    re.I,
)
_CARDS: Final = re.compile(
    r"^(?:also\s+(?:in|on)\b.{0,40}|(?:related|recent|latest|other|more|similar)\s+(?:blog\s+)?(?:posts?|articles?|stories|reads?|reading|news)"
    r"|more\s+(?:from|in)\b.{0,40}|you\s+(?:may|might)\s+also\s+(?:like|enjoy)|(?:continue|keep|further|read)\s+(?:on\s+)?(?:reading|more)"
    r"|read\s+next|what\s+to\s+read\s+next)\W*$",
    re.I,
)
_BODY_TAGS: Final = frozenset({"p", "ul", "ol", "div", "blockquote", "table"})
_COMMENT_FORM: Final = "textarea,[name^=comment],[class*=comment i],[id*=comment i]"


def leading_frame(
    container: LexborNode,
    title: str,
    *,
    framed: bool,
    title_elsewhere: bool,
    marked: Callable[[LexborNode], bool],
) -> list[Removal]:
    """The title, by-line and date again, before the body's first sentence.

    `framed` says that the theme's frame may be inside the container, `title_elsewhere` that the
    theme prints the title outside it, and `marked` tells of elements that go already. A theme that
    prints its title inside prints its by-line there too.
    """
    wanted = title_letters(title)
    removals = (
        _before_title(container, wanted, marked)
        if framed and wanted and not title_elsewhere
        else []
    )
    gone = {node.mem_id for node, _ in removals}
    found = ""
    for node in islice(
        _leading_leaves(container, lambda node: node.mem_id in gone or marked(node)), _LEADING
    ):
        text = one_line(node.text(separator=" "))
        is_title = bool(wanted) and len(text) < 2 * len(title) + 40 and letters_only(text) == wanted
        if is_title and found in _HEADINGS:
            break  # the theme has said it, so this is the author's own heading
        if (
            is_title
            and not title_elsewhere
            and (node.tag in _TITLE_TAGS or (framed and node.tag in _LOW_TITLE_TAGS))
        ):
            removals.append((node, "title"))
            found = node.tag or "title"
        elif (framed or found) and (node.tag == "time" or is_fact_line(text)):
            removals.append((node, "meta"))
        elif not is_title:
            break
    return removals


def _before_title(
    container: LexborNode, wanted: str, marked: Callable[[LexborNode], bool]
) -> list[Removal]:
    """What stands before the theme's title (`wanted`, squashed) in a container with the theme's
    frame: menus, crumbs, a cart."""
    heading = next(
        (
            node
            for node in container.css("h1,h2")
            if letters_only(node.text()) == wanted and not marked(node)
        ),
        None,
    )
    if heading is None:
        return []
    before = [node for node in _siblings(heading, container, forward=False) if not marked(node)]
    if any(
        len(one_line(paragraph.text())) >= _SENTENCE
        for node in before
        for paragraph in node.css("p")
    ):
        return []
    return [(node, "header") for node in before]


def is_fact_line(text: str) -> bool:
    """Whether a line tells when, by whom, how long and how often commented, and nothing else."""
    if not text or len(text) > _LONGEST_META:
        return False
    rest = text
    for fact in _FACTS:
        rest = fact.sub(" ", rest)
    if not _SEPARATORS.sub("", _BY.sub(" ", rest)):
        return True
    return bool(read_shown_date(text).value) and _is_name(rest)  # "Sam Fern | 24 February 2021"


def _is_name(rest: str) -> bool:
    words = [
        word for word in re.findall(r"[\w'’.&-]+", rest) if any(letter.isalnum() for letter in word)
    ]
    return len(words) <= 3 and all(word[:1].isupper() for word in words)


def _leading_leaves(
    container: LexborNode, marked: Callable[[LexborNode], bool]
) -> Iterator[LexborNode]:
    """The first elements with text, from wrappers down to what holds text itself; lazily, for the
    first sentence ends the search."""
    waiting = [child_elements(container)]
    while waiting:
        node = next(waiting[-1], None)
        if node is None:
            waiting.pop()
        elif marked(node) or not one_line(node.text()):
            continue
        elif node.tag in _WRAPPERS and _only_wraps(node):
            waiting.append(child_elements(node))
        else:
            yield node


def _only_wraps(node: LexborNode) -> bool:
    """Whether an element has no text of its own, and a child that has."""
    return not one_line(own_text(node)) and any(
        one_line(child.text()) for child in child_elements(node)
    )


def trailing_frame(container: LexborNode) -> list[Removal]:
    """In a container with the theme's frame: from the heading of the comments, or of cards of other
    posts, to the container's end."""
    for heading in container.css("h2,h3,h4,h5,h6,legend,[id=comments]"):
        text = one_line(heading.text())
        rule = (
            "comments" if _COMMENTS.match(text) else "related_widget" if _CARDS.match(text) else ""
        )
        if (
            rule
            and (after := _from(heading, container))
            and any(_bears_out(rule, node) for node in after)
        ):
            return [(node, rule) for node in after]
    return []


def _from(heading: LexborNode, container: LexborNode) -> list[LexborNode]:
    """A heading and all that follows it in the container, as the fewest elements; empty where
    nothing is written before it."""
    before = _siblings(heading, container, forward=False)
    if not any(node.tag in _BODY_TAGS and one_line(node.text()) for node in before):
        return []
    return [heading, *_siblings(heading, container, forward=True)]


def _siblings(node: LexborNode, container: LexborNode, *, forward: bool) -> list[LexborNode]:
    """The elements after (or before) a node, and after (or before) each of its ancestors, up to the
    container."""
    found: list[LexborNode] = []
    walk = siblings_after if forward else siblings_before
    for level in self_and_ancestors(node):
        if level.mem_id == container.mem_id:
            break
        found += [beside for beside in walk(level) if beside.is_element_node]
    return found


def _bears_out(rule: str, node: LexborNode) -> bool:
    """Whether what follows is what the heading says: a form for comments, or cards, which have
    pictures or headings of their own."""
    if rule == "comments":
        return node.css_first(_COMMENT_FORM) is not None
    links = node.css("a[href*='/blogs/']")
    return any(
        link.css_first("img,h2,h3,h4,h5") is not None
        or (link.parent and link.parent.tag in ("h2", "h3", "h4", "h5"))
        for link in links
    )
