"""Posts in the similarity index: their terms, shingles and norms, and which other posts an added or
removed post affects."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

from scraper.archive.statements import to_json
from scraper.graph import similarity
from scraper.graph.similarity import Norms


class Text(NamedTuple):
    """What is compared of a revision; `tags` is a JSON list."""

    title: str
    text: str
    tags: str


class Document(NamedTuple):
    """A post by the terms that count for it: the weight of each, the numbers and shares by which
    other posts with it are found (see `similarity.document_share`), and its norms."""

    weights: dict[str, int]
    search: list[tuple[int, int, int, bool]]
    norms: Norms


def read_text(connection: sqlite3.Connection, revision_id: int) -> Text:
    """The text of a revision."""
    return Text(*connection.execute(_TEXT, [revision_id]).fetchone())


def add_document(connection: sqlite3.Connection, post_id: int) -> None:
    """Index a post as it stands now, in place of what is indexed of it."""
    remove_document(connection, post_id)
    revision_id, store_id, language, url = connection.execute(_POST, [post_id]).fetchone()
    text = read_text(connection, revision_id)
    post_key = urlsplit(url).path
    corpus_id = _corpus(connection, store_id, language)
    sketch = similarity.sketch(similarity.read_shingles(text.text))
    limit = similarity.max_bearers(post_key)
    connection.execute(
        """
        INSERT INTO similarity.documents (id, corpus_id, revision_id, language, url, post_key,
            stage, sketch, max_bearers)
        VALUES (?, ?, ?, ?, ?, ?, 'counted', ?, ?)
        """,
        [post_id, corpus_id, revision_id, language, url, post_key, to_json(sketch), limit],
    )
    terms = similarity.read_terms(text.title, text.text)
    terms |= dict.fromkeys(similarity.read_tags(json.loads(text.tags)), 1)
    _count_terms(connection, corpus_id, terms, 1)
    connection.executemany(
        """
        INSERT INTO similarity.document_terms (post_id, term_id, weight, max_share)
        SELECT ?1, id, ?2, ?3 FROM similarity.terms WHERE corpus_id = ?4 AND term = ?5
        """,
        [
            (post_id, weight, similarity.max_share(term, post_key), corpus_id, term)
            for term, weight in terms.items()
        ],
    )
    _count_shingles(connection, sketch, 1)
    connection.executemany(
        "INSERT INTO similarity.shingles (hash, max_bearers, post_id) VALUES (?, ?, ?)",
        [(value, limit, post_id) for value in sketch],
    )


def remove_document(connection: sqlite3.Connection, post_id: int) -> None:
    """Take a post out of the index, if it is there."""
    row = connection.execute(
        "SELECT corpus_id, sketch, max_bearers FROM similarity.documents WHERE id = ?", [post_id]
    ).fetchone()
    if row is None:
        return
    corpus_id, sketch, limit = row
    terms = [term for (term,) in connection.execute(_TERMS, [post_id])]
    connection.executemany(
        "DELETE FROM similarity.shingles WHERE hash = ? AND max_bearers = ? AND post_id = ?",
        [(value, limit, post_id) for value in json.loads(sketch)],
    )
    connection.execute("DELETE FROM similarity.document_terms WHERE post_id = ?", [post_id])
    connection.execute("DELETE FROM similarity.neighbours WHERE post_id = ?", [post_id])
    connection.execute("DELETE FROM similarity.documents WHERE id = ?", [post_id])
    _count_terms(connection, corpus_id, terms, -1)
    _count_shingles(connection, json.loads(sketch), -1)


def apply_corpus_size(connection: sqlite3.Connection, corpus_id: int) -> None:
    """Decide again which terms are common, after the number of posts in a corpus has changed."""
    before, after = connection.execute(
        "SELECT applied_posts, n_posts FROM similarity.corpora WHERE id = ?", [corpus_id]
    ).fetchone()
    # A term that an eighth of the posts have, or fewer, is common neither before nor after.
    rows = connection.execute(
        "SELECT id, n_posts FROM similarity.terms WHERE corpus_id = ? AND n_posts * 8 >= ?",
        [corpus_id, min(before, after, similarity.LARGE_CORPUS) * 15 // 16],
    )
    for term_id, n_posts in rows.fetchall():
        _reweigh(
            connection,
            term_id,
            similarity.document_share(n_posts, before),
            similarity.document_share(n_posts, after),
        )
    connection.execute(
        "UPDATE similarity.corpora SET applied_posts = n_posts WHERE id = ?", [corpus_id]
    )


def weigh_document(connection: sqlite3.Connection, post_id: int) -> None:
    """Compute the norms of a post from the terms that count for it."""
    found = load_document(connection, post_id).norms
    connection.execute(
        """
        UPDATE similarity.documents SET terms_norm = ?, tags_norm = ?, stage = 'weighed'
        WHERE id = ?
        """,
        [found.terms, found.tags, post_id],
    )


def load_document(connection: sqlite3.Connection, post_id: int) -> Document:
    """The terms that count for a post, and its norms by them."""
    (corpus_posts,) = connection.execute(_CORPUS_SIZE, [post_id]).fetchone()
    rows = connection.execute(_DOCUMENT_TERMS, [post_id]).fetchall()
    numbers = {term: number for number, term, *_ in rows}
    counted = similarity.counted_terms((row[1:] for row in rows), corpus_posts)
    weights = {term: weight for term, (weight, _) in counted.items()}
    search = [
        (numbers[term], share, weight, similarity.is_tag(term))
        for term, (weight, share) in counted.items()
    ]
    return Document(weights, search, similarity.norms(weights))


def _count_terms(
    connection: sqlite3.Connection, corpus_id: int, terms: Iterable[str], change: int
) -> None:
    """Count terms into their corpus, or out of it, and have those posts weighed again for which a
    term becomes common or ceases to be."""
    terms = sorted(terms)
    connection.executemany(
        """
        INSERT INTO similarity.terms (corpus_id, term, n_posts) VALUES (?1, ?2, ?3)
        ON CONFLICT (corpus_id, term) DO UPDATE SET n_posts = n_posts + ?3
        """,
        [(corpus_id, term, change) for term in terms],
    )
    connection.execute(
        "UPDATE similarity.corpora SET n_posts = n_posts + ? WHERE id = ?", [change, corpus_id]
    )
    for term_id, term, n_posts, applied_posts in connection.execute(
        _CHANGED_TERMS, [to_json(terms), corpus_id]
    ).fetchall():
        if similarity.is_tag(term) and {n_posts, n_posts - change} == {1, 2}:
            _weigh_again(
                connection, "SELECT post_id FROM document_terms WHERE term_id = ?", term_id
            )
        _reweigh(
            connection,
            term_id,
            similarity.document_share(n_posts - change, applied_posts),
            similarity.document_share(n_posts, applied_posts),
        )


def _reweigh(connection: sqlite3.Connection, term_id: int, before: int, after: int) -> None:
    """Have the posts weighed again whose limit for a term lies between two shares."""
    low, high = sorted((before, after))
    if low != high:
        _weigh_again(
            connection,
            """
            SELECT post_id FROM similarity.document_terms
            WHERE term_id = ? AND max_share >= ? AND max_share < ?
            """,
            term_id,
            low,
            high,
        )


def _count_shingles(connection: sqlite3.Connection, sketch: Iterable[int], change: int) -> None:
    """Count shingles, and have those posts compared again that come to stand for the others with
    the same shingle, or cease to."""
    for value in sketch:
        (n_posts,) = connection.execute(_COUNT_SHINGLE, [value, change]).fetchone()
        _weigh_again(
            connection,
            "SELECT post_id FROM similarity.shingles WHERE hash = ? AND max_bearers = ?",
            value,
            min(n_posts, n_posts - change),
        )


def _weigh_again(connection: sqlite3.Connection, posts: str, *values: int) -> None:
    connection.execute(
        f"UPDATE similarity.documents SET stage = 'counted' WHERE id IN ({posts})", values
    )


def _corpus(connection: sqlite3.Connection, store_id: int, language: str) -> int:
    """The posts of a store in one language, whatever the market: ``en-GB`` is ``en``."""
    primary = language.partition("-")[0].lower()
    connection.execute(
        "INSERT OR IGNORE INTO similarity.corpora (store_id, language) VALUES (?, ?)",
        [store_id, primary],
    )
    (corpus_id,) = connection.execute(
        "SELECT id FROM similarity.corpora WHERE store_id = ? AND language = ?", [store_id, primary]
    ).fetchone()
    return int(corpus_id)


_POST = "SELECT revision_id, store_id, language, url FROM main.posts WHERE id = ?"
_TEXT = """
    SELECT revisions.title, contents.text, revisions.tags
    FROM main.revisions JOIN main.contents ON contents.id = revisions.content_id
    WHERE revisions.id = ?
"""
_TERMS = """
    SELECT term FROM similarity.document_terms JOIN similarity.terms ON terms.id = term_id
    WHERE post_id = ?
"""
_CORPUS_SIZE = """
    SELECT n_posts FROM similarity.documents JOIN similarity.corpora ON corpora.id = corpus_id
    WHERE documents.id = ?
"""
_DOCUMENT_TERMS = """
    SELECT terms.id, term, weight, max_share, n_posts
    FROM similarity.document_terms CROSS JOIN similarity.terms ON terms.id = term_id
    WHERE post_id = ?
"""
_CHANGED_TERMS = """
    SELECT terms.id, term, terms.n_posts, applied_posts
    FROM json_each(?1) CROSS JOIN similarity.terms ON terms.corpus_id = ?2 AND term = value
    CROSS JOIN similarity.corpora ON corpora.id = ?2
"""
_COUNT_SHINGLE = """
    INSERT INTO similarity.shingle_counts (hash, n_posts) VALUES (?1, ?2)
    ON CONFLICT (hash) DO UPDATE SET n_posts = n_posts + ?2 RETURNING n_posts
"""
