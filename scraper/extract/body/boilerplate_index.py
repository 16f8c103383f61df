"""Which elements of a page lie inside its boilerplate: header, sidebar, widgets, footer."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from html import unescape
from itertools import chain, islice, takewhile
from typing import Final
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from scraper.extract.body.boilerplate import COMMENT_IDS, boilerplate_rule
from scraper.extract.dom import (
    ancestors_in_body,
    child_elements,
    holds,
    linked_size,
    self_and_ancestors,
    siblings_after,
    siblings_before,
)
from scraper.extract.page.parsed_page import ParsedPage
from scraper.extract.page.text import one_line, title_letters

_PROSE_TAGS: Final = "p,li,blockquote,td"
_SENTENCE: Final = 40  # characters
_LITTLE: Final = 300  # characters
_NEAR: Final = 3  # elements before one in which its heading may stand
_WRAPPINGS: Final = 3  # elements around a heading that hold nothing else
_SURE: Final = frozenset({"code", "browser_warning"})
_OF_THE_SHOP: Final = frozenset({"header", "footer", "navigation"})
_OF_OTHERS: Final = frozenset({"pager", "related_widget"})
_BY_TAG: Final = frozenset({"nav", "footer", "script", "style", "noscript", "template", "select"})
_LINKED: Final = 10  # times as much text as in links
_COMMENT_FORM: Final = (
    "textarea,time,[name^=comment],[id=comments i],[id^=disqus],[id=wpdcom],[class*=fb-comments]"
)
OTHER_POSTS: Final = "h2 a[href],h3 a[href],h4 a[href],a[href] h2,a[href] h3,a[href] h4"
_SHARE_BEFORE: Final = 0.2  # of other posts' text, which a post reaches and no introduction
_CARDS: Final = 3  # headings that link elsewhere
_PER_CARD: Final = 250  # characters of prose that a card of another post does not reach


class BoilerplateIndex:
    """Looks up, for the elements of one page, the rule by which an ancestor is boilerplate; each
    ancestor is tested once."""

    def __init__(self, page: ParsedPage) -> None:
        self._named = [
            title_letters(unescape(page.metas.get(name, ""))) for name in ("og:title", "title")
        ]
        self.titles = [
            node
            for node in page.elements.headings
            if node.tag != "h3" and self.names_page(node.text())
        ]
        """The headings, not of the third level, by which the page's own title begins."""
        self._body, self._address = page.body, page.canonical
        self._prose: dict[int, int] = {}
        self._spine = _spine([*page.elements.mains, *self.titles])
        self._ends = self._spine.union(one.mem_id for one in self.titles)
        self._rules: dict[int, str] = dict.fromkeys(self._spine, "")
        self.others: dict[int, LexborNode] = {}
        """What holds other posts, by memory id."""
        self._behind: dict[int, bool] = {}
        self._items: dict[int, bool] = {}

    def names_page(self, text: str) -> bool:
        """Return whether the page's own title begins with a text."""
        key = title_letters(text)
        return bool(key) and any(title.startswith(key) for title in self._named)

    def is_before_title(self, node: LexborNode) -> bool:
        """Return whether an element ends before the page's title, in a heading of the first level,
        begins: what a theme features or asks, and no post."""
        before = self._before_title
        return bool(before) and any(one.mem_id in before for one in self_and_ancestors(node))

    @cached_property
    def _before_title(self) -> frozenset[int]:
        """What stands before the page's title or before an element around it."""
        title = next((one for one in self.titles if one.tag == "h1"), None)
        chain = self_and_ancestors(title) if title is not None else ()
        return frozenset(one.mem_id for around in chain for one in siblings_before(around))

    def is_own(self, href: str) -> bool:
        """Return whether a link leads to the page's own address."""
        path = href.partition("?")[0].partition("#")[0].rstrip("/")
        return bool(path) and self._address.rstrip("/").endswith(path)

    def is_item(self, node: LexborNode) -> bool:
        """Return whether an element stands in one of several items of a list, as what readers write
        does, and the title does not."""
        item = next((one for one in self_and_ancestors(node) if one.tag == "li"), None)
        if item is None or item.mem_id in self._spine:
            return False
        if item.mem_id not in self._items:
            beside = chain(siblings_before(item), siblings_after(item))
            self._items[item.mem_id] = any(one.tag == "li" for one in beside)
        return self._items[item.mem_id]

    def leave_out_others(self, nodes: list[LexborNode]) -> bool:
        """Leave out what stands behind linked headings, above the title, or where the text before
        it is enough for the page's own post; return whether that is all."""
        below = [one for one in nodes if not self.is_before_title(one)]
        ids = {one.mem_id for one in below}
        theirs = max(map(self.prose, below), default=0)
        own = self.prose_before(below[0]) if below else 0
        if own >= max(_LITTLE, _SHARE_BEFORE * theirs):
            ids = set()
        self.leave_out([one for one in nodes if one.mem_id not in ids])
        return not ids

    def leave_out(self, nodes: list[LexborNode]) -> None:
        """Note elements as those of other posts."""
        self.others.update((one.mem_id, one) for one in nodes)
        self._rules = dict.fromkeys(self._spine, "")

    def is_behind_link(self, node: LexborNode) -> bool:
        """Return whether a heading that links to another post of the blog stands right before an
        element or one around it, below what holds the page's title too."""
        unknown: list[LexborNode] = []
        known = False
        for around in self.beside_title(node):
            if around.mem_id in self._behind:
                known = self._behind[around.mem_id]
                break
            unknown.append(around)
        for around in reversed(unknown):
            known = known or any(map(self.links_on, islice(self.before(around), _NEAR)))
            self._behind[around.mem_id] = known
        return known

    def links_on(self, node: LexborNode) -> bool:
        """Return whether an element is the linked heading of another post, and no pager's."""
        heading = _lone_heading(node)
        link = heading.css_first(OTHER_POSTS) if heading is not None else None
        return (
            heading is not None
            and link is not None
            and one_line(link.text()) == one_line(heading.text())
            and self._leads_beside(link)
            and not self.rule(link)
        )

    def beside_title(self, node: LexborNode) -> Iterator[LexborNode]:
        """Yield an element and those around it, below what holds the page's title too."""
        return takewhile(lambda one: one.mem_id not in self._spine, self_and_ancestors(node))

    def before(self, node: LexborNode) -> Iterator[LexborNode]:
        """Yield the elements before one, the nearest first, up to the page's title or what holds
        it."""
        for one in siblings_before(node):
            if one.is_element_node:
                yield one
            if one.mem_id in self._ends:
                return

    def prose_before(self, node: LexborNode) -> int:
        """Return how many characters of sentences stand before an element behind the title."""
        beside = chain.from_iterable(map(self.before, self.beside_title(node)))
        return sum(map(self.prose, beside))

    def _leads_beside(self, found: LexborNode) -> bool:
        """Return whether a linked heading leads to another page of the page's own folder."""
        link = next((one for one in self_and_ancestors(found) if one.tag == "a"), found)
        return self.leads_on(link.attributes.get("href") or "") and not self.names_page(link.text())

    def leads_on(self, address: str) -> bool:
        """Return whether an address is that of another page of the page's own folder."""
        try:
            own, other = urlsplit(self._address), urlsplit(address)
        except ValueError:
            return False
        if other.netloc.removeprefix("www.") not in ("", own.netloc.removeprefix("www.")):
            return False
        folder = own.path.rstrip("/").rpartition("/")[0]
        path = other.path.rstrip("/")
        return bool(folder) and path.rpartition("/")[0] == folder and not self.is_own(path)

    def rule(self, node: LexborNode) -> str:
        """Return the rule of the outermost ancestor that is boilerplate, or an empty string."""
        unknown: list[LexborNode] = []
        known = ""
        for ancestor in ancestors_in_body(node):
            if ancestor.mem_id in self._rules:
                known = self._rules[ancestor.mem_id]
                break
            unknown.append(ancestor)
        for ancestor in reversed(unknown):
            known = known or self._judged(ancestor)
            self._rules[ancestor.mem_id] = known
        return known

    def own_rule(self, node: LexborNode) -> str:
        """Return the rule for the element itself; a wrapper of the post's title is no widget."""
        return "" if self._rules.get(node.mem_id) == "" else self._judged(node)

    def prose(self, node: LexborNode) -> int:
        """Return how many characters of sentences stand below an element, whatever rules say."""
        if node.mem_id not in self._prose:
            self._prose[node.mem_id] = sum(map(_sentences, node.css(_PROSE_TAGS)))
        return self._prose[node.mem_id]

    def page_prose(self) -> int:
        """Return how many characters of sentences the page has."""
        return self.prose(self._body) if self._body is not None else 0

    def _judged(self, node: LexborNode) -> str:
        """Return the rule for an element; no name takes what holds most of the page's prose."""
        if node.mem_id in self.others:
            return "related_widget"
        rule = boilerplate_rule(node, outside_body=True)
        if not rule or rule in _SURE or node.tag in _BY_TAG:
            return rule
        return "" if self._holds_most(node, rule) else rule

    def _holds_most(self, node: LexborNode, rule: str) -> bool:
        if self._body is None or node.css_first("p") is None or len(node.text()) < _LITTLE:
            return False
        if rule in _OF_THE_SHOP and not self._is_around_text(node, rule):
            return False
        prose = self.prose(node)
        if 2 * prose < _LITTLE or 2 * prose < (whole := self.prose(self._body)):
            return False
        if rule in _OF_OTHERS and self.titles and whole - prose >= _LITTLE:
            return False  # beside the post
        if rule == "comments":
            return node.css_first(_COMMENT_FORM) is None and not holds(node, COMMENT_IDS)
        return not is_cards(node, prose) or _is_written(node)

    def _is_around_text(self, node: LexborNode, rule: str) -> bool:
        """Return whether what is called the shop's stands in the post's own line of elements, or is
        a menu that hardly links."""
        if node.parent is not None and node.parent.mem_id in self._spine:
            return True
        linked = linked_size(node)
        return rule == "navigation" and _LINKED * linked < len(node.text())


def _lone_heading(node: LexborNode) -> LexborNode | None:
    """Return the heading that an element is or only wraps, or the link that holds one."""
    for _ in range(_WRAPPINGS):
        if node.tag in ("h2", "h3", "h4", "a"):
            return node
        inner = child_elements(node)
        first = next(inner, None)
        if first is None or next(inner, None) is not None:
            return None
        node = first
    return None


def is_cards(node: LexborNode, size: int, *, fewest: int = _CARDS) -> bool:
    """Return whether an element with `size` characters shows cards of other posts, and hardly
    more."""
    cards = len(node.css(OTHER_POSTS))
    return cards >= fewest and size < cards * _PER_CARD


def _is_written(node: LexborNode) -> bool:
    """Return whether two paragraphs of sentences follow one another in an element, with more
    between them than a card says."""
    return any(
        (size := _sentences(one))
        and (before := _sentences(next(filter(_is_element, siblings_before(one)))))
        and size + before >= _LITTLE
        for one in node.css("p + p")
    )


def _is_element(node: LexborNode) -> bool:
    return bool(node.is_element_node)


def _spine(nodes: list[LexborNode]) -> set[int]:
    """Return the elements around the main element or the post's title: they are layout, whatever
    their class names ("sidebar-left", "no-comment")."""
    found: set[int] = set()
    for node in nodes:
        if node.tag == "main":
            found.add(node.mem_id)
        for ancestor in ancestors_in_body(node):
            if ancestor.mem_id in found:
                break
            found.add(ancestor.mem_id)
    return found


def _sentences(node: LexborNode) -> int:
    """Return the length of an element's text if it is long enough for a sentence and not mostly
    links, else 0."""
    raw = node.text_lexbor()  # the same text, in half the time
    if len(raw) < _SENTENCE or len(text := one_line(raw)) < _SENTENCE:
        return 0
    return len(text) if 2 * linked_size(node) < len(text) else 0
