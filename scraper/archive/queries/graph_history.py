"""The graph with its past: ended edges, and when posts and edges were first seen."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace

from scraper.archive.queries.graph import BEGINNING, read_graph
from scraper.archive.rows import read_rows
from scraper.graph.model import Graph, GraphEdge, GraphPost


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphHistory:
    """The current graph, the ended edges, the first observation of each post by its id, and the
    ends of all crawls in order (UTC)."""

    graph: Graph
    ended: tuple[GraphEdge, ...]
    first_seen_at: dict[int, str]
    crawl_ends: tuple[str, ...]


def read_graph_history(connection: sqlite3.Connection, store_id: int, store: str) -> GraphHistory:
    """Read the graph history of one store (by id and name) or of all (0 and an empty name)."""
    criteria = {"store": store_id}
    graph = read_graph(connection, store or None, since=BEGINNING)
    return GraphHistory(
        graph=replace(graph, edges=tuple(edge for edge in graph.edges if not edge.gone_at)),
        ended=tuple(edge for edge in graph.edges if edge.gone_at),
        first_seen_at=dict(connection.execute(_FIRST_SEEN, criteria).fetchall()),
        crawl_ends=_read_crawl_ends(connection, store_id),
    )


def read_neighbourhood(connection: sqlite3.Connection, post_id: int, *, limit: int) -> GraphHistory:
    """Read the graph history of at most `limit` posts that are, or ever were, within two links of a
    post.

    Measures of this graph differ from those of the full graph.
    """
    near = {"post": post_id, "limit": limit}
    posts = tuple(read_rows(connection, GraphPost, _NEAR + _NEAR_POSTS, near))
    edges = read_rows(connection, GraphEdge, _NEAR + _NEAR_EDGES, near)
    return GraphHistory(
        graph=Graph(on="", posts=posts, edges=tuple(edge for edge in edges if not edge.gone_at)),
        ended=tuple(edge for edge in edges if edge.gone_at),
        first_seen_at=dict(connection.execute(_NEAR + _NEAR_FIRST_SEEN, near).fetchall()),
        crawl_ends=_read_crawl_ends(connection, 0),
    )


def _read_crawl_ends(connection: sqlite3.Connection, store_id: int) -> tuple[str, ...]:
    return tuple(end for (end,) in connection.execute(_CRAWL_ENDS, {"store": store_id}))


_FIRST_SEEN = "SELECT id, first_seen_at FROM posts WHERE :store IN (0, store_id)"
_CRAWL_ENDS = """
    SELECT DISTINCT coalesce(finished_at, heartbeat_at) AS ended_at
    FROM crawls WHERE :store IN (0, store_id) ORDER BY ended_at
"""
# CROSS JOIN fixes the order of the loops: from the few posts to their links by index.
_NEAR = """
    WITH adjacent(id) AS (
        SELECT :post
        UNION SELECT to_post_id FROM links
            WHERE from_post_id = :post AND to_post_id IS NOT NULL
        UNION SELECT from_post_id FROM links WHERE to_post_id = :post
    ), near(id) AS (
        SELECT id FROM adjacent
        UNION SELECT to_post_id FROM adjacent
            CROSS JOIN links ON from_post_id = adjacent.id WHERE to_post_id IS NOT NULL
        UNION SELECT from_post_id FROM adjacent
            CROSS JOIN links ON to_post_id = adjacent.id
        LIMIT :limit
    )
"""
_NEAR_POSTS = """
    SELECT posts.id, posts.label, posts.title, posts.url, stores.name AS store,
        blogs.label AS blog, published_at, state, language, word_count,
        iif(state = 'removed', (
            SELECT max(not_after) FROM changes
            WHERE post_id = posts.id AND changes.kind = 'removed'
        ), '') AS gone_at, 0 AS front
    FROM near
    JOIN posts ON posts.id = near.id
    JOIN blogs ON blogs.id = posts.blog_id
    JOIN stores ON stores.id = posts.store_id
    ORDER BY posts.id
"""
_NEAR_EDGES = """
    SELECT links.id, from_post_id AS from_id, to_post_id AS to_id, kind, url, anchor, position,
        1.0 AS weight, first_seen_at, last_seen_at, coalesce(gone_at, '') AS gone_at
    FROM near CROSS JOIN links ON from_post_id = near.id
    WHERE to_post_id IS NULL OR to_post_id IN (SELECT id FROM near) ORDER BY links.id
"""
_NEAR_FIRST_SEEN = "SELECT id, first_seen_at FROM near JOIN posts USING (id)"
