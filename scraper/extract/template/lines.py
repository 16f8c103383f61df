"""What an app's line is like, and an author's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

from scraper.extract.template.dom_path import is_named
from scraper.extract.template.outline import Element
from scraper.extract.template.records import LineWords
from scraper.extract.template.shape import NUMBER, PRICE, fixed_words, shape_of

MOST_FIXED: Final = 12  # words of a line that an app prints around its number
_MOST_FIXED_OF_CARD: Final = 5
_LEAST_FIXED_OF_HEADING: Final = 3
MOST_WORDS: Final = 60  # of a rotating quote
_MIN_LIKENESS: Final = 0.5
_MOST_COMPARED: Final = 500  # words; comparing the same one over and over takes quadratic time
_PART: Final = re.compile(r"\w+|[^\w\s]")


def is_distinct(shape: str) -> bool:
    """Return whether a line's shape is its own: it has a word, and not too many."""
    words = fixed_words(shape)
    return len(words) <= MOST_WORDS and any(len(word) > 1 for word in words)


def words_of_line(shape: str, url: str) -> LineWords:
    """The words of a line of this shape on the page at `url`."""
    own = set(fixed_words(shape_of(url.rstrip("/").rpartition("/")[2])))
    without = " ".join(part for part in _PART.findall(shape) if part not in own)
    return LineWords(frozenset(fixed_words(shape)) - own, without and f"[{without}]")


def is_similar(words: str, other: str) -> bool:
    """Return whether two lines share most of their words in order, of the first of each."""
    ours, theirs = (one.split(maxsplit=_MOST_COMPARED)[:_MOST_COMPARED] for one in (words, other))
    return SequenceMatcher(None, ours, theirs, autojunk=False).ratio() > _MIN_LIKENESS


def is_one_sentence(words: str, other: str) -> bool:
    """Return whether two lines are one sentence of the author's around a word that varies."""
    fixed = (len(fixed_words(shape_of(one))) for one in (words, other))
    return min(fixed) > MOST_FIXED and is_similar(words, other)


def is_line_of_numbers(shape: str, unit: Element) -> bool:
    """Return whether a shape is that of a short line around a number or date. A price in an unnamed
    line may be the author's, in the visitor's currency; "Step 3" is an author's heading."""
    fixed = len(fixed_words(shape))
    if fixed > MOST_FIXED or (unit.is_heading and fixed < _LEAST_FIXED_OF_HEADING):
        return False
    return NUMBER in shape or (PRICE in shape and is_named(unit.path) and not unit.is_heading)


def is_price_of_author(sights: Sequence[Sequence[Element]]) -> bool:
    """Return whether only a price varies, by itself or in a sentence, but not on a product's card:
    the author's own is shown in the visitor's currency by some themes."""
    shapes = {shape_of(one.words) for elements in sights for one in elements if not one.is_linked}
    return (
        len(shapes) == 1
        and PRICE in (shape := shapes.pop())
        and not 0 < len(fixed_words(shape)) <= _MOST_FIXED_OF_CARD
    )
