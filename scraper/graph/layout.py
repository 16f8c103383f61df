"""Where the posts of a graph stand in a picture. igraph places those that are linked; the others
lie around them."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi, sin, sqrt
from typing import Final

_GOLDEN: Final = pi * (3 - sqrt(5))
"""The angle of sunflower seeds, by which points fill a disc evenly."""

_ROUNDS_SMALL: Final = 500
_ROUNDS_LARGE: Final = 120
_SMALL: Final = 250  # posts; up to it each pair has a distance of its own
_LARGE: Final = 1000  # posts; beyond it the forces are summed by cells of a grid
_APART: Final = 0.3  # how much an edge between two communities pulls, against one within

SIDE: Final = 10_000
"""Places are whole numbers from 0 to this."""


def place(communities: Sequence[int], pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """A place for each post, the same every time: `communities` are the posts' own, `pairs` the
    numbers of posts that are linked.

    A few linked posts lie as far apart as they are in links (Kamada and Kawai 1989); many are
    placed by their forces (Fruchterman and Reingold 1991), begun with each community in a place of
    its own, so that it stays together. Posts without any link lie around them.
    """
    linked = sorted({end for pair in pairs for end in pair})
    at = {post: number for number, post in enumerate(linked)}
    inner = _by_forces(
        [communities[post] for post in linked], [(at[start], at[end]) for start, end in pairs]
    )
    alone = [post for post in range(len(communities)) if post not in at]
    places = dict(zip(linked, inner, strict=True)) | dict(
        zip(alone, _ring(len(alone), inner), strict=True)
    )
    return _scaled([places[post] for post in range(len(communities))])


def _by_forces(
    communities: Sequence[int], pairs: Sequence[tuple[int, int]]
) -> list[tuple[float, float]]:
    from igraph import Graph as Network  # noqa: PLC0415 - loaded only where a picture is asked for

    if not pairs:
        return []
    number, large = len(communities), len(communities) > _LARGE
    network = Network(n=number, edges=pairs).simplify()
    weights = [
        1.0 if communities[edge.source] == communities[edge.target] else _APART
        for edge in network.es
    ]
    # A spoke to the middle for one post of each component: what hangs together with nothing else
    # must not drift off.
    members = [component[0] for component in network.connected_components()]
    network.add_vertex()
    network.add_edges([(member, number) for member in members])
    start = [*_start(communities), (0.0, 0.0)]
    if number <= _SMALL:
        return [(x, y) for x, y in network.layout_kamada_kawai(seed=start).coords[:number]]
    found = network.layout_fruchterman_reingold(
        weights=weights + [_APART] * len(members),
        seed=start,
        niter=_ROUNDS_LARGE if large else _ROUNDS_SMALL,
        start_temp=sqrt(number) / (10 if large else 4),
        grid=large,
    )
    return [(x, y) for x, y in found.coords[:number]]


def _start(communities: Sequence[int]) -> list[tuple[float, float]]:
    """Each community as a disc of its own on a larger disc of discs."""
    groups = {group: number for number, group in enumerate(sorted(set(communities)))}
    room = 2 * sqrt(len(communities) / len(groups))
    inside = dict.fromkeys(groups, 0)
    places = []
    for group in communities:
        middle, own = _seed(groups[group], room), _seed(inside[group], 1.0)
        places.append((middle[0] + own[0], middle[1] + own[1]))
        inside[group] += 1
    return places


def _seed(number: int, apart: float) -> tuple[float, float]:
    radius, angle = apart * sqrt(number + 0.5), number * _GOLDEN
    return radius * cos(angle), radius * sin(angle)


def _ring(number: int, inner: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Places around others, as dense as theirs."""
    if not inner:
        return [_seed(at, 1.0) for at in range(number)]
    middle = [sum(axis) / len(inner) for axis in zip(*inner, strict=True)]
    radius = max(sqrt((x - middle[0]) ** 2 + (y - middle[1]) ** 2) for x, y in inner)
    apart = radius / sqrt(len(inner))
    first = round((radius * 1.05 / apart) ** 2)
    seeds = (_seed(first + at, apart) for at in range(number))
    return [(middle[0] + x, middle[1] + y) for x, y in seeds]


def _scaled(places: Sequence[tuple[float, float]]) -> list[tuple[int, int]]:
    if not places:
        return []
    left, low = (min(axis) for axis in zip(*places, strict=True))
    size = (
        max(
            max(axis) - least
            for axis, least in zip(zip(*places, strict=True), (left, low), strict=True)
        )
        or 1.0
    )
    return [(round((x - left) / size * SIDE), round((y - low) / size * SIDE)) for x, y in places]
