"""Text that a store wrote, made safe to place in a message: one line, cut, without control
characters."""

from __future__ import annotations

from scraper.printable import printable

_READ_AHEAD = 4
"""White space may make a text longer than what remains of it; beyond so many times the limit it is
not read."""


def clean(text: str, longest: int) -> str:
    """At most `longest` characters of a text; control characters become U+FFFD."""
    text = printable(text[: longest + 1])
    if len(text) <= longest:
        return text
    return text[: longest - 1].rstrip() + "…"


def one_line(text: str, longest: int) -> str:
    """At most `longest` characters of a text as one line, words separated by single spaces."""
    words = text[: longest * _READ_AHEAD].split()
    return " ".join(clean(" ".join(words), longest).split())


def clean_url(url: str) -> str:
    """A URL without white space and control characters."""
    return "".join(char for char in printable(url, "") if not char.isspace())
