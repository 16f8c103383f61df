"""Which texts are alike: a post's telling words, how much two posts share of them, and whether two
posts are one text.

Weights are TF-IDF with sublinear term frequency, as in scikit-learn's
``TfidfVectorizer(sublinear_tf=True)``, cut down to the weightiest words, so that one post can be
compared with the rest by an index of words alone. Tags weigh all the same, however rare.
"""

from __future__ import annotations

import heapq
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from math import log, sqrt
from typing import Final
from zlib import crc32

TOP: Final = 10
"""So many similar posts are kept of each."""

LEAST_ALIKE: Final = 0.05
"""Below this score two posts share a chance word or two."""

COPY_SHARE: Final = 0.6
"""Two posts that share so much of their runs of words are one text."""

SIGNATURE: Final = 64
"""Words of a signature: of 32 to 96, the best on the demo store's topics, by little."""

SKETCH: Final = 16
"""Hashes of a sketch: that two texts which share half their runs show no hash in common happens
once in 60,000."""

_UNIT: Final = 10_000  # a weight of 1
_TAG: Final = "#"
_TAGS_WEIGHT: Final = 0.8  # of the tags together, against 1 for the words; the best on the demo store's topics, by little
_COMMON: Final = 0.25  # a word or tag that more of a blog's posts bear tells nothing of any
_FEW_POSTS: Final = 8  # in so few, a common word is no sign yet
_RUN: Final = 5  # words
_LEAST_WORDS: Final = 25  # a shorter text may well be said twice
_SHOWN_WORDS: Final = 6

_WORD: Final = re.compile(r"[^\W_]+")
# Scripts that put no space between words: pairs of signs stand for them.
_UNSPACED: Final = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]{2,}")


def read_words(title: str, text: str) -> Counter[str]:
    """The words of a post and how often it has them: letters and digits, case and accents aside."""
    found = Counter(_WORD.findall(_plain(f"{title}\n{text}")))
    for word in [word for word in found if not _is_word(word)]:
        number = found.pop(word)
        for run in _UNSPACED.findall(word):
            found.update({run[at : at + 2]: number for at in range(len(run) - 1)})
    return found


def _is_word(word: str) -> bool:
    return (
        2 <= len(word) <= 40
        and not word.isdecimal()
        and (word.isascii() or not _UNSPACED.search(word))
    )


def read_tags(tags: Iterable[str]) -> frozenset[str]:
    """Tags as terms beside the words."""
    return frozenset(_TAG + _plain(tag).strip() for tag in tags if tag.strip())


def sign(
    words: Mapping[str, int], tags: Iterable[str], *, bearing: Mapping[str, int], posts: int
) -> dict[str, int]:
    """A post's telling words and tags with their weights in ten thousandths, the squares of which
    come to 1; empty where nothing tells.

    `bearing` says how many of the `posts` posts in the same language bear each word or tag, this
    one included.
    """
    most = posts * _COMMON if posts > _FEW_POSTS else posts
    weighed = {
        word: (1 + log(number)) * (log((1 + posts) / (1 + bearing[word])) + 1)
        for word, number in words.items()
        if 2 <= bearing.get(word, 0) <= most
    }
    top = dict(heapq.nsmallest(SIGNATURE, weighed.items(), key=lambda pair: (-pair[1], pair[0])))
    signature = _to_length(top, 1.0)
    telling = [tag for tag in sorted(set(tags)) if 2 <= bearing.get(tag, 0) <= most]
    whole = _to_length(
        {**signature, **_to_length(dict.fromkeys(telling, 1.0), _TAGS_WEIGHT)}, _UNIT
    )
    return {term: round(weight) for term, weight in whole.items()}


def likeness(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """The cosine of two signatures, from 0 to 1."""
    return min(
        1.0,
        round(
            sum(weight * other[term] for term, weight in one.items() if term in other) / _UNIT**2, 4
        ),
    )


def shared_words(one: Mapping[str, int], other: Mapping[str, int]) -> tuple[str, ...]:
    """The words and tags that make two signatures alike, the weightiest first."""
    shared = {term: weight * other[term] for term, weight in one.items() if term in other}
    return tuple(heapq.nsmallest(_SHOWN_WORDS, shared, key=lambda term: (-shared[term], term)))


def read_runs(text: str) -> frozenset[int]:
    """Every run of five words of a text, hashed to 32 bits; empty where it is too short to tell a
    copy from a coincidence."""
    words = _WORD.findall(_plain(text))
    if len(words) == 1 or _UNSPACED.search(text):
        words = list("".join(words))
    if len(words) < _LEAST_WORDS:
        return frozenset()
    runs = zip(*(words[start:] for start in range(_RUN)), strict=False)
    return frozenset(map(crc32, map(str.encode, map(" ".join, runs))))


def sketch(runs: frozenset[int]) -> tuple[int, ...]:
    """The least hashes of a text's runs (Broder 1997): texts that share many runs share some of
    these."""
    return tuple(heapq.nsmallest(SKETCH, runs))


def share_of_runs(one: frozenset[int], other: frozenset[int]) -> float:
    """How much of the runs of two texts they have in common, from 0 to 1."""
    either = len(one | other)
    return round(len(one & other) / either, 4) if either else 0.0


def _to_length(weights: dict[str, float], length: float) -> dict[str, float]:
    norm = sqrt(sum(weight * weight for weight in weights.values()))
    return {term: length * weight / norm for term, weight in weights.items()} if norm else {}


class _Bare(dict[int, str]):
    """What stands for each sign of a folded text, worked out when it is first asked for: its
    letters without their marks."""

    def __missing__(self, code: int) -> str:
        bare = "".join(
            part
            for part in unicodedata.normalize("NFKD", chr(code))
            if not unicodedata.combining(part)
        )
        self[code] = bare
        return bare


_BARE: Final = _Bare()


def _plain(text: str) -> str:
    folded = text.casefold()
    return folded if folded.isascii() else folded.translate(_BARE)
