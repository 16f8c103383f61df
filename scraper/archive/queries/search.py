"""Finding words: in what stands now, in all that ever stood, and when a phrase came and went."""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from dataclasses import dataclass

from scraper.archive.rows import read_rows
from scraper.history.phrases import PhraseObservation, PhrasePeriod, phrase_periods

MARKS = ("\x02", "\x03")
"""Around each word that was found, in a snippet: characters that no text holds."""

MOST_HITS = 1000
"""Revisions that are ranked, or searched for a phrase, at most: past it the newest are taken, and
the page says so. To rank all 60,000 in which a common word stands took 400 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A revision in which words were found, the best of its post; `snippet` is a passage with
    `MARKS` around the words."""

    post_id: int
    title: str
    store: str
    state: str
    url: str
    number: int
    is_current: bool
    published_at: str
    first_seen_at: str
    last_seen_at: str
    snippet: str
    also: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of hits; `n_posts` is in how many posts words were found, at least that many where
    `is_cut`."""

    hits: tuple[Hit, ...]
    n_posts: int
    is_cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseHistory:
    """A post that carried a phrase, and when."""

    post_id: int
    title: str
    store: str
    state: str
    periods: tuple[PhrasePeriod, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseFound:
    """A page of posts that carried a phrase."""

    posts: tuple[PhraseHistory, ...]
    n_posts: int
    is_cut: bool


def search(
    connection: sqlite3.Connection,
    words: str,
    *,
    ever: bool,
    store: str = "",
    offset: int = 0,
    limit: int = 20,
) -> Found:
    """Posts whose present text, or with `ever` any of whose texts, holds all words; what stands in
    double quotes as a phrase."""
    query = match_expression(words)
    if not query:
        return Found(hits=(), n_posts=0, is_cut=False)
    newest = connection.execute(
        _NEWEST.format(scope=_EVER if ever else _NOW), [query, store, store, MOST_HITS + 1]
    ).fetchall()
    posts = dict(newest[:MOST_HITS])
    ranked = connection.execute(_RANKED, [query, min(posts, default=0)]).fetchall()
    best: dict[int, int] = {}
    others: dict[int, int] = defaultdict(int)
    for revision_id, post_id in (
        (revision_id, posts[revision_id]) for (revision_id,) in ranked if revision_id in posts
    ):
        others[post_id] += post_id in best
        best.setdefault(post_id, revision_id)
    shown = list(best.items())[offset : offset + limit]
    hits = [_hit(connection, query, revision_id, others[post_id]) for post_id, revision_id in shown]
    return Found(hits=tuple(hits), n_posts=len(best), is_cut=len(newest) > MOST_HITS)


def find_phrase(
    connection: sqlite3.Connection,
    phrase: str,
    *,
    store: str = "",
    offset: int = 0,
    limit: int = 20,
) -> PhraseFound:
    """Posts that ever carried a phrase in title or text, and in which periods they did. Case,
    accents and white space do not matter; signs do, such as the ``%`` in ``100 %``."""
    query = _phrase_expression(phrase)
    if not query:
        return PhraseFound(posts=(), n_posts=0, is_cut=False)
    found = connection.execute(
        _NEWEST.format(scope=_EVER), [query, store, store, MOST_HITS + 1]
    ).fetchall()
    carriers: dict[int, set[int]] = defaultdict(set)
    for revision_id, post_id in found[:MOST_HITS]:
        if _says(connection, revision_id, phrase):
            carriers[post_id].add(revision_id)
    shown = list(carriers)[offset : offset + limit]
    posts = tuple(_phrase_history(connection, post_id, carriers[post_id]) for post_id in shown)
    return PhraseFound(posts=posts, n_posts=len(carriers), is_cut=len(found) > MOST_HITS)


def match_expression(words: str) -> str:
    """What a person typed as an expression of the search index: every word, and every phrase in
    double quotes, must be there. Signs that the index would take for operators are words like
    others; empty where no word is left."""
    parts = [
        phrase or word
        for phrase, word in re.findall(r'"([^"]*)"|([^\s"]+)', words.replace("\0", " "))
    ]
    return " AND ".join(f'"{part}"' for part in parts if re.search(r"\w", part))


def _phrase_expression(phrase: str) -> str:
    words = phrase.replace("\0", " ").replace('"', " ")
    return f'{{title text}} : "{words}"' if re.search(r"\w", words) else ""


def _hit(connection: sqlite3.Connection, query: str, revision_id: int, also: int) -> Hit:
    (row,) = read_rows(connection, Hit, _HIT, [*MARKS, also, query, revision_id])
    return row


def _says(connection: sqlite3.Connection, revision_id: int, phrase: str) -> bool:
    """Whether a text holds a phrase with its signs; the index knows words alone."""
    if not re.search(r"[^\w\s]", phrase):
        return True
    title, text = connection.execute(_TEXT, [revision_id]).fetchone()
    wanted = " ".join(phrase.casefold().split())
    return any(wanted in " ".join(part.casefold().split()) for part in (title, text))


def _phrase_history(
    connection: sqlite3.Connection, post_id: int, carriers: set[int]
) -> PhraseHistory:
    title, name, state = connection.execute(_POST, [post_id]).fetchone()
    sights = [
        PhraseObservation(
            number=number,
            has_phrase=revision_id in carriers,
            first_seen_at=first,
            last_seen_at=last,
        )
        for revision_id, number, first, last in connection.execute(_SIGHTS, [post_id, post_id])
    ]
    return PhraseHistory(
        post_id=post_id, title=title, store=name, state=state, periods=phrase_periods(sights)
    )


_NOW = "AND posts.revision_id = revisions.id AND posts.state != 'removed'"
_EVER = ""
_NEWEST = """
    SELECT revisions.id, revisions.post_id
    FROM revisions_fts JOIN revisions ON revisions.id = revisions_fts.rowid JOIN posts ON posts.id = revisions.post_id {scope}
    WHERE revisions_fts MATCH ? AND (? = '' OR posts.store_id = (SELECT id FROM stores WHERE name = ?))
    ORDER BY revisions_fts.rowid DESC LIMIT ?
"""
_RANKED = "SELECT rowid FROM revisions_fts WHERE revisions_fts MATCH ? AND rowid >= ? ORDER BY rank"
_HIT = """
    SELECT posts.id, posts.title, stores.name, posts.state, posts.url, revisions.number, posts.revision_id = revisions.id,
        posts.published_at, revisions.first_seen_at, revisions.last_seen_at, snippet(revisions_fts, -1, ?, ?, '…', 32), ?
    FROM revisions_fts
    JOIN revisions ON revisions.id = revisions_fts.rowid
    JOIN posts ON posts.id = revisions.post_id
    JOIN stores ON stores.id = posts.store_id
    WHERE revisions_fts MATCH ? AND revisions_fts.rowid = ?
"""
_TEXT = "SELECT title, text FROM revision_texts WHERE id = ?"
_POST = "SELECT posts.title, stores.name, posts.state FROM posts JOIN stores ON stores.id = posts.store_id WHERE posts.id = ?"
# A post that was removed carries nothing from then on.
_SIGHTS = """
    SELECT observations.revision_id, revisions.number, observations.first_seen_at, observations.last_seen_at
    FROM observations JOIN revisions ON revisions.id = observations.revision_id WHERE observations.post_id = ?
    UNION ALL
    SELECT 0, 0, not_after, not_after FROM changes WHERE post_id = ? AND kind = 'removed'
    ORDER BY 3
"""
