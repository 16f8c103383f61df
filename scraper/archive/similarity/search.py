"""Finding what is alike a post, by the index of telling words, and what is the same text, by the
index of runs."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import accumulate, chain
from typing import NamedTuple

from scraper.archive.similarity.method import Method
from scraper.archive.similarity.signatures import Term, bearing, read_text

CANDIDATES = 60
"""So many posts are compared word by word: those that share most of the rarer words."""

POSTINGS = 5_000
"""Rows of the index of words that are read for one post, its rarest words first: what a comparison
costs does not grow with the archive."""

MOST_COPIES = 20
"""Posts that are held against one text at most, those that share most of its hashes: where hundreds
of posts are one text, each is told as the copy of so many others, and what that costs does not grow
with the square of them."""

RUN_POSTINGS = 500
"""A hash that as many posts show, or more, is of what the whole store says, and tells a copy only
with many others: so many rows are read of one."""

COMMON_HASHES = 4 / 16
"""Two texts share more than so much of their sketches, or are not held against each other. Of pairs
that share 0.6 of their runs, one in 10,000 shares less, none in 100,000 of those that share 0.7
(bottom-16 sketches, simulated)."""

UNIT = 10_000
"""Weights of terms are whole numbers, this being 1."""


class Near(NamedTuple):
    """A post that is alike another, or the same text: `weight` from 0 to 1."""

    post_id: int
    weight: float
    words: tuple[str, ...] = ()


class Signed(NamedTuple):
    """A post as it is signed; `sketch` is a JSON list."""

    post_id: int
    corpus_id: int
    revision_id: int
    terms: dict[str, int]
    sketch: str


def load_signed(connection: sqlite3.Connection, post_id: int) -> Signed:
    """The signature of a post that has one."""
    sql = "SELECT id, corpus_id, revision_id, terms, sketch FROM signatures WHERE id = ?"
    number, corpus_id, revision_id, terms, sketch = connection.execute(sql, [post_id]).fetchone()
    return Signed(number, corpus_id, revision_id, json.loads(terms), sketch)


def order(near: Near) -> tuple[float, int]:
    """The most alike first, of equals the older post."""
    return -near.weight, near.post_id


def find_nearest(connection: sqlite3.Connection, method: Method, post: Signed) -> list[Near]:
    """The posts of the same corpus that are most alike one, the most alike first; their words are
    left out (see `shared_words`)."""
    rare = _rarest(bearing(connection, post.corpus_id, post.terms), post.terms)
    values = {"post": post.post_id, "rare": json.dumps(rare), "most": CANDIDATES}
    found = (
        Near(other_id, _score(post.terms, json.loads(terms)))
        for other_id, terms in connection.execute(_SHARING, values)
    )
    return sorted((near for near in found if near.weight >= method.LEAST_ALIKE), key=order)


def weigh(connection: sqlite3.Connection, post: Signed, other_id: int) -> float:
    """How alike two posts are; those of different corpora are not."""
    other = load_signed(connection, other_id)
    return _score(post.terms, other.terms) if other.corpus_id == post.corpus_id else 0.0


def shared_words(
    connection: sqlite3.Connection, method: Method, post: Signed, other_id: int
) -> tuple[str, ...]:
    """The words that make a post alike another, the weightiest first."""
    return method.shared_words(post.terms, load_signed(connection, other_id).terms)


def find_copies(connection: sqlite3.Connection, method: Method, post: Signed) -> list[Near]:
    """The posts, of any store, that are the same text but for little."""
    others = _sharing_hashes(connection, post)
    if not others:
        return []
    runs = _runs_of(method.read_runs, read_text(connection, post.revision_id).text)
    texts = connection.execute(_TEXTS, [json.dumps(others)])
    shares = (
        (other_id, method.share_of_runs(runs, _runs_of(method.read_runs, text)))
        for other_id, text in texts
    )
    return sorted(
        (Near(other_id, share) for other_id, share in shares if share >= method.COPY_SHARE),
        key=order,
    )


def _sharing_hashes(connection: sqlite3.Connection, post: Signed) -> list[int]:
    """The posts whose sketches have so much in common with a post's that they may be copies, first
    those that have most of the rare."""
    shown = [
        [post_id for (post_id,) in connection.execute(_SHOWING, [run, RUN_POSTINGS])]
        for run in json.loads(post.sketch)
    ]
    rare = [posts for posts in shown if len(posts) < RUN_POSTINGS]
    by_rare, by_all = (Counter(chain.from_iterable(lists)) for lists in (rare, shown))
    found = [
        (-by_rare[other_id], -number, other_id)
        for other_id, number in by_all.items()
        # Where hundreds of posts are one text, few hashes are rare but the post's own: then the
        # common ones tell.
        if other_id != post.post_id
        and (
            by_rare[other_id] > max(1, len(rare) * COMMON_HASHES)
            or number > len(shown) * COMMON_HASHES
        )
    ]
    return [other_id for *_, other_id in sorted(found)[:MOST_COPIES]]


@lru_cache(maxsize=64)
def _runs_of(read_runs: Callable[[str], frozenset[int]], text: str) -> frozenset[int]:
    """The runs of a text; among many copies the same few are asked for again and again."""
    return read_runs(text)


def _score(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    shared = sum(weight * other[term] for term, weight in one.items() if term in other)
    return min(1.0, round(shared / UNIT**2, 4))


def _rarest(known: Mapping[str, Term], weights: Mapping[str, int]) -> list[tuple[int, int]]:
    """The terms by which posts are looked for, the rarest as long as few rows bear them: the number
    and weight of each."""
    by_rarity = sorted(known, key=lambda term: (known[term].n_posts, term))
    rows = accumulate(known[term].n_posts for term in by_rarity)
    rare = max(1, sum(so_far <= POSTINGS for so_far in rows))
    return [(known[term].id, weights[term]) for term in by_rarity[:rare]]


_SHARING = """
    SELECT signatures.id, signatures.terms
    FROM (
        SELECT post_id, sum(weight * told) AS shared
        FROM (SELECT value ->> 0 AS asked, value ->> 1 AS told FROM json_each(:rare)) CROSS JOIN signature_terms
        WHERE term_id = asked AND post_id != :post
        GROUP BY post_id ORDER BY shared DESC, post_id LIMIT :most
    ) JOIN signatures ON signatures.id = post_id
"""
_SHOWING = "SELECT post_id FROM similarity_shingles WHERE shingle = ? ORDER BY post_id LIMIT ?"
_TEXTS = """
    SELECT signatures.id, contents.text FROM json_each(?) JOIN signatures ON signatures.id = json_each.value
    JOIN revisions ON revisions.id = signatures.revision_id JOIN contents ON contents.id = revisions.content_id
"""
