"""What an author wrote, read from the HTML of the content files: the expected result for tests,
independent of the extractor."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser

_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_PARTS = (
    "address",
    "article",
    "aside",
    "blockquote",
    "div",
    "figcaption",
    "figure",
    "hr",
    "p",
    "pre",
    "section",
)
_ROWS = ("caption", "dd", "dl", "dt", "li", "ol", "table", "td", "th", "tr", "ul")
_BLOCKS = _HEADINGS.union(_PARTS, _ROWS)
_UNREAD = frozenset(("script", "style", "template", "iframe", "title"))

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


@lru_cache(maxsize=4096)
def plain_text(html: str, *, skip_heading: str = "") -> str:
    """The visible text of `html`, one block a paragraph, in order, with single plain spaces.

    A first block is left out if it is a heading equal to `skip_heading`.
    """
    reader = _TextReader()
    reader.feed(html)
    reader.close()
    blocks = reader.blocks()
    if skip_heading and blocks and blocks[0] == (True, " ".join(skip_heading.split())):
        blocks = blocks[1:]
    return "\n\n".join(text for _, text in blocks)


class _TextReader(HTMLParser):
    """Collects text by block, and whether the block is a heading."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._blocks: list[tuple[bool, list[str]]] = [(False, [])]
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNREAD:
            self._unread += 1
        elif tag in _BLOCKS:
            self._blocks.append((tag in _HEADINGS, []))
        elif tag == "br":
            self._blocks[-1][1].append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNREAD:
            self._unread = max(0, self._unread - 1)
        elif tag in _BLOCKS:
            self._blocks.append((False, []))

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self._blocks[-1][1].append(data)

    def blocks(self) -> list[tuple[bool, str]]:
        read = ((heading, " ".join("".join(parts).split())) for heading, parts in self._blocks)
        return [(heading, text) for heading, text in read if text]
