"""Which revision of a post stood at a time, and since when a sentence stood, as far as seen."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scraper.archive.rows import iterate_rows, read_row, read_rows
from scraper.archive.statements import quoted
from scraper.exceptions import NoSuchRevision
from scraper.history.removal import ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The revision (by its number) in which a post was last seen before a time.

    It was seen from `first_seen_at` to `last_seen_at`, in `n_seen` fetches that follow each other;
    the next fetch with another result was at `next_seen_at` (empty if there was none). Times are
    UTC.
    """

    number: int
    first_seen_at: str
    last_seen_at: str
    n_seen: int
    next_seen_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingPost:
    """A post as it stands, or stood at a time: the number of its revision and the hash of its
    body. `language` may be ``unknown``."""

    post_id: int
    label: str
    store: str
    blog: str
    url: str
    language: str
    number: int
    title: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceSince:
    """Since when a sentence has stood: it was not there at `not_before` (UTC, empty: it was there
    from the first fetch), and was at `not_after`; `n_seen` fetches in a row showed it, the last at
    `last_seen_at`."""

    not_before: str
    not_after: str
    last_seen_at: str
    n_seen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenText:
    """What fetches in a row saw of a post, by its title and text; empty for anything but a page of
    it."""

    verdict: str
    first_seen_at: str
    last_seen_at: str
    count: int
    text: str


def standing_at(connection: sqlite3.Connection, post_id: int, time: str) -> Standing:
    """Read what was last seen of a post at a time (UTC).

    Raises NoSuchRevision if it was not seen yet, or was removed by then.
    """
    values = {"post_id": post_id, "time": time}
    label, first = connection.execute(_POST, [post_id]).fetchone()
    found = read_row(connection, Standing, _STANDING, values)
    if found is None:
        raise NoSuchRevision(f"{label} was not seen by {time}: first seen {first}")
    removal = connection.execute(_REMOVAL, {**values, "since": found.last_seen_at}).fetchone()
    if removal is not None:
        not_before, not_after = removal
        raise NoSuchRevision(
            f"{label} was removed by {time}: last seen {not_before}, gone {not_after}"
        )
    return found


def periods_of(connection: sqlite3.Connection, post_id: int, number: int) -> list[Standing]:
    """Read the periods in which a post was seen as one revision, in order; none of a revision that
    no fetch showed (a file's, or one that other rules read from an old page)."""
    return read_rows(connection, Standing, _PERIODS, {"post_id": post_id, "number": number})


def standing_posts(
    connection: sqlite3.Connection, *, store: str = "", time: str = ""
) -> Iterator[StandingPost]:
    """Read each post that stands now, or was last seen before a time (UTC) and not removed by
    then; of a store by its name."""
    values = {"store": store, "time": time}
    return iterate_rows(connection, StandingPost, _AT_A_TIME if time else _NOW, values)


def read_observations(
    connection: sqlite3.Connection, post_id: int, time: str = ""
) -> list[SeenText]:
    """Read what was seen of a post up to a time (UTC, empty: now), newest first; a removal is one
    sight without a text."""
    return read_rows(connection, SeenText, _SEEN, {"post_id": post_id, "time": time or "9999"})


def stood_since(observations: Iterable[SeenText], sentence: str) -> SentenceSince | None:
    """Since when a post has held a sentence without a break, from what was seen of it, newest
    first; None if no fetch showed it. Fetches that failed break nothing, a removal of the post
    does."""
    n_seen, first, last, not_before = 0, "", "", ""
    for seen in observations:
        if seen.verdict != "ok":
            continue
        if sentence not in " ".join(seen.text.split()):
            not_before = seen.last_seen_at
            break
        n_seen, first, last = n_seen + seen.count, seen.first_seen_at, last or seen.last_seen_at
    if not n_seen:
        return None
    return SentenceSince(not_before=not_before, not_after=first, last_seen_at=last, n_seen=n_seen)


REMOVALS = f"""
    SELECT not_after AS first_at, coalesce((
        SELECT max(last_seen_at) FROM observations
        WHERE post_id = :post_id AND verdict IN ({quoted(*sorted(ABSENT), "renamed")})
            AND first_seen_at >= not_after AND first_seen_at < coalesce((
                SELECT min(first_seen_at) FROM observations
                WHERE post_id = :post_id AND revision_id IS NOT NULL AND first_seen_at > not_after
            ), '9999')
    ), not_after) AS last_at
    FROM changes WHERE post_id = :post_id AND kind = 'removed'
"""
"""When a post was found removed, and when it was last found so before it was back."""

# A page of an earlier time adds its observation late: only times give the order.
_PERIOD = """
    SELECT revisions.number, observations.first_seen_at,
        observations.last_seen_at, count AS n_seen,
        coalesce((
            SELECT min(following.first_seen_at) FROM observations AS following
            WHERE following.post_id = :post_id AND (following.first_seen_at, following.id)
                > (observations.first_seen_at, observations.id)
        ), '') AS next_seen_at
    FROM observations JOIN revisions ON revisions.id = observations.revision_id
    WHERE observations.post_id = :post_id
"""
_STANDING = f"""
    {_PERIOD} AND observations.first_seen_at <= :time
    ORDER BY observations.first_seen_at DESC, observations.id DESC LIMIT 1
"""
_PERIODS = f"{_PERIOD} AND revisions.number = :number ORDER BY observations.first_seen_at"
_REMOVAL = """
    SELECT not_before, not_after FROM changes
    WHERE post_id = :post_id AND kind = 'removed' AND not_after BETWEEN :since AND :time
    ORDER BY id DESC LIMIT 1
"""
_POST = "SELECT label, first_seen_at FROM posts WHERE id = ?"
_COLUMNS = """
    SELECT posts.id AS post_id, posts.label, stores.name AS store, blogs.label AS blog, posts.url,
        posts.language, revisions.number, revisions.title, contents.hash
"""
_JOINS = """
    JOIN stores ON stores.id = posts.store_id
    JOIN blogs ON blogs.id = posts.blog_id
    JOIN contents ON contents.id = revisions.content_id
"""
_NOW = f"""
    {_COLUMNS}
    FROM posts
    JOIN revisions ON revisions.id = posts.revision_id
    {_JOINS}
    WHERE posts.state != 'removed' AND :store IN ('', stores.name)
    ORDER BY posts.label
"""
_AT_A_TIME = f"""
    {_COLUMNS}
    FROM (
        SELECT *, row_number() OVER (
            PARTITION BY post_id ORDER BY first_seen_at DESC, id DESC
        ) AS place
        FROM observations WHERE verdict = 'ok' AND first_seen_at <= :time
    ) AS observations
    JOIN posts ON posts.id = observations.post_id
    JOIN revisions ON revisions.id = observations.revision_id
    {_JOINS}
    WHERE place = 1 AND :store IN ('', stores.name) AND NOT EXISTS (
        SELECT 1 FROM changes WHERE changes.post_id = posts.id AND kind = 'removed'
            AND not_after BETWEEN observations.last_seen_at AND :time
    )
    ORDER BY posts.label
"""
_SEEN = f"""
    SELECT observations.verdict, observations.first_seen_at AS first_seen_at,
        observations.last_seen_at, observations.count,
        coalesce(revisions.title || char(10) || contents.text, '') AS text
    FROM observations
    LEFT JOIN revisions ON revisions.id = observations.revision_id
    LEFT JOIN contents ON contents.id = revisions.content_id
    WHERE observations.post_id = :post_id AND observations.first_seen_at <= :time
    UNION ALL
    SELECT 'ok', first_at, last_at, 0, '' FROM ({REMOVALS}) WHERE first_at <= :time
    ORDER BY first_seen_at DESC
"""
