"""Recognize links to the older and the newer post by their text, in seven languages."""

from __future__ import annotations

import re
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.caches import cache_short
from scraper.extract.page.text import one_line
from scraper.extract.vocabulary import any_of
from scraper.extract.vocabulary.sections import ARROWS, PAGERS
from scraper.items import LinkKind

_ANY: Final = "|".join(
    rf"(?P<{kind}>{any_of(words)})" for kind, words in PAGERS.items()
)  # the group that matched names the kind
_ARROWS: Final = re.compile(ARROWS)
_WHOLE: Final = re.compile(rf"^{ARROWS}(?:{_ANY}){ARROWS}x?$", re.I)
_START: Final = re.compile(rf"^{ARROWS}(?:{_ANY})(?![\w])", re.I)
_LONGEST_LABEL: Final = 40
_LONGEST_CARD: Final = 400
_CARD_PARTS: Final = "div,p,span,h2,h3,h4,h5,h6,figure"


@cache_short(maxsize=4096)
def pager_kind(text: str) -> LinkKind | None:
    """Return the direction that a pager link's text names, or None where it names none."""
    words = one_line(text)
    if not words or len(words) > _LONGEST_LABEL:
        return None
    return _kind(_WHOLE.match(words))


@cache_short(maxsize=1024)
def leading_pager_kind(text: str) -> LinkKind | None:
    """As `pager_kind`, for a link whose text continues with the other post's title ("Next article
    The taste of rain")."""
    return _kind(_START.match(one_line(text)))


def _kind(found: re.Match[str] | None) -> LinkKind | None:
    return found.lastgroup if found else None  # type: ignore[return-value]


def is_pager_card(link: LexborNode) -> bool:
    """Return whether a link holds elements of its own, a label such as "Next post" first and then
    the other post's title or picture."""
    if (
        "/blogs/" not in (link.attrs.get("href") or "")
        or not _holds_elements(link)
        or link.css_first(_CARD_PARTS) is None
    ):
        return False
    return bool(leading_pager_kind(link.text(separator=" ")[:_LONGEST_CARD]))


def _holds_elements(link: LexborNode) -> bool:
    """Return whether a link holds more than words, as few in a text do: asked first, for a query
    costs ten times as much."""
    child = link.child
    return child is not None and (child.is_element_node or child.next is not None)


def is_pager_row(node: LexborNode) -> bool:
    """Return whether an element holds pager links to posts and nothing else."""
    if len(node.text()) > 400:
        return False
    links = node.css("a[href]")
    if not 1 <= len(links) <= 3 or not all(
        pager_kind(link.text()) or is_pager_card(link) for link in links
    ):
        return False
    rest = one_line(node.text())
    for link in links:
        rest = rest.replace(one_line(link.text()), "", 1)
    return not _ARROWS.sub("", rest)
