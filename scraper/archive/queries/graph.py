"""The graph of posts, as it stands or stood."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, fields
from sys import intern
from typing import Any

from scraper.archive.rows import read_rows
from scraper.exceptions import UsageProblem
from scraper.graph.model import Graph, GraphEdge, GraphPost
from scraper.timestamps import end_of_day

LATEST = "9999-12-31T23:59:59Z"
"""A moment after all others."""


def read_graph(
    connection: sqlite3.Connection,
    store: str | None = None,
    on: str | None = None,
    since: str | None = None,
) -> Graph:
    """The graph of one store (by name) or of all, as it stands or as it stood on a day or at a
    moment.

    `on` is a day such as ``2026-03-04``, of which the end counts, or a time of the archive's own
    form. With `since`, edges that stood then or later and have gone before are there too. Raises
    UsageProblem for what is neither.
    """
    moment = as_of(on) if on else ""
    posts = tuple(_posts(connection, store or "", moment))
    until = moment or LATEST
    return Graph(
        on=moment,
        posts=posts,
        edges=tuple(_edges(connection, store or "", until, as_of(since) if since else until)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLink:
    """A link that an author set and that leads nowhere, or only by a redirect; `cause` is
    ``removed``, ``renamed`` or ``unknown``, `since` when it died (UTC), and the suggested post
    another target, empty where none is known."""

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


def read_dead_links(connection: sqlite3.Connection, store: str | None = None) -> list[DeadLink]:
    """The dead links of one store (by name) or of all, as the view of that name has them, the
    oldest first."""
    names = [field.name for field in fields(DeadLink)]
    sql = f"SELECT {', '.join(names)} FROM dead_links WHERE ?1 IN ('', store) ORDER BY since, id"
    return read_rows(connection, DeadLink, sql, [store or ""])


def as_of(on: str) -> str:
    """The last second of a day (UTC), or a timestamp unchanged. Raises UsageProblem."""
    try:
        return end_of_day(on)
    except ValueError as error:
        raise UsageProblem(str(error)) from error


def _posts(connection: sqlite3.Connection, store: str, moment: str) -> list[GraphPost]:
    rows = connection.execute(
        _POSTS_THEN if moment else _POSTS_NOW, {"store": store, "then": moment}
    )
    return [
        GraphPost(
            id=row[0],
            label=row[1],
            title=row[2],
            url=row[3],
            store=intern(row[4]),
            blog=intern(row[5]),
            published_at=row[6],
            state=intern(row[7]),
            language=intern(row[8]),
            word_count=row[9],
            gone_at=row[10] or "",
            front=bool(row[11]),
        )
        for row in rows
    ]


def _edges(
    connection: sqlite3.Connection, store: str, until: str, since: str
) -> Iterator[GraphEdge]:
    sql = f"{_EDGES} AND :store IN ('', stores.name) ORDER BY links.id"
    return map(_edge, connection.execute(sql, {"store": store, "then": until, "since": since}))


def _edge(row: tuple[Any, ...]) -> GraphEdge:
    return GraphEdge(
        id=row[0],
        from_id=row[1],
        to_id=row[2],
        kind=intern(row[3]),  # type: ignore[arg-type]
        url=row[4],
        anchor=row[5],
        position=row[6],
        weight=row[7],
        first_seen_at=intern(row[8]),
        last_seen_at=intern(row[9]),
        gone_at=row[10] or "",
    )


FRONT_POSTS = 12
"""Posts on the first page of a blog's index, where nobody has seen how many there are (the theme's
own default: SHOPIFY.md)."""

_GONE = "(SELECT max(not_after) FROM changes WHERE post_id = posts.id AND kind = 'removed' AND not_after <= :then)"
_BACK = "(SELECT max(not_after) FROM changes WHERE post_id = posts.id AND kind = 'restored' AND not_after <= :then)"
_COLUMNS = f"""
    SELECT id, label, title, url, store, blog, published_at, state, language, word_count, gone_at, state != 'removed'
        AND row_number() OVER (PARTITION BY blog_id, state = 'removed' ORDER BY published_at DESC, id DESC) <= {FRONT_POSTS}
"""
_POSTS_NOW = f"""
    {_COLUMNS}
    FROM (
        SELECT posts.id, posts.label, posts.title, posts.url, stores.name AS store, blogs.label AS blog, posts.published_at, posts.state,
            posts.language, posts.word_count, posts.blog_id, CASE WHEN posts.state = 'removed' THEN
                (SELECT max(not_after) FROM changes WHERE post_id = posts.id AND kind = 'removed') END AS gone_at
        FROM posts JOIN blogs ON blogs.id = posts.blog_id JOIN stores ON stores.id = posts.store_id WHERE :store IN ('', stores.name)
    ) ORDER BY id
"""
_POSTS_THEN = f"""
    {_COLUMNS}
    FROM (
        SELECT posts.id, posts.label, revisions.title, coalesce(
                (SELECT new_value FROM changes JOIN change_fields ON change_fields.change_id = changes.id AND field = 'url'
                    WHERE post_id = posts.id AND kind = 'renamed' AND not_after <= :then ORDER BY changes.id DESC LIMIT 1),
                (SELECT old_value FROM changes JOIN change_fields ON change_fields.change_id = changes.id AND field = 'url'
                    WHERE post_id = posts.id AND kind = 'renamed' AND not_after > :then ORDER BY changes.id LIMIT 1),
                posts.url
            ) AS url, stores.name AS store, blogs.label AS blog,
            coalesce(nullif(revisions.published_at, ''), posts.published_at) AS published_at,
            CASE WHEN {_GONE} > coalesce({_BACK}, '') THEN 'removed' ELSE 'live' END AS state,
            posts.language, revisions.word_count, posts.blog_id,
            CASE WHEN {_GONE} > coalesce({_BACK}, '') THEN {_GONE} END AS gone_at
        FROM posts JOIN blogs ON blogs.id = posts.blog_id JOIN stores ON stores.id = posts.store_id
        JOIN revisions ON revisions.id = (
            SELECT revision_id FROM observations
            WHERE post_id = posts.id AND revision_id IS NOT NULL AND first_seen_at <= :then ORDER BY id DESC LIMIT 1
        )
        WHERE :store IN ('', stores.name) AND posts.first_seen_at <= :then
    ) ORDER BY id
"""
_EDGES = """
    SELECT links.id, from_post_id, to_post_id, links.kind, links.url, anchor, position, weight, links.first_seen_at, links.last_seen_at,
        gone_at
    FROM links JOIN posts ON posts.id = from_post_id JOIN stores ON stores.id = posts.store_id
    WHERE links.first_seen_at <= :then AND (gone_at IS NULL OR gone_at > :since)
"""
