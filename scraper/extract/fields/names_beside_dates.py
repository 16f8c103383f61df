"""A name that stands beside the date in the row above the body, where no byline is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.author_names import names_role
from scraper.extract.dom import self_and_ancestors
from scraper.extract.fields.bylines import NO_NAME, Byline, is_label, pieces
from scraper.extract.fields.written_dates import holds_figure, is_bare_date
from scraper.extract.page.context import NearbyElement
from scraper.extract.page.text import letters_only
from scraper.extract.vocabulary.dates import ON

_LONGEST: Final = 60  # characters
# A name beside a date has no other mark: it must be two to four capitalised words that name no part
# of a page.
_FULL_NAME: Final = re.compile(
    r"""^[A-ZÀ-Þ][\w.'’-]*
        (?:\s+(?:d[eiau]|del|la|van|von|der|[A-ZÀ-Þ][\w.'’-]*)){0,2}
        \s+[A-ZÀ-Þ][\w.'’-]*$""",
    re.X,
)
_NAME_AND_DATE: Final = re.compile(
    rf"(?P<name>[^\d,]{{5,50}}?),? (?:{ON}) (?P<date>.{{6,40}})", re.I
)
_ROW_LEVELS: Final = 4
_COUNT: Final = re.compile(
    r"\d{1,3}\s?(?:min|comment|view|kommentar|minut)\w{0,8}(?: read| de lecture)?", re.I
)
_TO_PERSON: Final = re.compile(r"#$|author|/(?:users?|people|staff|team|profiles?)/|/@", re.I)
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4"})


def read_name_beside_date(
    parts: tuple[NearbyElement, ...], other_names: frozenset[str]
) -> Iterator[Byline]:
    """Return the name that stands next to a bare date in the row above the body; `other_names`
    (letters only) are the title's and the blog's."""
    for part in parts:
        if not part.above or not holds_figure(part.node.text()):
            continue
        found = [(text, node) for text, node in pieces(part.node) if not _COUNT.fullmatch(text)]
        for index, (text, node) in enumerate(found):
            if not holds_figure(text):
                continue  # quicker to know than whether it is a date
            if name := _name_before_date(text, other_names):
                yield text, name
                return
            if not is_bare_date(text):
                continue
            row = _row(node)
            for other, other_node in (
                *found[max(0, index - 1) : index],
                *found[index + 1 : index + 2],
            ):
                if (
                    _is_full_name(other)
                    and letters_only(other) not in other_names
                    and _in_row(other_node, row)
                ):
                    yield f"{text} | {other}", other
                    return


def _name_before_date(text: str, other_names: frozenset[str]) -> str:
    """Return the name in "Sam Fern on March 4, 2026"; empty for what is not such a line."""
    both = _NAME_AND_DATE.fullmatch(text)
    if both is None or not is_bare_date(both["date"]) or not _is_full_name(both["name"]):
        return ""
    return "" if letters_only(both["name"]) in other_names else both["name"]


def _row(node: LexborNode) -> set[int]:
    """Return the element that holds a date and its nearest ancestors."""
    found = set()
    for current in islice(self_and_ancestors(node), _ROW_LEVELS):
        if current.tag in ("article", "main", "section"):
            break
        found.add(current.mem_id)
    return found


def _in_row(node: LexborNode, row: set[int]) -> bool:
    """Return whether an element stands in a date's row, and is neither a heading nor a link that
    leads elsewhere than to the author."""
    for current in self_and_ancestors(node):
        href = current.attributes.get("href") or "" if current.tag == "a" else ""
        if current.tag in _HEADINGS or (href and not _TO_PERSON.search(href)):
            return False
        if current.mem_id in row:
            return True
    return False


def _is_full_name(text: str) -> bool:
    return (
        len(text) < _LONGEST
        and _FULL_NAME.match(text) is not None
        and not NO_NAME.search(text)
        and not is_label(text)
        and not names_role(text.removesuffix("Team"))
    )
