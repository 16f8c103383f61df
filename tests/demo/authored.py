"""What the author of a post of the demo store wrote: the expected result, independent of the
extractor."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from scraper.demo import DemoPost
from scraper.demo.plain_text import plain_text

_RELATED_HEADING = re.compile(
    r"""
    <(?P<tag>p|h[1-6]|div)\b[^<>]*+>        # the block that holds the heading
    (?:\s|&nbsp;|<(?:strong|b|em|span)\b[^<>]*+>)*+
    Related\s(?:[^<:]{0,60}\s)?(?:articles|posts|reads|reading)   # "Related Sleep articles"
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LIST_END = re.compile(r"</(?:ul|ol)>", re.IGNORECASE)
_ITEM = re.compile(
    r"<li\b[^<>]*+>((?:(?!</?li\b).)*+)</li>|•((?:(?!<br|</p|</div|•).)*+)",
    re.IGNORECASE | re.DOTALL,
)
_HREF = re.compile(r"""href\s*=\s*["']([^"']*)["']""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AuthoredItem:
    """An item of a typed related list: its text, and its link (empty where there is none)."""

    title: str
    href: str


@lru_cache(maxsize=4096)
def split_related(html: str) -> tuple[str, tuple[AuthoredItem, ...]]:
    """The author's HTML without the typed related list, and that list's items in order.

    Only the last heading counts, and only if a list follows it: a post may mention related
    articles in its text.
    """
    headings = list(_RELATED_HEADING.finditer(html))
    if not headings:
        return html, ()
    start = headings[-1].start()
    end = _end_of_list(html, headings[-1])
    items = tuple(_item(match) for match in _ITEM.finditer(html, start, end))
    if not items:
        return html, ()
    return html[:start] + html[end:], items


def _end_of_list(html: str, heading: re.Match[str]) -> int:
    closing = re.compile(rf"</{heading['tag']}\s*>", re.IGNORECASE).search(html, heading.end())
    after_block = closing.end() if closing else len(html)
    if "•" in html[heading.end() : after_block]:
        return after_block
    listed = _LIST_END.search(html, heading.end())
    return listed.end() if listed else after_block


def _item(match: re.Match[str]) -> AuthoredItem:
    inner = match[1] or match[2]
    href = _HREF.search(inner)
    return AuthoredItem(" ".join(plain_text(inner).split()), href[1].strip() if href else "")


def related_items(post: DemoPost) -> tuple[AuthoredItem, ...]:
    """The items of the list of related posts that the author typed at the end, in order; empty
    where there is none."""
    return split_related(post.body_html)[1]


def authored_text(post: DemoPost) -> str:
    """All of the author's text, with the typed related list."""
    return plain_text(post.body_html)


def reading_text(post: DemoPost) -> str:
    """The author's text without the typed related list and without a first heading that repeats the
    title."""
    return plain_text(split_related(post.body_html)[0], skip_heading=post.title)
