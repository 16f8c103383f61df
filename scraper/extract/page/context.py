"""What stands around the body's element, gathered in one query: headings, times, bylines, links to
blogs."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from selectolax.lexbor import LexborNode

from scraper.extract.body.boilerplate_index import BoilerplateIndex
from scraper.extract.body.class_names import names_metadata
from scraper.extract.body.trim import is_metadata_line
from scraper.extract.dom import (
    ancestors,
    ancestors_in_body,
    children,
    has_ancestor,
    is_inside,
    own_text,
    self_and_ancestors,
    siblings_after,
    siblings_before,
)
from scraper.extract.fields.written_dates import find_dates
from scraper.extract.page.elements import PageElements
from scraper.extract.page.text import one_line

_ARTICLE_LEVELS: Final = 5  # levels above the body's element that still belong to the article
# Rules that take an element out of the body, yet leave it the post's own.
_OF_THE_POST: Final = frozenset({"", "meta", "author_box", "header", "share", "tags", "navigation"})
# Rules of what stands beside a post and is not of it; an article's own foot may hold the by-line.
_NOT_OF_THE_POST: Final = frozenset(
    {"sidebar", "related_widget", "comments", "newsletter", "overlay", "browser_warning", "code"}
)
_TITLE_LEVELS: Final = 10  # levels above the body's element within which its title may stand
_NO_DISTANCE: Final = 99  # of a node that is not in the page any more
_MOST_PARTS: Final = 100
_MOST_LEADING: Final = 40  # elements of a body that are looked at for its date and author
_SENTENCE: Final = 60  # characters
_MOST_LINES: Final = 60
_LONGEST_LINE: Final = 200
_LONGEST_PART: Final = 3000  # characters; what holds more is no by-line but another text
_HIGH_HEADINGS: Final = ("h1", "h2")
_LOW_HEADINGS: Final = ("h2", "h3", "h4", "h5", "h6")
_LOW_HEADING: Final = ",".join(_LOW_HEADINGS)
_HEADING_LINKS: Final = ",".join(f"{tag} a[href],a[href] {tag}" for tag in _LOW_HEADINGS)
_LISTS: Final = frozenset({"ul", "ol", "li"})
_TO_POST: Final = re.compile(
    r"^(?![^?#]{0,300}/tagged/)"
    r"(?!(?:[^/]*//[^/]*)?/?(?:blogs/[^/?#]*/?)?(?:[?#]|$)).*[^/]"
)
_TO_PERSON: Final = re.compile(r"/(?:authors?|users?|people|staff|team|profiles?)/|/@", re.I)
_YEAR: Final = re.compile(r"(?<!\d)\d{4}(?!\d)")
_FORM_TAGS: Final = frozenset(
    {"form", "select", "button", "option", "textarea", "script", "style", "noscript"}
)
_FORMS: Final = ",".join(sorted({*_FORM_TAGS, "label"}))
_CODE_TAGS: Final = frozenset(
    {"script", "style", "noscript", "template", "svg", "select", "form", "nav"}
)


class NearbyNode(NamedTuple):
    """A node and how many levels above the body's element its branch parts from it; `inside` the
    body's element itself."""

    node: LexborNode
    distance: int
    inside: bool


class NearbyLine(NamedTuple):
    """A line of text near the body's element; `above` where it stands before the body."""

    text: str
    above: bool


class NearbyElement(NamedTuple):
    """A small element near the body's element, beside it or beside one of its ancestors; `above`
    where it stands before the body."""

    node: LexborNode
    above: bool


@dataclass(frozen=True, slots=True)
class BodyContext:
    """The page's headings, times, authors' elements and links, in document order, with their
    distance; the small elements near the body, those above it first within each level, and their
    lines."""

    headings: tuple[NearbyNode, ...]
    times: tuple[NearbyNode, ...]
    authors: tuple[NearbyNode, ...]
    anchors: tuple[NearbyNode, ...]
    parts: tuple[NearbyElement, ...]
    lines: tuple[NearbyLine, ...]
    boilerplate: BoilerplateIndex

    def outside_boilerplate(self, found: tuple[NearbyNode, ...]) -> list[NearbyNode]:
        """Those of `found` that stand in the post's own part of the page outside the body's
        element, the nearest first."""
        outside = sorted(
            (near for near in found if not near.inside), key=lambda near: near.distance
        )
        return [near for near in outside if self.is_of_post(near.node)]

    def is_of_post(self, node: LexborNode) -> bool:
        """Whether an element stands in the post's own part of the page."""
        return self.boilerplate.rule(node) in _OF_THE_POST


def gather_context(
    elements: PageElements, container: LexborNode, boilerplate: BoilerplateIndex
) -> BodyContext:
    """Read what stands around the container; nothing is removed."""
    levels = {container.mem_id: 0} | {
        ancestor.mem_id: level for level, ancestor in enumerate(ancestors(container), 1)
    }
    around = frozenset(levels)

    def near(nodes: list[LexborNode]) -> tuple[NearbyNode, ...]:
        pairs = ((node, _distance(node, levels)) for node in nodes)
        return tuple(NearbyNode(node, distance, distance == 0) for node, distance in pairs)

    def of_post(nodes: list[LexborNode]) -> list[LexborNode]:
        cards: dict[int, bool] = {}
        return [node for node in nodes if not _in_card(node, around, boilerplate, cards)]

    headings = near(elements.headings)
    lead = _leading_facts(container, boilerplate)
    leading = {node.mem_id for node in lead}

    def facts(nodes: list[LexborNode]) -> tuple[NearbyNode, ...]:
        return tuple(
            one._replace(distance=1, inside=False) if has_ancestor(one.node, leading) else one
            for one in near(of_post(nodes))
        )

    beside = _parts_near(container, _title_among(headings, boilerplate), boilerplate)
    parts = tuple(islice((*(NearbyElement(node, True) for node in lead), *beside), _MOST_PARTS))
    return BodyContext(
        headings,
        facts(elements.times),
        facts(elements.authors),
        near(elements.anchors),
        parts,
        tuple(islice(_lines(parts, boilerplate), _MOST_LINES)),
        boilerplate,
    )


def _leading_facts(container: LexborNode, boilerplate: BoilerplateIndex) -> list[LexborNode]:
    """Return the elements before the first sentence of a body's element whose names say that they
    date the post or name its author, an article's head, and beside the page's title what is nothing
    but such facts."""
    found: list[LexborNode] = []
    holds_title = any(is_inside(title, container) for title in boilerplate.titles)
    for node in islice(container.traverse(include_text=False), 1, _MOST_LEADING):
        if len(own_text(node).strip()) >= _SENTENCE and node.tag not in _HIGH_HEADINGS:
            break
        names = f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"
        is_fact = (
            node.tag == "header"
            or (names != " " and names_metadata(names))
            or (holds_title and _is_line_of_facts(node))
        )
        if (
            is_fact
            and 0 < len(one_line(node.text())) < _LONGEST_LINE
            and not has_ancestor(node, {one.mem_id for one in found})
        ):
            found.append(node)
    return found


def _is_line_of_facts(node: LexborNode) -> bool:
    text = one_line(own_text(node))
    return len(text) < _SENTENCE and is_metadata_line(text)


def _title_among(
    headings: tuple[NearbyNode, ...], boilerplate: BoilerplateIndex
) -> NearbyNode | None:
    """Return the post's title, where it stands outside the body: byline and date stand between the
    two, whatever the levels. Where no heading says what the page's head does, that is the nearest
    of the first level."""
    titles = {node.mem_id for node in boilerplate.titles}
    found = [near for near in headings if not near.inside and near.distance <= _TITLE_LEVELS]
    own = [near for near in found if near.node.mem_id in titles] or [
        near for near in found if near.node.tag == "h1" and not boilerplate.rule(near.node)
    ]
    return min(own, key=lambda near: near.distance, default=None)


def _distance(node: LexborNode, levels: dict[int, int]) -> int:
    """Levels from the body's element up to the branch of `node`; every element passed is noted, so
    that none is passed twice."""
    passed: list[int] = []
    distance = _NO_DISTANCE
    for current in self_and_ancestors(node):
        if current.mem_id in levels:
            distance = levels[current.mem_id]
            break
        passed.append(current.mem_id)
    levels.update(dict.fromkeys(passed, distance))
    return distance


def _parts_near(
    container: LexborNode, title: NearbyNode | None, boilerplate: BoilerplateIndex
) -> Iterator[NearbyElement]:
    """Return the small elements beside the body's element and its ancestors, up to the article's
    end; beyond it, what the title leads in."""
    farthest = title.distance if title is not None else 0
    current: LexborNode | None = container
    around = True
    for level in range(1, max(_ARTICLE_LEVELS, farthest) + 1):
        if current is None or current.tag == "body":
            return
        around = around and level <= _ARTICLE_LEVELS and current.tag != "main"
        if not around and level > farthest:
            return
        before = list(siblings_before(current))[::-1]
        after = list(siblings_after(current))
        if not around and title is not None:
            before = _from_title(before, title) if level == farthest else before
        yield from (
            NearbyElement(node, True) for node in before if _is_small_part(node, boilerplate)
        )
        if around:
            yield from (
                NearbyElement(node, False) for node in after if _is_small_part(node, boilerplate)
            )
        around = around and current.tag != "article"
        current = current.parent


def _from_title(before: list[LexborNode], title: NearbyNode) -> list[LexborNode]:
    """Return the siblings from the one that holds the title on."""
    holders = {title.node.mem_id} | {ancestor.mem_id for ancestor in ancestors(title.node)}
    first = next(
        (index for index, node in enumerate(before) if node.mem_id in holders), len(before)
    )
    return before[first:]


def _is_small_part(node: LexborNode, boilerplate: BoilerplateIndex) -> bool:
    if not node.is_element_node or node.tag in _CODE_TAGS:
        return False
    text = node.text()
    return (
        0 < len(text) < _LONGEST_PART
        and not text.isspace()
        and boilerplate.own_rule(node) not in _NOT_OF_THE_POST
        and not _is_card(node, boilerplate)
    )


def _in_card(
    node: LexborNode,
    around: Container[int],
    boilerplate: BoilerplateIndex,
    cards: dict[int, bool],
) -> bool:
    """Return whether an element stands on a card of another post: within a branch beside the
    body's element that holds a heading which links elsewhere. `cards` says it of the elements that
    were looked at: of nested ones each would be looked at again and again."""
    for ancestor in ancestors_in_body(node):
        number = ancestor.mem_id
        if number in around:
            return False
        if number not in cards:
            cards[number] = _is_card(ancestor, boilerplate) or _is_tile(ancestor, boilerplate)
        if cards[number]:
            return True
    return False


def _is_card(node: LexborNode, boilerplate: BoilerplateIndex) -> bool:
    """Return whether an element holds a heading that links to another page than the post's own, or
    is an item of a list that links to another post; a link to a blog's front page is a signpost."""
    if node.tag in _LISTS:
        items = [node] if node.tag == "li" else node.css("li")
        if items and all(_leads_elsewhere(item, boilerplate) for item in items):
            return True
    if node.css_first("a") is None or node.css_first(_LOW_HEADING) is None:
        return False  # quicker to know
    for found in node.css(_HEADING_LINKS):
        link = found if found.tag == "a" else next(_links_around(found), None)
        href = (link.attributes.get("href") or "").strip() if link is not None else ""
        if (
            _TO_POST.match(href)
            and not _TO_PERSON.search(href)
            and not boilerplate.names_page(found.text())
        ):
            return True
    return False


def _is_tile(node: LexborNode, boilerplate: BoilerplateIndex) -> bool:
    """Return whether an element is one of a row of other posts: it and one alike beside it each
    link to another page and hold a date."""
    if node.tag == "a" or node.css_first("a[href]") is None:
        return False  # quicker to know
    kind = (node.tag, node.attributes.get("class"))
    alike = [one for one in _beside(node) if (one.tag, one.attributes.get("class")) == kind]
    return (
        bool(alike)
        and _dates_other_page(node, boilerplate)
        and any(_dates_other_page(one, boilerplate) for one in alike)
    )


def _beside(node: LexborNode) -> Iterator[LexborNode]:
    """Yield the elements on both sides of one."""
    for siblings in (siblings_before(node), siblings_after(node)):
        yield from islice((one for one in siblings if one.is_element_node), 1)


def _dates_other_page(node: LexborNode, boilerplate: BoilerplateIndex) -> bool:
    links = (link.attributes.get("href") or "" for link in node.css("a[href]"))
    return any(_TO_POST.match(href) and not boilerplate.is_own(href) for href in links) and (
        node.css_first("time") is not None or bool(find_dates(one_line(node.text(separator=" "))))
    )


def _leads_elsewhere(item: LexborNode, boilerplate: BoilerplateIndex) -> bool:
    """Return whether an item of a list links to another post."""
    links = (link.attributes.get("href") or "" for link in item.css('a[href*="/blogs/"]'))
    return any(_TO_POST.match(href) and not boilerplate.is_own(href) for href in links)


def _links_around(node: LexborNode) -> Iterator[LexborNode]:
    return (ancestor for ancestor in ancestors(node) if ancestor.tag == "a")


def _lines(parts: tuple[NearbyElement, ...], boilerplate: BoilerplateIndex) -> Iterator[NearbyLine]:
    for part in parts:
        for raw in _text_lines(part, boilerplate):
            if raw and not raw.isspace() and (text := one_line(raw)) and len(text) < _LONGEST_LINE:
                yield NearbyLine(text, part.above)


def _text_lines(part: NearbyElement, boilerplate: BoilerplateIndex) -> Iterable[str]:
    """Return the texts of an element, without those of forms, where a label or a choice is no fact,
    and below the body of other posts."""
    node, text = part.node, part.node.text(separator="\n")
    may_list = not part.above and len(_YEAR.findall(text)) > 1 and len(node.css("a[href]")) > 1
    if not may_list and node.css_first(_FORMS) is None:
        return text.split("\n")
    lines: list[str] = []
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.is_text_node:
            lines.append(one.text() or "")
        elif one.is_element_node and not (
            is_of_form(one) or (may_list and _is_tile(one, boilerplate))
        ):
            waiting += reversed(list(children(one)))
    return lines


def is_of_form(node: LexborNode) -> bool:
    """Return whether an element belongs to a form; a label beside no field is a theme's."""
    if node.tag == "label" and node.parent is not None:
        return node.parent.css_first("select,input,textarea") is not None
    return node.tag in _FORM_TAGS
