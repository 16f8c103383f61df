"""Query a page once for all elements of interest, for each query costs a walk; once more for
possible body containers, where no template leads to the body."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.extract.page.encoded_mail import ENCODED_MAIL, decode_mail_addresses

# Class names that candidates for the body carry are compared in full later; here a part of them is
# enough.
_NAMED: Final = (
    ":is([class*=rte i],[class*=content i],[class*=body i],[class*=prose i],[class*=desc i],"
    "[id*=content i])"
)
# The parser walks the page once for each selector and is slow at comparing parts of names, so those
# are asked of few tags: a menu of a thousand links costs 0.08 ms in place of 0.24. Bodies stand in
# these tags on all pages seen; `other_containers` asks the others.
_COMMON: Final = "div,section,article"
_CONTAINERS: Final = f"main,[itemprop],{','.join(tag + _NAMED for tag in _COMMON.split(','))}"
_QUERY: Final = 'main,h1,h2,h3,h4,time,abbr[title],a[href*="/blogs/"],a[rel~=tag],[itemprop]'
_TAGS: Final = 'a[href*="/tag"],a[href*="/topic/"]'  # of systems whose posts stand elsewhere
_DATED: Final = re.compile(r"(?<![a-z])(?:dt-)?published(?![a-z])", re.I)  # microformats
_HEADINGS: Final = frozenset({"h1", "h2", "h3"})
_DATES: Final = frozenset({"datePublished", "dateModified"})
_FIELD_TAGS: Final = _HEADINGS | {"time", "a"}
_FIELD_PROPERTIES: Final = _DATES | {"author"}


@dataclass(slots=True)
class PageElements:
    """A page's elements of interest, each list in document order; `all_headings` has those of the
    fourth level, too."""

    mains: list[LexborNode] = field(default_factory=list)
    headings: list[LexborNode] = field(default_factory=list)
    all_headings: list[LexborNode] = field(default_factory=list)
    times: list[LexborNode] = field(default_factory=list)
    authors: list[LexborNode] = field(default_factory=list)
    anchors: list[LexborNode] = field(default_factory=list)


def find_elements(body: LexborNode) -> PageElements:
    """Find a page's headings, times, authors and links to blogs in one walk, in which encoded mail
    addresses are found, too, and decoded."""
    nodes = body.css(f"{_QUERY},{ENCODED_MAIL}")
    if decode_mail_addresses(nodes):
        nodes = body.css(_QUERY)
    found = PageElements()
    for node in nodes:
        _sort_in(found, node)
    found.anchors = found.anchors or body.css(_TAGS)
    return found


def common_containers(body: LexborNode) -> list[LexborNode]:
    """Return the elements of usual tags whose names or properties may be a body's."""
    return [node for node in body.css(_CONTAINERS) if not _is_field(node)]


def _is_field(node: LexborNode) -> bool:
    """Return whether an element is a heading, time, link or author: never a body, whatever its
    class is."""
    return node.tag in _FIELD_TAGS or node.attributes.get("itemprop") in _FIELD_PROPERTIES


def other_containers(body: LexborNode) -> list[LexborNode]:
    """Return the elements of rarer tags (small, td, a theme's own) whose names may be a body's."""
    return body.css(f":not({_COMMON},a,span){_NAMED}")


def _sort_in(found: PageElements, node: LexborNode) -> None:
    tag = node.tag
    if tag == "a":
        found.anchors.append(node)
    elif tag in _HEADINGS:
        found.headings.append(node)
        found.all_headings.append(node)
    elif tag == "h4":
        found.all_headings.append(node)
    elif tag == "time" or (tag == "abbr" and _DATED.search(node.attributes.get("class") or "")):
        found.times.append(node)
    else:
        if tag == "main":
            found.mains.append(node)
        prop = node.attributes.get("itemprop") or ""
        if prop == "author":
            found.authors.append(node)
        elif prop in _DATES:
            found.times.append(node)
