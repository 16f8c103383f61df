"""Every sentence that ever held a phrase: where it came and where it went."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

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
    """A period in which a post held a phrase, with the sentences that held it; `revisions` are for
    each sentence the numbers of those that have it."""

    period: PhrasePeriod
    sentences: tuple[str, ...]
    revisions: tuple[tuple[int, ...], ...]

    @property
    def quoted(self) -> Iterator[tuple[str, str]]:
        """Each sentence, and which revisions have it where not all of the period do, in words."""
        for sentence, numbers in zip(self.sentences, self.revisions, strict=True):
            is_all = len(numbers) == len(set(self.period.numbers))
            yield sentence, "" if is_all else name_revisions(numbers)


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


def name_revisions(numbers: Sequence[int]) -> str:
    """``revision 1``, ``revisions 1, 2``."""
    return f"revision{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}"


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
        periods=tuple(_said_period(connection, post.id, each, phrase) for each in found.periods),
        unseen=() if last else _unseen(connection, found.post_id, phrase),
        changes=found.changes,
    )


def _said_period(
    connection: sqlite3.Connection, post_id: int, period: PhrasePeriod, phrase: str
) -> SaidPeriod:
    found = _sentences(connection, post_id, period.numbers, phrase)
    return SaidPeriod(
        period=period,
        sentences=tuple(found),
        revisions=tuple(tuple(numbers) for numbers in found.values()),
    )


def _sentences(
    connection: sqlite3.Connection, post_id: int, numbers: Sequence[int], phrase: str
) -> dict[str, list[int]]:
    """The sentences of some revisions that hold a phrase, and which revisions have each."""
    found: dict[str, list[int]] = {}
    for number in dict.fromkeys(numbers):
        parts = connection.execute(_TEXT, [post_id, number]).fetchone()
        holding = chain.from_iterable(passages(part, phrase) for part in parts)
        for sentence in dict.fromkeys(holding):
            found.setdefault(sentence, []).append(number)
    return found


def _unseen(connection: sqlite3.Connection, post_id: int, phrase: str) -> tuple[str, ...]:
    numbers = [
        number
        for revision_id in sorted(revisions_with_phrase(connection, phrase, [post_id]))
        for (number,) in connection.execute(_NUMBER, [revision_id])
    ]
    return tuple(_sentences(connection, post_id, numbers, phrase))


_NUMBER = "SELECT number FROM revisions WHERE id = ?"
_TEXT = """
    SELECT contents.text, title FROM revisions JOIN contents ON contents.id = content_id
    WHERE post_id = ? AND number = ?
"""
