"""Where a link to a post belongs in another post: the sentence that speaks of the same, and the
words in it to link.

A word weighs the more, the fewer posts have it (inverse document frequency, Spärck Jones 1972) and
the longer it is. Common words weigh nothing. Linked is the subject of the target: words of its
title that its text repeats, one that is rare or two together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import log
from typing import Final

from scraper.graph.similarity import read_words
from scraper.sentences import split_sentences, split_words

COMMON_SHARE: Final = 0.25
"""A word that more posts have than this share is common."""

RARE_SHARE: Final = 0.1
"""A word that no more posts have than this share is rare."""

MOST_SHARED: Final = 4
"""Shared words that count: a long sentence would win by its length."""

FEWEST_SHARED: Final = 2

FEWEST_TIMES: Final = 3
"""A word of the title counts as its subject if the post has it so many times."""

_FEWEST_WORDS: Final = 6
_MOST_WORDS: Final = 60
_LONGEST_GAP: Final = 1  # words between two of the title that are linked with them


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A sentence in which a link belongs, the words in it to link, and the words that it shares
    with the target, the weightiest first."""

    sentence: str
    words: str
    shared: tuple[str, ...]
    score: float


class WordWeights:
    """The weights of words among some posts, given by their texts."""

    def __init__(self, texts: Iterable[str]) -> None:
        found = [set(read_words("", text)) for text in texts]
        self._n_posts = len(found)
        self._bearers = Counter(word for words in found for word in words)

    def weight(self, word: str) -> float:
        """The weight of a word: 0 for a common one."""
        bearers = max(self._bearers[word], 1)
        if bearers > max(self._n_posts * COMMON_SHARE, 2):
            return 0.0
        return log((1 + self._n_posts) / bearers) * log(len(word))

    def is_rare(self, word: str) -> bool:
        """Whether few posts have a word."""
        return self._bearers[word] <= max(self._n_posts * RARE_SHARE, 2)


def find_place(
    text: str, *, title: str, target: str, weights: WordWeights, taken: Collection[str] = ()
) -> Place | None:
    """Find the sentence of a text that speaks most of a target, by the target's title and text, and
    shares a word with its title; None if none does. Sentences with a text of `taken` have a link
    already."""
    of_target = read_words(title, target)
    of_title = {word for word in read_words("", title) if of_target[word] >= FEWEST_TIMES}
    linked = [_keys(anchor) for anchor in taken]
    best: Place | None = None
    for sentence in split_sentences(text):
        plain = " ".join(sentence.text.split())
        keys = _keys(plain)
        if any(anchor.strip() and anchor in keys for anchor in linked):
            continue
        place = _place(plain, of_title, of_target, weights)
        if place and (best is None or place.score > best.score):
            best = place
    return best


def _place(
    sentence: str, of_title: Collection[str], of_target: Collection[str], weights: WordWeights
) -> Place | None:
    if not _is_prose(sentence):
        return None
    shared = {
        word: weights.weight(word) * (2 if word in of_title else 1)
        for word in read_words("", sentence)
        if word in of_target
    }
    rarest = sorted((-weight, word) for word, weight in shared.items() if weight)[:MOST_SHARED]
    named = {word: shared[word] for _, word in rarest if word in of_title and weights.is_rare(word)}
    is_named = len(named) > 1 or any(map(weights.is_rare, named))
    if len(rarest) < FEWEST_SHARED or not is_named:
        return None
    return Place(
        sentence=sentence,
        words=_words_to_link(sentence, named),
        shared=tuple(word for _, word in rarest),
        score=-sum(weight for weight, _ in rarest),
    )


def _keys(text: str) -> str:
    """The words of a text as they are compared, each between spaces."""
    return f" {' '.join(word.key for word in split_words(text))} "


def _is_prose(sentence: str) -> bool:
    """Whether a line is a sentence: no heading, item of a list, row of a table or line of
    ingredients."""
    is_listed = sentence.startswith("•") or " | " in sentence or sentence.count(" · ") > 1
    return not is_listed and _FEWEST_WORDS <= len(split_words(sentence)) <= _MOST_WORDS


def _words_to_link(sentence: str, named: Mapping[str, float]) -> str:
    """The words of the title that stand together and weigh most; all of the sentence's characters
    from the first to the last of them."""
    runs: list[tuple[float, int, int]] = []
    since_last = _LONGEST_GAP + 1
    for word in split_words(sentence):
        weight = sum(
            named.get(part, 0.0) for part in read_words("", sentence[word.start : word.end])
        )
        if not weight:
            since_last += 1
            continue
        if runs and since_last <= _LONGEST_GAP:
            total, start, _ = runs[-1]
            runs[-1] = (total + weight, start, word.end)
        else:
            runs.append((weight, word.start, word.end))
        since_last = 0
    _, start, end = max(runs, key=lambda run: (run[0], -run[1]), default=(0.0, 0, 0))
    return sentence[start:end]
