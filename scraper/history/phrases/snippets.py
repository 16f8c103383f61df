"""The passage of a text that shows best why a search found it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Final

from scraper.sentences import fold

SNIPPET_WORDS: Final = 32
"""Words of a snippet."""

MAX_CHARS: Final = 500_000
"""Characters of a text that are searched for matches."""

_WORD: Final = re.compile(r"[^\W_]+")
_CONTEXT_WORDS: Final = 6


def split_terms(text: str) -> list[str]:
    """Return the words of a text without case and accents, as the search index compares them."""
    return [fold(found[0]) for found in _WORD.finditer(text)]


def make_snippet(text: str, terms: Collection[str], marks: tuple[str, str]) -> str:
    """Return the passage with the most different terms, `marks` around each match.

    The time is linear in the text, however often it repeats a word. The snippet is empty if no
    term occurs.
    """
    words = list(_WORD.finditer(text[:MAX_CHARS]))
    keys = [fold(found[0]) for found in words]
    matches = [index for index, key in enumerate(keys) if key in terms]
    if not matches:
        return ""
    first = max(_best_start(keys, matches) - _CONTEXT_WORDS, 0)
    shown = range(first, min(first + SNIPPET_WORDS, len(words)))
    start, end = marks
    position = words[first].start()
    parts = ["…" if first else ""]
    for index in shown:
        word = words[index]
        parts.append(text[position : word.start()])
        parts.append(f"{start}{word[0]}{end}" if keys[index] in terms else word[0])
        position = word.end()
    parts.append("…" if shown.stop < len(words) else text[position : position + SNIPPET_WORDS])
    return "".join(parts)


def _best_start(keys: Sequence[str], matches: Sequence[int]) -> int:
    """Return the match from which on a snippet has the most different terms."""
    best, most, last = matches[0], 0, 0
    inside: Counter[str] = Counter()
    for first in matches:
        while last < len(matches) and matches[last] < first + SNIPPET_WORDS - _CONTEXT_WORDS:
            inside[keys[matches[last]]] += 1
            last += 1
        if len(inside) > most:
            best, most = first, len(inside)
        inside[keys[first]] -= 1
        if not inside[keys[first]]:
            del inside[keys[first]]
    return best
