"""What the sources of a page say of one field, put in order of trust."""

from __future__ import annotations

from html import unescape

from scraper.extract.page.text import one_line, replace_surrogates
from scraper.items import FieldClaim

SourceValue = tuple[str, str, str]
"""What one source says of a field: its name, the words as they stand, and the value in them."""


def order_claims(field: str, claims: list[SourceValue]) -> list[FieldClaim]:
    """Readings of a field from words that stand in order of trust: each once, silent sources left
    out, those without a value last."""
    unique = dict.fromkeys(claim for claim in claims if claim[1])
    return [
        FieldClaim(field=field, source=source, raw=raw, value=value)
        for source, raw, value in sorted(unique, key=lambda claim: not claim[2])
    ]


def plain(value: object) -> str:
    """A value of structured data as plain text; empty for what is none.

    JSON may spell half a surrogate pair (``\\ud83d``), which no encoding can write: it becomes
    U+FFFD.
    """
    if isinstance(value, str):
        return one_line(replace_surrogates(unescape(value)))
    return str(value) if isinstance(value, int) else ""
