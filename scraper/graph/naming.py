"""Names of communities by their own words: those that its posts have and others hardly (TF-IDF)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import log
from typing import Final

from scraper.graph.similarity import read_words

NAME_WORDS: Final = 3
"""Words of a name."""

OWN_SHARE: Final = 0.6
"""Of the posts with a word of a name, at least this share is of the community."""

_FEWEST_POSTS: Final = 2  # of a community that have a word of its name
_WORD: Final = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPost:
    """A post of a community, with its title and the words (folded, as `read_words` gives them) that
    make it similar to others."""

    community: int
    title: str
    terms: Collection[str]


def name_communities(posts: Iterable[NamedPost]) -> dict[int, str]:
    """Name each community by up to `NAME_WORDS` words, the most distinctive first; a word of a
    title counts twice. One without a word of its own has no name."""
    spelled: defaultdict[str, Counter[str]] = defaultdict(Counter)
    counts: defaultdict[int, Counter[str]] = defaultdict(Counter)
    titled: defaultdict[int, Counter[str]] = defaultdict(Counter)
    bearers: Counter[str] = Counter()
    n_posts = 0
    for post in posts:
        n_posts += 1
        found = _WORD.findall(post.title.lower())
        folded = {key: word for word in found for key in read_words("", word)}
        for key, word in folded.items():
            spelled[key][word] += 1
        words = folded.keys() | {term for term in post.terms if _WORD.fullmatch(term)}
        counts[post.community].update(words)
        titled[post.community].update(folded.keys())
        bearers.update(words)
    named = {
        number: _best(found, titled[number], bearers, n_posts) for number, found in counts.items()
    }
    return {
        number: ", ".join(_spelling(word, spelled) for word in words)
        for number, words in named.items()
        if words
    }


def _best(
    counts: Mapping[str, int], titled: Counter[str], bearers: Mapping[str, int], n_posts: int
) -> list[str]:
    scores = {
        word: (count + titled[word]) * log((1 + n_posts) / bearers[word]) * log(len(word))
        for word, count in counts.items()
        if count >= max(_FEWEST_POSTS, bearers[word] * OWN_SHARE)
    }
    return sorted(scores, key=lambda word: (-scores[word], word))[:NAME_WORDS]


def _spelling(word: str, spelled: Mapping[str, Counter[str]]) -> str:
    """A word as most titles spell it; one that no title has as it is."""
    found = spelled.get(word)
    return found.most_common(1)[0][0] if found else word
