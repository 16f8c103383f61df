"""Posts in the similarity index: their terms and shingles, and which other posts an added or
removed post affects."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from scraper.archive.statements import to_json
from scraper.graph import similarity

_NO_CORPUS = 0

TERMS_MOVED: Final = 1
"""Why a post is `pending`: its similar posts may be others, as terms became common or ceased to be;
or a neighbour was removed."""

TEXT_CHANGED: Final = 2
"""Why a post is `pending`: its text, tags or address changed, or its copies may be others."""


class Text(NamedTuple):
    """What is compared of a revision; `tags` is a JSON list."""

    title: str
    text: str
    tags: str


class Term(NamedTuple):
    """A term that counts for a post: its weight there, and the share of the posts that have it (see
    `similarity.document_share`)."""

    term: str
    weight: int
    share: int


class _Entry(NamedTuple):
    """What is counted of a post."""

    corpus_id: int = _NO_CORPUS
    terms: frozenset[str] = frozenset()
    sketch: frozenset[int] = frozenset()


def read_text(connection: sqlite3.Connection, revision_id: int) -> Text:
    """The text of a revision."""
    return Text(*connection.execute(_TEXT, [revision_id]).fetchone())


def add_document(connection: sqlite3.Connection, post_id: int) -> None:
    """Index a post as it stands now, in place of what is indexed of it."""
    revision_id, store_id, language, url = connection.execute(_POST, [post_id]).fetchone()
    text = read_text(connection, revision_id)
    weights = similarity.read_terms(text.title, text.text, json.loads(text.tags))
    sketch = similarity.sketch(similarity.read_shingles(text.text))
    corpus_id = _corpus(connection, store_id, language)
    old = _delete_rows(connection, post_id)
    _count(connection, old, _Entry(corpus_id, frozenset(weights), frozenset(sketch)))
    post_key = urlsplit(url).path
    limit = similarity.max_bearers(post_key)
    connection.execute(
        """
        INSERT INTO similarity.documents
            (id, corpus_id, revision_id, language, url, post_key, sketch, max_bearers, pending)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT (id) DO UPDATE SET corpus_id = ?2, revision_id = ?3, language = ?4, url = ?5,
            post_key = ?6, sketch = ?7, max_bearers = ?8, pending = ?9
        """,
        [
            *(post_id, corpus_id, revision_id, language, url),
            *(post_key, to_json(sketch), limit, TEXT_CHANGED),
        ],
    )
    connection.executemany(
        """
        INSERT INTO similarity.document_terms (post_id, term_id, weight, max_share)
        VALUES (?, ?, ?, ?)
        """,
        [
            (post_id, term_id, weights[term], similarity.max_share(term, post_key))
            for term_id, term in connection.execute(_TERM_IDS, [to_json(weights), corpus_id])
        ],
    )
    connection.executemany(
        "INSERT INTO similarity.shingles (hash, max_bearers, post_id) VALUES (?, ?, ?)",
        [(value, limit, post_id) for value in sketch],
    )


def remove_document(connection: sqlite3.Connection, post_id: int) -> None:
    """Take a post out of the index, if it is there."""
    _count(connection, _delete_rows(connection, post_id), _Entry())
    connection.execute("DELETE FROM similarity.neighbours WHERE post_id = ?", [post_id])
    connection.execute("DELETE FROM similarity.documents WHERE id = ?", [post_id])


def _delete_rows(connection: sqlite3.Connection, post_id: int) -> _Entry:
    """Delete the terms and shingles of a post, and return what is still counted of it."""
    row = connection.execute(
        "SELECT corpus_id, sketch, max_bearers FROM similarity.documents WHERE id = ?", [post_id]
    ).fetchone()
    if row is None:
        return _Entry()
    corpus_id, sketch, limit = row
    terms = frozenset(term for (term,) in connection.execute(_TERMS, [post_id]))
    hashes = frozenset(json.loads(sketch))
    connection.execute("DELETE FROM similarity.document_terms WHERE post_id = ?", [post_id])
    connection.executemany(
        "DELETE FROM similarity.shingles WHERE hash = ? AND max_bearers = ? AND post_id = ?",
        [(value, limit, post_id) for value in hashes],
    )
    return _Entry(corpus_id, terms, hashes)


def apply_corpus_size(connection: sqlite3.Connection, corpus_id: int) -> None:
    """Decide again which terms are common, after the number of posts in a corpus has changed."""
    before, after = connection.execute(
        "SELECT applied_posts, n_posts FROM similarity.corpora WHERE id = ?", [corpus_id]
    ).fetchone()
    rows = connection.execute(
        "SELECT id, n_posts FROM similarity.terms WHERE corpus_id = ? AND n_posts >= ?",
        [corpus_id, similarity.min_common(min(before, after))],
    )
    for term_id, n_posts in rows.fetchall():
        _apply_share(
            connection,
            term_id,
            similarity.document_share(n_posts, before),
            similarity.document_share(n_posts, after),
        )
    connection.execute(
        "UPDATE similarity.corpora SET applied_posts = n_posts WHERE id = ?", [corpus_id]
    )


def load_terms(connection: sqlite3.Connection, post_id: int) -> dict[int, Term]:
    """The terms that count for a post, by number."""
    return _load(connection, _DOCUMENT_TERMS, post_id)


def load_shared_products(
    connection: sqlite3.Connection, post_id: int, other_id: int
) -> dict[str, int]:
    """The terms that count for two posts of a corpus, each with the product of its weights."""
    (corpus_posts,) = connection.execute(_CORPUS_SIZE, [post_id]).fetchone()
    return {
        term: product
        for term, product, limit, n_posts in connection.execute(_SHARED, [post_id, other_id])
        if similarity.counts(n_posts, corpus_posts, limit)
    }


def save_n_tags(connection: sqlite3.Connection, post_id: int) -> None:
    """Save how many tags count for a post: before it is compared, and others with it."""
    connection.execute(
        "UPDATE similarity.documents SET n_tags = ?1 WHERE id = ?2 AND n_tags != ?1",
        [len(_load(connection, _DOCUMENT_TAGS, post_id)), post_id],
    )


def _load(connection: sqlite3.Connection, sql: str, post_id: int) -> dict[int, Term]:
    (corpus_posts,) = connection.execute(_CORPUS_SIZE, [post_id]).fetchone()
    return {
        term_id: Term(term, weight, similarity.document_share(n_posts, corpus_posts))
        for term_id, term, weight, limit, n_posts in connection.execute(sql, [post_id])
        if similarity.counts(n_posts, corpus_posts, limit)
    }


def _count(connection: sqlite3.Connection, old: _Entry, new: _Entry) -> None:
    """Count what is new of a post into its corpus, and what is old out of it."""
    for corpus_id in {old.corpus_id, new.corpus_id} - {_NO_CORPUS}:
        before = old.terms if old.corpus_id == corpus_id else frozenset()
        after = new.terms if new.corpus_id == corpus_id else frozenset()
        _count_terms(connection, corpus_id, before - after, -1)
        _count_terms(connection, corpus_id, after - before, 1)
        connection.execute(
            "UPDATE similarity.corpora SET n_posts = n_posts + ? WHERE id = ?",
            [(new.corpus_id == corpus_id) - (old.corpus_id == corpus_id), corpus_id],
        )
    _count_shingles(connection, old.sketch - new.sketch, -1)
    _count_shingles(connection, new.sketch - old.sketch, 1)


def _count_terms(
    connection: sqlite3.Connection, corpus_id: int, terms: Iterable[str], change: int
) -> None:
    """Add to the number of posts of each term, and have those posts compared again for which a term
    becomes common or ceases to be."""
    terms = sorted(terms)
    connection.executemany(
        """
        INSERT INTO similarity.terms (corpus_id, term, n_posts) VALUES (?1, ?2, ?3)
        ON CONFLICT (corpus_id, term) DO UPDATE SET n_posts = n_posts + ?3
        """,
        [(corpus_id, term, change) for term in terms],
    )
    (applied_posts,) = connection.execute(
        "SELECT applied_posts FROM similarity.corpora WHERE id = ?", [corpus_id]
    ).fetchone()
    least = similarity.min_common(applied_posts)
    for term_id, term, n_posts in connection.execute(
        _CHANGED_TERMS, [to_json(terms), corpus_id, least]
    ).fetchall():
        if similarity.is_tag(term) and {n_posts, n_posts - change} == {1, 2}:
            _compare_again(
                connection,
                "SELECT post_id FROM similarity.document_terms WHERE term_id = ?",
                term_id,
            )
        _apply_share(
            connection,
            term_id,
            similarity.document_share(n_posts - change, applied_posts),
            similarity.document_share(n_posts, applied_posts),
        )


def _apply_share(connection: sqlite3.Connection, term_id: int, before: int, after: int) -> None:
    """Have the posts compared again whose limit for a term lies between two shares."""
    low, high = sorted((before, after))
    if low != high:
        _compare_again(
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
        limit = min(n_posts, n_posts - change)
        if limit >= similarity.REPRESENTATIVES:
            _compare_again(
                connection,
                "SELECT post_id FROM similarity.shingles WHERE hash = ? AND max_bearers = ?",
                value,
                limit,
                reason=TEXT_CHANGED,
            )


def _compare_again(
    connection: sqlite3.Connection, posts: str, *values: int, reason: int = TERMS_MOVED
) -> None:
    connection.execute(
        f"""
        UPDATE similarity.documents SET pending = max(pending, {reason})
        WHERE id IN ({posts})
        """,
        values,
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
    WHERE post_id = ? AND n_posts > 1
"""
_SHARED = """
    SELECT term, own.weight * other.weight, min(own.max_share, other.max_share), n_posts
    FROM similarity.document_terms AS own
    CROSS JOIN similarity.document_terms AS other
        ON other.post_id = ?2 AND other.term_id = own.term_id
    CROSS JOIN similarity.terms ON terms.id = own.term_id
    WHERE own.post_id = ?1
"""
_DOCUMENT_TAGS = f"{_DOCUMENT_TERMS} AND weight = 0"
_TERM_IDS = """
    SELECT terms.id, term
    FROM json_each(?1) CROSS JOIN similarity.terms ON corpus_id = ?2 AND term = value
"""
# Those that may have become common, and tags.
_CHANGED_TERMS = """
    SELECT terms.id, term, n_posts
    FROM json_each(?1) CROSS JOIN similarity.terms ON corpus_id = ?2 AND term = value
    WHERE n_posts >= ?3 OR term GLOB '#*'
"""
_COUNT_SHINGLE = """
    INSERT INTO similarity.shingle_counts (hash, n_posts) VALUES (?1, ?2)
    ON CONFLICT (hash) DO UPDATE SET n_posts = n_posts + ?2 RETURNING n_posts
"""
