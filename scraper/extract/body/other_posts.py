"""Find what a page shows of other posts below its own: whole ones one after the other, or teasers
that may be longer than the post."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from itertools import chain, dropwhile, islice, pairwise, takewhile
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.caches import cache_short
from scraper.extract.body.boilerplate_index import BoilerplateIndex
from scraper.extract.body.class_names import names_metadata
from scraper.extract.body.container import is_known_container
from scraper.extract.body.trim import is_metadata_line
from scraper.extract.dom import (
    HEADINGS,
    ancestors,
    child_elements,
    has_ancestor,
    own_text,
    self_and_ancestors,
    siblings_after,
    siblings_before,
)
from scraper.extract.fields.written_dates import find_dates, holds_figure, is_bare_date
from scraper.extract.page.parsed_page import ParsedPage
from scraper.extract.page.text import one_line
from scraper.extract.template.dom_path import is_named, path_step

_MOST_HEADINGS: Final = 100
_LEVELS: Final = 3  # above the heading of a teaser
_TITLE_LEVELS: Final = 3
_LITTLE: Final = 300  # characters
_SENTENCE: Final = 40
_SHARE: Final = 5
_LONGEST_FACT: Final = 80  # characters
_TEXT_TAGS: Final = frozenset({"p", "ul", "ol", "blockquote", "table"})
_LINES: Final = frozenset({"p", "span", "time", "small", "a", "i", "em", "b", "strong"})
_UNITS: Final = frozenset({"div", "li", "article", "section", "a"})
_TITLE_NAMES: Final = re.compile(
    r"(?<![a-z])(?:article|post|blog|entry)[-_]*(?:title|heading|name)(?![a-z])", re.I
)
_ADDRESS: Final = re.compile(r"data-(?:[a-z]+-){0,3}(?:url|href|link|permalink)")
_POST_NAMES: Final = re.compile(
    r"(?:[a-z]+[-_]+)?(?:article|post|entry|story)"
    r"(?:[-_]+(?:item|single|wrap(?:per)?|container))?",
    re.I,
)


def leave_out_other_posts(page: ParsedPage, boilerplate: BoilerplateIndex) -> None:
    """Note in `boilerplate` which elements below the page's own post hold other ones.

    A heading begins another post if a link to a post beside the page's own stands in it and in
    another one alike, or if what stands around it says so: an address, an element named as that of
    the page's own post, a date and names as the title has them. What stands in the author's own
    flow, between his paragraphs, is his: a round-up of posts.
    """
    title = next(iter(boilerplate.titles), None)
    if title is None:
        return
    from_title = dropwhile(lambda one: one.mem_id != title.mem_id, page.elements.all_headings)
    headings = [
        one
        for one in islice(from_title, 1, _MOST_HEADINGS)
        if not boilerplate.rule(one) and not _is_behind_paragraph(one)
    ]
    if not headings:
        return
    linked = [one for one in headings if _is_linked(one) and boilerplate.links_on(one)]
    marked = _marked(title, headings, {one.mem_id for one in linked}, boilerplate)
    others = [
        *_teasers([one for one in linked if not _is_in_text(one, boilerplate)], boilerplate),
        *_whole_posts([one for one in marked if not _is_in_text(one, boilerplate)], boilerplate),
    ]
    if others:
        boilerplate.leave_out(others)


def _is_behind_paragraph(heading: LexborNode) -> bool:
    """Return whether a heading stands right behind a paragraph or list, as most of an author's
    do."""
    before = next(_elements(siblings_before(heading)), None)
    return before is not None and before.tag in _TEXT_TAGS and len(before.text()) >= _SENTENCE


def _is_linked(heading: LexborNode) -> bool:
    """Return whether a heading holds a link or is what one holds: quicker to know than its
    target."""
    return heading.css_first("a") is not None or (
        heading.parent is not None and heading.parent.tag == "a"
    )


def _marked(
    title: LexborNode,
    headings: list[LexborNode],
    linked: Container[int],
    boilerplate: BoilerplateIndex,
) -> list[LexborNode]:
    """Return the headings that something marks as another post's: an address, an article beside the
    title's own; one in an article alone may be an item of the author's list.

    He dates parts of his text, and a theme gives its headings one name: both count beside a link,
    or where the title is dated so too, in an element of that name or of such a frame.
    """
    dates = set[str]().union(*map(_dates, islice(self_and_ancestors(title), _TITLE_LEVELS)))
    frames = {step for one in ancestors(title) if dates and is_named(step := path_step(one))}
    known: dict[int, bool] = {}
    found: list[LexborNode] = []
    for heading in headings:
        around = list(islice(boilerplate.beside_title(heading), _LEVELS))
        for one in around:
            if one.mem_id not in known:
                known[one.mem_id] = _is_addressed(one, boilerplate) or (
                    _is_post(one) and _is_beside_own(one, title, boilerplate)
                )
        is_linked = heading.mem_id in linked
        is_titled = _has_names_of(heading, title)
        own_dates = _dates(heading) if is_linked or dates else set[str]()
        alike = dates & own_dates
        if (
            any(known[one.mem_id] for one in around)
            or (is_linked and (is_titled or own_dates))
            or (alike and (is_titled or any(map(is_named, alike))))
            or (alike and any(path_step(one) in frames for one in around))
        ):
            found.append(heading)
    return found


def _is_beside_own(node: LexborNode, title: LexborNode, boilerplate: BoilerplateIndex) -> bool:
    """Return whether an element has the name of a post's around the title, and stands in none."""
    posts = [(one, path_step(one)) for one in ancestors(title) if _is_post(one)]
    step = path_step(node)
    if not any(name == step for _, name in posts):
        return False  # quicker to know than how much they say
    own = {one.mem_id: name for one, name in posts if boilerplate.prose(one) >= _LITTLE}
    return step in own.values() and not has_ancestor(node, own)


def _is_in_text(node: LexborNode, boilerplate: BoilerplateIndex) -> bool:
    """Return whether a heading stands behind paragraphs of one element, or behind prose of a known
    container, below what holds the title."""
    has_prose_before = False
    for around in boilerplate.beside_title(node):
        if has_prose_before and is_known_container(around):
            return True
        for one in boilerplate.before(around):
            if boilerplate.prose(one) and one.tag in _TEXT_TAGS:
                return True
            has_prose_before = has_prose_before or boilerplate.prose(one) > 0
    return False


def _teasers(linked: list[LexborNode], boilerplate: BoilerplateIndex) -> list[LexborNode]:
    """Return the teasers of other posts that stand alike in a row, in no text of the author's."""
    found: dict[int, LexborNode] = {}
    for heading, following in pairwise(linked):
        units = _row(heading, following)
        if (
            len(units) > 1
            and units[0].mem_id not in found
            and _is_row_of_posts(units[0], boilerplate)
        ):
            around = list(_around(units, boilerplate))
            if not _goes_on(units, around, boilerplate):
                found.update((one.mem_id, one) for one in (*units, *around))
    return list(found.values())


def _goes_on(
    units: list[LexborNode], around: list[LexborNode], boilerplate: BoilerplateIndex
) -> bool:
    """Return whether the author's text goes on behind a row of posts, or `around` it behind a text
    long enough to be his list's: below a short post stand words of the shop."""
    is_long = boilerplate.prose_before(units[0]) >= _LITTLE
    ends = [units[-1], *(around if is_long else ())]
    behind = _elements(chain.from_iterable(map(siblings_after, ends)))
    return any(boilerplate.prose(one) and not boilerplate.own_rule(one) for one in behind)


def _around(units: list[LexborNode], boilerplate: BoilerplateIndex) -> Iterator[LexborNode]:
    """Yield the elements around teasers, below what holds the title, that hold nothing else but a
    heading."""
    known = {one.mem_id for one in units}
    for around in islice(boilerplate.beside_title(units[-1]), 1, None):
        beside = (one for one in child_elements(around) if one.mem_id not in known)
        if own_text(around).strip() or not all(one.tag in HEADINGS for one in beside):
            return
        known.add(around.mem_id)
        yield around


def _row(heading: LexborNode, following: LexborNode) -> list[LexborNode]:
    """Return the element around a heading that stands beside the next heading's, and those behind
    it of the same name."""
    above = {one.mem_id for one in ancestors(following)}
    within = takewhile(lambda one: one.mem_id not in above, self_and_ancestors(heading))
    *_, first = islice(within, _LEVELS)
    if first.tag not in _UNITS or first.parent is None or first.parent.mem_id not in above:
        return [first]
    step = path_step(first)
    return [first, *(one for one in _elements(siblings_after(first)) if path_step(one) == step)]


def _is_row_of_posts(first: LexborNode, boilerplate: BoilerplateIndex) -> bool:
    """Return whether the first of several elements alike says something of another post, behind
    the own one, which stands in an element of another name."""
    step = path_step(first)
    return (
        boilerplate.prose(first) > 0
        and not any(path_step(one) == step for one in _elements(siblings_before(first)))
        and boilerplate.prose_before(first) > 0
    )


def _whole_posts(marked: list[LexborNode], boilerplate: BoilerplateIndex) -> list[LexborNode]:
    """Return what begins with the marked heading of another post, and what follows it there."""
    found: list[LexborNode] = []
    for heading in marked:
        first = _begun_by(heading, boilerplate)
        part = [first, *_elements(siblings_after(first))]
        if (
            not boilerplate.names_page(heading.text())
            and (own := boilerplate.prose_before(first)) >= _LITTLE
            and (found or own * _SHARE >= max(map(boilerplate.prose, part)))
        ):
            found += part[:1] if boilerplate.prose(first) else part
    return found


def _begun_by(heading: LexborNode, boilerplate: BoilerplateIndex) -> LexborNode:
    """Return the outermost element, below what holds the title, that begins with a heading."""
    first = heading
    for around in boilerplate.beside_title(heading):
        first = around
        if any(map(boilerplate.prose, _elements(siblings_before(around)))):
            break
    return first


def _has_names_of(heading: LexborNode, title: LexborNode) -> bool:
    """Return whether a heading has the names of the page's title, which name a post's title."""
    names = _names_of(title)
    return _TITLE_NAMES.search(names) is not None and _names_of(heading) == names


def _dates(heading: LexborNode) -> set[str]:
    """Return the names of the elements that date a post beside its heading, or behind the element
    that it ends."""
    around = heading.parent
    behind = [siblings_after(heading), siblings_before(heading)]
    if around is not None:
        behind.append(siblings_after(around))
    beside = (next(_elements(row), None) for row in behind)
    return {path_step(one) for one in beside if one is not None and _is_fact(one)}


def _elements(nodes: Iterator[LexborNode]) -> Iterator[LexborNode]:
    return (one for one in nodes if one.is_element_node)


def _names_of(node: LexborNode) -> str:
    return node.attributes.get("class") or ""


def _is_post(node: LexborNode) -> bool:
    """Return whether an element's tag or a name of it says that it holds a post."""
    return node.tag == "article" or _names_post(_names_of(node))


@cache_short(maxsize=4096)
def _names_post(names: str) -> bool:
    return any(map(_POST_NAMES.fullmatch, names.split()))


def _is_addressed(node: LexborNode, boilerplate: BoilerplateIndex) -> bool:
    """Return whether an attribute for a script holds the address of another post."""
    values = node.attributes.items()
    return any(
        _ADDRESS.fullmatch(name) and value and boilerplate.leads_on(value) for name, value in values
    )


def _is_fact(node: LexborNode) -> bool:
    """Return whether an element dates a post as a theme does: with its author, or in an element for
    that."""
    is_named = names_metadata(_names_of(node))
    if not is_named and node.tag not in _LINES:
        return False
    raw = node.text()
    if len(raw) > _LONGEST_FACT or not (is_named or holds_figure(raw)):
        return False  # quicker to know
    text = one_line(node.text(separator=" "))
    time = node if node.tag == "time" else node.css_first("time")
    if time is not None and text and one_line(time.text()) == text:
        return True
    if not is_metadata_line(text):
        return False
    return is_named or time is not None or (bool(find_dates(text)) and not is_bare_date(text))
