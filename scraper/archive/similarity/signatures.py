"""What tells a post from the others of its corpus, kept so that one post can be compared without
reading the rest."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from scraper.archive.similarity.method import Method
from scraper.archive.statements import insert, to_json, update


class Text(NamedTuple):
    """What is compared of a revision; `tags` is a JSON list."""

    title: str
    text: str
    tags: str


def read_text(connection: sqlite3.Connection, revision_id: int) -> Text:
    """The text of a revision."""
    return Text(*connection.execute(_TEXT, [revision_id]).fetchone())


def count(connection: sqlite3.Connection, method: Method, post_id: int) -> None:
    """Count a post's words into its corpus, and those of the revision that was counted before out
    of it."""
    revision_id, store_id, language = connection.execute(_POST, [post_id]).fetchone()
    uncount(connection, method, post_id)
    corpus_id = _corpus(connection, store_id, language)
    _tally(connection, corpus_id, _terms(method, read_text(connection, revision_id)), 1)
    connection.execute(
        """
        INSERT INTO signatures (id, corpus_id, revision_id, stage) VALUES (?1, ?2, ?3, 'counted')
        ON CONFLICT (id) DO UPDATE SET corpus_id = ?2, revision_id = ?3, stage = 'counted'
        """,
        [post_id, corpus_id, revision_id],
    )
    update(connection, "posts", post_id, counted_revision_id=revision_id)


def uncount(connection: sqlite3.Connection, method: Method, post_id: int) -> None:
    """Take what was counted of a post, if anything was, out of its corpus and out of the
    indexes."""
    row = connection.execute(
        "SELECT corpus_id, revision_id, terms, sketch FROM signatures WHERE id = ?", [post_id]
    ).fetchone()
    if row is None:
        return
    corpus_id, revision_id, terms, runs = row
    _tally(connection, corpus_id, _terms(method, read_text(connection, revision_id)), -1)
    term_ids = [row.id for row in bearing(connection, corpus_id, json.loads(terms)).values()]
    connection.executemany(
        "DELETE FROM signature_terms WHERE term_id = ? AND post_id = ?",
        [(term_id, post_id) for term_id in term_ids],
    )
    connection.executemany(
        "DELETE FROM similarity_shingles WHERE shingle = ? AND post_id = ?",
        [(run, post_id) for run in json.loads(runs)],
    )
    update(connection, "signatures", post_id, terms="{}", sketch="[]")


def sign(connection: sqlite3.Connection, method: Method, post_id: int) -> None:
    """Sign a post with the words and tags that tell it from the others of its corpus, and put it
    into the indexes."""
    corpus_id, revision_id, n_posts = connection.execute(_SIGNED, [post_id]).fetchone()
    text = read_text(connection, revision_id)
    words, tags = method.read_words(text.title, text.text), method.read_tags(json.loads(text.tags))
    known = bearing(connection, corpus_id, (*words, *tags))
    signature = method.sign(
        words, tags, bearing={term: row.n_posts for term, row in known.items()}, posts=n_posts
    )
    runs = method.sketch(method.read_runs(text.text))
    connection.executemany(
        "INSERT INTO signature_terms (term_id, post_id, weight) VALUES (?, ?, ?)",
        [(known[term].id, post_id, weight) for term, weight in sorted(signature.items())],
    )
    connection.executemany(
        "INSERT INTO similarity_shingles (shingle, post_id) VALUES (?, ?)",
        [(run, post_id) for run in runs],
    )
    told = json.dumps(signature, ensure_ascii=False, separators=(",", ":"))
    update(connection, "signatures", post_id, stage="signed", terms=told, sketch=to_json(runs))


class Term(NamedTuple):
    """A word or tag of a corpus: its number, and how many posts bear it."""

    id: int
    n_posts: int


def bearing(
    connection: sqlite3.Connection, corpus_id: int, terms: Iterable[str]
) -> dict[str, Term]:
    """What is known of each term in a corpus."""
    sql = "SELECT term, corpus_terms.id, n_posts FROM json_each(?2) CROSS JOIN corpus_terms WHERE corpus_id = ?1 AND term = json_each.value"
    return {
        term: Term(term_id, n_posts)
        for term, term_id, n_posts in connection.execute(sql, [corpus_id, to_json(terms)])
    }


def _tally(
    connection: sqlite3.Connection, corpus_id: int, terms: Iterable[str], number: int
) -> None:
    connection.executemany(
        """
        INSERT INTO corpus_terms (corpus_id, term, n_posts) VALUES (?1, ?2, ?3)
        ON CONFLICT (corpus_id, term) DO UPDATE SET n_posts = n_posts + ?3
        """,
        [(corpus_id, term, number) for term in sorted(terms)],
    )
    connection.execute("UPDATE corpora SET n_posts = n_posts + ? WHERE id = ?", [number, corpus_id])


def _terms(method: Method, text: Text) -> set[str]:
    return {*method.read_words(text.title, text.text), *method.read_tags(json.loads(text.tags))}


def _corpus(connection: sqlite3.Connection, store_id: int, language: str) -> int:
    """The posts of a store in one language, whatever the market: ``en-GB`` is ``en``."""
    primary = language.partition("-")[0].lower()
    row = connection.execute(
        "SELECT id FROM corpora WHERE store_id = ? AND language = ?", [store_id, primary]
    ).fetchone()
    return (
        int(row[0]) if row else insert(connection, "corpora", store_id=store_id, language=primary)
    )


_POST = "SELECT revision_id, store_id, language FROM posts WHERE id = ?"
_TEXT = """
    SELECT revisions.title, contents.text, revisions.tags FROM revisions JOIN contents ON contents.id = revisions.content_id
    WHERE revisions.id = ?
"""
_SIGNED = "SELECT corpus_id, revision_id, n_posts FROM signatures JOIN corpora ON corpora.id = corpus_id WHERE signatures.id = ?"
