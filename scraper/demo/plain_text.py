"""The visible text of the content files' HTML, independent of the extractor."""

from __future__ import annotations

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
