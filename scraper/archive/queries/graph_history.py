"""What the picture of related posts needs beyond the graph as it stands: what stood before, and
when that was."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, fields

from scraper.archive.queries.graph import read_graph
from scraper.archive.rows import read_rows
from scraper.graph.model import Graph, GraphEdge, GraphPost


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedEdge:
    """An edge that stands no more. `to_id` is None where no archived post is known at its
    address."""

    from_id: int
    to_id: int | None
    kind: str
    url: str
    anchor: str
    first_seen_at: str
    gone_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphHistory:
    """The graph as it stands, the edges that ended, when each post was first seen, and when each
    run over a store ended."""

    graph: Graph
    ended: tuple[EndedEdge, ...]
    first_seen_at: dict[int, str]
    runs: tuple[str, ...]


def read_graph_history(connection: sqlite3.Connection, store_id: int, store: str) -> GraphHistory:
    """All that is known of the graph of one store, number and name, or of all (0 and an empty
    name)."""
    asked = {"store": store_id}
    return GraphHistory(
        graph=read_graph(connection, store or None),
        ended=tuple(read_rows(connection, EndedEdge, _ENDED, asked)),
        first_seen_at=dict(connection.execute(_FIRST, asked).fetchall()),
        runs=tuple(at for (at,) in connection.execute(_RUNS, asked)),
    )


def read_near(connection: sqlite3.Connection, post_id: int, *, limit: int) -> GraphHistory:
    """The same of what is or ever was within two links of a post, `limit` posts at most. Its
    measures are not the whole graph's."""
    near = {"post": post_id, "limit": limit}
    posts = tuple(read_rows(connection, GraphPost, _NEAR + _NEAR_POSTS, near))
    edges = read_rows(connection, GraphEdge, _NEAR + _NEAR_EDGES, near)
    return GraphHistory(
        graph=Graph(on="", posts=posts, edges=tuple(edge for edge in edges if not edge.gone_at)),
        ended=tuple(_ended(edge) for edge in edges if edge.gone_at),
        first_seen_at=dict(
            connection.execute(
                _NEAR + "SELECT id, first_seen_at FROM near JOIN posts USING (id)", near
            ).fetchall()
        ),
        runs=tuple(at for (at,) in connection.execute(_RUNS, {"store": 0})),
    )


def _ended(edge: GraphEdge) -> EndedEdge:
    return EndedEdge(**{part.name: getattr(edge, part.name) for part in fields(EndedEdge)})


def blog_labels(connection: sqlite3.Connection, store_id: int) -> list[str]:
    """The labels of a store's blogs, or of all (0)."""
    return [
        label
        for (label,) in connection.execute(
            "SELECT label FROM blogs WHERE ? IN (0, store_id) ORDER BY label", [store_id]
        )
    ]


_ENDED = """
    SELECT from_post_id, to_post_id, kind, links.url, anchor, links.first_seen_at, gone_at
    FROM links JOIN posts ON posts.id = from_post_id WHERE gone_at IS NOT NULL AND :store IN (0, store_id) ORDER BY links.id
"""
_FIRST = "SELECT id, first_seen_at FROM posts WHERE :store IN (0, store_id)"
_RUNS = "SELECT DISTINCT coalesce(finished_at, heartbeat_at) FROM crawls WHERE :store IN (0, store_id) ORDER BY 1"
_NEAR = """
    WITH beside(id) AS (
        SELECT :post
        UNION SELECT to_post_id FROM links WHERE from_post_id = :post AND to_post_id IS NOT NULL
        UNION SELECT from_post_id FROM links WHERE to_post_id = :post
    ), near(id) AS (
        SELECT id FROM beside
        UNION SELECT to_post_id FROM beside CROSS JOIN links ON from_post_id = beside.id WHERE to_post_id IS NOT NULL
        UNION SELECT from_post_id FROM beside CROSS JOIN links ON to_post_id = beside.id
        LIMIT :limit
    )
"""
_NEAR_POSTS = """
    SELECT posts.id, posts.label, posts.title, posts.url, stores.name, blogs.label, published_at, state, language, word_count,
        iif(state = 'removed', (SELECT max(not_after) FROM changes WHERE post_id = posts.id AND changes.kind = 'removed'), ''), 0
    FROM near JOIN posts ON posts.id = near.id JOIN blogs ON blogs.id = posts.blog_id JOIN stores ON stores.id = posts.store_id
    ORDER BY posts.id
"""
_NEAR_EDGES = """
    SELECT links.id, from_post_id, to_post_id, kind, url, anchor, position, 1.0, first_seen_at, last_seen_at, coalesce(gone_at, '')
    FROM near CROSS JOIN links ON from_post_id = near.id WHERE to_post_id IS NULL OR to_post_id IN (SELECT id FROM near) ORDER BY links.id
"""
