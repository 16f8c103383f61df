"""The texts that an audit reads, and since when a sentence of theirs has stood."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from scraper.archive.queries.texts.standing import REMOVALS
from scraper.archive.rows import iterate_rows, read_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingText:
    """The text of a post as it stands, or stood at a time; the title is its first line."""

    post_id: int
    label: str
    store: str
    url: str
    state: str
    language: str
    number: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceSince:
    """Since when a sentence has stood: it was not there at `not_before` (UTC, empty: it was there
    from the first fetch), and was at `not_after`; `looks` fetches in a row showed it, the last at
    `last_seen_at`."""

    not_before: str
    not_after: str
    last_seen_at: str
    looks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    verdict: str
    first_seen_at: str
    last_seen_at: str
    count: int
    text: str


def standing_texts(
    connection: sqlite3.Connection, *, store: str = "", time: str = ""
) -> Iterator[StandingText]:
    """Read the text of each post that stands now, or was last seen before a time (UTC) and not
    removed by then; of a store by its name."""
    values = {"store": store, "time": time}
    return iterate_rows(connection, StandingText, _AT_A_TIME if time else _NOW, values)


def sentence_since(
    connection: sqlite3.Connection, post_id: int, sentence: str, time: str = ""
) -> SentenceSince | None:
    """Read since when a post has held a sentence without a break; None if no fetch up to a time
    (UTC, empty: now) showed it. Fetches that failed break nothing, a removal of the post does."""
    values = {"post_id": post_id, "time": time or "9999"}
    looks, first, last, not_before = 0, "", "", ""
    for seen in read_rows(connection, _Seen, _SEEN, values):
        if seen.verdict != "ok":
            continue
        if sentence not in " ".join(seen.text.split()):
            not_before = seen.last_seen_at
            break
        looks, first, last = looks + seen.count, seen.first_seen_at, last or seen.last_seen_at
    if not looks:
        return None
    return SentenceSince(not_before=not_before, not_after=first, last_seen_at=last, looks=looks)


_COLUMNS = """
    SELECT posts.id AS post_id, posts.label, stores.name AS store, posts.url, posts.state,
        posts.language, revisions.number, revisions.title || char(10, 10) || contents.text AS text
"""
_NOW = f"""
    {_COLUMNS}
    FROM posts
    JOIN stores ON stores.id = posts.store_id
    JOIN revisions ON revisions.id = posts.revision_id
    JOIN contents ON contents.id = revisions.content_id
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
    JOIN stores ON stores.id = posts.store_id
    JOIN revisions ON revisions.id = observations.revision_id
    JOIN contents ON contents.id = revisions.content_id
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
