"""Take out of the body's element what the theme and apps put there, each piece by a rule's name."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from itertools import islice, takewhile
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.extract.body.boilerplate import (
    SUSPECTS,
    boilerplate_rule,
    is_back_link,
    is_back_row,
    is_contents_row,
    is_expander,
    is_expander_row,
    is_share_link,
    is_share_row,
    is_tag_link,
    is_tag_row,
    is_to_place,
)
from scraper.extract.body.hidden import find_copies
from scraper.extract.body.pagers import is_pager_card, is_pager_row, pager_kind
from scraper.extract.body.render.sanitize import DROPPED_WHOLE
from scraper.extract.body.trim import (
    Removal,
    find_leading_boilerplate,
    find_trailing_boilerplate,
    find_widget_headings,
)
from scraper.extract.dom import (
    ancestors,
    child_elements,
    children,
    has_ancestor,
    own_text,
    self_and_ancestors,
    siblings_after,
)
from scraper.extract.page.text import is_blank, letters_only, one_line
from scraper.extract.vocabulary import any_of
from scraper.extract.vocabulary.not_names import ABOUT_AUTHOR

_MAX_REMOVED_CHARS: Final = 200
_PROSE: Final = 150
_ROW_TESTS: Final[dict[str, Callable[[LexborNode], bool]]] = {
    "tags": is_tag_row,
    "pager": is_pager_row,
    "share": is_share_row,
    "navigation": is_back_row,
    "expander": is_expander_row,
    "contents_list": is_contents_row,
}
_MANY_SUSPECTS: Final = 500  # elements that a rule may concern
_MUCH_TEXT: Final = 2_000_000  # characters that they may hold, all together
_SENTENCE: Final = 40
_SHARE_OF_AD: Final = 5  # a part of a body that no advertisement is
_PARAGRAPHS: Final = 3
_BY_CONTROLS: Final = frozenset({"newsletter", "share"})
_CONTROLS: Final = "a,button,svg,iframe,script,img"  # what such a block consists of
_TYPED: Final = frozenset(
    {"p", "ul", "ol", "li", "h2", "h3", "h4", "td", "span", "strong", "b", "em", "i", "sup"}
)
_FEWEST_PLACES: Final = 2
_CARD_LEVELS: Final = 5
_TEXT_TAGS: Final = frozenset({"p", "li", "td", "tr"})
_ENDS: Final = ".!?…。！？"
_LONGEST_CARD: Final = 300  # characters
_PRICED: Final = "form[action*='/cart'],[name=add],[class*=price i]"
_COMMENT_FORM: Final = "textarea,[name^=comment]"
_BOXES: Final = frozenset({"div", "section", "aside", "footer", "article"})
_BOX_LEVELS: Final = 2
_LONGEST_BOX: Final = 1000  # characters
_ABOUT_AUTHOR: Final = re.compile(rf"(?:{any_of(ABOUT_AUTHOR)})\W*+", re.I)
_HEAD: Final = frozenset({"title", "meta"})  # which a copy for another screen has, too
_OF_THEME: Final = "img,a[rel=author],a[href*=author i]"
_ROWS: Final = frozenset({"newsletter", "share", "pager", "tags", "navigation"})


def find_boilerplate(
    container: LexborNode,
    *,
    title: str,
    authors: Sequence[str],
    others: Sequence[LexborNode],
    may_hold_boilerplate: bool,
    title_elsewhere: bool,
) -> list[Removal]:
    """Find the outermost elements inside a body's element that rules remove; the tree stays as is.

    `others` are elements of other posts, `authors` names. `may_hold_boilerplate` adds the rules for
    what stands around a body: set it for a container that was found by density. `title_elsewhere`
    means that the theme prints the title outside, so that a heading with the same words inside is
    the author's own.
    """
    marked: dict[int, Removal] = {node.mem_id: (node, "related_widget") for node in others}
    for node, rule in _find_link_rows(container, outside_body=may_hold_boilerplate):
        marked[node.mem_id] = (node, rule)
    marked |= _marked_by_rules(container, outside_body=may_hold_boilerplate)
    at_the_edges = find_leading_boilerplate(
        container,
        title,
        may_hold_boilerplate=may_hold_boilerplate,
        title_elsewhere=title_elsewhere,
        is_removed=lambda node: node.mem_id in marked,
    )
    if may_hold_boilerplate:
        at_the_edges += find_trailing_boilerplate(container)
        at_the_edges += _author_box(container, authors, [*marked.values(), *at_the_edges])
    marked |= _copies(container, [*marked.values(), *at_the_edges])
    headings = find_widget_headings(marked, container, may_hold_boilerplate=may_hold_boilerplate)
    for node, rule in (*at_the_edges, *headings):
        marked.setdefault(node.mem_id, (node, rule))
    return [
        removal
        for removal in marked.values()
        if not _has_marked_ancestor(removal[0], container, marked)
    ]


def _copies(container: LexborNode, found: Sequence[Removal]) -> dict[int, Removal]:
    """Find what repeats words of a body that stay once those that were `found` have left it."""
    removed = {node.mem_id for node, rule in found if rule not in _HEAD}
    copies = find_copies(
        container, lambda node: node.mem_id in removed or node.tag in DROPPED_WHOLE
    )
    return {node.mem_id: (node, "hidden") for node in copies}


def _author_box(
    container: LexborNode, authors: Sequence[str], found: Sequence[Removal]
) -> list[Removal]:
    """Find the last element of a body, without those that were `found` to leave it, that says who
    its author is: a theme's box, whatever its name."""
    names = set(filter(None, map(letters_only, authors)))
    removed = {node.mem_id for node, _ in found}
    node = container
    for _ in range(_BOX_LEVELS):
        written = [one for one in child_elements(node) if not is_blank(one.text())]
        written = [one for one in written if one.mem_id not in removed]
        if not written or written[-1].tag not in _BOXES:
            return []
        node = written.pop()
        if written and _is_about_author(node, names):
            return [] if any(_is_alike(node, one) for one in written) else [(node, "author_box")]
    return []


def _is_alike(node: LexborNode, other: LexborNode) -> bool:
    """Return whether another element has the tag of one and begins with a short line, too, as the
    rows of a talk do."""
    first = next(filter(None, map(one_line, other.text(separator="\n").split("\n"))), "")
    return node.tag == other.tag and len(first) < _SENTENCE


def _is_about_author(node: LexborNode, names: Collection[str]) -> bool:
    """Return whether an element begins with an author's name or what announces it, names him, and
    says a sentence. Below his bare name he may sign a last word: a theme shows his portrait
    there, or links to his page. Another author is a book's."""
    text = node.text(separator="\n")
    if len(text) > _LONGEST_BOX or not any(
        len(one_line(one.text())) >= _SENTENCE for one in node.css("p")
    ):
        return False
    lines = list(islice(filter(None, map(one_line, text.split("\n"))), 2))
    if _ABOUT_AUTHOR.fullmatch(lines[0]):
        letters = letters_only(text)
        return any(name in letters for name in names)
    return letters_only(lines[0]) in names and node.css_first(_OF_THEME) is not None


def _marked_by_rules(container: LexborNode, *, outside_body: bool) -> dict[int, Removal]:
    suspects = container.css(SUSPECTS)
    is_large = len(suspects) > _MANY_SUSPECTS or len(suspects) * len(container.text()) > _MUCH_TEXT
    sizes = _Sizes(container, measure_all=is_large)
    found: dict[int, Removal] = {}
    for node in suspects:
        if node.mem_id == container.mem_id:
            continue
        rule = boilerplate_rule(node, outside_body=outside_body)
        if rule and not _removes_too_much(node, sizes, rule, outside_body=outside_body):
            found[node.mem_id] = (node, rule)
    return found


def _find_link_rows(container: LexborNode, *, outside_body: bool) -> list[Removal]:
    """Rows of nothing but tags, of links to the posts before and after, of links that share the
    page or lead back, or of expanders, from the links upward; `outside_body` adds those of a
    contents list that no author typed, which stands in an element of its own."""
    found: dict[int, Removal] = {}
    known: dict[tuple[int, str], bool] = {}
    cards: dict[int, bool | None] = {}
    for link in container.css("a[href]"):
        rule = _row_rule(link) or ("contents_list" if outside_body and is_to_place(link) else "")
        if not rule:
            card = _product_card(link, container, cards)
            if card is not None:
                found[card.mem_id] = (card, "overlay")
            continue
        row = link if rule == "expander" or (rule == "pager" and is_pager_card(link)) else None
        for ancestor in ancestors(link):
            if ancestor.mem_id == container.mem_id or not _is_row(known, ancestor, rule):
                break
            row = ancestor
        if row is not None and (rule != "contents_list" or _is_made(row)):
            found[row.mem_id] = (row, rule)
    return list(found.values())


def _is_made(row: LexborNode) -> bool:
    """Return whether a list of what the page contains stands in an element of its own."""
    return row.tag not in _TYPED and len(row.css("a[href]")) >= _FEWEST_PLACES


def _product_card(
    link: LexborNode, container: LexborNode, known: dict[int, bool | None]
) -> LexborNode | None:
    """Return the card around a link to a product; `known` says of elements what they are."""
    if "/products/" not in (link.attributes.get("href") or ""):
        return None
    within = takewhile(lambda one: one.mem_id != container.mem_id, self_and_ancestors(link))
    for around in islice(within, _CARD_LEVELS):
        if around.mem_id not in known:
            known[around.mem_id] = _is_product_card(around)
        if (is_card := known[around.mem_id]) is not None:
            return around if is_card else None
    return None


def _is_product_card(node: LexborNode) -> bool | None:
    """Return whether an element shows a product's picture, and its price or a way to buy it, and
    no sentence but a link's that nothing ends: a card that the shop writes. None where one around
    it may be one."""
    if node.tag in _TEXT_TAGS or len(one_line(node.text())) > _LONGEST_CARD:
        return False
    if node.css_first(_PRICED) is None or node.css_first("img") is None:
        return None
    return not any(map(_is_sentence, node.css("p,li,td,div,span,a")))


def _is_sentence(node: LexborNode) -> bool:
    """Return whether an element holds a text itself that is no linked name of a product."""
    text = one_line(node.text() if node.tag in _TEXT_TAGS else own_text(node))
    if len(text) < _SENTENCE:
        return False
    return text[-1] in _ENDS or all(outer.tag != "a" for outer in self_and_ancestors(node))


def _row_rule(link: LexborNode) -> str:
    if is_tag_link(link):
        return "tags"
    if is_share_link(link):
        return "share"
    if pager_kind(link.text()) or is_pager_card(link):
        return "pager"
    if is_expander(link):
        return "expander"
    return "navigation" if is_back_link(link) else ""


def _is_row(known: dict[tuple[int, str], bool], node: LexborNode, rule: str) -> bool:
    key = (node.mem_id, rule)
    if key not in known:
        known[key] = _ROW_TESTS[rule](node)
    return known[key]


def _is_followed_by_form(node: LexborNode) -> bool:
    """Return whether a form to write a comment stands in an element or right behind it."""
    behind = (one for one in siblings_after(node) if one.is_element_node)
    return any(one.css_first(_COMMENT_FORM) is not None for one in (node, *islice(behind, 2)))


class _Sizes:
    """How many characters of text stand in the elements of a container, white space run together.

    Each is counted when asked for; where many are asked for, all are weighed at once, for one may
    lie within the other a thousand deep.
    """

    def __init__(self, container: LexborNode, *, measure_all: bool) -> None:
        self._container = container
        self._known = _measure(container) if measure_all else {}

    def of(self, node: LexborNode) -> int:
        """Return the size of an element of the container."""
        if node.mem_id not in self._known:
            self._known[node.mem_id] = len(one_line(node.text()))
        return self._known[node.mem_id]

    def total(self) -> int:
        """Return the size of the container."""
        return self.of(self._container)


def _measure(container: LexborNode) -> dict[int, int]:
    """Return the sizes of all elements of a container by memory id, from one walk."""
    order: list[tuple[int, int]] = []
    sizes: dict[int, int] = {}
    waiting = [(container, container.mem_id)]
    while waiting:
        node, parent = waiting.pop()
        order.append((node.mem_id, parent))
        sizes[node.mem_id] = 0
        for child in children(node):
            if child.is_text_node:
                sizes[node.mem_id] += len(one_line(child.text() or ""))
            elif child.is_element_node:
                waiting.append((child, node.mem_id))
    for mem_id, parent in reversed(order[1:]):
        sizes[parent] += sizes[mem_id]
    return sizes


def _removes_too_much(node: LexborNode, sizes: _Sizes, rule: str, *, outside_body: bool) -> bool:
    """A rule that would take most of a body, or a paragraph for a row of buttons, is wrong: pasted
    markup brings its classes along. What readers wrote may well be more than the post."""
    if rule == "code" or node.child is None:
        return False
    size = sizes.of(node)
    if size > _MAX_REMOVED_CHARS and size * 2 > sizes.total():
        return rule != "comments" or not outside_body or not _is_followed_by_form(node)
    if rule == "overlay" and size * _SHARE_OF_AD > sizes.total():
        return _holds_text(node)
    if rule not in _ROWS or node.css_first("form,input") is not None:
        return False
    if size < _PROSE:
        is_words = size >= _SENTENCE and node.css_first(_CONTROLS) is None
        return rule in _BY_CONTROLS and is_words and not outside_body
    return sum(len(one_line(link.text())) for link in node.css("a")) * 2 < size


def _holds_text(node: LexborNode) -> bool:
    """Return whether an element holds an author's paragraphs, which a script or a stray tag put
    into the place of an advertisement."""
    sizes = (len(one_line(one.text())) for one in node.css("p"))
    return sum(1 for size in sizes if size >= _PROSE) >= _PARAGRAPHS


def _has_marked_ancestor(
    node: LexborNode, container: LexborNode, marked: dict[int, Removal]
) -> bool:
    for ancestor in ancestors(node):
        if ancestor.mem_id == container.mem_id:
            return False
        if ancestor.mem_id in marked:
            return True
    return False


def outermost(removals: list[Removal]) -> list[Removal]:
    """Drop the removals that lie within another; of two for one element the first one stays."""
    marked = {node.mem_id for node, _ in removals}
    unique = {node.mem_id: (node, rule) for node, rule in reversed(removals)}
    return [(node, rule) for node, rule in unique.values() if not has_ancestor(node, marked)]


def remove(removals: list[Removal]) -> None:
    """Take the elements out of the tree; none of them may lie within another."""
    for node, _ in removals:
        node.decompose()
