"""Collect the links of a page by kind: in the text, in related lists, in widgets, to the older and
the newer post."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.caches import cache_short
from scraper.extract.body.boilerplate import boilerplate_rule
from scraper.extract.body.pagers import leading_pager_kind, pager_kind
from scraper.extract.dom import ancestors
from scraper.extract.page.parsed_page import ParsedPage
from scraper.extract.page.text import one_line
from scraper.extract.vocabulary.sections import READ_MORE
from scraper.hosts import bare_host
from scraper.items import Link, LinkKind, NonPostLink, NonPostLinkKind
from scraper.shopify.link_targets import read_target
from scraper.shopify.urls import PostAddress, canonical_post_url

_NEWER_CLASS: Final = re.compile(r"(?:^|[\s_-])(?:next|newer)(?:$|[\s_-])", re.I)
_OLDER_CLASS: Final = re.compile(r"(?:^|[\s_-])(?:prev|previous|older)(?:$|[\s_-])", re.I)
_SHARING: Final = re.compile(r"sharer|/share\b|intent/tweet|pin/create|mailto:")
_MENU_TAGS: Final = frozenset({"nav", "footer"})
_BARE_PAGER: Final = 12  # characters; longer links may continue with the other post's title
_MENU: Final = re.compile(
    r"menu|site-nav|main-nav|mega|drawer|localization|language|breadcrumb|footer|site-header", re.I
)
_READ_MORE: Final = re.compile(rf"^(?:{READ_MORE})$|^\W*$", re.I)


@dataclass(slots=True)
class LinkCollector:
    """Collects links, each address once a kind, with the most informative of its anchors; `own` are
    those of the post to itself."""

    own_address: PostAddress | None
    hosts: frozenset[str]
    anchors: dict[LinkKind, dict[str, str]] = field(default_factory=dict)
    own: set[tuple[LinkKind, str]] = field(default_factory=set)
    non_post_anchors: dict[NonPostLinkKind, dict[str, str]] = field(default_factory=dict)

    def add(self, href: str, kind: LinkKind, anchor: str, base: str) -> bool:
        """Collect a link to a post on the store's own hosts; return whether it is one."""
        target, host = _resolve(href.strip(), root_url(base) if href.lstrip()[:1] == "/" else base)
        if target is None or host not in self.hosts:
            return False
        is_self = self.own_address is not None and (target.blog_handle, target.handle) == (
            self.own_address.blog_handle,
            self.own_address.handle,
        )
        self._add(kind, self._own_url(target), one_line(anchor), is_self=is_self)
        return True

    def add_authored(self, href: str, kind: LinkKind, anchor: str, base: str) -> None:
        """Collect a link that the author set, wherever it leads."""
        if self.add(href, kind, anchor, base):
            return
        target = read_target(
            href,
            self.own_address.origin + "/"
            if self.own_address is not None and href.lstrip()[:1] == "/"
            else base,
            self.hosts,
        )
        if target is not None:
            _record_anchor(
                self.non_post_anchors.setdefault(target.kind, {}), target.url, one_line(anchor)
            )

    def _own_url(self, target: PostAddress) -> str:
        """The target on the post's own origin: with or without www it is the same store."""
        if self.own_address is None:
            return target.url
        return f"{self.own_address.origin}{target.url.removeprefix(target.origin)}"

    def add_title(self, title: str, own_title: str, fold: str, own_fold: str) -> None:
        """Collect an item of a related list that has no address; `fold` and `own_fold` are the
        titles as they are compared."""
        is_self = bool(own_title) and fold == own_fold
        self._add("related_list", f"title:{title}", title, is_self=is_self)

    def _add(self, kind: LinkKind, key: str, anchor: str, *, is_self: bool) -> None:
        _record_anchor(self.anchors.setdefault(kind, {}), key, anchor)
        if is_self:
            self.own.add((kind, key))

    def links(self) -> tuple[Link, ...]:
        """Return the links to other posts, positions counted from 0 within each kind.

        Those to the post itself count too: a post that gets another address has other links to
        itself, and the rest stay where they are.
        """
        return tuple(self._numbered(own=False))

    def self_links(self) -> tuple[Link, ...]:
        """Return the links of the post to itself, with their positions among all."""
        return tuple(self._numbered(own=True))

    def _numbered(self, *, own: bool) -> Iterator[Link]:
        for kind, found in self.anchors.items():
            for position, (key, anchor) in enumerate(found.items()):
                if ((kind, key) in self.own) == own:
                    url = "" if key.startswith("title:") else key
                    yield Link(url=url, kind=kind, anchor=anchor, position=position)

    def non_post_links(self) -> tuple[NonPostLink, ...]:
        """Return the author's links to what is no post of the store, positions counted from 0
        within each kind."""
        return tuple(
            NonPostLink(url=url, kind=kind, anchor=anchor, position=position)
            for kind, found in self.non_post_anchors.items()
            for position, (url, anchor) in enumerate(found.items())
        )


@cache_short(maxsize=8192)
def _resolve(href: str, base: str) -> tuple[PostAddress | None, str]:
    """Return the post that a link points to, and its host without www; a store's pages repeat their
    links, so each is read once."""
    target = canonical_post_url(href, base)
    if target is None:
        return None, ""
    return target, bare_host(target.origin)


def root_url(url: str) -> str:
    """Scheme and host of an address: all that a link from the root needs as its base."""
    return "/".join(url.split("/", 3)[:3]) + "/"


def _record_anchor(anchors: dict[str, str], url: str, anchor: str) -> None:
    known = anchors.setdefault(url, anchor)
    if known != anchor and _READ_MORE.match(known) and not _READ_MORE.match(anchor):
        anchors[url] = anchor


def new_link_collector(
    page: ParsedPage, own_address: PostAddress | None, addresses: Iterable[str] = ()
) -> LinkCollector:
    """Start the links of a page; its own hosts are those of its address, its canonical one and the
    store's `addresses`, with and without www."""
    hosts = map(bare_host, map(root_url, (page.url, page.canonical, *addresses)))
    return LinkCollector(own_address=own_address, hosts=frozenset(filter(None, hosts)))


def add_theme_links(
    book: LinkCollector,
    page: ParsedPage,
    anchors: list[LexborNode],
    inside: set[int],
    *,
    layout: Iterable[LexborNode] = (),
) -> None:
    """Collect the theme's links outside the body's element: pagers by their words, the others as
    widgets; menus and share links are left out.

    `layout` are the elements around the body: no menus, whatever their class is
    ("drawer-page-content").
    """
    known = dict.fromkeys((node.mem_id for node in layout), "")
    for node in anchors:
        href = node.attributes.get("href") or ""
        if node.mem_id in inside or _SHARING.search(href.lower()):
            continue
        kind = _theme_link_kind(node, known)
        if kind:
            book.add(href, kind, _anchor_text(node), page.url)


def _theme_link_kind(node: LexborNode, known: dict[int, str]) -> LinkKind | None:
    text = node.text()
    kind = pager_kind(text) or _rel_kind(node)
    if kind:
        return kind
    frame = _theme_section(node, known)
    if frame == "pager":
        return leading_pager_kind(text) or _class_kind(node) or "related_widget"
    if frame:
        return None
    return (leading_pager_kind(text) if len(text) > _BARE_PAGER else None) or "related_widget"


def _theme_section(node: LexborNode, known: dict[int, str]) -> str:
    """Return the theme's section around a link: pager, menu, comments or tags; each ancestor is
    tested once."""
    chain: list[int] = []
    found = ""
    for ancestor in ancestors(node):
        if ancestor.mem_id in known:
            found = known[ancestor.mem_id]
            break
        chain.append(ancestor.mem_id)
        if found := _section_of(ancestor):
            break
    known.update(dict.fromkeys(chain, found))
    return found


def _section_of(node: LexborNode) -> str:
    rule = boilerplate_rule(node)
    if rule in ("pager", "comments", "tags"):
        return rule
    attributes = node.attributes
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    return "menu" if node.tag in _MENU_TAGS or _names_menu(names) else ""


@lru_cache(maxsize=4096)
def _names_menu(names: str) -> bool:
    return _MENU.search(names) is not None


def _rel_kind(node: LexborNode) -> LinkKind | None:
    relation = (node.attributes.get("rel") or "").lower()
    return {"prev": "previous", "next": "next"}.get(relation)  # type: ignore[return-value]


def _class_kind(node: LexborNode) -> LinkKind | None:
    names = node.attributes.get("class") or ""
    if node.parent is not None:
        names = f"{names} {node.parent.attributes.get('class') or ''}"
    if _NEWER_CLASS.search(names):
        return "next"
    return "previous" if _OLDER_CLASS.search(names) else None


def _anchor_text(node: LexborNode) -> str:
    text = one_line(node.text())
    if text or (image := node.css_first("img[alt]")) is None:
        return text
    return one_line(image.attributes.get("alt") or "")
