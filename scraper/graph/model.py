"""The graph of related posts as values: posts as nodes, links as edges, as they stood on one
day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from scraper.items import LinkKind


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphPost:
    """A post as a node of the graph, as it stood on the graph's day.

    `blog` is the label of its blog. `state` is ``live``, ``missing`` or ``removed``; `gone_at` is
    when it was first found gone, empty for one that is not removed. `front` says that its blog's
    front page shows it.
    """

    id: int
    label: str
    title: str
    url: str
    store: str
    blog: str
    published_at: str
    state: str
    language: str
    word_count: int
    gone_at: str = ""
    front: bool = False


class GraphEdge(NamedTuple):
    """An edge of the graph: a row of `links` that stood on the graph's day.

    `to_id` is None where no archived post is known at `url`. `weight` is 1 for an edge that
    somebody set; of kind ``similar`` it says how alike the two texts are, from 0 to 1. `gone_at` is
    empty while the edge stands today.

    A tuple, as of an archive of 20,000 posts there are 120,000.
    """

    id: int
    from_id: int
    to_id: int | None
    kind: LinkKind
    url: str
    anchor: str
    position: int
    weight: float
    first_seen_at: str
    last_seen_at: str
    gone_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Posts and the edges between them, as the archive knows them on `on` (UTC; empty: as they
    stand now).

    Removed posts are among `posts`, for edges may still point at them; the edges that led from them
    have ended.
    """

    on: str
    posts: tuple[GraphPost, ...]
    edges: tuple[GraphEdge, ...]
