"""Sanitised HTML as a person reads it: paragraphs parted by blank lines, no word glued to its neighbour."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape

# Sanitised markup quotes attributes with double quotes only, and may hold ">" inside them.
_TOKEN = re.compile(r"<(/?)([a-z][a-z0-9]*)(?:[^>\"]|\"[^\"]*\")*>|([^<]+)")
_SPACE = re.compile(r"[ \t\r\n\f\v\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_LINES = re.compile(r" ?\n ?")
_INVISIBLE = re.compile(r"[\u00ad\u200b\u2060\ufeff\u200e\u200f]")
_WORD = re.compile(r"\w+(?:['’.-]\w+)*")
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "caption",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "main",
        "nav",
        "p",
        "section",
        "summary",
        "table",
        "tbody",
        "thead",
        "tfoot",
        "ul",
        "ol",
        "pre",
        "li",
        "tr",
    ]
)


@dataclass(slots=True)
class _Block:
    text: str
    tight: bool  # stands directly under the block before it, as list items and table rows do
    verbatim: bool = False  # preformatted: spaces and lines stay


@dataclass(slots=True)
class _Reader:
    """Blocks gathered so far; a table row gathers its cells in frames of their own, so layout tables may hold whole posts."""

    frames: list[list[_Block]] = field(default_factory=lambda: [[]])
    rows: list[list[list[_Block]]] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    bullet: bool = False
    list_depth: int = 0
    first_item: bool = True
    first_row: bool = True
    pre_depth: int = 0

    def flush(self) -> None:
        raw = "".join(self.pieces)
        self.pieces.clear()
        if self.pre_depth and raw.strip():
            self.frames[-1].append(_Block(raw.strip("\n").rstrip(), tight=False, verbatim=True))
            return
        if "\n" not in raw:
            if text := raw.strip():
                self._add(text)
            return
        for part in re.split(r"\n[ \n]*\n", _LINES.sub("\n", raw)) if raw.strip() else ():
            text = part.strip()
            if text:
                self._add(text)

    def _add(self, text: str) -> None:
        tight = self.bullet and not self.first_item
        if self.bullet:
            text = f"• {text}"
            self.bullet = self.first_item = False
        self.frames[-1].append(_Block(text, tight))

    def open(self, tag: str) -> None:
        if tag == "br":
            self.pieces.append("\n")
        elif tag in ("td", "th"):
            self.flush()
            self.frames.append([])
        elif tag in _BLOCKS:
            self.flush()
            self._open_block(tag)

    def _open_block(self, tag: str) -> None:
        if tag in ("ul", "ol"):
            self.first_item = self.first_item or self.list_depth == 0
            self.list_depth += 1
        elif tag == "li":
            self.bullet = True
        elif tag == "tr":
            self.rows.append([])
        elif tag == "table":
            self.first_row = True
        elif tag == "pre":
            self.pre_depth += 1

    def close(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.flush()
            if len(self.frames) > 1:
                cell = self.frames.pop()
                if self.rows:
                    self.rows[-1].append(cell)
                else:
                    self.frames[-1].extend(cell)
        elif tag in _BLOCKS:
            self.flush()
            self._close_block(tag)

    def _close_block(self, tag: str) -> None:
        if tag in ("ul", "ol"):
            self.list_depth = max(0, self.list_depth - 1)
            self.first_item = self.list_depth == 0
            self.bullet = False
        elif tag == "tr" and self.rows:
            self._close_row(self.rows.pop())
        elif tag == "pre":
            self.pre_depth = max(0, self.pre_depth - 1)

    def _close_row(self, cells: list[list[_Block]]) -> None:
        filled = [cell for cell in cells if cell]
        if len(filled) <= 1:
            self.frames[-1].extend(block for cell in filled for block in cell)
            return
        line = " | ".join(_SPACE.sub(" ", " ".join(block.text for block in cell)) for cell in filled)
        self.frames[-1].append(_Block(line, tight=not self.first_row))
        self.first_row = False


def html_to_text(html: str) -> str:
    """Read sanitised HTML (as `body.sanitise` leaves it) as plain text.

    Blocks stand apart by a blank line; ``<br><br>`` parts paragraphs, ``<br>`` lines; a list item is "• item" on a line of its own,
    a table row one line with its cells joined by " | " (a row with one filled cell is layout and stays blocks).
    """
    reader = _Reader()
    spaced = _INVISIBLE.sub("", html).replace("&nbsp;", " ").replace("\u00a0", " ")
    if "<pre" not in spaced:
        spaced = _SPACE.sub(" ", spaced)
    for closing, tag, raw in _TOKEN.findall(spaced):
        if raw:
            text = unescape(raw) if "&" in raw else raw
            reader.pieces.append(text if reader.pre_depth else _SPACE.sub(" ", text) if "\n" in text else text)
        elif closing:
            reader.close(tag)
        else:
            reader.open(tag)
    reader.flush()
    blocks = [block for frame in reader.frames for block in frame]
    return join_blocks([(block.text if block.verbatim else _squeeze(block.text), block.tight) for block in blocks])


def _squeeze(text: str) -> str:
    return "\n".join(re.sub(r"(?<=\S) {2,}", " ", line).rstrip() for line in text.split("\n")).strip("\n")


def join_blocks(blocks: list[tuple[str, bool]]) -> str:
    """Join texts with blank lines; those marked tight stand directly under the one before."""
    parts: list[str] = []
    for text, tight in blocks:
        if parts:
            parts.append("\n" if tight else "\n\n")
        parts.append(text)
    return "".join(parts)


def text_to_words(text: str) -> list[str]:
    """The words of a text: runs of letters and digits, inner apostrophes, dots and hyphens kept."""
    return _WORD.findall(text)


def squash(text: str) -> str:
    """Letters and digits only, case folded: equal for two texts that differ in markup, spacing or punctuation alone."""
    return re.sub(r"[\W_]+", "", unescape(text) if "&" in text else text).casefold()


def one_line(text: str) -> str:
    """A text on one line, spaces collapsed, invisible characters gone."""
    collapsed = " ".join(text.split())
    return collapsed if collapsed.isascii() else " ".join(_INVISIBLE.sub("", collapsed).split())
