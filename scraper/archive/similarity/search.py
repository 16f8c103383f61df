"""Finding the posts that are similar to one, by the terms that they share, and its near copies, by
their shingles."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from functools import lru_cache, partial
from typing import NamedTuple

from scraper.archive.similarity.documents import load_document, read_text
from scraper.archive.statements import to_json
from scraper.graph import similarity
from scraper.graph.similarity import Norms

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
        self._load = lru_cache(maxsize=_POSTS_IN_MEMORY)(partial(load_document, connection))

    def find_nearest(self, post_id: int) -> list[Neighbour]:
        """The posts of the same corpus that are similar to a post, the most similar first; without
        the terms that they share (see `shared_terms`)."""
        own = self._load(post_id)
        found = []
        for other_id, post_key, terms_norm, tags_norm, product, tags in self._connection.execute(
            _SHARING_TERMS, {"terms": to_json(own.search), "post": post_id}
        ):
            weight = similarity.score(product, tags, own.norms, Norms(terms_norm, tags_norm))
            if weight >= similarity.MIN_SCORE:
                found.append(Neighbour(other_id, weight, post_key))
        return sorted(found, key=rank)

    def shared_terms(self, post_id: int, other_id: int) -> tuple[str, ...]:
        """The terms that make two posts similar, the weightiest first."""
        one, other = self._load(post_id), self._load(other_id)
        return similarity.shared_terms(one.weights, other.weights, one.norms, other.norms)


def find_copies(connection: sqlite3.Connection, post_id: int) -> list[Neighbour]:
    """The posts of any store that are near copies of a post."""
    sketch, revision_id = connection.execute(
        "SELECT sketch, revision_id FROM similarity.documents WHERE id = ?", [post_id]
    ).fetchone()
    own = json.loads(sketch)
    candidates = _sharing_shingles(connection, post_id, own)
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


def _sharing_shingles(
    connection: sqlite3.Connection, post_id: int, sketch: Iterable[int]
) -> set[int]:
    """The posts that share a shingle with a post, where one of the two stands for all posts with
    that shingle (see `similarity.REPRESENTATIVES`)."""
    found: set[int] = set()
    for value, n_posts, own_limit in connection.execute(
        _OWN_SHINGLES, {"sketch": to_json(sketch), "post": post_id}
    ).fetchall():
        least = 0 if own_limit >= n_posts else n_posts
        found.update(
            other_id for (other_id,) in connection.execute(_BEARERS, [value, least, post_id])
        )
    return found


@lru_cache(maxsize=256)
def _shingles(text: str) -> frozenset[int]:
    """The shingles of a text; among many copies the same few are read again and again."""
    return similarity.read_shingles(text)


_SHARING_TERMS = """
    SELECT post_id, post_key, terms_norm, tags_norm, product, shared_tags
    FROM (
        SELECT post_id, sum(iif(own.is_tag, 0, weight * own.weight_here)) AS product,
            sum(own.is_tag) AS shared_tags
        FROM (
            SELECT value ->> 0 AS term_id, value ->> 1 AS share, value ->> 2 AS weight_here,
                value ->> 3 AS is_tag
            FROM json_each(:terms)
        ) AS own
        CROSS JOIN similarity.document_terms
            ON document_terms.term_id = own.term_id AND max_share >= own.share
        WHERE post_id != :post
        GROUP BY post_id
    ) JOIN similarity.documents ON documents.id = post_id
"""
_OWN_SHINGLES = """
    SELECT hash, n_posts, max_bearers
    FROM json_each(:sketch) CROSS JOIN similarity.shingle_counts ON hash = value
    CROSS JOIN similarity.documents ON documents.id = :post
"""
_BEARERS = """
    SELECT post_id FROM similarity.shingles WHERE hash = ? AND max_bearers >= ? AND post_id != ?
"""
_DOCUMENTS = """
    SELECT documents.id, post_key, revision_id, sketch
    FROM json_each(?) JOIN similarity.documents ON documents.id = value
"""
