"""The highest ranked posts of the graph with their past: ended edges, and when posts and edges were
first seen."""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scraper.archive.rows import read_rows
from scraper.graph.measures import EDITORIAL_KINDS, PostRank, rank_posts
from scraper.graph.model import GraphEdge, GraphPost


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphHistory:
    """The highest ranked posts of a graph of `n_posts`, the highest first, and the edges from them
    to each other and to pages that are not archived: those that stand, then those that have ended.
    Edges of kind ``similar`` to other posts may be among them.

    `ranks` and `first_seen_at` (the first observations) are by post id; removed posts have no
    rank. `steps` are the ends of the crawls after which the graph differed, the last one being
    the present (UTC).
    """

    posts: tuple[GraphPost, ...]
    ranks: Mapping[int, PostRank]
    edges: tuple[GraphEdge, ...]
    first_seen_at: Mapping[int, str]
    steps: tuple[str, ...]
    n_posts: int


def read_graph_history(
    connection: sqlite3.Connection, store_id: int, blog: str = "", *, limit: int
) -> GraphHistory:
    """Read the graph history of one store (by id) or of all (0), or of one blog in it (by its
    label): at most `limit` posts."""
    candidates = connection.execute(_ALL, {"store": store_id, "blog": blog}).fetchall()
    return _read_history(connection, candidates, limit, store_id=store_id)


def read_neighbourhood(connection: sqlite3.Connection, post_id: int, *, limit: int) -> GraphHistory:
    """Read the graph history of at most `limit` posts that are, or ever were, within two links of a
    post, which comes first.

    Ranks in this graph differ from those in the full graph.
    """
    candidates = connection.execute(_NEAR, {"post": post_id, "limit": limit}).fetchall()
    return _read_history(connection, candidates, limit, center=post_id)


def _read_history(
    connection: sqlite3.Connection,
    candidates: Sequence[tuple[int, bool]],
    limit: int,
    *,
    store_id: int = 0,
    center: int = 0,
) -> GraphHistory:
    """Rank candidates, given by id and whether they are not removed, and read the best.

    Without a center they are the graph of a store or of all, whose steps also show what happened to
    other posts.
    """
    live = [post for post, is_live in candidates if is_live]
    pairs = connection.execute(_PAIRS, {"posts": json.dumps(live), "kinds": _KINDS})
    ranks = rank_posts(live, pairs)
    best = sorted(
        (post for post, _ in candidates),
        key=lambda post: (
            post != center,
            -ranks[post].rank if post in ranks else 0.0,
            post,
        ),
    )
    chosen = {"posts": json.dumps(best[:limit]), "center": center}
    posts = tuple(read_rows(connection, GraphPost, _POSTS, chosen))
    edges = tuple(read_rows(connection, GraphEdge, _EDGES, chosen))
    first_seen_at = dict(connection.execute(_FIRST_SEEN, chosen).fetchall())
    times = {*first_seen_at.values(), *(post.gone_at for post in posts)}
    times |= {edge.first_seen_at for edge in edges} | {edge.gone_at for edge in edges}
    return GraphHistory(
        posts=posts,
        ranks=ranks,
        edges=edges,
        first_seen_at=first_seen_at,
        steps=_steps(connection, times, store_id, whole=not center),
        n_posts=len(candidates),
    )


def _steps(
    connection: sqlite3.Connection, times: Iterable[str], store_id: int, *, whole: bool
) -> tuple[str, ...]:
    """The ends of the crawls that first saw what happened at some times or, if `whole`, at those of
    any edge of the store; and the last end."""
    store = {"store": store_id}
    crawl_ends = [end for (end,) in connection.execute(_CRAWL_ENDS, store)]
    steps = {*_crawls_of(times, crawl_ends), *crawl_ends[-1:]}
    # To read the times of all edges takes a while, and mostly the chosen posts show every crawl.
    if whole and len(steps) < len(crawl_ends):
        for pair in connection.execute(_EDGE_TIMES, store):
            steps.update(_crawls_of(pair, crawl_ends))
    return tuple(sorted(steps))


def _crawls_of(times: Iterable[str | None], crawl_ends: Sequence[str]) -> Iterable[str]:
    """The end of the first crawl after each time, or the last end; none without crawls."""
    last = len(crawl_ends) - 1
    return (
        crawl_ends[min(bisect_left(crawl_ends, time), last)]
        for time in times
        if time and crawl_ends
    )


_KINDS = json.dumps(sorted(EDITORIAL_KINDS))
_ALL = """
    SELECT posts.id, state != 'removed' FROM posts JOIN blogs ON blogs.id = blog_id
    WHERE :store IN (0, posts.store_id) AND :blog IN ('', blogs.label) ORDER BY posts.id
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
    SELECT id, state != 'removed' FROM near JOIN posts USING (id) ORDER BY id
"""
_PAIRS = """
    SELECT from_post_id, to_post_id
    FROM json_each(:posts) AS post CROSS JOIN links ON from_post_id = post.value
    WHERE gone_at IS NULL AND to_post_id != from_post_id
        AND kind IN (SELECT value FROM json_each(:kinds))
"""
_POSTS = """
    SELECT posts.id, posts.label, posts.title, posts.url, stores.name AS store,
        blogs.label AS blog, published_at, state, language, word_count,
        iif(state = 'removed', (
            SELECT max(not_after) FROM changes
            WHERE post_id = posts.id AND changes.kind = 'removed'
        ), '') AS gone_at, 0 AS front
    FROM json_each(:posts) AS chosen
    JOIN posts ON posts.id = chosen.value
    JOIN blogs ON blogs.id = posts.blog_id
    JOIN stores ON stores.id = posts.store_id
    ORDER BY chosen.key
"""
_EDGES = """
    SELECT links.id, from_post_id AS from_id, to_post_id AS to_id, kind, url, anchor, position,
        1.0 AS weight, first_seen_at, last_seen_at, coalesce(gone_at, '') AS gone_at
    FROM json_each(:posts) AS chosen CROSS JOIN links ON from_post_id = chosen.value
    WHERE to_post_id IS NULL OR to_post_id IN (SELECT value FROM json_each(:posts))
        OR :center = 0 AND kind = 'similar'
    ORDER BY gone_at IS NOT NULL, links.id
"""
_FIRST_SEEN = """
    SELECT id, first_seen_at FROM posts WHERE id IN (SELECT value FROM json_each(:posts))
"""
_CRAWL_ENDS = """
    SELECT DISTINCT coalesce(finished_at, heartbeat_at) AS ended_at
    FROM crawls WHERE :store IN (0, store_id) ORDER BY ended_at
"""
_EDGE_TIMES = """
    SELECT first_seen_at, gone_at FROM links
    WHERE :store = 0 OR from_post_id IN (SELECT id FROM posts WHERE store_id = :store)
"""
