"""What of a picture is looked at, as lists: for who reads by keyboard or by ear, and for everyone
where scripts are off."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from scraper.graph.measures import SIMILARITY_KINDS
from scraper.web.graph_data import NEVER, EdgePeriod, GraphNode, GraphPicture

MOST_ROWS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphFilter:
    """Which kinds of edge count, at which time (UTC; empty: now), and, where `post` is not 0,
    within how many links of it."""

    kinds: tuple[str, ...]
    on: str = ""
    post: int = 0
    steps: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRow:
    """A post with how many links lead to it and from it."""

    dot: GraphNode
    n_in: int
    n_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadRow:
    """A link that leads nowhere: `reason` is ``removed``, ``missing`` or ``not archived``;
    `target_id` is 0 for the last."""

    source: GraphNode
    kind: str
    target: str
    target_id: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphView:
    """What is to be seen: posts by rank, orphans by rank, and dead links; `step` is the place of
    the time among the picture's steps."""

    step: int
    posts: tuple[PostRow, ...]
    n_links: int
    orphans: tuple[GraphNode, ...]
    dead: tuple[DeadRow, ...]


def filter_graph(picture: GraphPicture, wanted: GraphFilter) -> GraphView:
    """Take from a picture what is asked for."""
    step = (
        max(bisect_right(picture.steps, wanted.on) - 1, 0) if wanted.on else len(picture.steps) - 1
    )
    there = [stands(dot.first, dot.until, step) for dot in picture.dots]
    standing = [
        span
        for span in picture.links
        if span.kind in wanted.kinds and there[span.source] and stands(span.first, span.until, step)
    ]
    links = [span for span in standing if there[span.target]]
    incoming, outgoing = (
        Counter(span.target for span in links),
        Counter(span.source for span in links),
    )
    seen = [at for at, is_there in enumerate(there) if is_there]
    middle = picture.place_of(wanted.post) if wanted.post else None
    if middle is not None:
        near = neighbourhood(links, middle, wanted.steps)
        seen = [at for at in seen if at in near]
        links = [span for span in links if span.source in near and span.target in near]
    chosen = set(seen)
    lost = [
        span
        for span in picture.lost
        if span.kind in wanted.kinds and stands(span.first, span.until, step)
    ]
    return GraphView(
        step=step,
        posts=tuple(
            PostRow(dot=picture.dots[at], n_in=incoming[at], n_out=outgoing[at]) for at in seen
        ),
        n_links=len(links),
        orphans=tuple(picture.dots[at] for at in seen if not incoming[at]),
        dead=tuple(_dead(picture, standing, lost, chosen, step)),
    )


def stands(first: int, until: int, step: int) -> bool:
    """Whether what is there from step `first` and no more at `until` is there at `step`."""
    return first <= step and (until == NEVER or step < until)


def neighbourhood(links: Iterable[EdgePeriod], middle: int, steps: int) -> set[int]:
    """Posts within so many links of one, whichever way those lead."""
    beside: defaultdict[int, set[int]] = defaultdict(set)
    for span in links:
        beside[span.source].add(span.target)
        beside[span.target].add(span.source)
    found = {middle}
    for _ in range(steps):
        found |= {end for post in found for end in beside[post]}
    return found


def _dead(
    picture: GraphPicture,
    links: Sequence[EdgePeriod],
    lost: Sequence[EdgePeriod],
    chosen: set[int],
    step: int,
) -> Iterable[DeadRow]:
    last = step == len(picture.steps) - 1
    for span in links:
        target = picture.dots[span.target]
        gone = not stands(target.first, target.until, step)
        # Texts stay alike when one of them is gone: nobody linked it, and no reader is led astray.
        if (
            span.kind not in SIMILARITY_KINDS
            and span.source in chosen
            and (gone or (last and target.state == "missing"))
        ):
            reason = "removed" if gone else "missing"
            yield DeadRow(
                source=picture.dots[span.source],
                kind=span.kind,
                target=target.title,
                target_id=target.id,
                reason=reason,
            )
    for span in lost:
        if span.source in chosen:
            target_name = picture.targets[span.target]
            yield DeadRow(
                source=picture.dots[span.source],
                kind=span.kind,
                target=target_name,
                target_id=0,
                reason="not archived",
            )
