"""The visible part of a graph picture as lists, for keyboards, screen readers, and browsers without
scripts."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import Final

from scraper.graph.measures import SIMILARITY_KINDS
from scraper.web.drawings.graph_data import NEVER, EdgePeriod, GraphNode, GraphPicture

MAX_ROWS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphFilter:
    """Which kinds of link to show, at which time (UTC; empty for now), and, if `post` is not 0,
    within how many links of that post."""

    kinds: tuple[str, ...]
    on: str = ""
    post: int = 0
    steps: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedPost:
    """A post with the number of links to it and from it."""

    node: GraphNode
    n_in: int
    n_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLinkRow:
    """A dead link: `reason` is ``removed``, ``missing`` or ``not archived``; `target_id` is 0 for
    the last."""

    source: GraphNode
    kind: str
    target: str
    target_id: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphView:
    """What a filter shows: posts by rank, orphans by rank, and dead links; `step` is an index into
    the picture's steps."""

    step: int
    posts: tuple[LinkedPost, ...]
    n_links: int
    orphans: tuple[GraphNode, ...]
    dead: tuple[DeadLinkRow, ...]


def filter_graph(picture: GraphPicture, criteria: GraphFilter) -> GraphView:
    """Apply a filter to a picture."""
    step = _step_at(picture, criteria.on)
    exists = [_exists(node.first, node.until, step) for node in picture.nodes]
    present = [
        link for link in _links_at(picture.links, criteria.kinds, step) if exists[link.source]
    ]
    links = [link for link in present if exists[link.target]]
    incoming = Counter(link.target for link in links)
    outgoing = Counter(link.source for link in links)
    visible = [index for index, node_exists in enumerate(exists) if node_exists]
    center = picture.index_of(criteria.post) if criteria.post else None
    if center is not None:
        near = neighbourhood(links, center, criteria.steps)
        visible = [index for index in visible if index in near]
        links = [link for link in links if link.source in near and link.target in near]
    unresolved = _links_at(picture.unresolved, criteria.kinds, step)
    sources = set(visible)
    dead = [
        *_links_to_lost_posts(picture, present, sources, step),
        *_links_to_unarchived_pages(picture, unresolved, sources),
    ]
    return GraphView(
        step=step,
        posts=tuple(
            LinkedPost(node=picture.nodes[index], n_in=incoming[index], n_out=outgoing[index])
            for index in visible
        ),
        n_links=len(links),
        orphans=tuple(picture.nodes[index] for index in visible if not incoming[index]),
        dead=tuple(dead),
    )


def neighbourhood(links: Iterable[EdgePeriod], center: int, steps: int) -> set[int]:
    """Find the nodes within so many links of one, in both directions."""
    adjacent: defaultdict[int, set[int]] = defaultdict(set)
    for link in links:
        adjacent[link.source].add(link.target)
        adjacent[link.target].add(link.source)
    found = {center}
    for _ in range(steps):
        found |= {other for node in found for other in adjacent[node]}
    return found


def _step_at(picture: GraphPicture, time: str) -> int:
    """The last step up to a time; the present for an empty time."""
    if not time:
        return len(picture.steps) - 1
    return max(bisect_right(picture.steps, time) - 1, 0)


def _exists(first: int, until: int, step: int) -> bool:
    return first <= step and (until == NEVER or step < until)


def _links_at(
    links: Iterable[EdgePeriod], kinds: tuple[str, ...], step: int
) -> Iterable[EdgePeriod]:
    return (link for link in links if link.kind in kinds and _exists(link.first, link.until, step))


def _links_to_lost_posts(
    picture: GraphPicture, links: Iterable[EdgePeriod], sources: Set[int], step: int
) -> Iterable[DeadLinkRow]:
    """Links to posts that are removed at a step, or missing at present."""
    is_present = step == len(picture.steps) - 1
    for link in links:
        # Similar texts stay similar when one is removed. No author linked them, so this is no dead
        # link.
        if link.kind in SIMILARITY_KINDS or link.source not in sources:
            continue
        target = picture.nodes[link.target]
        reason = ""
        if not _exists(target.first, target.until, step):
            reason = "removed"
        elif is_present and target.state == "missing":
            reason = "missing"
        if reason:
            yield DeadLinkRow(
                source=picture.nodes[link.source],
                kind=link.kind,
                target=target.title,
                target_id=target.id,
                reason=reason,
            )


def _links_to_unarchived_pages(
    picture: GraphPicture, links: Iterable[EdgePeriod], sources: Set[int]
) -> Iterable[DeadLinkRow]:
    for link in links:
        if link.source in sources:
            yield DeadLinkRow(
                source=picture.nodes[link.source],
                kind=link.kind,
                target=picture.targets[link.target],
                target_id=0,
                reason="not archived",
            )
