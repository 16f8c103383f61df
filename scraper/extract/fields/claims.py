"""What the sources of a page say of one field, put in order of trust."""

from __future__ import annotations

from html import unescape

from scraper.extract.page.text import one_line, without_surrogates
from scraper.items import FieldClaim

Word = tuple[str, str, str]
"""One source's word: source, raw, value."""


def order_readings(field: str, words: list[Word]) -> list[FieldClaim]:
    """Readings of a field from words that stand in order of trust: each once, silent sources left
    out, those without a value last."""
    spoken = dict.fromkeys(word for word in words if word[1])
    return [
        FieldClaim(field=field, source=source, raw=raw, value=value)
        for source, raw, value in sorted(spoken, key=lambda word: not word[2])
    ]


def plain(value: object) -> str:
    """A value of structured data as plain text; empty for what is none.

    JSON may spell half a surrogate pair (``\\ud83d``), which no encoding can write: it becomes
    U+FFFD.
    """
    if isinstance(value, str):
        return one_line(without_surrogates(unescape(value)))
    return str(value) if isinstance(value, int) else ""
