"""Links in normal form: when two pages show the same edge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TypeVar

from scraper.history.normal_form.addresses import normal_address
from scraper.history.normal_form.text import normal_line

LinkKey = tuple[str, str, str]
"""Kind, and URL and anchor in normal form."""

NumberedKey = tuple[str, str, str, int]
"""The same, and the number of the link among equal ones of the post."""

_T = TypeVar("_T")


def link_key(kind: str, url: str, anchor: str, origins: tuple[str, ...]) -> LinkKey:
    """What a link has in common with itself on another fetch of its page; `origins` are those of
    the store, its present one last."""
    return kind, normal_address(url, origins), normal_line(anchor)


def number_links(pairs: Iterable[tuple[LinkKey, _T]]) -> Iterator[tuple[NumberedKey, _T]]:
    """Number equal links: an author may link one target twice with the same anchor."""
    seen: Counter[LinkKey] = Counter()
    for key, value in pairs:
        yield (*key, seen[key]), value
        seen[key] += 1
