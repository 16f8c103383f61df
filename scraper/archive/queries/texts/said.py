"""Every sentence that ever held a phrase: where it came and where it went."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from scraper.archive.queries.pages.post import read_post
from scraper.archive.queries.search import (
    PhraseHistory,
    find_phrase,
    revisions_with_phrase,
    without_quotes,
)
from scraper.history.phrases.periods import PhrasePeriod
from scraper.sentences import passages


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidPeriod:
    """A period in which a post held a phrase, with the sentences that held it."""

    period: PhrasePeriod
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidPost:
    """A post that ever held a phrase. `until` is when it was last seen with it (UTC), `is_now`
    whether it was so when last seen.

    `changes` are the ids of the post's changes by the time when each was first seen.

    Without a period no fetch showed the phrase: `unseen` are the sentences of a revision that is
    from a file, or that other rules read from an old page.
    """

    id: int
    label: str
    title: str
    url: str
    store: str
    state: str
    is_now: bool
    until: str
    periods: tuple[SaidPeriod, ...]
    unseen: tuple[str, ...]
    changes: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidResult:
    """Posts that ever held a phrase; `n_posts` counts all, or is a lower bound if `is_cut`."""

    phrase: str
    posts: tuple[SaidPost, ...]
    n_posts: int
    is_cut: bool


def read_said(
    connection: sqlite3.Connection,
    phrase: str,
    *,
    store: str = "",
    first: bool = False,
    offset: int = 0,
    limit: int,
) -> SaidResult:
    """Find who ever said a phrase, in which sentences and since when: newest posts first, or with
    `first` those that were seen with it first. Raises QueryTooLong."""
    found = find_phrase(connection, phrase, store=store, first=first, offset=offset, limit=limit)
    return SaidResult(
        phrase=without_quotes(phrase),
        posts=tuple(_said_post(connection, post, phrase) for post in found.posts),
        n_posts=found.n_posts,
        is_cut=found.is_cut,
    )


def _said_post(connection: sqlite3.Connection, found: PhraseHistory, phrase: str) -> SaidPost:
    post = read_post(connection, found.post_id)
    last = found.periods[-1] if found.periods else None
    return SaidPost(
        id=post.id,
        label=post.label,
        title=post.title,
        url=post.url,
        store=post.store,
        state=post.state,
        is_now=last is not None and not last.removed_not_after,
        until=last.removed_not_before if last else "",
        periods=tuple(
            SaidPeriod(
                period=period,
                sentences=_sentences(connection, found.post_id, period.numbers, phrase),
            )
            for period in found.periods
        ),
        unseen=() if last else _unseen(connection, found.post_id, phrase),
        changes=found.changes,
    )


def _sentences(
    connection: sqlite3.Connection, post_id: int, numbers: Sequence[int], phrase: str
) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for number in numbers:
        for part in connection.execute(_TEXT, [post_id, number]).fetchone():
            found.update(dict.fromkeys(passages(part, phrase)))
    return tuple(found)


def _unseen(connection: sqlite3.Connection, post_id: int, phrase: str) -> tuple[str, ...]:
    numbers = [
        number
        for revision_id in sorted(revisions_with_phrase(connection, phrase, [post_id]))
        for (number,) in connection.execute(_NUMBER, [revision_id])
    ]
    return _sentences(connection, post_id, numbers, phrase)


_NUMBER = "SELECT number FROM revisions WHERE id = ?"
_TEXT = """
    SELECT contents.text, title FROM revisions JOIN contents ON contents.id = content_id
    WHERE post_id = ? AND number = ?
"""
