"""Finding the posts that are similar to one, by the terms that they share, and its near copies, by
their shingles."""

from __future__ import annotations

import json
import sqlite3
from functools import lru_cache, partial
from typing import NamedTuple

from scraper.archive.similarity.documents import load_terms, read_text, save_n_tags
from scraper.archive.statements import to_json
from scraper.graph import similarity

_POSTS_IN_MEMORY = 1000


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


class TermSearch:
    """Finds similar posts by their terms. What it has read of a post stays in memory: use it while
    no terms are counted."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._load = lru_cache(maxsize=_POSTS_IN_MEMORY)(partial(load_terms, connection))

    def find_nearest(self, post_id: int) -> tuple[list[Neighbour], dict[int, float]]:
        """The posts of the same corpus that are similar to a post, the most similar first, without
        the terms that they share (see `shared_terms`); and the `last_score` of each."""
        own = self._load(post_id)
        terms = [
            (term_id, row.weight, row.share, similarity.is_tag(row.term))
            for term_id, row in own.items()
        ]
        n_tags = sum(is_tag for *_, is_tag in terms)
        least = similarity.MIN_SCORE * similarity.UNIT**2
        values = {"terms": to_json(terms), "post": post_id, "least": least}
        found, last_scores = [], {}
        for row in self._connection.execute(_SHARING_TERMS, values):
            other_id, post_key, last_score, product, shared_tags, other_tags = row
            score = similarity.score(product, shared_tags, n_tags, other_tags)
            if score >= similarity.MIN_SCORE:
                found.append(Neighbour(other_id, score, post_key))
                last_scores[other_id] = last_score
        return sorted(found, key=rank), last_scores

    def save_n_tags(self, post_id: int) -> None:
        """Save how many tags count for a post: before it is compared, and others with it."""
        save_n_tags(self._connection, post_id, self._load(post_id).values())

    def shared_terms(self, post_id: int, other_id: int) -> tuple[str, ...]:
        """The terms that make two posts similar, the weightiest first."""
        own = self._load(post_id)
        products = {}
        for term_id, weight, limit in self._connection.execute(_TERMS, [other_id]):
            row = own.get(term_id)
            if row and row.share <= limit:
                products[row.term] = row.weight * weight
        return similarity.heaviest_terms(products)


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
        _DOCUMENTS, [to_json(sorted(candidates))]
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


_SHARING_TERMS = """
    SELECT documents.id, post_key, last_score, product, shared_tags, n_tags
    FROM (
        SELECT post_id, sum(document_terms.weight * own.weight) AS product,
            sum(own.is_tag) AS shared_tags
        FROM (
            SELECT value ->> 0 AS term_id, value ->> 1 AS weight, value ->> 2 AS share,
                value ->> 3 AS is_tag
            FROM json_each(:terms)
        ) AS own
        CROSS JOIN similarity.document_terms
            ON document_terms.term_id = own.term_id AND max_share >= own.share
        WHERE post_id != :post
        GROUP BY post_id HAVING product >= :least OR shared_tags > 0
    ) CROSS JOIN similarity.documents ON documents.id = post_id
"""
_TERMS = """
    SELECT term_id, weight, max_share FROM similarity.document_terms WHERE post_id = ?
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
_DOCUMENTS = """
    SELECT documents.id, post_key, revision_id, sketch
    FROM json_each(?) JOIN similarity.documents ON documents.id = value
"""
