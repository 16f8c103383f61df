"""The words that themes and authors use, in the languages that stores most often speak.

Each constant is a piece of a regular expression, to be compiled without regard to case; `any_of`
joins a table that is keyed by language (ISO 639-1). To add a language, add its line to each table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final


def any_of(words: Mapping[str, str]) -> str:
    """Join the words of all languages to one alternation."""
    return "|".join(words.values())


MARKS: Final = (
    r"\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    r"\u0900-\u0903\u093a-\u094f\u0951-\u0957"
    r"\u0981-\u0983\u09bc-\u09cd\u0a01-\u0a4d\u0a81-\u0acd\u0b82-\u0bcd\u0c00-\u0c4d\u0c81-\u0ccd"
    r"\u0d00-\u0d4d\u0e31-\u0e3a\u0e47-\u0e4e\u200c\u200d"
)
"""Signs that stand within words of many scripts and are no letters, for a class of characters."""
