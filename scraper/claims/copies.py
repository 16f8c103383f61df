"""Copies of a claim among others: word for word, or nearly."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from scraper.claims.matching import Claim
from scraper.claims.quotations import NEARLY, Shingles, count_shingles, share_of_shingles

MOST_HOLDERS: Final = 200
"""Originals that a pair of words leads to: what so many claims on one subject share is common, and
a text of nothing else must not take time by the square of its length."""


@dataclass(frozen=True, slots=True)
class Copy:
    """That a claim is a copy: the place of the earlier one, and how alike their sentences are, 1
    for the same words in the same order."""

    of: int
    likeness: float


def find_copies(claims: Sequence[Claim]) -> list[Copy | None]:
    """For each of some claims, first seen first, the earlier one on the same subject of which it is
    a copy, or None. An original is no copy itself: it stands for all of its copies."""
    originals: defaultdict[str, _Originals] = defaultdict(_Originals)
    found: list[Copy | None] = []
    for place, claim in enumerate(claims):
        shingles, others = count_shingles(claim.sentence), originals[claim.subject_key]
        nearest = max(others.like(shingles), key=lambda one: one.likeness, default=None)
        if nearest is None or nearest.likeness < NEARLY:
            nearest = None
            others.add(place, shingles)
        found.append(nearest)
    return found


class _Originals:
    def __init__(self) -> None:
        self._shingles: dict[int, Shingles] = {}
        self._holders: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)

    def add(self, place: int, shingles: Shingles) -> None:
        self._shingles[place] = shingles
        for shingle in shingles:
            if len(shingle) == 2:
                holders = self._holders[shingle]
                if len(holders) < MOST_HOLDERS:
                    holders.append(place)

    def like(self, shingles: Shingles) -> Iterator[Copy]:
        """Those that share so many pairs of words that they can be nearly the same."""
        shared = Counter(place for shingle in shingles for place in self._holders.get(shingle, ()))
        for place, n_pairs in shared.items():
            other = self._shingles[place]
            total = shingles.total() + other.total()
            # A sentence has a word more than pairs, so that half of the shorter are words.
            words = min(shingles.total(), other.total()) // 2 + 1
            if 2 * (n_pairs + words) >= NEARLY * total:
                yield Copy(place, share_of_shingles(shingles, other))
