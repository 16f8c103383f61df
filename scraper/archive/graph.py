"""The graph of posts, as it stands or stood."""

from __future__ import annotations

import sqlite3
from datetime import date
from sys import intern

from scraper.exceptions import UsageProblem
from scraper.items import Graph, GraphEdge, GraphPost

_NOW = "9999-12-31T23:59:59Z"


def read_graph(connection: sqlite3.Connection, store: str | None = None, on: str | None = None) -> Graph:
    """The graph of one store (by name) or of all, as it stands or as it stood on a day or at a moment.

    `on` is a day such as ``2026-03-04``, of which the end counts, or a time of the archive's own form. Raises UsageProblem for another.
    """
    moment = moment_of(on) if on else ""
    posts = tuple(_posts(connection, store or "", moment))
    return Graph(on=moment, posts=posts, edges=tuple(_edges(connection, store or "", moment or _NOW)))


def moment_of(on: str) -> str:
    """The moment that is meant by a day, its last second in UTC, or by a time. Raises UsageProblem."""
    day, _, rest = on.partition("T")
    try:
        date.fromisoformat(day)
    except ValueError as error:
        raise UsageProblem(f"{on!r} is not a day such as 2026-03-01") from error
    return on if rest else f"{day}T23:59:59Z"


def _posts(connection: sqlite3.Connection, store: str, moment: str) -> list[GraphPost]:
    rows = connection.execute(_POSTS_THEN if moment else _POSTS_NOW, {"store": store, "then": moment})
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


def _edges(connection: sqlite3.Connection, store: str, moment: str) -> list[GraphEdge]:
    return [
        GraphEdge(
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
        for row in connection.execute(_EDGES, {"store": store, "then": moment})
    ]


FRONT_POSTS = 12
"""Posts on the first page of a blog's index, where nobody has seen how many there are (the theme's own default: SHOPIFY.md)."""

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
            SELECT revision_id FROM sightings
            WHERE post_id = posts.id AND revision_id IS NOT NULL AND first_seen_at <= :then ORDER BY id DESC LIMIT 1
        )
        WHERE :store IN ('', stores.name) AND posts.first_seen_at <= :then
    ) ORDER BY id
"""
_EDGES = """
    SELECT links.id, from_post_id, to_post_id, links.kind, links.url, anchor, position, 1.0, links.first_seen_at, links.last_seen_at,
        CASE WHEN gone_at <= :then THEN NULL ELSE gone_at END
    FROM links JOIN posts ON posts.id = from_post_id JOIN stores ON stores.id = posts.store_id
    WHERE :store IN ('', stores.name) AND links.first_seen_at <= :then AND (gone_at IS NULL OR gone_at > :then)
    ORDER BY links.id
"""
