"""How similar two texts are, and whether one is a near copy of the other.

Similarity is the dot product of two vectors of words (sublinear term frequency), over the words
that are not common, to which the cosine of the two sets of tags is added. A word weighs more the
longer it is, by the logarithm: frequent words are short (Zipf's law of abbreviation), and a length
is known without other posts. Near copies share most of their shingles (Broder 1997).

Everything here depends on the two posts and on how many posts have each term, never on the order
in which posts came. A term is left out where more than about four posts and an eighth of all have
it. That limit differs a little for each term and post: one post more or less moves no post over it,
or a few, not all that have the term.
"""

from __future__ import annotations

import heapq
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import log, prod, sqrt
from typing import Final
from zlib import crc32

from scraper.sentences import UNSPACED

UNIT: Final = 10_000
"""The length of the vector of a post's words; weights are whole numbers."""

TOP: Final = 10
"""Similar posts that the archive saves of each post."""

DEPTH: Final = 16
"""Similar posts that the index knows of each post: where one of the ten goes, the next is known."""

MIN_SCORE: Final = 0.05
"""Below this score two posts share a term or two by chance: of the demo store's links by words
alone, one in six below it leads to the same topic, and half of those above."""

COPY_SHARE: Final = 0.6
"""Two posts with this share of shingles in common are copies."""

MIN_SKETCH_OVERLAP: Final = 5 / 16
"""Two sketches with a smaller overlap are not compared. Of pairs that share 0.6 of their shingles,
one in 10,000 has less, none in 100,000 of those that share 0.7 (bottom-16 sketches, simulated)."""

REPRESENTATIVES: Final = 16
"""Where more posts share a shingle, about this many of them stand for all: the others are compared
with these. So hundreds of posts with one text do not cost the square of their number."""

ALL_SHARES: Final = 1024
"""The share of posts that a term may have, as a whole number: 1024 is four posts and an eighth of
all. Four more, as a topic of a small store is more than an eighth of its posts."""

LARGE_CORPUS: Final = 1024
"""In a larger corpus the limit is that of so many posts, so that the posts read for one term stay
few."""

_TERMS: Final = 128  # terms of a post; of 64 to all, the best on the demo store's topics
_TITLE_TERMS: Final = 4  # a term of the title counts as often as four in the text
_TAGS_WEIGHT: Final = 0.3  # of the tags, against 1 for the text; up to 0.8 is worse by a hundredth
_SMALL_CORPUS: Final = 8  # posts; among so few, no term is common yet
_LIMIT_SPREAD: Final = 1.2  # the limit of a term is up to so many times higher or lower
_TAG: Final = "#"
_SHINGLE: Final = 5  # words
_SKETCH: Final = 16
_MIN_WORDS: Final = 25  # two posts may well share a shorter text by chance
_SHOWN_TERMS: Final = 6
_HASHES: Final = 2**32

_WORD: Final = re.compile(r"[^\W_]+")
# Scripts without spaces between words: pairs of characters stand for words.
_UNSPACED: Final = re.compile(f"[{UNSPACED}]{{2,}}")


def read_words(title: str, text: str) -> Counter[str]:
    """Count the words of a post: letters and digits, without case and accents."""
    found = Counter(_WORD.findall(_fold(f"{title}\n{text}")))
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


def read_terms(title: str, text: str, tags: Iterable[str]) -> dict[str, int]:
    """The terms of a post with their weights: its weightiest words, as a vector of length `UNIT` by
    sublinear term frequency and length, and its tags, which are counted and weigh nothing here."""
    words = read_words(title, text)
    for word, number in read_words(title, "").items():
        words[word] += number * (_TITLE_TERMS - 1)
    weights = {word: (1 + log(number)) * log(len(word)) for word, number in words.items()}
    top = heapq.nsmallest(_TERMS, weights.items(), key=lambda pair: (-pair[1], pair[0]))
    norm = sqrt(sum(weight * weight for _, weight in top))
    found = {word: round(UNIT * weight / norm) for word, weight in top}
    return found | dict.fromkeys(read_tags(tags), 0)


def read_tags(tags: Iterable[str]) -> frozenset[str]:
    """Tags as terms, with a mark that keeps them apart from words."""
    return frozenset(_TAG + _fold(tag).strip() for tag in tags if tag.strip())


def is_tag(term: str) -> bool:
    """Whether a term is a tag."""
    return term.startswith(_TAG)


@lru_cache(maxsize=4096)
def document_share(n_posts: int, corpus_posts: int) -> int:
    """The share of a corpus that has a term, as a whole number (see `ALL_SHARES`); 0 in a small
    corpus, where no term is common.

    Both numbers are rounded by at most a thirty-second, so that one post more or less rarely
    changes the share.
    """
    if corpus_posts <= _SMALL_CORPUS:
        return 0
    return 8 * ALL_SHARES * _rounded(n_posts) // _rounded(32 + min(corpus_posts, LARGE_CORPUS))


def counts(n_posts: int, corpus_posts: int, limit: int) -> bool:
    """Whether a term that `n_posts` have counts for a post whose `max_share` for it is `limit`: it
    is not common, and another post has it too."""
    return n_posts > 1 and document_share(n_posts, corpus_posts) <= limit


def min_common(corpus_posts: int) -> int:
    """The number of posts below which a term is common for no post, with one to spare."""
    return (32 + min(corpus_posts, LARGE_CORPUS)) // 11


def _rounded(number: int) -> int:
    step = 1 << max(0, number.bit_length() - 5)
    return (number + step // 2) // step * step


def max_share(term: str, post_key: str) -> int:
    """The share up to which a term counts for a post."""
    exponent = 2 * _hash(f"{term}\n{post_key}") - 1
    return round(ALL_SHARES * math.pow(_LIMIT_SPREAD, exponent))


def max_bearers(post_key: str) -> int:
    """The number of posts with one shingle up to which a post is compared with all of them."""
    return min(_HASHES, int(REPRESENTATIVES / _hash(post_key)))


def score(product: int, shared_tags: int, own_tags: int, other_tags: int) -> float:
    """The similarity of two posts, from 0 to 1, by the dot product of their words, and by how many
    tags count for both and for each of them."""
    found = product / UNIT**2
    if shared_tags:
        found += _TAGS_WEIGHT * shared_tags / sqrt(own_tags * other_tags)
    weights = (1 + _TAGS_WEIGHT * (n_tags > 0) for n_tags in (own_tags, other_tags))
    return min(1.0, round(found / sqrt(prod(weights)), 4))


def heaviest_terms(products: Mapping[str, int]) -> tuple[str, ...]:
    """The terms that add most to the similarity of two posts, by the product of the weights of each
    shared term: tags first, then words, the weightiest first."""
    ranked = sorted((not is_tag(term), -product, term) for term, product in products.items())
    return tuple(term for _, _, term in ranked[:_SHOWN_TERMS])


def read_shingles(text: str) -> frozenset[int]:
    """The shingles of a text, every five words in a row, hashed to 32 bits; empty where the text is
    so short that a match may be chance."""
    words = _WORD.findall(_fold(text))
    if len(words) == 1 or _UNSPACED.search(text):
        words = list("".join(words))
    if len(words) < _MIN_WORDS:
        return frozenset()
    runs = zip(*(words[start:] for start in range(_SHINGLE)), strict=False)
    return frozenset(map(crc32, map(str.encode, map(" ".join, runs))))


def sketch(shingles: frozenset[int]) -> tuple[int, ...]:
    """The bottom-k sketch of a text: its least hashes. Texts that share many shingles share some of
    these."""
    return tuple(heapq.nsmallest(_SKETCH, shingles))


def may_be_copies(one: Iterable[int], other: Iterable[int]) -> bool:
    """Whether two sketches overlap so far that the texts may be copies."""
    own, theirs = set(one), set(other)
    return len(own & theirs) >= min(len(own), len(theirs)) * MIN_SKETCH_OVERLAP


def shingle_share(one: frozenset[int], other: frozenset[int]) -> float:
    """The share of shingles that two texts have in common (Jaccard), from 0 to 1."""
    either = len(one | other)
    return round(len(one & other) / either, 4) if either else 0.0


def _hash(text: str) -> float:
    """A number above 0 and up to 1 that is spread evenly over texts."""
    mixed = crc32(text.encode("utf-8", "surrogatepass")) * 0x9E3779B1 % _HASHES
    return (mixed + 1) / _HASHES


class _BaseLetters(dict[int, str]):
    """Maps a character of a folded text to its letters without their marks; computed when first
    looked up."""

    def __missing__(self, code: int) -> str:
        base = "".join(
            part
            for part in unicodedata.normalize("NFKD", chr(code))
            if not unicodedata.combining(part)
        )
        self[code] = base
        return base


_BASE_LETTERS: Final = _BaseLetters()


def _fold(text: str) -> str:
    folded = text.casefold()
    return folded if folded.isascii() else folded.translate(_BASE_LETTERS)
