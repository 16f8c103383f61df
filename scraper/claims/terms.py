"""Terms of rulebooks as patterns: words and phrases with their inflections."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from scraper.config.patterns import Pattern, UnfitPattern, compile_pattern
from scraper.sentences import UNSPACED

NEVER: Final = r"[^\s\S]"
"""A pattern that matches nothing."""

Endings = Mapping[str, Sequence[str]]
"""How words are inflected, by the last letter of their stem, which the forms replace; under ``""``
what is added to any other stem. ``&`` in a form is that letter again: ``stop`` and ``&ed``."""

UNINFLECTED: Final[Mapping[str, Endings]] = {"verb": {"": [""]}, "noun": {"": [""]}}

_PLAIN: Final = {"‘": "'", "’": "'", "‛": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'}
_LETTERS: Final = str.maketrans("ßæœøđðþłıς", "saooddtliσ")
"""Letters that are no letter with an accent, and another form of one."""
_STAND_INS: Final = string.ascii_uppercase + string.digits + "_"
"""What stands for the letters of other scripts, since word boundaries know ASCII only. A text in
lower case has no capitals; an alphabet has fewer letters, or hardly more."""
_UNSPACED: Final = re.compile(f"[{UNSPACED}]")
_MARKS: Final = {"~": "verb", "+": "noun"}
_BEGINS_WORD: Final = re.compile(r"[a-zA-Z0-9_*]")
_ENDS_WORD: Final = re.compile(r"(?:[a-zA-Z0-9_][~+]?|\*)$")


def normal_text(text: str) -> str:
    """A text as terms are compared with it: lower case, no accents, plain quotes, ASCII in place of
    other alphabets. Each character stays one character, so that a place in the one is a place in
    the other."""
    return text.lower() if text.isascii() else "".join(map(_normal_char, text))


def compile_terms(
    terms: Iterable[str], inflections: Mapping[str, Endings] = UNINFLECTED
) -> Pattern:
    """A pattern for any of some terms, longer ones first. Raises UnfitPattern."""
    found = sorted(set(terms), key=len, reverse=True)
    normal = {mark: _normal_endings(endings) for mark, endings in inflections.items()}
    patterns = [_pattern_of(term, normal) for term in found]
    return compile_pattern("|".join(patterns) if found else NEVER, is_normal=True)


def spans(pattern: Pattern, text: str) -> list[tuple[int, int]]:
    """Where a pattern matches, in order."""
    return [(*found.span(),) for found in pattern.finditer(text)]  # type: ignore[attr-defined]


def _normal_endings(endings: Endings) -> Endings:
    return {normal_text(last): [*map(normal_text, forms)] for last, forms in endings.items()}


@lru_cache(maxsize=4096)
def _normal_char(char: str) -> str:
    if char in _PLAIN:
        return _PLAIN[char]
    lower = unicodedata.normalize("NFD", char)[0].lower()
    if len(lower) != 1:
        return char
    letter = lower.translate(_LETTERS)
    if letter.isascii() or unicodedata.category(letter)[0] not in "LM" or _UNSPACED.match(letter):
        return letter
    is_accent = unicodedata.combining(letter)
    return letter if is_accent else _STAND_INS[ord(letter) % len(_STAND_INS)]


def _pattern_of(term: str, inflections: Mapping[str, Endings]) -> str:
    """A term as a regular expression. ``~`` ends a verb, ``+`` a noun; ``*`` is any letters."""
    words = normal_text(term).split()
    if any(word.lstrip("*") in _MARKS for word in words):
        raise UnfitPattern(f"{term!r} has no word before its mark")
    body = r"[\s-]+".join(_word_pattern(word, inflections) for word in words)
    start = r"\b" if _BEGINS_WORD.match(words[0]) else ""
    return f"{start}{body}" + (r"\b" if _ENDS_WORD.search(words[-1]) else "")


def _word_pattern(word: str, inflections: Mapping[str, Endings]) -> str:
    if word[0] == "*":
        return r"\w*" + _word_pattern(word[1:], inflections) if word[1:] else r"\w+"
    stem, mark = word[:-1], word[-1]
    if mark in _MARKS:
        return _inflected(stem, inflections[_MARKS[mark]])
    if mark == "*":
        return re.escape(stem) + r"\w*"
    return re.escape(word)


def _inflected(stem: str, endings: Endings) -> str:
    last = stem[-1]
    bare, forms = (stem[:-1], endings[last]) if last in endings else (stem, endings[""])
    found = (re.escape(form.replace("&", last)) for form in forms)
    return f"{re.escape(bare)}(?:{'|'.join(found)})"
