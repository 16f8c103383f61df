"""Measures of the graph, per post and per blog."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev
from typing import Final, NamedTuple

from scraper.graph.algorithms import (
    Edge,
    click_depths,
    communities,
    connected_components,
    page_ranks,
)
from scraper.graph.model import Graph, GraphEdge, GraphPost
from scraper.items import AUTHORED, PAGERS, LinkKind

THEME_KINDS: Final[frozenset[LinkKind]] = frozenset({"related_widget", *PAGERS})
"""Edges that the theme or an app sets."""

SIMILARITY_KINDS: Final[frozenset[LinkKind]] = frozenset({"similar", "copy"})
"""Edges that the archive computes from the two texts."""

EDITORIAL_KINDS: Final[frozenset[LinkKind]] = AUTHORED | {"related_widget"}
"""Edges that the author or a widget chose for the post; measures count these by default. Older and
newer only follow the calendar: with them, every blog would be one component."""

_MIN_HUB_DEGREE: Final = 3
_HUB_DEVIATIONS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """A post's place in the graph.

    `in_degree` counts the posts that point at it, `out_degree` those it points at, each once
    however often. `rank` is its PageRank, all of a graph's together being 1. `component` and
    `community` are numbered from 1, the largest first. `depth` is how many clicks lead to it from
    its blog's front page, a post shown there being at 1, along edges of every kind that a reader
    can click; -1 where none do. `reciprocity` is the share of the posts it points at that point
    back, 0 where it points at none. An `orphan` is pointed at by no post, a `dead_end` points at
    none; a `hub` is pointed at by three posts or more, and by two standard deviations more than the
    mean.
    """

    in_degree: int
    out_degree: int
    rank: float
    component: int
    community: int
    depth: int
    orphan: bool
    hub: bool
    dead_end: bool
    reciprocity: float


class PostRank(NamedTuple):
    """A post's rank and community alone, as `Measures` has them."""

    rank: float
    community: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BlogMeasures:
    """A blog's place in the graph: `edges` are those that lead from its posts, `inside` how many of
    them stay within it."""

    blog: str
    posts: int
    edges: int
    inside: int
    orphans: int
    hubs: int
    dead_ends: int
    components: int
    communities: int
    unreachable: int
    reciprocity: float


def measure(graph: Graph, kinds: Collection[LinkKind] = EDITORIAL_KINDS) -> dict[int, Measures]:
    """Measure every post that is not removed, by its id. Edges of `kinds` count; several edges from
    one post to the same other post count once."""
    posts = [post for post in graph.posts if post.state != "removed"]
    if not posts:
        return {}
    node_of = {post.id: node for node, post in enumerate(posts)}
    edges = sorted(set(_numbered(graph.edges, kinds, node_of)))
    in_degrees, out_degrees, mutual = _degrees(len(posts), edges)
    hub_degree = max(_MIN_HUB_DEGREE, fmean(in_degrees) + _HUB_DEVIATIONS * pstdev(in_degrees))
    ranks = page_ranks(len(posts), edges)
    component_of = connected_components(len(posts), edges)
    community_of = communities(len(posts), edges)
    depths = _depths(graph.edges, posts, node_of)
    return {
        post.id: Measures(
            in_degree=in_degrees[node],
            out_degree=out_degrees[node],
            rank=ranks[node],
            component=component_of[node],
            community=community_of[node],
            depth=depths.get(node, -1),
            orphan=in_degrees[node] == 0,
            hub=in_degrees[node] >= hub_degree,
            dead_end=out_degrees[node] == 0,
            reciprocity=_share(mutual[node], out_degrees[node]),
        )
        for node, post in enumerate(posts)
    }


def rank_posts(posts: Sequence[int], edges: Iterable[tuple[int, int]]) -> dict[int, PostRank]:
    """Rank posts and find their communities, by their ids, without the other measures. Edges are
    pairs of ids; those to or from other posts are left out."""
    node_of = {post: node for node, post in enumerate(posts)}
    numbered = sorted(set(_within(edges, node_of)))
    ranks = page_ranks(len(posts), numbered)
    return dict(zip(posts, map(PostRank, ranks, communities(len(posts), numbered)), strict=True))


def _degrees(nodes: int, edges: Sequence[Edge]) -> tuple[list[int], list[int], list[int]]:
    """For each node: how many edges lead to it, how many lead from it, and how many of the latter
    are mutual."""
    in_degrees, out_degrees, mutual = [0] * nodes, [0] * nodes, [0] * nodes
    known = set(edges)
    for start, end in edges:
        out_degrees[start] += 1
        in_degrees[end] += 1
        mutual[start] += (end, start) in known
    return in_degrees, out_degrees, mutual


def _share(part: int, total: int) -> float:
    return part / total if total else 0.0


def measure_blogs(graph: Graph, measures: Mapping[int, Measures]) -> list[BlogMeasures]:
    """Sum up the measures of a graph for each blog, in the order of their labels."""
    blog_of = {post.id: post.blog for post in graph.posts if post.id in measures}
    members: defaultdict[str, list[Measures]] = defaultdict(list)
    for post_id, blog in blog_of.items():
        members[blog].append(measures[post_id])
    edges = {
        (start, end)
        for start, end in _resolved(graph.edges, EDITORIAL_KINDS)
        if start in blog_of and end in blog_of
    }
    inside = Counter(blog_of[start] for start, end in edges if blog_of[start] == blog_of[end])
    mutual = Counter(blog_of[start] for start, end in edges if (end, start) in edges)
    return [
        _sum_up(blog, posts, inside=inside[blog], mutual=mutual[blog])
        for blog, posts in sorted(members.items())
    ]


def _sum_up(blog: str, posts: Sequence[Measures], *, inside: int, mutual: int) -> BlogMeasures:
    edges = sum(post.out_degree for post in posts)
    return BlogMeasures(
        blog=blog,
        posts=len(posts),
        edges=edges,
        inside=inside,
        orphans=sum(post.orphan for post in posts),
        hubs=sum(post.hub for post in posts),
        dead_ends=sum(post.dead_end for post in posts),
        components=len({post.component for post in posts}),
        communities=len({post.community for post in posts}),
        unreachable=sum(post.depth < 0 for post in posts),
        reciprocity=_share(mutual, edges),
    )


def _resolved(edges: Iterable[GraphEdge], kinds: Collection[LinkKind]) -> Iterable[tuple[int, int]]:
    """The two post ids of each edge of some kinds whose target is archived, self-links left out."""
    return (
        (edge.from_id, edge.to_id)
        for edge in edges
        if edge.to_id is not None and edge.kind in kinds and edge.to_id != edge.from_id
    )


def _numbered(
    edges: Iterable[GraphEdge], kinds: Collection[LinkKind], node_of: Mapping[int, int]
) -> Iterable[Edge]:
    """The edges of some kinds as pairs of nodes."""
    return _within(_resolved(edges, kinds), node_of)


def _within(pairs: Iterable[tuple[int, int]], node_of: Mapping[int, int]) -> Iterable[Edge]:
    """The pairs of ids that both have a node, as pairs of nodes."""
    return (
        (node_of[start], node_of[end])
        for start, end in pairs
        if start in node_of and end in node_of
    )


def _depths(
    edges: Iterable[GraphEdge], posts: Sequence[GraphPost], node_of: Mapping[int, int]
) -> dict[int, int]:
    """Clicks from the blogs' front pages; a post on its own blog's front page is at 1."""
    targets: defaultdict[int, list[int]] = defaultdict(list)
    for start, end in _numbered(edges, AUTHORED | THEME_KINDS, node_of):
        targets[start].append(end)
    return click_depths(targets, (node for node, post in enumerate(posts) if post.front))
