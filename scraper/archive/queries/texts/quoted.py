"""Where a quoted passage stood, word for word or nearly, and what stands there today."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from scraper.archive.queries.search import revisions_like
from scraper.archive.queries.texts.absence import AbsenceReport, Scope, read_absence
from scraper.archive.queries.texts.said import SaidPost, read_said
from scraper.claims.quotations import (
    FEWEST_WORDS,
    NEARLY,
    Likeness,
    nearest_passage,
    shorten_passage,
)
from scraper.sentences import passages, split_words

MOST_POSTS = 50
"""Posts that are listed for one passage."""

MOST_ALIKE = 5
"""Passages that are shown as nearly a phrase."""

_CANDIDATES = 20
"""Revisions that are compared with a passage that stood nowhere word for word."""

Match = Literal["exact", "nearly", "never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedPost:
    """A post that held a passage, with its periods. `today` is what its present text has most like
    the passage where the passage itself is gone; empty without anything alike."""

    said: SaidPost
    today: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedPassage:
    """A passage that a letter quotes. `found` is what the archive holds: the passage itself, or the
    one most like it, `score` how alike the two are. The posts are those that held `found`, first
    seen first: the others are copies. A passage that was never seen has `absence` instead.
    """

    quoted: str
    match: Match
    found: str
    score: float
    posts: tuple[QuotedPost, ...]
    n_posts: int
    absence: AbsenceReport | None


def find_quoted(connection: sqlite3.Connection, quoted: str, *, store: str = "") -> QuotedPassage:
    """Find a quoted passage in all that ever stood, in a store by its name or in all.

    Raises QueryTooLong.
    """
    said = read_said(connection, quoted, store=store, first=True, limit=MOST_POSTS)
    match: Match = "exact"
    found = Likeness(quoted, 1.0)
    if not said.posts:
        match, found = "nearly", most_like(connection, quoted, store)
        if found.score >= NEARLY:
            passage = shorten_passage(found.passage)
            said = read_said(connection, passage, store=store, first=True, limit=MOST_POSTS)
    if not said.posts:
        return QuotedPassage(
            quoted=quoted,
            match="never",
            found="",
            score=0.0,
            posts=(),
            n_posts=0,
            absence=read_absence(connection, quoted, Scope(store=store), "", "9999"),
        )
    posts = sorted(said.posts, key=_first_seen)
    return QuotedPassage(
        quoted=quoted,
        match=match,
        found=found.passage,
        score=found.score,
        posts=tuple(QuotedPost(said=one, today=_today(connection, one, quoted)) for one in posts),
        n_posts=said.n_posts,
        absence=None,
    )


def most_like(connection: sqlite3.Connection, quoted: str, store: str = "") -> Likeness:
    """Read what is most like a passage in all that ever stood, in a store by its name or in all."""
    return next(iter(_most_alike(connection, quoted, store)), Likeness("", 0.0))


def read_nearly(
    connection: sqlite3.Connection, quoted: str, *, store: str = ""
) -> tuple[Likeness, ...]:
    """Read the passages that are nearly the quoted one and do not hold it, most alike first, of all
    that ever stood in a store by its name or in all. A few words are like too many."""
    if len(split_words(quoted)) < FEWEST_WORDS:
        return ()
    found = {one.passage: one for one in _most_alike(connection, quoted, store)}
    others = (one for one in found.values() if not passages(one.passage, quoted))
    return tuple(islice((one for one in others if one.score >= NEARLY), MOST_ALIKE))


def _most_alike(connection: sqlite3.Connection, quoted: str, store: str) -> list[Likeness]:
    """What titles and texts have most like a passage, most alike first."""
    candidates = revisions_like(connection, quoted, store=store, limit=_CANDIDATES)
    scored = [nearest_passage(quoted, part) for parts in candidates for part in parts]
    return sorted(scored, key=lambda one: -one.score)


def _first_seen(post: SaidPost) -> str:
    return post.periods[0].period.added_not_after if post.periods else "9999"


def _today(connection: sqlite3.Connection, post: SaidPost, quoted: str) -> str:
    """What the present text of a post has most like a passage that it no longer holds."""
    if post.is_now or post.state == "removed":
        return ""
    (text,) = connection.execute(_PRESENT, [post.id]).fetchone()
    nearest = nearest_passage(quoted, text)
    return nearest.passage if nearest.score >= NEARLY / 2 else ""


_PRESENT = """
    SELECT revisions.title || char(10, 10) || contents.text
    FROM posts
    JOIN revisions ON revisions.id = posts.revision_id
    JOIN contents ON contents.id = revisions.content_id
    WHERE posts.id = ?
"""
