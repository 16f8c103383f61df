"""Measures of the graph, per post and per blog. igraph computes them; it is imported when they are
asked for, for a crawl asks for none."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev
from typing import TYPE_CHECKING, Final

from scraper.graph.model import Graph, GraphEdge, GraphPost
from scraper.items import AUTHORED, PAGERS, LinkKind

if TYPE_CHECKING:
    from igraph import Graph as Network

SHOWN: Final[frozenset[LinkKind]] = frozenset({"related_widget", *PAGERS})
"""Edges that the theme or an app sets."""

ALIKE: Final[frozenset[LinkKind]] = frozenset({"similar", "copy"})
"""Edges that nobody set: the two texts are alike."""

CHOSEN: Final[frozenset[LinkKind]] = AUTHORED | {"related_widget"}
"""Edges that were chosen for the post, by its author or by a widget: what is measured by default.
Older and newer only follow the calendar, and every post would be one component with them."""

_HUB_LEAST: Final = 3  # edges
_HUB_DEVIATIONS: Final = 2
_DAMPING: Final = 0.85  # as in the paper on PageRank (Brin and Page 1998)
_LEIDEN_ROUNDS: Final = 2  # more changed the modularity by less than 0.001


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


def measure(graph: Graph, kinds: Collection[LinkKind] = CHOSEN) -> dict[int, Measures]:
    """Measure every post that is not removed, by its id; edges of `kinds` count, and of two posts
    that point twice, one."""
    posts = [post for post in graph.posts if post.state != "removed"]
    if not posts:
        return {}
    number = {post.id: at for at, post in enumerate(posts)}
    pairs = sorted(
        {
            (number[start], number[end])
            for start, end in _pairs(graph.edges, kinds)
            if start in number and end in number
        }
    )
    network = _network(len(posts), pairs)
    backed = set(pairs)
    incoming, outgoing = network.indegree(), network.outdegree()
    answered = Counter(start for start, end in pairs if (end, start) in backed)
    depths = _depths(graph.edges, posts, number)
    hub = max(_HUB_LEAST, fmean(incoming) + _HUB_DEVIATIONS * pstdev(incoming))
    ranks, components, communities = (
        network.pagerank(damping=_DAMPING),
        _components(network),
        _communities(network),
    )
    return {
        post.id: Measures(
            in_degree=incoming[at],
            out_degree=outgoing[at],
            rank=ranks[at],
            component=components[at],
            community=communities[at],
            depth=depths[at],
            orphan=incoming[at] == 0,
            hub=incoming[at] >= hub,
            dead_end=outgoing[at] == 0,
            reciprocity=answered[at] / outgoing[at] if outgoing[at] else 0.0,
        )
        for at, post in enumerate(posts)
    }


def measure_blogs(
    graph: Graph, measures: Mapping[int, Measures], kinds: Collection[LinkKind] = CHOSEN
) -> list[BlogMeasures]:
    """What the measures of a graph come to for each blog, in the order of their labels; `kinds` are
    those that were measured."""
    blog_of = {post.id: post.blog for post in graph.posts if post.id in measures}
    members: defaultdict[str, list[Measures]] = defaultdict(list)
    for post_id, blog in blog_of.items():
        members[blog].append(measures[post_id])
    pairs = {
        (start, end)
        for start, end in _pairs(graph.edges, kinds)
        if start in blog_of and end in blog_of
    }
    inside: Counter[str] = Counter(
        blog_of[start] for start, end in pairs if blog_of[start] == blog_of[end]
    )
    answered: Counter[str] = Counter(
        blog_of[start] for start, end in pairs if (end, start) in pairs
    )
    return [
        BlogMeasures(
            blog=blog,
            posts=len(found),
            edges=(edges := sum(post.out_degree for post in found)),
            inside=inside[blog],
            orphans=sum(post.orphan for post in found),
            hubs=sum(post.hub for post in found),
            dead_ends=sum(post.dead_end for post in found),
            components=len({post.component for post in found}),
            communities=len({post.community for post in found}),
            unreachable=sum(post.depth < 0 for post in found),
            reciprocity=answered[blog] / edges if edges else 0.0,
        )
        for blog, found in sorted(members.items())
    ]


def _pairs(edges: Iterable[GraphEdge], kinds: Collection[LinkKind]) -> Iterable[tuple[int, int]]:
    """The two ends of each edge of some kinds whose target is known; a post that points at itself
    points at nothing."""
    return (
        (edge.from_id, edge.to_id)
        for edge in edges
        if edge.to_id is not None and edge.kind in kinds and edge.to_id != edge.from_id
    )


def _network(posts: int, pairs: Sequence[tuple[int, int]]) -> Network:
    from igraph import Graph as Network  # noqa: PLC0415 - loaded only where measures are asked for

    return Network(n=posts, edges=pairs, directed=True)


def _components(network: Network) -> list[int]:
    return _by_size(network.connected_components(mode="weak").membership)


def _communities(network: Network) -> list[int]:
    """Communities by the Leiden method (Traag, Waltman and van Eck 2019) on modularity, the same
    for the same graph every time."""
    import igraph  # noqa: PLC0415

    igraph.set_random_number_generator(_Steady())
    try:
        undirected = network.as_undirected(mode="collapse")
        found = undirected.community_leiden(
            objective_function="modularity", n_iterations=_LEIDEN_ROUNDS
        )
    finally:
        igraph.set_random_number_generator(None)
    return _by_size(found.membership)


class _Steady:
    """What igraph takes for chance: always the same numbers (Lehmer's generator), so that no
    measure differs from one call to the next."""

    def __init__(self) -> None:
        self._state = 20_260_301

    def random(self) -> float:
        self._state = self._state * 48_271 % 2_147_483_647
        return self._state / 2_147_483_647

    def randint(self, least: int, most: int) -> int:
        return least + int(self.random() * (most - least + 1))

    def getrandbits(self, bits: int) -> int:
        return int(self.random() * 2**bits)

    def gauss(self, mean: float, deviation: float) -> float:
        return mean + deviation * (sum(self.random() for _ in range(12)) - 6)


def _by_size(membership: Sequence[int]) -> list[int]:
    """Groups numbered from 1, the largest first, of equal ones the one with the earlier first
    member."""
    order = {
        group: place for place, (group, _) in enumerate(Counter(membership).most_common(), start=1)
    }
    return [order[group] for group in membership]


def _depths(
    edges: Iterable[GraphEdge], posts: Sequence[GraphPost], number: Mapping[int, int]
) -> list[int]:
    """Clicks from the blogs' front pages, breadth first: a post on its own blog's front page is at
    1."""
    onward: defaultdict[int, list[int]] = defaultdict(list)
    for start, end in _pairs(edges, AUTHORED | SHOWN):
        if start in number and end in number:
            onward[number[start]].append(number[end])
    depths = [1 if post.front else -1 for post in posts]
    layer = [at for at, depth in enumerate(depths) if depth == 1]
    while layer:
        following = []
        for at in layer:
            for end in onward[at]:
                if depths[end] < 0:
                    depths[end] = depths[at] + 1
                    following.append(end)
        layer = following
    return depths
