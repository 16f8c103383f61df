"""One query over the whole page for all that is looked for in it; a query costs a walk over the page, so there is one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.extract.page import Page

# Class names that candidates for the body carry are compared in full later; here a part of them is enough.
_NAMED: Final = ":is([class*=rte i],[class*=content i],[class*=body i],[class*=prose i],[class*=desc i],[id*=content i])"
# The parser walks the page once for each selector and is slow at comparing parts of names, so those are asked of few tags: a menu of a
# thousand links costs 0.08 ms in place of 0.24. Bodies stand in these tags on all pages seen; `other_containers` asks the others.
_COMMON: Final = "div,section,article"
_QUERY: Final = f'main,h1,h2,h3,time,a[href*="/blogs/"],[itemprop],{",".join(tag + _NAMED for tag in _COMMON.split(","))}'
_HEADINGS: Final = frozenset({"h1", "h2", "h3"})


@dataclass(slots=True)
class Survey:
    """A page's elements of interest, each list in document order."""

    mains: list[LexborNode] = field(default_factory=list)
    headings: list[LexborNode] = field(default_factory=list)
    times: list[LexborNode] = field(default_factory=list)
    authors: list[LexborNode] = field(default_factory=list)
    anchors: list[LexborNode] = field(default_factory=list)
    containers: list[LexborNode] = field(default_factory=list)


def survey(page: Page) -> Survey:
    """Find a page's headings, times, authors, links to blogs and possible containers in one walk."""
    found = Survey()
    for node in page.body.css(_QUERY) if page.body is not None else ():
        _sort_in(found, node)
    return found


def other_containers(page: Page) -> list[LexborNode]:
    """The elements of rarer tags (small, td, a theme's own) whose names may be a body's."""
    return page.body.css(f":not({_COMMON},a,span){_NAMED}") if page.body is not None else []


def _sort_in(found: Survey, node: LexborNode) -> None:
    tag = node.tag
    if tag == "a":
        found.anchors.append(node)
    elif tag in _HEADINGS:
        found.headings.append(node)
    elif tag == "time":
        found.times.append(node)
    else:
        if tag == "main":
            found.mains.append(node)
        prop = node.attributes.get("itemprop") or ""
        if prop == "author":
            found.authors.append(node)
        elif prop in ("datePublished", "dateModified"):
            found.times.append(node)
        else:
            found.containers.append(node)
