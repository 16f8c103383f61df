"""Sanitised HTML as a person reads it: paragraphs parted by blank lines, no word glued to its
neighbour."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from itertools import filterfalse

from scraper.extract.dom import BLOCK_TAGS
from scraper.extract.page.scripts import spell_scripts

_LINES = re.compile(r" ?\n ?")
_PARAGRAPHS = re.compile(r"\n[ \n]*\n")
_INVISIBLE = ("\u00ad", "\u200b", "\u2060", "\ufeff", "\u200e", "\u200f")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_PUNCTUATION = re.compile(r"[\W_]+")
_LONGEST_TITLE = 2000
_LARGE = 50_000  # characters
_WORD = re.compile(r"\w+(?:['’.-]\w+)*")
_LISTS = frozenset({"menu", "ol", "ul"})
_STATEFUL = _LISTS | {"li", "table", "tr", "pre"}
_BREAKING = ("p", "li", "br", "div", *sorted(BLOCK_TAGS - {"p", "li", "div"}), "td", "th")
# Sanitised markup quotes attributes with double quotes only, and may hold ">" inside them.
_BREAKING_TAG = re.compile(rf"<(/?)({'|'.join(_BREAKING)})(?: (?:[^<>\"]++|\"[^\"]*+\")*+)?>")
_TAG = re.compile(r"<[^<>\"]*+(?:\"[^\"]*+\"[^<>\"]*+)*+>")


_Block = tuple[str, bool]
"""A block's text, and whether it stands directly under the block before it, as list items and table
rows do."""


@dataclass(slots=True)
class _TextBuilder:
    """Blocks gathered so far; a table row gathers its cells in frames of their own, so layout
    tables may hold whole posts."""

    frames: list[list[_Block]] = field(default_factory=lambda: [[]])
    rows: list[list[list[_Block]]] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    bullet: bool = False
    list_depth: int = 0
    first_item: bool = True
    first_row: bool = True
    pre_depth: int = 0

    def read(self, raw: str) -> None:
        """Take in what stands between two tags that part text."""
        if "<" in raw:
            raw = _TAG.sub("", raw)
        if "&" in raw:
            raw = unescape(raw)
        self.pieces.append(raw.replace("\u00a0", " ") if self.pre_depth else _spaced(raw))

    def flush(self) -> None:
        """End the block that the pieces read so far make up, if there is any."""
        if not self.pieces:
            return
        raw = "".join(self.pieces)
        self.pieces.clear()
        if self.pre_depth and raw.strip():
            self.frames[-1].append((raw.strip("\n").rstrip(), False))
            return
        if "\n" not in raw:
            if text := raw.strip():
                self._add(text)
            return
        for part in _PARAGRAPHS.split(_LINES.sub("\n", raw)) if raw.strip() else ():
            text = part.strip()
            if text:
                self._add(text)

    def _add(self, text: str) -> None:
        tight = self.bullet and not self.first_item
        if self.bullet:
            text = f"• {text}"
            self.bullet = self.first_item = False
        self.frames[-1].append((text, tight))

    def open(self, tag: str) -> None:
        if tag == "br":
            self.pieces.append("\n")
        elif tag in ("td", "th"):
            self.flush()
            self.frames.append([])
        else:
            self.flush()
            if tag in _STATEFUL:
                self._open_block(tag)

    def _open_block(self, tag: str) -> None:
        if tag in _LISTS:
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
        else:
            self.flush()
            if tag in _STATEFUL:
                self._close_block(tag)

    def _close_block(self, tag: str) -> None:
        if tag in _LISTS:
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
        line = " | ".join(_spaced(" ".join(text for text, _ in cell)) for cell in filled)
        self.frames[-1].append((line, not self.first_row))
        self.first_row = False


def html_to_text(html: str) -> str:
    """Read sanitised HTML (as `body.sanitise` leaves it) as plain text.

    Blocks stand apart by a blank line; ``<br><br>`` parts paragraphs, ``<br>`` lines; a list item
    is "• item" on a line of its own, a table row one line with its cells joined by " | " (a row
    with one filled cell is layout and stays blocks).
    """
    reader = _TextBuilder()
    # Tags that part no text are struck out by one pass in C (measured: half the time of a step of
    # Python for every tag).
    pieces = _BREAKING_TAG.split(_without_invisible(spell_scripts(html)))
    reader.read(pieces[0])
    for closing, tag, raw in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        if closing:
            reader.close(tag)
        else:
            reader.open(tag)
        if raw and not raw.isspace():
            reader.read(raw)
    reader.flush()
    return join_blocks([block for frame in reader.frames for block in frame])


def _without_invisible(text: str) -> str:
    if not text.isascii():
        for sign in _INVISIBLE:
            if sign in text:
                text = text.replace(sign, "")
    return text


def _spaced(text: str) -> str:
    """A text with every run of white space made one space, ends trimmed."""
    return text.strip() if _is_spaced(text) else " ".join(text.split())


def _is_spaced(text: str) -> bool:
    """Return whether a text holds single spaces only: no other white space, nor a sign that nobody
    sees, is printable (a tenth of a split)."""
    return text.isprintable() and "  " not in text


def join_blocks(blocks: list[tuple[str, bool]]) -> str:
    """Join texts with blank lines; those marked tight stand directly under the one before."""
    parts: list[str] = []
    for text, tight in blocks:
        if parts:
            parts.append("\n" if tight else "\n\n")
        parts.append(text)
    return "".join(parts)


def text_to_words(text: str) -> list[str]:
    """Return the words of a text: runs of letters and digits, with inner apostrophes, dots and
    hyphens."""
    return _WORD.findall(text)


def count_words(text: str) -> int:
    """How many words `text_to_words` finds; most words carry no sign, or one behind them, and are
    counted without a pattern."""
    pieces = text.split()
    marked = [
        piece
        for piece in filterfalse(str.isalnum, pieces)
        if piece[-1].isalnum() or not piece[:-1].isalnum()
    ]
    return len(pieces) - len(marked) + len(_WORD.findall(" ".join(marked)))


def replace_surrogates(text: str) -> str:
    """A text in which each lone surrogate is U+FFFD."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def letters_only(text: str) -> str:
    """Letters and digits only, case folded: equal for two texts that differ in markup, spacing or
    punctuation alone."""
    return _letters_of_page(text) if len(text) > _LARGE else _letters(text)


def _letters(text: str) -> str:
    joined = "".join(
        (unescape(text) if "&" in text else text).split()
    )  # the pattern alone takes a third longer
    return (joined if joined.isalnum() else _PUNCTUATION.sub("", joined)).casefold()


# A page and its body are compared with the feed in several steps, each 4 ms for 200 kB.
_letters_of_page = lru_cache(maxsize=4)(_letters)


@lru_cache(maxsize=512)
def title_letters(text: str) -> str:
    """As `letters_only`, of a title's first 2,000 characters; cached, as the same few are compared
    many times for a page."""
    return letters_only(text[:_LONGEST_TITLE])


def one_line(text: str) -> str:
    """A text on one line, spaces collapsed, invisible characters gone."""
    stripped = text.strip()
    if _is_spaced(stripped):
        return stripped
    collapsed = " ".join(stripped.split())
    shown = _without_invisible(collapsed)
    return shown if shown is collapsed else " ".join(shown.split())


def is_blank(text: str) -> bool:
    """Return whether a text shows nothing but white space and signs that nobody sees."""
    start = text.lstrip()[:1]
    return not start or (start in _INVISIBLE and not one_line(text))
