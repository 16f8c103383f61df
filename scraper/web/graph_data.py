"""The picture of related posts as numbers: who stands where, since when and until when, as small as
it can be sent."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final, NamedTuple

from scraper.archive.queries.graph_history import EndedEdge, GraphHistory
from scraper.graph.layout import place
from scraper.graph.measures import EDITORIAL_KINDS, SIMILARITY_KINDS, Measures, measure
from scraper.graph.model import GraphEdge, GraphPost

KINDS: Final = (
    "inline",
    "related_list",
    "related_widget",
    "older",
    "newer",
    "previous",
    "next",
    "similar",
    "copy",
)
"""Kinds of edge in the order in which they are sent, those that say most first."""

MOST_POSTS: Final = 5000
MOST_LINKS: Final = 30_000
MOST_LOST: Final = 1000
TITLE_BYTES: Final = 60
NEVER: Final = -1
"""The end of what stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphNode:
    """A post. `first` and `until` are steps of the picture: it is there from the one, no more at
    the other; `rank` is from 0 to 1000."""

    id: int
    title: str
    blog: str
    state: str
    first: int
    until: int
    rank: int
    community: int
    x: int
    y: int


class EdgePeriod(NamedTuple):
    """A link between two posts by their places in the picture. Of a link to what is not archived,
    `target` is a place in its list."""

    kind: str
    source: int
    target: int
    first: int
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphPicture:
    """Posts by rank, their links by kind, and links to what is not archived, whose addresses or
    titles are `targets`.

    `steps` are the runs after which something was otherwise than before (UTC, the last one is now);
    `n_posts` and `n_links` say how many there are in all, where only some could be taken.
    """

    steps: tuple[str, ...]
    dots: tuple[GraphNode, ...]
    links: tuple[EdgePeriod, ...]
    lost: tuple[EdgePeriod, ...]
    targets: tuple[str, ...]
    n_posts: int
    n_links: int

    @property
    def kinds(self) -> list[str]:
        """The kinds of edge that occur."""
        found = {span.kind for span in (*self.links, *self.lost)}
        return [kind for kind in KINDS if kind in found]

    def place_of(self, post_id: int) -> int | None:
        """Where a post stands in the list, or None."""
        return next((at for at, dot in enumerate(self.dots) if dot.id == post_id), None)


def make_graph_picture(past: GraphHistory, *, blog: str = "", around: int = 0) -> GraphPicture:
    """The picture of a graph, or of one blog in it by its label; the post `around` comes first,
    whatever its rank."""
    posts = [post for post in past.graph.posts if blog in ("", post.blog)]
    edges: list[GraphEdge | EndedEdge] = [*past.graph.edges, *past.ended]
    measures = measure(replace(past.graph, posts=tuple(posts)))
    ranks = {post.id: measures[post.id].rank if post.id in measures else 0.0 for post in posts}
    best = sorted(posts, key=lambda post: (post.id != around, -ranks[post.id], post.id))[
        :MOST_POSTS
    ]
    step, steps = _steps(past, best, edges)
    at = {post.id: number for number, post in enumerate(best)}
    links = [
        span
        for edge in edges
        if edge.to_id is not None
        for span in _spans(edge, at, at.get(edge.to_id), step)
    ]
    links.sort(key=lambda span: (KINDS.index(span.kind), span))
    targets: dict[str, int] = {}
    lost = [
        span
        for edge in edges
        if edge.to_id is None and edge.from_id in at
        for span in _spans(
            edge, at, targets.setdefault(edge.url or edge.anchor, len(targets)), step
        )
    ]
    return GraphPicture(
        steps=tuple(steps),
        dots=tuple(_dots(best, measures, links, past.first_seen_at, step)),
        links=tuple(links[:MOST_LINKS]),
        lost=tuple(sorted(lost, key=lambda span: (KINDS.index(span.kind), span))[:MOST_LOST]),
        targets=tuple(targets),
        n_posts=len(posts),
        n_links=len(links),
    )


def _steps(
    past: GraphHistory, posts: Iterable[GraphPost], edges: Iterable[GraphEdge | EndedEdge]
) -> tuple[Callable[[str], int], list[str]]:
    """The runs after which something was otherwise, and which of them first showed what is known
    since a time."""
    times = {past.first_seen_at[post.id] for post in posts} | {post.gone_at for post in posts}
    times |= {edge.first_seen_at for edge in edges} | {edge.gone_at for edge in edges}
    runs = past.runs
    used = (
        sorted(
            {min(bisect_left(runs, time), len(runs) - 1) for time in times if time}
            | {len(runs) - 1}
        )
        if runs
        else []
    )
    number = {run: at for at, run in enumerate(used)}

    def step(time: str) -> int:
        return number[min(bisect_left(runs, time), len(runs) - 1)] if time else NEVER

    return step, [runs[run] for run in used]


def _spans(
    edge: GraphEdge | EndedEdge,
    at: Mapping[int, int],
    target: int | None,
    step: Callable[[str], int],
) -> Iterable[EdgePeriod]:
    source = at.get(edge.from_id)
    if source is not None and target is not None and edge.from_id != edge.to_id:
        yield EdgePeriod(edge.kind, source, target, step(edge.first_seen_at), step(edge.gone_at))


def _dots(
    posts: Sequence[GraphPost],
    measures: Mapping[int, Measures],
    links: Iterable[EdgePeriod],
    first_seen_at: Mapping[int, str],
    step: Callable[[str], int],
) -> Iterable[GraphNode]:
    """The posts, each in its place; removed ones have no measures."""
    groups = [measures[post.id].community if post.id in measures else 0 for post in posts]
    places = place(
        groups,
        sorted(
            {
                (span.source, span.target)
                for span in links
                if span.kind in EDITORIAL_KINDS | SIMILARITY_KINDS
            }
        ),
    )
    most = max((found.rank for found in measures.values()), default=1.0)
    for post, group, (x, y) in zip(posts, groups, places, strict=True):
        yield GraphNode(
            id=post.id,
            title=post.title or post.url or "(without a title)",
            blog=post.blog,
            state=post.state,
            first=step(first_seen_at[post.id]),
            until=step(post.gone_at),
            rank=round(measures[post.id].rank / most * 1000) if post.id in measures else 0,
            community=group,
            x=x,
            y=y,
        )


def posts_data(picture: GraphPicture) -> dict[str, Any]:
    """The posts as lists of equal length, one for each column; titles are cut to `TITLE_BYTES`,
    blogs and times are places in lists."""
    blogs = [blog for blog, _ in Counter(dot.blog for dot in picture.dots).most_common()]
    number = {blog: at for at, blog in enumerate(blogs)}
    dots = picture.dots
    return {
        "steps": picture.steps,
        "blogs": blogs,
        "posts": {
            "id": [dot.id for dot in dots],
            "title": [_cut(dot.title) for dot in dots],
            "blog": [number[dot.blog] for dot in dots],
            "state": "".join(dot.state[0] for dot in dots),
            "from": [dot.first for dot in dots],
            "until": [dot.until for dot in dots],
            "rank": [dot.rank for dot in dots],
            "community": [dot.community for dot in dots],
            "x": [dot.x for dot in dots],
            "y": [dot.y for dot in dots],
        },
    }


def links_data(picture: GraphPicture) -> dict[str, Any]:
    """The links as lists of equal length; `kinds` says how many of each kind follow each other,
    sources are told by how much they grow."""
    return {
        "links": _columns(picture.links),
        "lost": {
            **_columns(picture.lost),
            "targets": [_cut(name[-60:]) for name in picture.targets],
        },
    }


def _columns(spans: Sequence[EdgePeriod]) -> dict[str, Any]:
    runs = {kind: list(found) for kind, found in groupby(spans, key=lambda span: span.kind)}
    return {
        "kinds": [[kind, len(found)] for kind, found in runs.items()],
        "source": [
            span.source - before
            for found in runs.values()
            for span, before in zip(found, _before(found), strict=True)
        ],
        "target": [span.target for span in spans],
        "from": [span.first for span in spans],
        "until": [span.until for span in spans],
    }


def _before(spans: Collection[EdgePeriod]) -> list[int]:
    return [0, *(span.source for span in spans)][:-1] if spans else []


def _cut(title: str) -> str:
    told = title.encode()
    return (
        title
        if len(told) <= TITLE_BYTES
        else told[: TITLE_BYTES - 3].decode(errors="ignore").rstrip() + "…"
    )
