"""What the pages of a store say again and again: phrases of the theme, wherever they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from scraper.extract.page.text import text_to_words

Phrase = tuple[str, ...]

_WORDS: Final = 3
_PAGES: Final = 3
_SHARE: Final = 0.5


def shared_phrases(pages: Iterable[Iterable[str]]) -> frozenset[Phrase]:
    """The phrases of three words that stand on at least half of the pages, and on three; each page
    is given as its texts."""
    counts: Counter[Phrase] = Counter()
    number = 0
    for texts in pages:
        counts.update(
            {phrase for text in texts for phrase in _phrases(text_to_words(text.casefold()))}
        )
        number += 1
    return frozenset(
        phrase for phrase, count in counts.items() if count >= max(_PAGES, _SHARE * number)
    )


def own_share(text: str, shared: frozenset[Phrase]) -> float:
    """Which part of a text's words (0 to 1) stands in none of the shared phrases."""
    words = text_to_words(text.casefold())
    common = {
        at + offset
        for at, phrase in enumerate(_phrases(words))
        if phrase in shared
        for offset in range(len(phrase))
    }
    return 1 - len(common) / len(words) if words else 1.0


def _phrases(words: list[str]) -> Iterator[Phrase]:
    if len(words) < _WORDS:
        yield tuple(words)
    for at in range(len(words) - _WORDS + 1):
        yield tuple(words[at : at + _WORDS])
