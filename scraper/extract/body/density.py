"""Find the body by text density: the innermost element that holds the page's prose."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import unescape
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.extract.body.boilerplate_index import (
    BoilerplateIndex,
    is_cards,
)
from scraper.extract.body.container import BodyMatch
from scraper.extract.body.render.related_list import RELATED_HEADING
from scraper.extract.body.trim import is_metadata_line
from scraper.extract.dom import children, is_inside, siblings_after
from scraper.extract.page.parsed_page import ParsedPage
from scraper.extract.page.text import one_line, title_letters
from scraper.extract.template.repetition import Phrase, own_share

_PROSE: Final = frozenset(
    [
        "p",
        "li",
        "h2",
        "h3",
        "h4",
        "h5",
        "blockquote",
        "td",
        "th",
        "pre",
        "dd",
        "dt",
        "figcaption",
        "div",
        "section",
        "article",
        "main",
        "span",
        "center",
        "font",
        "b",
        "strong",
        "em",
    ]
)
_KEEP_TOGETHER: Final = frozenset(["p", "ul", "ol", "table", "tbody", "tr", "blockquote", "dl"])
_SHORT: Final = 25  # characters; what is shorter is a label as often as a sentence
_DOMINANT: Final = 0.85
_FAIR: Final = 0.25
_MAINS: Final = "main,[role=main],#MainContent,#main,#content"
_MOST_ROOTS: Final = 5
_SHARE_OF_ROOT: Final = 0.3  # of the page's prose, comments and foot included
_LONG: Final = 2000  # characters
_HEAD_SHARE: Final = 0.1
_BESIDE: Final = 400  # characters of prose that may stand beside the title's own block


@dataclass(slots=True)
class _TextDensity:
    """One element of the walk: the characters of prose below it, those that only this page says,
    and of any text."""

    node: LexborNode
    parent: int
    prose: int = 0
    own: float = 0.0
    words: int = 0
    children: list[int] = field(default_factory=list)


def find_by_density(
    page: ParsedPage, boilerplate: BoilerplateIndex, shared: frozenset[Phrase] = frozenset()
) -> BodyMatch | None:
    """Find the body by density: measure the prose below main (or the page) in one walk, then
    descend while one child holds nearly all of it.

    `shared` are phrases that the store's other pages have too: they do not count.
    """
    root = _root(page, boilerplate)
    if root is None:
        return None
    masses = _weigh(root, boilerplate, shared)
    if page.body is not None and _is_head(masses[0], page.body, boilerplate):
        whole = _weigh(page.body, boilerplate, shared)
        masses = whole if masses[0].prose < _HEAD_SHARE * whole[0].prose else masses
    if masses[0].prose == 0:
        return None
    index = 0
    while (inner := _dominant_child(masses, index)) is not None:
        index = inner
    index = index or _title_block(page, masses)
    node = masses[index].node
    return BodyMatch(
        node,
        "main" if index == 0 else "density",
        0.35 if index == 0 else 0.5,
        may_hold_boilerplate=True,
    )


def _is_head(mass: _TextDensity, body: LexborNode, boilerplate: BoilerplateIndex) -> bool:
    """Return whether an element holds next to nothing of a long page's prose: a main element around
    the title alone, not a short post before a long one with a title of its own."""
    prose = boilerplate.prose(body)
    if prose < _LONG or mass.prose >= _HEAD_SHARE * prose:
        return False
    return all(boilerplate.names_page(one.text()) for one in body.css("article h1"))


def _root(page: ParsedPage, boilerplate: BoilerplateIndex) -> LexborNode | None:
    """Return the element to search: the page's only article, or its main element, unless most of
    the prose stands elsewhere (a pop-up's article, an empty main)."""
    if page.body is None:
        return None
    articles = page.body.css("article")
    # Where other posts follow, or are announced, the title's article is the post.
    own = [one for one in articles if _holds_title(one, boilerplate)] if len(articles) > 1 else []
    articles = own[:1] or [node for node in articles if len(node.text()) > 400]
    roots = [*articles, *page.body.css(_MAINS)[:_MOST_ROOTS]]
    if not roots:
        return page.body
    enough = _SHARE_OF_ROOT * boilerplate.prose(page.body)
    fitting = (
        node
        for node in roots
        if (boilerplate.prose(node) >= enough or _holds_title(node, boilerplate))
        and not boilerplate.own_rule(node)
        and not boilerplate.rule(node)
        and not boilerplate.is_before_title(node)
        and (_holds_title(node, boilerplate) or not _holds_other(node, boilerplate))
    )
    return next(fitting, page.body)


def _holds_title(node: LexborNode, boilerplate: BoilerplateIndex) -> bool:
    """Return whether an element holds the page's title and a sentence besides."""
    return boilerplate.prose(node) > 0 and any(
        is_inside(title, node) for title in boilerplate.titles
    )


def _holds_other(node: LexborNode, boilerplate: BoilerplateIndex) -> bool:
    """Return whether an element holds another post of the blog."""
    return any(is_inside(other, node) for other in boilerplate.others.values())


def _weigh(
    root: LexborNode, boilerplate: BoilerplateIndex, shared: frozenset[Phrase]
) -> list[_TextDensity]:
    masses = [_TextDensity(root, -1)]
    waiting: list[tuple[LexborNode, int]] = [(root, 0)]
    while waiting:
        node, index = waiting.pop()
        for child in children(node):
            if child.is_text_node:
                _add_text(masses[index], child, shared)
            elif child.is_element_node and not boilerplate.own_rule(child):
                masses.append(_TextDensity(child, index))
                masses[index].children.append(len(masses) - 1)
                if child.tag != "a":
                    waiting.append((child, len(masses) - 1))
    for mass in reversed(masses[1:]):  # children stand after their parents
        masses[mass.parent].prose += mass.prose
        masses[mass.parent].own += mass.own
        masses[mass.parent].words += mass.words
    return masses


def _add_text(mass: _TextDensity, child: LexborNode, shared: frozenset[Phrase]) -> None:
    text = (child.text() or "").strip()
    mass.words += len(text)
    if mass.node.tag in _PROSE and (len(text) >= _SHORT or mass.node.tag in ("p", "li", "td")):
        mass.prose += len(text)
        mass.own += len(text) * own_share(text, shared) if shared else len(text)


def _dominant_child(masses: list[_TextDensity], index: int) -> int | None:
    here = masses[index]
    best = max(here.children, key=lambda child: masses[child].own, default=None)
    if best is None or masses[best].node.tag in _KEEP_TOGETHER:
        return None
    own = here.own
    if _FAIR * own < masses[best].own < _DOMINANT * own:
        beside = (masses[one] for one in here.children if one != best)
        own -= sum(one.own for one in beside if is_cards(one.node, one.prose))
    if masses[best].own < _DOMINANT * own:
        return None
    # A sibling with a sentence of its own is the author's intro or ending: then this element is the
    # body, not the child.
    others = [masses[child] for child in here.children if child != best]
    if any(_is_written(other) or _heads_related_list(other.node) for other in others):
        return None
    return best


def _title_block(page: ParsedPage, masses: list[_TextDensity]) -> int:
    """Return the nearest element around the post's title that holds a fair part of a short page's
    prose, or 0.

    A review or a sign-up beside a post of two lines weighs as much as the post; beside a long one
    it weighs nothing.
    """
    titles = [title_letters(unescape(page.metas.get(name, ""))) for name in ("og:title", "title")]
    for mass in masses:
        key = title_letters(mass.node.text()) if mass.node.tag in ("h1", "h2") else ""
        if not key or not any(title.startswith(key) for title in titles):
            continue
        around = mass.parent
        while around > 0:
            inside = masses[around].own - mass.own
            is_fair = inside >= _FAIR * masses[0].own and masses[0].own - inside <= _BESIDE
            if is_fair and not _is_head_of(masses[around].node, mass.node):
                return around
            around = masses[around].parent
    return 0


def _is_head_of(node: LexborNode, title: LexborNode) -> bool:
    """Return whether an element says nothing but the title, and who wrote the post and when."""
    rest = one_line(node.text(separator=" ")).replace(one_line(title.text()), "", 1).strip()
    return is_metadata_line(rest)


def _is_written(mass: _TextDensity) -> bool:
    return (
        mass.node.tag in ("p", "ul", "ol", "blockquote", "table", "h3", "h4")
        and mass.prose >= _SHORT
        and not is_metadata_line(one_line(mass.node.text(separator=" ")))
    )


def _heads_related_list(node: LexborNode) -> bool:
    """Return whether a heading and the list after it are the related posts that an author typed
    below his text."""
    if node.tag not in ("h2", "h3", "h4", "h5", "h6", "p") or not RELATED_HEADING.match(
        one_line(node.text()[:200])
    ):
        return False
    elements = (sibling for sibling in siblings_after(node) if sibling.is_element_node)
    following = next(elements, None)
    return following is not None and following.tag in ("ul", "ol", "p")
