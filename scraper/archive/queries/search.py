"""Full-text search over current or all revisions, and the history of a phrase."""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import pairwise

from scraper.archive.queries.texts.standing import REMOVALS
from scraper.archive.rows import read_rows
from scraper.archive.statements import to_json
from scraper.exceptions import QueryTooLong
from scraper.history.fingerprints import title_key
from scraper.history.phrases.periods import PhraseObservation, PhrasePeriod, phrase_periods
from scraper.history.phrases.snippets import make_snippet, split_terms

MARKS = ("\x02", "\x03")
"""The start and end of each match in a snippet: characters that no text contains."""

MAX_MATCHES = 1000
"""Revisions that are ranked, or searched for a phrase. If more match, the newest are taken and the
page says so: ranking all 60,000 revisions with a common word took 400 ms."""

MAX_QUERY_CHARS = 500
MAX_TERMS = 50
"""Words of a query or a phrase. The time of a search grows with their number and with how often a
text repeats them."""

_QUOTES = "\"'“”„‟‘’‚‛«»‹›"

_WORDS_COMPARED = 12

MAX_COMPARED_CHARS = 20_000_000
"""Characters of texts that are compared with the punctuation of a phrase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """The best matching revision of a post. `snippet` is a passage with `MARKS` around each match,
    `n_others` the number of other matching revisions of the post, `ended_by` the last change that
    led away from them, 0 if there was none."""

    post_id: int
    label: str
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
    n_others: int
    until: str
    stands: bool
    ended_by: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """A page of hits; `n_posts` counts the matching posts, or is a lower bound if `is_cut`."""

    hits: tuple[Hit, ...]
    n_posts: int
    is_cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseHistory:
    """A post with the periods in which it contained a phrase. `changes` are the ids of its changes
    by the time when each was first seen."""

    post_id: int
    title: str
    store: str
    state: str
    periods: tuple[PhrasePeriod, ...]
    changes: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseResult:
    """A page of posts that contained a phrase; `n_posts` is a lower bound if `is_cut`."""

    posts: tuple[PhraseHistory, ...]
    n_posts: int
    is_cut: bool


def search(
    connection: sqlite3.Connection,
    query: str,
    *,
    all_revisions: bool,
    store: str = "",
    offset: int = 0,
    limit: int = 20,
) -> SearchResult:
    """Find the posts whose current text contains all words of a query, or any of whose texts does
    with `all_revisions`. Words in double quotes must follow each other. Raises QueryTooLong."""
    expression = match_expression(query)
    if not expression:
        return SearchResult(hits=(), n_posts=0, is_cut=False)
    scope = "" if all_revisions else _CURRENT
    newest = _matches(connection, expression, scope, store, _NEWEST)
    post_of = dict(newest[:MAX_MATCHES])
    ranked = connection.execute(_RANKED, [expression, min(post_of, default=0)])
    matches: dict[int, list[int]] = defaultdict(list)
    for (revision_id,) in ranked:
        if revision_id in post_of:
            matches[post_of[revision_id]].append(revision_id)
    page = list(matches.values())[offset : offset + limit]
    terms = frozenset(split_terms(query))
    hits = [_read_hit(connection, terms, revision_ids) for revision_ids in page]
    return SearchResult(hits=tuple(hits), n_posts=len(matches), is_cut=len(newest) > MAX_MATCHES)


def find_phrase(
    connection: sqlite3.Connection,
    phrase: str,
    *,
    store: str = "",
    first: bool = False,
    offset: int = 0,
    limit: int = 20,
) -> PhraseResult:
    """Find the posts that ever contained a phrase in title or text, with the periods; with `first`
    those that were seen with it first, else the newest.

    Case, accents, white space and quotation marks around the phrase are ignored; punctuation is
    not, such as the ``%`` in ``100 %``. Raises QueryTooLong.
    """
    phrase = without_quotes(phrase)
    expression = _phrase_expression(phrase)
    if not expression:
        return PhraseResult(posts=(), n_posts=0, is_cut=False)
    order = _OLDEST if first else _NEWEST
    found = _matches(connection, expression, "", store, order)
    matches, is_complete = _with_punctuation(connection, found[:MAX_MATCHES], phrase)
    page = list(matches)[offset : offset + limit]
    is_cut = len(found) > MAX_MATCHES or not is_complete
    if is_cut:  # other revisions of these posts may have it too
        complete = revisions_with_phrase(connection, phrase, page)
        matches = dict.fromkeys(matches, complete)
    posts = tuple(read_periods(connection, post_id, matches[post_id]) for post_id in page)
    return PhraseResult(posts=posts, n_posts=len(matches), is_cut=is_cut)


def read_periods(
    connection: sqlite3.Connection, post_id: int, revision_ids: Set[int]
) -> PhraseHistory:
    """Read the periods in which a post was seen as one of some of its revisions."""
    title, store, state = connection.execute(_POST, [post_id]).fetchone()
    observations = [
        PhraseObservation(
            number=number,
            has_phrase=revision_id in revision_ids,
            first_seen_at=first_seen_at,
            last_seen_at=last_seen_at,
            verdict=verdict,
        )
        for revision_id, number, verdict, first_seen_at, last_seen_at in connection.execute(
            _OBSERVATIONS, {"post_id": post_id}
        )
    ]
    return PhraseHistory(
        post_id=post_id,
        title=title,
        store=store,
        state=state,
        periods=phrase_periods(observations),
        changes=dict(connection.execute(_CHANGES, [post_id]).fetchall()),
    )


def revisions_with_phrase(
    connection: sqlite3.Connection, phrase: str, post_ids: Sequence[int]
) -> set[int]:
    """The ids of all revisions of some posts that contain a phrase, as `find_phrase` compares.

    Raises QueryTooLong.
    """
    phrase = without_quotes(phrase)
    expression = _phrase_expression(phrase)
    if not expression:
        return set()
    values = {"expression": expression, "posts": to_json(post_ids)}
    found = {revision_id for (revision_id,) in connection.execute(_OF_POSTS, values)}
    if not _has_punctuation(phrase):
        return found
    return {one for one in found if _contains(connection, one, title_key(phrase))[0]}


def revisions_like(
    connection: sqlite3.Connection, text: str, *, store: str = "", limit: int
) -> list[tuple[str, str]]:
    """Return title and text of the revisions that share most with a text, best first, by its pairs
    of words in a row. One of each pair is among its longest words: they are the rarest in any
    language, and pairs are rarer still, so that few other texts have as many of them."""
    words = split_terms(text.replace("\0", " "))[:MAX_TERMS]
    if not words:
        return []
    longest = set(sorted(dict.fromkeys(words), key=len, reverse=True)[:_WORDS_COMPARED])
    pairs = [f"{one} {other}" for one, other in pairwise(words) if {one, other} & longest]
    expression = " OR ".join(f'"{pair}"' for pair in dict.fromkeys(pairs or words))
    values = {"expression": expression, "store": store, "limit": limit}
    return [(title, body) for title, body in connection.execute(_LIKE, values)]


def match_expression(query: str) -> str:
    """Translate a user's query to an FTS5 expression that requires every word, and every phrase in
    double quotes. FTS5 operators count as words; empty if no word is left.

    Raises QueryTooLong.
    """
    _check_length(query)
    parts = [
        phrase or word
        for phrase, word in re.findall(r'"([^"]*)"|([^\s"]+)', query.replace("\0", " "))
    ]
    # A repeated word adds nothing but time.
    distinct = {part.casefold(): part for part in parts if re.search(r"\w", part)}
    return " AND ".join(f'"{part}"' for part in distinct.values())


def _check_length(query: str) -> None:
    """Raise QueryTooLong for a query with too many words or characters."""
    if len(query) > MAX_QUERY_CHARS or len(split_terms(query)) > MAX_TERMS:
        raise QueryTooLong(
            f"a query has at most {MAX_TERMS} words and {MAX_QUERY_CHARS} characters"
        )


def without_quotes(phrase: str) -> str:
    """A phrase without the quotation marks around it: who pastes a quotation means its words."""
    return phrase.strip().strip(_QUOTES).strip()


def _phrase_expression(phrase: str) -> str:
    _check_length(phrase)
    words = phrase.replace("\0", " ").replace('"', " ")
    return f'{{title text}} : "{words}"' if re.search(r"\w", words) else ""


def _matches(
    connection: sqlite3.Connection, expression: str, scope: str, store: str, order: str
) -> list[tuple[int, int]]:
    """Ids of revision and post of each match in an order, one more than `MAX_MATCHES`."""
    sql = _MATCHES.format(scope=scope, order=order)
    values = {"expression": expression, "store": store, "limit": MAX_MATCHES + 1}
    return [(revision_id, post_id) for revision_id, post_id in connection.execute(sql, values)]


def _read_hit(
    connection: sqlite3.Connection, terms: frozenset[str], revision_ids: Sequence[int]
) -> Hit:
    best, n_others = revision_ids[0], len(revision_ids) - 1
    # `snippet()` of FTS5 takes quadratic time in a text that repeats a word, and no time limit
    # ends it.
    snippet = ""
    for part in connection.execute(_PARTS, [best]).fetchone():
        snippet = snippet or make_snippet(part, terms, MARKS)
    values = {
        "snippet": snippet,
        "n_others": n_others,
        "revision_id": best,
        "revisions": to_json(revision_ids),
    }
    (hit,) = read_rows(connection, Hit, _HIT, values)
    return hit


def _with_punctuation(
    connection: sqlite3.Connection, found: list[tuple[int, int]], phrase: str
) -> tuple[dict[int, set[int]], bool]:
    """Return the revisions that contain a phrase with its punctuation, which the index ignores, by
    post; and whether all were compared."""
    has_punctuation, normalized = _has_punctuation(phrase), title_key(phrase)
    matches: dict[int, set[int]] = defaultdict(set)
    n_chars = 0
    for revision_id, post_id in found:
        if has_punctuation:
            is_found, length = _contains(connection, revision_id, normalized)
            n_chars += length
            if n_chars > MAX_COMPARED_CHARS:
                return matches, False
            if not is_found:
                continue
        matches[post_id].add(revision_id)
    return matches, True


def _has_punctuation(phrase: str) -> bool:
    return re.search(r"[^\w\s]", phrase) is not None


def _contains(
    connection: sqlite3.Connection, revision_id: int, normalized: str
) -> tuple[bool, int]:
    """Whether title or text of a revision contain a phrase, and the length of the text."""
    title, text = connection.execute(_TEXT, [revision_id]).fetchone()
    return any(normalized in title_key(part) for part in (title, text)), len(text)


_CURRENT = "AND posts.revision_id = revisions.id AND posts.state != 'removed'"
_NEWEST = "revisions_fts.rowid DESC"
_OLDEST = "revisions.first_seen_at, revisions_fts.rowid"
_MATCHES = """
    SELECT revisions.id, revisions.post_id
    FROM revisions_fts
    JOIN revisions ON revisions.id = revisions_fts.rowid
    JOIN posts ON posts.id = revisions.post_id {scope}
    WHERE revisions_fts MATCH :expression
        AND (:store = '' OR posts.store_id = (SELECT id FROM stores WHERE name = :store))
    ORDER BY {order} LIMIT :limit
"""
# The "+" has the index looked through once, not for each revision, of which there may be as many.
_OF_POSTS = """
    SELECT rowid FROM revisions_fts
    WHERE revisions_fts MATCH :expression AND +rowid IN (
        SELECT id FROM revisions WHERE post_id IN (SELECT value FROM json_each(:posts))
    )
"""
_LIKE = """
    SELECT revision_texts.title, revision_texts.text
    FROM revisions_fts
    JOIN revisions ON revisions.id = revisions_fts.rowid
    JOIN revision_texts ON revision_texts.id = revisions.id
    JOIN posts ON posts.id = revisions.post_id
    WHERE revisions_fts MATCH :expression
        AND (:store = '' OR posts.store_id = (SELECT id FROM stores WHERE name = :store))
    ORDER BY revisions_fts.rank LIMIT :limit
"""
_RANKED = "SELECT rowid FROM revisions_fts WHERE revisions_fts MATCH ? AND rowid >= ? ORDER BY rank"
_HIT = """
    SELECT posts.id AS post_id, posts.label, posts.title, stores.name AS store, posts.state,
        posts.url,
        revisions.number, posts.revision_id = revisions.id AS is_current, posts.published_at,
        revisions.first_seen_at, revisions.last_seen_at,
        :snippet AS snippet, :n_others AS n_others,
        (SELECT max(last_seen_at) FROM revisions
            WHERE id IN (SELECT value FROM json_each(:revisions))) AS until,
        posts.state != 'removed'
            AND posts.revision_id IN (SELECT value FROM json_each(:revisions)) AS stands,
        coalesce((
            SELECT max(id) FROM changes
            WHERE post_id = posts.id
                AND from_revision_id IN (SELECT value FROM json_each(:revisions))
                AND coalesce(to_revision_id, 0) NOT IN (SELECT value FROM json_each(:revisions))
        ), 0) AS ended_by
    FROM revisions
    JOIN posts ON posts.id = revisions.post_id
    JOIN stores ON stores.id = posts.store_id
    WHERE revisions.id = :revision_id
"""
_PARTS = "SELECT text, title, tags, author FROM revision_texts WHERE id = ?"
_TEXT = "SELECT title, text FROM revision_texts WHERE id = ?"
_POST = """
    SELECT posts.title, stores.name, posts.state
    FROM posts JOIN stores ON stores.id = posts.store_id WHERE posts.id = ?
"""
# A removed post contains nothing from its removal on, until it was last found absent.
_OBSERVATIONS = f"""
    SELECT coalesce(observations.revision_id, 0), coalesce(revisions.number, 0), verdict,
        observations.first_seen_at AS first_seen_at, observations.last_seen_at
    FROM observations LEFT JOIN revisions ON revisions.id = observations.revision_id
    WHERE observations.post_id = :post_id
    UNION ALL
    SELECT 0, 0, 'ok', first_at, last_at FROM ({REMOVALS})
    ORDER BY first_seen_at
"""
# Of two changes of one time, the one that leads to another revision comes last, and stands.
_CHANGES = """
    SELECT not_after, id FROM changes WHERE post_id = ?
    ORDER BY from_revision_id IS NOT to_revision_id, id
"""
