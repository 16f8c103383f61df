"""Finding the posts that are similar to one, by the terms that they share, and its near copies, by
their shingles."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import NamedTuple

from scraper.archive.similarity.documents import (
    Term,
    load_shared_products,
    load_terms,
    read_text,
)
from scraper.archive.statements import to_json
from scraper.graph import similarity

_POSTS_IN_MEMORY = 1000
_TERMS_IN_MEMORY = 2000


class Neighbour(NamedTuple):
    """A post that is similar to another, or a copy of it: `weight` from 0 to 1, `post_key` decides
    between equal ones."""

    post_id: int
    weight: float
    post_key: str
    terms: tuple[str, ...] = ()


def rank(neighbour: Neighbour) -> tuple[float, str, int]:
    """The order of neighbours: the most similar first, equal ones by the path of their address."""
    return -neighbour.weight, neighbour.post_key, neighbour.post_id


@dataclass(frozen=True, slots=True)
class SimilarPosts:
    """The posts that are similar to one: `neighbours` are the most similar first, without their
    terms, `last_scores` the `last_score` of each."""

    neighbours: list[Neighbour]
    last_scores: dict[int, float]
    _own: Mapping[int, Term]
    _postings: Mapping[int, Mapping[int, int]]

    def shared_terms(self, other_id: int) -> tuple[str, ...]:
        """The terms that make another post similar, the weightiest first."""
        products = {
            row.term: row.weight * self._postings[term_id][other_id]
            for term_id, row in self._own.items()
            if other_id in self._postings[term_id]
        }
        return similarity.heaviest_terms(products)


class TermSearch:
    """Finds similar posts by their terms. What it has read of posts and terms stays in memory: use
    it while no terms are counted."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._load = lru_cache(maxsize=_POSTS_IN_MEMORY)(partial(load_terms, connection))
        self._postings: OrderedDict[int, dict[int, int]] = OrderedDict()

    def find_similar(self, post_id: int) -> SimilarPosts:
        """The posts of the same corpus that are similar to a post."""
        own = self._load(post_id)
        postings = self._read_postings(own)
        products, shared_tags = _sum_products(post_id, own, postings)
        n_tags = sum(similarity.is_tag(row.term) for row in own.values())
        least = similarity.MIN_SCORE * similarity.UNIT**2
        candidates = {other_id for other_id, product in products.items() if product >= least}
        found, last_scores = [], {}
        for other_id, post_key, last_score, other_tags in self._connection.execute(
            _DOCUMENTS, [to_json(candidates | shared_tags.keys())]
        ):
            score = similarity.score(products[other_id], shared_tags[other_id], n_tags, other_tags)
            if score >= similarity.MIN_SCORE:
                found.append(Neighbour(other_id, score, post_key))
                last_scores[other_id] = last_score
        return SimilarPosts(sorted(found, key=rank), last_scores, own, postings)

    def shared_terms(self, post_id: int, other_id: int) -> tuple[str, ...]:
        """The terms that make two posts similar, the weightiest first. SQLite finds them: to read
        all terms of a post takes ten times as long."""
        return similarity.heaviest_terms(load_shared_products(self._connection, post_id, other_id))

    def _read_postings(self, own: Mapping[int, Term]) -> dict[int, dict[int, int]]:
        """The posts for which each term counts, with its weight there."""
        missing = [
            (term_id, row.share) for term_id, row in own.items() if term_id not in self._postings
        ]
        self._postings.update((term_id, {}) for term_id, _ in missing)
        for term_id, post_id, weight in self._connection.execute(_POSTINGS, [to_json(missing)]):
            self._postings[term_id][post_id] = weight
        for term_id in own:
            self._postings.move_to_end(term_id)
        found = {term_id: self._postings[term_id] for term_id in own}
        while len(self._postings) > _TERMS_IN_MEMORY:
            self._postings.popitem(last=False)
        return found


def _sum_products(
    post_id: int, own: Mapping[int, Term], postings: Mapping[int, Mapping[int, int]]
) -> tuple[defaultdict[int, int], Counter[int]]:
    """The dot product of a post with each that shares a term, and how many tags they share."""
    products: defaultdict[int, int] = defaultdict(int)
    shared_tags: Counter[int] = Counter()
    for term_id, row in own.items():
        if similarity.is_tag(row.term):
            shared_tags.update(postings[term_id].keys())
        else:
            own_weight = row.weight
            for other_id, weight in postings[term_id].items():
                products[other_id] += own_weight * weight
    products.pop(post_id, None)
    shared_tags.pop(post_id, None)
    return products, shared_tags


def find_copies(connection: sqlite3.Connection, post_id: int) -> list[Neighbour]:
    """The posts of any store that are near copies of a post."""
    sketch, limit, revision_id = connection.execute(
        "SELECT sketch, max_bearers, revision_id FROM similarity.documents WHERE id = ?", [post_id]
    ).fetchone()
    own = json.loads(sketch)
    values = {"sketch": sketch, "limit": limit, "post": post_id}
    candidates = [other_id for (other_id,) in connection.execute(_SHARING_SHINGLES, values)]
    found = []
    for other_id, post_key, other_revision_id, other_sketch in connection.execute(
        _SKETCHES, [to_json(sorted(candidates))]
    ).fetchall():
        if similarity.may_be_copies(own, json.loads(other_sketch)):
            weight = similarity.shingle_share(
                _shingles(read_text(connection, revision_id).text),
                _shingles(read_text(connection, other_revision_id).text),
            )
            if weight >= similarity.COPY_SHARE:
                found.append(Neighbour(other_id, weight, post_key))
    return sorted(found, key=rank)


@lru_cache(maxsize=256)
def _shingles(text: str) -> frozenset[int]:
    """The shingles of a text; among many copies the same few are read again and again."""
    return similarity.read_shingles(text)


_POSTINGS = """
    SELECT term_id, post_id, weight
    FROM json_each(?) AS own CROSS JOIN similarity.document_terms
        ON term_id = own.value ->> 0 AND max_share >= own.value ->> 1
"""
_DOCUMENTS = """
    SELECT documents.id, post_key, last_score, n_tags
    FROM json_each(?) CROSS JOIN similarity.documents ON documents.id = value
"""
# The posts that share a shingle with a post, where one of the two stands for all posts with that
# shingle (see `similarity.REPRESENTATIVES`).
_SHARING_SHINGLES = """
    SELECT DISTINCT shingles.post_id
    FROM json_each(:sketch) CROSS JOIN similarity.shingle_counts AS counts ON counts.hash = value
    CROSS JOIN similarity.shingles ON shingles.hash = value
        AND max_bearers >= iif(:limit >= n_posts, 0, n_posts)
    WHERE post_id != :post
"""
_SKETCHES = """
    SELECT documents.id, post_key, revision_id, sketch
    FROM json_each(?) JOIN similarity.documents ON documents.id = value
"""
