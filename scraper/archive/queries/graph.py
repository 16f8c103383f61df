"""The graph of posts, as it is now or was at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, fields
from sys import intern
from typing import Any

from scraper.archive.rows import iterate_rows, read_rows
from scraper.exceptions import UsageProblem
from scraper.graph.model import Graph, GraphEdge, GraphPost
from scraper.timestamps import end_of_day

LATEST = "9999-12-31T23:59:59Z"
"""A time after all others."""

FRONT_POSTS = 12
"""Posts on the first page of a blog's index if their number is unknown: the theme's default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLink:
    """A link set by an author that leads nowhere, or only by a redirect.

    `cause` is ``removed``, ``renamed`` or ``unknown``, `since` the time of that (UTC). The
    suggested post is another target, empty if none is known.
    """

    id: int
    kind: str
    store: str
    from_post: str
    from_url: str
    anchor: str
    url: str
    cause: str
    since: str
    suggested_post: str
    suggested_url: str


def read_graph(
    connection: sqlite3.Connection,
    store: str | None = None,
    on: str | None = None,
    since: str | None = None,
) -> Graph:
    """Read the graph of one store (by name) or of all, as it is now or was at a time.

    `on` is a day such as ``2026-03-04``, which means its end, or a time as the archive writes it.
    `since` adds the edges that existed at that time or later and have ended. Raises UsageProblem
    for an invalid time.
    """
    time = as_of(on) if on else ""
    until = time or LATEST
    ended_after = as_of(since) if since else until
    return Graph(
        on=time,
        posts=tuple(_read_posts(connection, store or "", time)),
        edges=tuple(_read_edges(connection, store or "", until, ended_after)),
    )


def read_dead_links(connection: sqlite3.Connection, store: str | None = None) -> list[DeadLink]:
    """Read the view `dead_links` of one store (by name) or of all, oldest first."""
    names = [field.name for field in fields(DeadLink)]
    sql = f"SELECT {', '.join(names)} FROM dead_links WHERE ?1 IN ('', store) ORDER BY since, id"
    return read_rows(connection, DeadLink, sql, [store or ""])


def as_of(on: str) -> str:
    """The last second of a day (UTC), or a timestamp unchanged. Raises UsageProblem."""
    try:
        return end_of_day(on)
    except ValueError as error:
        raise UsageProblem(str(error)) from error


def _read_posts(connection: sqlite3.Connection, store: str, time: str) -> Iterator[GraphPost]:
    sql = _POSTS_AT if time else _POSTS_NOW
    return iterate_rows(connection, _graph_post, sql, {"store": store, "time": time})


def _read_edges(
    connection: sqlite3.Connection, store: str, until: str, ended_after: str
) -> Iterator[GraphEdge]:
    criteria = {"store": store, "until": until, "ended_after": ended_after}
    rows = connection.execute(_EDGES, criteria)
    return (
        GraphEdge._make(
            (*ends, intern(kind), url, anchor, place, weight, intern(first), intern(last), gone)
        )
        for *ends, kind, url, anchor, place, weight, first, last, gone in rows
    )


# Equal strings are shared: a graph of a million edges has few distinct kinds, labels and times.


def _graph_post(
    *, store: str, blog: str, state: str, language: str, front: int, **values: Any
) -> GraphPost:
    return GraphPost(
        store=intern(store),
        blog=intern(blog),
        state=intern(state),
        language=intern(language),
        front=bool(front),
        **values,
    )


_REMOVED_AT = """(
    SELECT max(not_after) FROM changes
    WHERE post_id = posts.id AND kind = 'removed' AND not_after <= :time
)"""
_RESTORED_AT = """(
    SELECT max(not_after) FROM changes
    WHERE post_id = posts.id AND kind = 'restored' AND not_after <= :time
)"""
_URL_BEFORE = """(
    SELECT new_value FROM changes
    JOIN change_fields ON change_fields.change_id = changes.id AND field = 'url'
    WHERE post_id = posts.id AND kind = 'renamed' AND not_after <= :time
    ORDER BY changes.id DESC LIMIT 1
)"""
_URL_AFTER = """(
    SELECT old_value FROM changes
    JOIN change_fields ON change_fields.change_id = changes.id AND field = 'url'
    WHERE post_id = posts.id AND kind = 'renamed' AND not_after > :time
    ORDER BY changes.id LIMIT 1
)"""
_IS_REMOVED = f"{_REMOVED_AT} > coalesce({_RESTORED_AT}, '')"
_COLUMNS = f"""
    SELECT id, label, title, url, store, blog, published_at, state, language, word_count,
        coalesce(gone_at, '') AS gone_at,
        state != 'removed' AND row_number() OVER (
            PARTITION BY blog_id, state = 'removed' ORDER BY published_at DESC, id DESC
        ) <= {FRONT_POSTS} AS front
"""
_POSTS_NOW = f"""
    {_COLUMNS}
    FROM (
        SELECT posts.id, posts.label, posts.title, posts.url, stores.name AS store,
            blogs.label AS blog, posts.published_at, posts.state, posts.language, posts.word_count,
            posts.blog_id,
            CASE WHEN posts.state = 'removed' THEN (
                SELECT max(not_after) FROM changes WHERE post_id = posts.id AND kind = 'removed'
            ) END AS gone_at
        FROM posts
        JOIN blogs ON blogs.id = posts.blog_id
        JOIN stores ON stores.id = posts.store_id
        WHERE :store IN ('', stores.name)
    ) ORDER BY id
"""
_POSTS_AT = f"""
    {_COLUMNS}
    FROM (
        SELECT posts.id, posts.label, revisions.title,
            coalesce({_URL_BEFORE}, {_URL_AFTER}, posts.url) AS url, stores.name AS store,
            blogs.label AS blog,
            coalesce(nullif(revisions.published_at, ''), posts.published_at) AS published_at,
            CASE WHEN {_IS_REMOVED} THEN 'removed' ELSE 'live' END AS state,
            posts.language, revisions.word_count, posts.blog_id,
            CASE WHEN {_IS_REMOVED} THEN {_REMOVED_AT} END AS gone_at
        FROM posts
        JOIN blogs ON blogs.id = posts.blog_id
        JOIN stores ON stores.id = posts.store_id
        JOIN revisions ON revisions.id = (
            SELECT revision_id FROM observations
            WHERE post_id = posts.id AND revision_id IS NOT NULL AND first_seen_at <= :time
            ORDER BY first_seen_at DESC, id DESC LIMIT 1
        )
        WHERE :store IN ('', stores.name) AND posts.first_seen_at <= :time
    ) ORDER BY id
"""
_EDGES = """
    SELECT id, from_post_id, to_post_id, kind, url, anchor, position, weight, first_seen_at,
        last_seen_at, coalesce(gone_at, '')
    FROM links
    WHERE first_seen_at <= :until AND (gone_at IS NULL OR gone_at > :ended_after)
        AND (:store = '' OR from_post_id IN (
            SELECT posts.id FROM posts JOIN stores ON stores.id = store_id WHERE name = :store
        ))
    ORDER BY id
"""
