"""Where to draw the posts of a graph. rustworkx places those that have links; the others lie in a
ring around them."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, hypot, pi, sin, sqrt
from typing import Final

from scraper.graph.algorithms import Edge, connected_components

Point = tuple[float, float]

SIDE: Final = 10_000
"""Coordinates are whole numbers from 0 to this."""

_GOLDEN_ANGLE: Final = pi * (3 - sqrt(5))
"""The angle between sunflower seeds, by which points fill a disc evenly."""

_PAIR_BUDGET: Final = 100_000_000
"""Pairs of nodes whose forces are computed at most, in all iterations together: about a second."""

_MIN_ITERATIONS: Final = 20
_MAX_ITERATIONS: Final = 300
_WEAK_LINK: Final = 0.3  # the pull of an edge between two communities; one within has 1
_SEED: Final = 1


def place(communities: Sequence[int], edges: Sequence[Edge]) -> list[tuple[int, int]]:
    """Place each node, the same way every time: `communities` holds the community of each node,
    `edges` the pairs of nodes that are linked.

    Linked nodes are placed by their forces (Fruchterman and Reingold 1991). Each community starts
    in a disc of its own, so that it stays together. Nodes without any link lie around them.
    """
    linked = sorted({node for edge in edges for node in edge})
    number_of = {node: number for number, node in enumerate(linked)}
    inner = _force_directed(
        [communities[node] for node in linked],
        [(number_of[start], number_of[end]) for start, end in edges],
    )
    unlinked = [node for node in range(len(communities)) if node not in number_of]
    points = dict(zip(linked, inner, strict=True))
    points |= dict(zip(unlinked, _ring(len(unlinked), inner), strict=True))
    return _scale([points[node] for node in range(len(communities))])


def _force_directed(communities: Sequence[int], edges: Sequence[Edge]) -> list[Point]:
    """Place linked nodes by their forces."""
    if not edges:
        return []
    import rustworkx  # noqa: PLC0415 - loaded only where a picture is asked for

    nodes = len(communities)
    graph = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(nodes + 1))
    graph.add_edges_from(_weighted(communities, edges))
    # The last node is a hub that holds one node of each component: components must not drift apart.
    components = connected_components(nodes, edges)
    members = {component: node for node, component in enumerate(components)}
    graph.add_edges_from([(node, nodes, _WEAK_LINK) for node in members.values()])
    positions = rustworkx.spring_layout(
        graph,
        pos=dict(enumerate(_start(communities))),
        weight_fn=float,
        adaptive_cooling=False,
        num_iter=max(_MIN_ITERATIONS, min(_MAX_ITERATIONS, _PAIR_BUDGET // nodes**2)),
        seed=_SEED,
    )
    return [(positions[node][0], positions[node][1]) for node in range(nodes)]


def _weighted(communities: Sequence[int], edges: Sequence[Edge]) -> list[tuple[int, int, float]]:
    """Each edge once, whichever way it leads, with its pull."""
    undirected = sorted({(min(edge), max(edge)) for edge in edges})
    return [
        (start, end, 1.0 if communities[start] == communities[end] else _WEAK_LINK)
        for start, end in undirected
        if start != end
    ]


def _start(communities: Sequence[int]) -> list[Point]:
    """Start positions in a disc of radius 1: each community is a disc of its own on a larger disc
    of discs, and the hub stands in the middle."""
    groups = {group: number for number, group in enumerate(sorted(set(communities)))}
    spacing = 2 * sqrt(len(communities) / len(groups))
    scale = 1 / (2 * sqrt(len(communities)))
    placed = dict.fromkeys(groups, 0)
    points = []
    for group in communities:
        x, y = _seed_point(groups[group], spacing)
        own_x, own_y = _seed_point(placed[group], 1.0)
        points.append(((x + own_x) * scale, (y + own_y) * scale))
        placed[group] += 1
    return [*points, (0.0, 0.0)]


def _seed_point(number: int, spacing: float) -> Point:
    """Where the seed of a number stands in a sunflower."""
    radius, angle = spacing * sqrt(number + 0.5), number * _GOLDEN_ANGLE
    return radius * cos(angle), radius * sin(angle)


def _ring(number: int, inner: Sequence[Point]) -> list[Point]:
    """Points around others, as dense as those."""
    if not inner:
        return [_seed_point(at, 1.0) for at in range(number)]
    middle_x = sum(x for x, _ in inner) / len(inner)
    middle_y = sum(y for _, y in inner) / len(inner)
    radius = max(hypot(x - middle_x, y - middle_y) for x, y in inner)
    spacing = radius / sqrt(len(inner))
    first = round((radius * 1.05 / spacing) ** 2)
    points = (_seed_point(first + at, spacing) for at in range(number))
    return [(middle_x + x, middle_y + y) for x, y in points]


def _scale(points: Sequence[Point]) -> list[tuple[int, int]]:
    """Shift and scale points into the square of side `SIDE`."""
    if not points:
        return []
    left, bottom = min(x for x, _ in points), min(y for _, y in points)
    size = max(max(x for x, _ in points) - left, max(y for _, y in points) - bottom) or 1.0
    return [(round((x - left) / size * SIDE), round((y - bottom) / size * SIDE)) for x, y in points]
