"""The graph of related posts as compact data for a browser: nodes with positions, and periods in
which each node and edge existed."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, NamedTuple, get_args

from scraper.archive.queries.graph_history import GraphHistory
from scraper.graph.layout import place
from scraper.graph.measures import EDITORIAL_KINDS, SIMILARITY_KINDS, PostRank
from scraper.graph.model import GraphEdge
from scraper.graph.naming import NamedPost, name_communities
from scraper.items import LinkKind

KINDS: Final[tuple[LinkKind, ...]] = get_args(LinkKind)
"""Kinds of edge in the order in which they are sent, the most significant first."""

MAX_POSTS: Final = 2000
"""Posts of one picture: more cannot be distinguished in it, and to place 5,000 took five seconds of
CPU."""

MAX_LINKS: Final = 30_000
MAX_UNRESOLVED: Final = 1000
TITLE_BYTES: Final = 60
MAX_COLOURS: Final = 5
"""Communities that have a colour of their own, and so a name in the picture."""

_PULLING: Final = EDITORIAL_KINDS | SIMILARITY_KINDS
_REMOVED: Final = PostRank(rank=0.0, community=0)

NEVER: Final = -1
"""The end step of what still exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphNode:
    """A post. It exists from step `first` of the picture until step `until`, which is excluded;
    `rank` is between 0 and 1000."""

    id: int
    title: str
    blog: str
    state: str
    first: int
    until: int
    rank: int
    community: int


class EdgePeriod(NamedTuple):
    """A link between two nodes, given by their indexes, from step `first` until step `until`.

    Of a link to a page that is not archived, `target` is an index into `GraphPicture.targets`.
    """

    kind: str
    source: int
    target: int
    first: int
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphPicture:
    """Nodes by rank, their links by kind, and links to pages that are not archived, whose URLs or
    titles are `targets`. `names` are those of communities that have one. `pulls` are the pairs of
    nodes that lie near each other in the picture.

    `steps` are the ends of the crawls after which the graph differed (UTC); the last one is the
    present. `n_posts` and `n_links` count all, also those beyond `MAX_POSTS` and `MAX_LINKS`.
    """

    steps: tuple[str, ...]
    nodes: tuple[GraphNode, ...]
    links: tuple[EdgePeriod, ...]
    unresolved: tuple[EdgePeriod, ...]
    targets: tuple[str, ...]
    pulls: tuple[tuple[int, int], ...]
    names: Mapping[int, str]
    n_posts: int
    n_links: int

    @property
    def kinds(self) -> list[str]:
        """The kinds of edge that occur."""
        found = {link.kind for link in (*self.links, *self.unresolved)}
        return [kind for kind in KINDS if kind in found]

    def index_of(self, post_id: int) -> int | None:
        """Return the index of a post's node, or None."""
        return next((index for index, node in enumerate(self.nodes) if node.id == post_id), None)


def make_graph_picture(history: GraphHistory) -> GraphPicture:
    """Make the picture of a graph."""
    steps = history.steps

    def step_of(time: str) -> int:
        return min(bisect_left(steps, time), len(steps) - 1) if time else NEVER

    index = {post.id: at for at, post in enumerate(history.posts)}
    links = _link_periods(history.edges, index, step_of)
    unresolved, targets = _unresolved_periods(history.edges, index, step_of)
    nodes = tuple(_nodes(history, step_of))
    return GraphPicture(
        steps=steps,
        nodes=nodes,
        links=tuple(links[:MAX_LINKS]),
        unresolved=tuple(unresolved[:MAX_UNRESOLVED]),
        targets=targets,
        pulls=tuple(
            sorted({(link.source, link.target) for link in links if link.kind in _PULLING})
        ),
        names=_names(nodes, history.edges),
        n_posts=history.n_posts,
        n_links=len(links),
    )


def _link_periods(
    edges: Iterable[GraphEdge], index: Mapping[int, int], step_of: Callable[[str], int]
) -> list[EdgePeriod]:
    links = [
        _period(edge, index[edge.from_id], index[edge.to_id], step_of)
        for edge in edges
        if edge.to_id is not None
        and edge.from_id != edge.to_id
        and {edge.from_id, edge.to_id} <= index.keys()
    ]
    return sorted(links, key=_kind_order)


def _unresolved_periods(
    edges: Iterable[GraphEdge], index: Mapping[int, int], step_of: Callable[[str], int]
) -> tuple[list[EdgePeriod], tuple[str, ...]]:
    """Return the links to pages that are not archived, and their distinct targets."""
    targets: dict[str, int] = {}
    links = [
        _period(
            edge,
            index[edge.from_id],
            targets.setdefault(edge.url or edge.anchor, len(targets)),
            step_of,
        )
        for edge in edges
        if edge.to_id is None and edge.from_id in index
    ]
    return sorted(links, key=_kind_order), tuple(targets)


def _period(edge: GraphEdge, source: int, target: int, step_of: Callable[[str], int]) -> EdgePeriod:
    return EdgePeriod(
        kind=edge.kind,
        source=source,
        target=target,
        first=step_of(edge.first_seen_at),
        until=step_of(edge.gone_at),
    )


def _kind_order(link: EdgePeriod) -> tuple[int, EdgePeriod]:
    return KINDS.index(link.kind), link


def _nodes(history: GraphHistory, step_of: Callable[[str], int]) -> Iterable[GraphNode]:
    """Make the nodes."""
    ranks = [history.ranks.get(post.id, _REMOVED) for post in history.posts]
    highest = max((ranked.rank for ranked in ranks), default=0.0) or 1.0
    for post, ranked in zip(history.posts, ranks, strict=True):
        yield GraphNode(
            id=post.id,
            title=post.title or post.url or "(untitled)",
            blog=post.blog,
            state=post.state,
            first=step_of(history.first_seen_at[post.id]),
            until=step_of(post.gone_at),
            rank=round(ranked.rank / highest * 1000),
            community=ranked.community,
        )


def _names(nodes: Sequence[GraphNode], edges: Iterable[GraphEdge]) -> dict[int, str]:
    """Names of communities, by their titles and by what their posts are similar in."""
    terms: defaultdict[int, set[str]] = defaultdict(set)
    for edge in edges:
        if edge.kind == "similar" and not edge.gone_at:
            terms[edge.from_id].update(edge.anchor.split(", "))
    return name_communities(
        NamedPost(community=node.community, title=node.title, terms=terms[node.id])
        for node in nodes
        if node.community
    )


def posts_data(picture: GraphPicture) -> dict[str, Any]:
    """Return the nodes with their positions as lists of equal length, one for each column.

    Titles are cut to `TITLE_BYTES`. Blogs and times are indexes into lists. To place many posts
    takes as long as to read the graph, so no page without this data pays for it.
    """
    nodes = picture.nodes
    positions = place([node.community for node in nodes], picture.pulls)
    blogs = [blog for blog, _ in Counter(node.blog for node in nodes).most_common()]
    blog_index = {blog: index for index, blog in enumerate(blogs)}
    return {
        "steps": picture.steps,
        "blogs": blogs,
        "communities": [picture.names.get(number, "") for number in range(1, MAX_COLOURS + 1)],
        "posts": {
            "id": [node.id for node in nodes],
            "title": [_shorten(node.title) for node in nodes],
            "blog": [blog_index[node.blog] for node in nodes],
            "state": "".join(node.state[0] for node in nodes),
            "from": [node.first for node in nodes],
            "until": [node.until for node in nodes],
            "rank": [node.rank for node in nodes],
            "community": [node.community for node in nodes],
            "x": [x for x, _ in positions],
            "y": [y for _, y in positions],
        },
    }


def links_data(picture: GraphPicture) -> dict[str, Any]:
    """Return the links as lists of equal length.

    `kinds` holds the length of the run of each kind. A source is given as its difference from the
    one before in the same run.
    """
    return {
        "links": _columns(picture.links),
        "unresolved": {
            **_columns(picture.unresolved),
            "targets": [_shorten(name[-60:]) for name in picture.targets],
        },
    }


def _columns(links: Sequence[EdgePeriod]) -> dict[str, Any]:
    runs = {kind: list(found) for kind, found in groupby(links, key=lambda link: link.kind)}
    return {
        "kinds": [[kind, len(found)] for kind, found in runs.items()],
        "source": [difference for found in runs.values() for difference in _differences(found)],
        "target": [link.target for link in links],
        "from": [link.first for link in links],
        "until": [link.until for link in links],
    }


def _differences(links: Iterable[EdgePeriod]) -> Iterable[int]:
    previous = 0
    for link in links:
        yield link.source - previous
        previous = link.source


def _shorten(title: str) -> str:
    encoded = title.encode()
    if len(encoded) <= TITLE_BYTES:
        return title
    return encoded[: TITLE_BYTES - 3].decode(errors="ignore").rstrip() + "…"
