"""Terms of rulebooks as patterns: words and phrases with their inflections."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from scraper.config.patterns import Pattern, UnfitPattern, compile_pattern

NEVER: Final = r"[^\s\S]"
"""A pattern that matches nothing."""

_PLAIN: Final = {"‘": "'", "’": "'", "‛": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'}


def normal_text(text: str) -> str:
    """A text as terms are compared with it: lower case, no accents, plain quotes. Each character
    stays one character, so that a place in the one is a place in the other."""
    return text.lower() if text.isascii() else "".join(map(_normal_char, text))


def compile_terms(terms: Iterable[str]) -> Pattern:
    """A pattern for any of some terms, longer ones first. Raises UnfitPattern."""
    found = sorted(set(terms), key=len, reverse=True)
    return compile_pattern("|".join(map(_pattern_of, found)) if found else NEVER)


def spans(pattern: Pattern, text: str) -> list[tuple[int, int]]:
    """Where a pattern matches, in order."""
    return [(*found.span(),) for found in pattern.finditer(text)]  # type: ignore[attr-defined]


@lru_cache(maxsize=4096)
def _normal_char(char: str) -> str:
    if char in _PLAIN:
        return _PLAIN[char]
    lower = unicodedata.normalize("NFD", char)[0].lower()
    return lower if len(lower) == 1 else char


def _pattern_of(term: str) -> str:
    """A term as a regular expression. ``~`` ends a verb, ``+`` a noun; ``*`` is any letters."""
    words = normal_text(term).split()
    if any(word.lstrip("*") in {"~", "+"} for word in words):
        raise UnfitPattern(f"{term!r} has no word before its mark")
    body = r"[\s-]+".join(map(_word_pattern, words))
    start = r"\b" if words[0][0].isalnum() or words[0][0] == "*" else ""
    return f"{start}{body}" + (r"\b" if re.search(r"[\w~+*]$", term) else "")


def _word_pattern(word: str) -> str:
    if word[0] == "*":
        return r"\w*" + _word_pattern(word[1:]) if word[1:] else r"\w+"
    stem, mark = word[:-1], word[-1]
    if mark == "~":
        return _verb(stem)
    if mark == "+":
        return f"(?:{stem[:-1]}(?:y|ies))" if stem[-1] == "y" else f"{stem}(?:s|es)?"
    if mark == "*":
        return re.escape(stem) + r"\w*"
    return re.escape(word)


def _verb(stem: str) -> str:
    last = stem[-1]
    if last == "e":
        return f"{stem[:-1]}(?:e|es|ed|ing)"
    if last == "y":
        return f"{stem[:-1]}(?:y|ys|ies|ied|yed|ying)"
    return f"{stem}(?:s|es|ed|ing|{last}ed|{last}ing)?"
