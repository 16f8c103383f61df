"""Figures of a post that never stood still: counters that no phrase gives away."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from scraper.history.diff.figures import binds, is_count
from scraper.history.diff.material import holds_dose
from scraper.history.diff.prices import find_prices
from scraper.history.normal_form.text import normal_text
from scraper.sentences import split_sentences

READINGS: Final = 3
"""An author may correct a figure and take that back; a third reading is nobody's correction, unless
it stands."""

_WORDS_AROUND: Final = 2
"""So many words before a figure, and behind it, say which one it is: the rest of its sentence may
be edited."""

_WORD: Final = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d]+")
_CLAIM: Final = re.compile(
    r"""[%‰£$€₹¥½⅓⅔¼¾⅛⅜⅝⅞°] | \b(?:years?|aged?|degrees?)\b
      | \d\s{1,2}(?:of|in|out\ of|von|sur|de|su)\s{1,2}\d                   # 9 of 10 people""",
    re.X | re.I,
)
_MASK: Final = "#"


class _Figure(NamedTuple):
    """A figure of a text: where it stands, and the words next to it, without other figures."""

    start: int
    end: int
    reading: str
    place: tuple[str, ...]


Places = frozenset[tuple[str, ...]]
"""The words on both sides of figures."""


def varying_figures(versions: Iterable[str], now: str = "") -> Places:
    """The places of the figures that had at least `READINGS` readings in the versions of a text,
    without the one that stands `now`. A place that a version has twice is a list's, and one in a
    sentence with a price, a share, a dose or an age is never among them."""
    readings: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    repeated: set[tuple[str, ...]] = set()
    for version in versions:
        figures = list(_figures(version))
        for figure in figures:
            readings[figure.place].add(figure.reading)
        counts = Counter(figure.place for figure in figures)
        repeated.update(place for place, number in counts.items() if number > 1)
    for figure in _figures(now):
        readings[figure.place].discard(figure.reading)
    return frozenset(
        place for place, found in readings.items() if len(found) >= READINGS
    ) - frozenset(repeated)


def with_readings(text: str, readings: Mapping[tuple[str, ...], str]) -> str:
    """A text with these readings of the figures at their places."""
    parts, end = [], 0
    for figure in _figures(text):
        if figure.place in readings:
            parts += [text[end : figure.start], readings[figure.place]]
            end = figure.end
    return "".join([*parts, text[end:]])


def _figures(text: str) -> Iterator[_Figure]:
    """The figures that claim nothing by their sentence, or only count something."""
    for sentence in split_sentences(text):
        claims = _claims_something(sentence.text)
        words = list(_WORD.finditer(sentence.text))
        keys = [_MASK if word[0][0].isdigit() else word[0].casefold() for word in words]
        for number, word in enumerate(words):
            if keys[number] != _MASK:
                continue
            if not claims or is_count(sentence.text, word.start()):
                place = (*keys[max(0, number - _WORDS_AROUND) : number], _MASK)
                place += tuple(keys[number + 1 : number + 1 + _WORDS_AROUND])
                start, end = (sentence.start + at for at in word.span())
                yield _Figure(start, end, word[0], place)


def _claims_something(sentence: str) -> bool:
    return bool(
        _CLAIM.search(sentence) or holds_dose(sentence) or binds(sentence) or find_prices(sentence)
    )


def as_shown(old: str, new: str, places: Places) -> str:
    """The old text with the figures of the new one at these places."""
    readings = {one.place: one.reading for one in _figures(new) if one.place in places}
    return with_readings(old, readings) if readings else old


def beside_varying(old: str, new: str, varied: Sequence[str]) -> str:
    """The old text as the new one has the figures that never stood still in `varied`, texts that
    were seen before."""
    if not varied:
        return old
    return as_shown(old, new, varying_figures([old, *map(normal_text, varied)], new))
