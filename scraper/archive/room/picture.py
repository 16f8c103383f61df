"""What the picture of related posts needs beyond the graph as it stands: what stood before, and when that was."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from scraper.archive.graph import read_graph
from scraper.archive.rows import read_rows
from scraper.items import Graph


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedEdge:
    """An edge that stands no more. `to_id` is None where no archived post is known at its address."""

    from_id: int
    to_id: int | None
    kind: str
    url: str
    anchor: str
    first_seen_at: str
    gone_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The graph as it stands, the edges that ended, when each post was first seen, and when each run over a store ended."""

    graph: Graph
    ended: tuple[EndedEdge, ...]
    first_seen_at: dict[int, str]
    runs: tuple[str, ...]


def read_past(connection: sqlite3.Connection, store_id: int, store: str) -> Past:
    """All that is known of the graph of one store, number and name, or of all (0 and an empty name)."""
    asked = {"store": store_id}
    return Past(
        graph=read_graph(connection, store or None),
        ended=tuple(read_rows(connection, EndedEdge, _ENDED, asked)),
        first_seen_at=dict(connection.execute(_FIRST, asked).fetchall()),
        runs=tuple(at for (at,) in connection.execute(_RUNS, asked)),
    )


def blog_labels(connection: sqlite3.Connection, store_id: int) -> list[str]:
    """The labels of a store's blogs, or of all (0)."""
    return [label for (label,) in connection.execute("SELECT label FROM blogs WHERE ? IN (0, store_id) ORDER BY label", [store_id])]


_ENDED = """
    SELECT from_post_id, to_post_id, kind, links.url, anchor, links.first_seen_at, gone_at
    FROM links JOIN posts ON posts.id = from_post_id WHERE gone_at IS NOT NULL AND :store IN (0, store_id) ORDER BY links.id
"""
_FIRST = "SELECT id, first_seen_at FROM posts WHERE :store IN (0, store_id)"
_RUNS = "SELECT DISTINCT coalesce(finished_at, heartbeat_at) FROM crawls WHERE :store IN (0, store_id) ORDER BY 1"
