"""Numbers for the plots: posts by month, changes by crawl, words by month, periods of codes.

`store_id` is 0 for all stores. Months are in UTC, such as ``2026-03``.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from scraper.archive.rows import read_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyPosts:
    """Posts published in a month, or without a date if `month` is empty: how many are live, and how
    many are missing or removed."""

    month: str
    live: int
    gone: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlTime:
    """A crawl as a position on an axis."""

    id: int
    store: str
    started_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCount:
    """The number of changes of one kind and severity that a crawl found."""

    crawl_id: int
    kind: str
    severity: str
    n_changes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyWords:
    """The growth of all posts in a month, in words; negative if they shrank."""

    month: str
    words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePeriod:
    """A discount code and the period in which posts carried it. `n_live_posts` counts the live
    posts that carry it now."""

    id: int
    code: str
    kind: str
    value: float
    currency: str
    store: str
    first_seen_at: str
    last_seen_at: str
    n_posts: int
    n_live_posts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveExtent:
    """The last heartbeat of any crawl (UTC, empty if there is none), and the number of finished
    crawls and of codes."""

    until: str
    n_crawls: int
    n_codes: int


def read_extent(connection: sqlite3.Connection, store_id: int) -> ArchiveExtent:
    """Read how far the archive reaches."""
    (extent,) = read_rows(connection, ArchiveExtent, _EXTENT, {"store": store_id})
    return extent


def count_posts_by_month(connection: sqlite3.Connection, store_id: int) -> list[MonthlyPosts]:
    """Count posts by month of publication, in order; months without posts are left out."""
    return read_rows(connection, MonthlyPosts, _POSTS, {"store": store_id})


def read_last_crawls(
    connection: sqlite3.Connection, store_id: int, *, limit: int
) -> list[CrawlTime]:
    """Read the last finished crawls, the earliest of them first."""
    return read_rows(connection, CrawlTime, _CRAWLS, {"store": store_id, "limit": limit})[::-1]


def count_changes_by_crawl(
    connection: sqlite3.Connection, store_id: int, *, since: int
) -> list[ChangeCount]:
    """Count the store's own changes by crawl, from the crawl with the id `since`.

    The posts of a store's first crawl do not count.
    """
    return read_rows(connection, ChangeCount, _CHANGES, {"store": store_id, "since": since})


def read_words_by_month(connection: sqlite3.Connection, store_id: int) -> list[MonthlyWords]:
    """Read the growth of posts in words, by month and in order.

    A post counts from its month of publication with the words of its first revision, and each later
    revision from the month of its first observation. A removal subtracts the post's words. A post
    without a date, or with one after its first observation, counts from that observation.
    """
    return read_rows(connection, MonthlyWords, _WORDS, {"store": store_id})


def read_code_periods(
    connection: sqlite3.Connection, store_id: int, *, limit: int
) -> list[CodePeriod]:
    """Read discount codes, the most recently added or removed first."""
    return read_rows(connection, CodePeriod, _CODES, {"store": store_id, "limit": limit})


_DATED = "published_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]*'"
_EXTENT = """
    SELECT
        coalesce(
            (SELECT max(heartbeat_at) FROM crawls WHERE :store IN (0, store_id)), ''
        ) AS until,
        (
            SELECT count(*) FROM crawls
            WHERE kind = 'crawl' AND finished_at IS NOT NULL AND :store IN (0, store_id)
        ) AS n_crawls,
        (SELECT count(*) FROM discount_codes WHERE :store IN (0, store_id)) AS n_codes
"""
_POSTS = f"""
    SELECT CASE WHEN {_DATED} THEN substr(published_at, 1, 7) ELSE '' END AS month,
        sum(state = 'live') AS live, sum(state != 'live') AS gone
    FROM posts WHERE :store IN (0, store_id) GROUP BY month ORDER BY month
"""
_CRAWLS = """
    SELECT crawls.id, stores.name AS store, started_at
    FROM crawls JOIN stores ON stores.id = crawls.store_id
    WHERE kind = 'crawl' AND finished_at IS NOT NULL AND :store IN (0, store_id)
    ORDER BY crawls.id DESC LIMIT :limit
"""
_CHANGES = """
    SELECT changes.crawl_id, changes.kind, changes.severity, count(*) AS n_changes
    FROM changes
    WHERE changes.crawl_id >= :since AND :store IN (0, changes.store_id)
        AND changes.origin = 'observed'
        AND NOT (changes.kind = 'created' AND changes.not_before IS NULL)
    GROUP BY changes.crawl_id, changes.kind, changes.severity
    ORDER BY changes.crawl_id, changes.kind, changes.severity
"""
_WORDS = f"""
    WITH observed AS (
        SELECT observations.id, observations.post_id,
            substr(observations.first_seen_at, 1, 7) AS month, revisions.word_count AS words,
            lag(revisions.word_count) OVER (
                PARTITION BY observations.post_id
                ORDER BY observations.first_seen_at, observations.id
            ) AS previous_words,
            CASE WHEN posts.{_DATED} AND posts.published_at < posts.first_seen_at
                THEN substr(posts.published_at, 1, 7) ELSE substr(posts.first_seen_at, 1, 7)
            END AS first_month
        FROM observations
        JOIN posts ON posts.id = observations.post_id
        JOIN revisions ON revisions.id = observations.revision_id
        WHERE :store IN (0, posts.store_id)
    ), growth AS (
        SELECT iif(previous_words IS NULL, first_month, month) AS month,
            words - coalesce(previous_words, 0) AS words
        FROM observed
        UNION ALL
        SELECT substr(not_after, 1, 7), iif(changes.kind = 'removed', -word_count, word_count)
        FROM changes JOIN revisions ON revisions.id = changes.from_revision_id
        WHERE changes.kind IN ('removed', 'restored') AND :store IN (0, changes.store_id)
    )
    SELECT month, sum(words) AS words FROM growth GROUP BY month ORDER BY month
"""
_CODES = """
    SELECT discount_codes.id, code, discount_codes.kind, value, currency, stores.name AS store,
        min(revisions.first_seen_at) AS first_seen_at, max(revisions.last_seen_at) AS last_seen_at,
        count(DISTINCT posts.id) AS n_posts,
        count(
            DISTINCT iif(posts.state = 'live' AND posts.revision_id = revisions.id, posts.id, NULL)
        ) AS n_live_posts
    FROM discount_codes
    JOIN stores ON stores.id = discount_codes.store_id
    JOIN code_mentions ON code_mentions.code_id = discount_codes.id
    JOIN revisions ON revisions.id = code_mentions.revision_id
    JOIN posts ON posts.id = code_mentions.post_id
    WHERE :store IN (0, discount_codes.store_id)
    GROUP BY discount_codes.id
    ORDER BY
        iif(n_live_posts, min(revisions.first_seen_at), max(revisions.last_seen_at)) DESC,
        code, discount_codes.id
    LIMIT :limit
"""
