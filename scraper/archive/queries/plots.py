"""What the plots are drawn from: posts by month, changes by crawl, words month by month, and the
periods of discount codes."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from scraper.archive.rows import make_row, read_rows
from scraper.exceptions import NoSuchStore


@dataclass(frozen=True, slots=True, kw_only=True)
class PostMonth:
    """Posts published in a UTC month such as ``2026-03``, empty for those without a date: how many
    stand, and how many are gone since."""

    month: str
    live: int
    gone: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlMark:
    """A crawl as a place on an axis."""

    id: int
    store: str
    started_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCount:
    """How many changes of one kind and severity a crawl found."""

    crawl_id: int
    kind: str
    severity: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WordStep:
    """By how many words the posts that stand grew in a UTC month; the month is empty for what
    stands in no month."""

    month: str
    words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSpan:
    """A discount code and the period in which posts were seen to carry it. `standing` counts the
    live posts that carry it now."""

    id: int
    code: str
    kind: str
    value: float
    currency: str
    store: str
    first_seen_at: str
    last_seen_at: str
    posts: int
    standing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How far the archive reaches: its last sign of life in UTC, empty where there is none, and how
    many crawls and codes it holds."""

    until: str
    n_crawls: int
    n_codes: int


def store_names(connection: sqlite3.Connection) -> list[str]:
    """The names of all stores, in the order of the alphabet."""
    return [name for (name,) in connection.execute("SELECT name FROM stores ORDER BY name")]


def store_number(connection: sqlite3.Connection, name: str) -> int:
    """The number of a store by its name, 0 for no name. Raises NoSuchStore."""
    row = (
        connection.execute("SELECT id FROM stores WHERE name = ?", [name]).fetchone()
        if name
        else (0,)
    )
    if row is None:
        raise NoSuchStore(f"no store here is called {name!r}")
    return int(row[0])


def bounds(connection: sqlite3.Connection, store_id: int) -> Bounds:
    """How far the archive reaches, or what it holds of one store."""
    return make_row(Bounds, connection.execute(_BOUNDS, {"store": store_id}).fetchone())


def posts_by_month(connection: sqlite3.Connection, store_id: int) -> list[PostMonth]:
    """Posts by the month of their publication, in order; months without any are left out."""
    return read_rows(connection, PostMonth, _POSTS, {"store": store_id})


def last_crawls(connection: sqlite3.Connection, store_id: int, *, limit: int) -> list[CrawlMark]:
    """The last crawls that ended, the earliest of them first."""
    return read_rows(connection, CrawlMark, _CRAWLS, {"store": store_id, "limit": limit})[::-1]


def changes_by_crawl(
    connection: sqlite3.Connection, store_id: int, *, since: int
) -> list[ChangeCount]:
    """What the store did, by crawl from number `since` on; first sights of a first crawl are no
    changes."""
    return read_rows(connection, ChangeCount, _CHANGES, {"store": store_id, "since": since})


def words_by_month(connection: sqlite3.Connection, store_id: int) -> list[WordStep]:
    """By how many words the posts that stand grew or shrank in each month, in order.

    A post counts from the month of its publication with the words with which it was first seen, and
    with each later revision from the month in which that was seen; a removal takes its words away.
    A post without a date, or dated after its first sight, counts from there.
    """
    return read_rows(connection, WordStep, _WORDS, {"store": store_id})


def code_spans(connection: sqlite3.Connection, store_id: int, *, limit: int) -> list[CodeSpan]:
    """Discount codes, those that came or went last first."""
    return read_rows(connection, CodeSpan, _CODES, {"store": store_id, "limit": limit})


_BOUNDS = """
    SELECT coalesce((SELECT max(heartbeat_at) FROM crawls WHERE :store IN (0, store_id)), ''),
        (SELECT count(*) FROM crawls WHERE kind = 'crawl' AND finished_at IS NOT NULL AND :store IN (0, store_id)),
        (SELECT count(*) FROM discount_codes WHERE :store IN (0, store_id))
"""
_POSTS = """
    SELECT CASE WHEN published_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]*' THEN substr(published_at, 1, 7) ELSE '' END AS month,
        sum(state = 'live'), sum(state != 'live')
    FROM posts WHERE :store IN (0, store_id) GROUP BY month ORDER BY month
"""
_CRAWLS = """
    SELECT crawls.id, stores.name, started_at FROM crawls JOIN stores ON stores.id = crawls.store_id
    WHERE kind = 'crawl' AND finished_at IS NOT NULL AND :store IN (0, store_id) ORDER BY crawls.id DESC LIMIT :limit
"""
_CHANGES = """
    SELECT changes.crawl_id, changes.kind, changes.severity, count(*)
    FROM changes
    WHERE changes.crawl_id >= :since AND :store IN (0, changes.store_id) AND changes.origin = 'observed'
        AND NOT (changes.kind = 'created' AND changes.not_before IS NULL)
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_WORDS = """
    WITH stood AS (
        SELECT observations.id, observations.post_id, substr(observations.first_seen_at, 1, 7) AS month, revisions.word_count AS words,
            lag(revisions.word_count) OVER (PARTITION BY observations.post_id ORDER BY observations.id) AS before,
            CASE WHEN posts.published_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]*' AND posts.published_at < posts.first_seen_at
                THEN substr(posts.published_at, 1, 7) ELSE substr(posts.first_seen_at, 1, 7) END AS began
        FROM observations JOIN posts ON posts.id = observations.post_id JOIN revisions ON revisions.id = observations.revision_id
        WHERE :store IN (0, posts.store_id)
    ), steps AS (
        SELECT iif(before IS NULL, began, month) AS month, words - coalesce(before, 0) AS words FROM stood
        UNION ALL
        SELECT substr(not_after, 1, 7), iif(changes.kind = 'removed', -word_count, word_count)
        FROM changes JOIN revisions ON revisions.id = changes.from_revision_id
        WHERE changes.kind IN ('removed', 'restored') AND :store IN (0, changes.store_id)
    )
    SELECT month, sum(words) FROM steps GROUP BY month ORDER BY month
"""
_CODES = """
    SELECT discount_codes.id, code, discount_codes.kind, value, currency, stores.name, min(revisions.first_seen_at),
        max(revisions.last_seen_at), count(DISTINCT posts.id),
        count(DISTINCT iif(posts.state = 'live' AND posts.revision_id = revisions.id, posts.id, NULL)) AS standing
    FROM discount_codes
    JOIN stores ON stores.id = discount_codes.store_id
    JOIN code_mentions ON code_mentions.code_id = discount_codes.id
    JOIN revisions ON revisions.id = code_mentions.revision_id
    JOIN posts ON posts.id = code_mentions.post_id
    WHERE :store IN (0, discount_codes.store_id)
    GROUP BY discount_codes.id
    ORDER BY iif(standing, min(revisions.first_seen_at), max(revisions.last_seen_at)) DESC, code, discount_codes.id LIMIT :limit
"""
