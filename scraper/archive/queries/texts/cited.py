"""What is cited of a revision, and the revisions that hold a quotation word for word."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from scraper.archive.queries.search import (
    find_phrase,
    read_periods,
    revisions_with_phrase,
    without_quotes,
)
from scraper.archive.queries.texts.quoted import most_like
from scraper.archive.rows import read_row, read_rows
from scraper.archive.statements import to_json
from scraper.claims.quotations import NEARLY, is_verbatim
from scraper.exceptions import QuoteRefused
from scraper.history.humanize import provenance
from scraper.history.phrases.periods import PhrasePeriod
from scraper.sentences import passages, split_words

MOST_POSTS: Final = 50
"""Posts that are searched for a quotation."""

_WORDS_SEARCHED: Final = 30
_CHARS_SEARCHED: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedRevision:
    """A revision by its number, with the SHA-256 of its body. `provenance` says where it comes from
    if no crawl fetched it."""

    number: int
    body_sha256: str
    provenance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotePlace:
    """A post that held a quotation, the whole sentences around it, the revisions that have it, and
    the periods in which they stood; no period if no fetch showed them."""

    post_id: int
    label: str
    title: str
    url: str
    state: str
    sentences: tuple[str, ...]
    revisions: tuple[CitedRevision, ...]
    periods: tuple[PhrasePeriod, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    id: int
    post_label: str
    post_title: str
    url: str
    state: str
    cited: CitedRevision
    title: str
    text: str


def read_cited(connection: sqlite3.Connection, post_id: int, number: int) -> CitedRevision | None:
    """Read what is cited of a revision of a post; None if there is no such revision."""
    return read_row(connection, _cited, _BY_NUMBER, [post_id, number])


def read_revision_periods(
    connection: sqlite3.Connection, post_id: int, number: int
) -> tuple[PhrasePeriod, ...]:
    """Read the periods in which a post was seen as a revision, each end with its bracket."""
    ids = connection.execute(_ID, [post_id, number]).fetchall()
    return read_periods(connection, post_id, {revision_id for (revision_id,) in ids}).periods


def find_verbatim(
    connection: sqlite3.Connection, quote: str, *, store: str = ""
) -> tuple[QuotePlace, ...]:
    """Find the posts that hold a quotation word for word, capitals and marks included.

    Raises QuoteRefused if none does; it names the most similar sentence of the archive.
    """
    bare = without_quotes(quote)
    phrase = _searched(bare)
    if not phrase:
        raise QuoteRefused("refused: the quotation has no words")
    found = find_phrase(connection, phrase, store=store, limit=MOST_POSTS)
    places = tuple(
        place for post in found.posts for place in _places(connection, post.post_id, phrase, bare)
    )
    if places:
        return places
    if found.is_cut or found.n_posts > MOST_POSTS:
        raise QuoteRefused(
            f"refused: too many posts hold these words to compare all with “{bare}”;"
            " quote more words"
        )
    raise QuoteRefused(
        f"refused: not in the archive: “{bare}”; {_nearest(connection, bare, store)}"
    )


def _searched(quote: str) -> str:
    """The first words of a quotation, which the search index compares without marks."""
    words = split_words(quote[:_CHARS_SEARCHED])[:_WORDS_SEARCHED]
    return re.sub(r"[\W_]+", " ", quote[: words[-1].end]).strip() if words else ""


def _places(
    connection: sqlite3.Connection, post_id: int, phrase: str, quote: str
) -> Iterator[QuotePlace]:
    ids = to_json(revisions_with_phrase(connection, phrase, [post_id]))
    held = [
        one
        for one in read_rows(connection, _candidate, _BY_IDS, [ids])
        if is_verbatim(quote, one.title) or is_verbatim(quote, one.text)
    ]
    if not held:
        return
    yield QuotePlace(
        post_id=post_id,
        label=held[0].post_label,
        title=held[0].post_title,
        url=held[0].url,
        state=held[0].state,
        sentences=_sentences(held, quote),
        revisions=tuple(one.cited for one in held),
        periods=read_periods(connection, post_id, {one.id for one in held}).periods,
    )


def _sentences(held: Iterable[_Candidate], quote: str) -> tuple[str, ...]:
    parts = [part for one in held for part in (one.title, one.text) if is_verbatim(quote, part)]
    found = dict.fromkeys(sentence for part in parts for sentence in passages(part, quote))
    # A quotation of many sentences is in none of them, only its beginning is.
    return tuple(one for one in found if is_verbatim(quote, one)) or tuple(found)


def _nearest(connection: sqlite3.Connection, quote: str, store: str) -> str:
    likeness = most_like(connection, quote, store)
    if likeness.score < NEARLY:
        return "nothing similar was found"
    return f"the most similar passage is “{likeness.passage}” ({likeness.score:.0%} alike)"


def _cited(
    *, number: int, hash: str, dated_by: str, imported_at: str, is_seen: int
) -> CitedRevision:
    source = provenance(dated_by, imported_at, is_seen=bool(is_seen))
    return CitedRevision(number=number, body_sha256=hash, provenance=source)


def _candidate(
    *, number: int, hash: str, dated_by: str, imported_at: str, is_seen: int, **values: Any
) -> _Candidate:
    cited = _cited(
        number=number, hash=hash, dated_by=dated_by, imported_at=imported_at, is_seen=is_seen
    )
    return _Candidate(cited=cited, **values)


_CITED = """revisions.number, contents.hash, captures.dated_by, crawls.started_at AS imported_at,
    EXISTS (SELECT 1 FROM observations WHERE revision_id = revisions.id) AS is_seen
"""
_REVISION = """
    FROM revisions
    JOIN posts ON posts.id = revisions.post_id
    JOIN contents ON contents.id = revisions.content_id
    JOIN captures ON captures.id = revisions.capture_id
    JOIN crawls ON crawls.id = captures.crawl_id
"""
_ID = "SELECT id FROM revisions WHERE post_id = ? AND number = ?"
_BY_NUMBER = f"SELECT {_CITED} {_REVISION} WHERE revisions.post_id = ? AND revisions.number = ?"
_BY_IDS = f"""
    SELECT revisions.id, posts.label AS post_label, posts.title AS post_title, posts.url,
        posts.state, revisions.title, contents.text, {_CITED}
    {_REVISION} WHERE revisions.id IN (SELECT value FROM json_each(?)) ORDER BY revisions.number
"""
