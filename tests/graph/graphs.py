"""Graphs for tests, drawn from pairs of numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from scraper.graph.model import Graph, GraphEdge, GraphPost


def make_node(number: int, **more: Any) -> GraphPost:
    values = {
        "id": number,
        "label": f"shop.example: news/post-{number}",
        "title": f"Post {number}",
        "url": f"https://shop.example/blogs/news/post-{number}",
        "store": "shop.example",
        "blog": "shop.example: news",
        "published_at": f"2026-01-{number % 28 + 1:02}T09:00:00Z",
        "state": "live",
        "language": "en",
        "word_count": 100,
    }
    return GraphPost(**{**values, **more})


def make_edge(start: int, end: int | None, **more: Any) -> GraphEdge:
    values = {
        "id": start * 1000 + (end or 0),
        "from_id": start,
        "to_id": end,
        "kind": "inline",
        "url": f"https://shop.example/blogs/news/post-{end}",
        "anchor": f"to {end}",
        "position": 0,
        "weight": 1.0,
        "first_seen_at": "2026-03-02T06:00:00Z",
        "last_seen_at": "2026-03-03T06:00:00Z",
        "gone_at": "",
    }
    return GraphEdge(**{**values, **more})


def make_graph(
    count: int, edges: Iterable[tuple[int, int | None] | GraphEdge], **posts: Any
) -> Graph:
    """Posts numbered from 1, and edges from pairs of their numbers; `posts` is what all of them
    share."""
    drawn = tuple(edge if isinstance(edge, GraphEdge) else make_edge(*edge) for edge in edges)
    return Graph(
        on="",
        posts=tuple(make_node(number, **posts) for number in range(1, count + 1)),
        edges=drawn,
    )
