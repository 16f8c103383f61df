"""What became of the graph between two days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scraper.graph.measures import Measures, measure
from scraper.graph.model import Graph, GraphEdge, GraphPost

_Ends = tuple[int, int | None, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphDifference:
    """What differs between an earlier and a later graph.

    An edge came or went if no edge of its kind joins the same two posts (or leads to the same
    address that is not archived) on the other day: one that was rewritten or moved within its post
    did neither. `orphaned` posts were pointed at before and are not any more, `adopted` ones the
    other way round; of posts that are in both graphs, as with hubs.
    """

    edges_came: tuple[GraphEdge, ...]
    edges_went: tuple[GraphEdge, ...]
    posts_came: tuple[GraphPost, ...]
    posts_went: tuple[GraphPost, ...]
    orphaned: tuple[GraphPost, ...]
    adopted: tuple[GraphPost, ...]
    hubs_risen: tuple[GraphPost, ...]
    hubs_fallen: tuple[GraphPost, ...]


def compare_graphs(before: Graph, after: Graph) -> GraphDifference:
    """What differs between the graph on one day and on a later one."""
    old_edges, new_edges = _by_ends(before), _by_ends(after)
    old, new = measure(before), measure(after)
    posts = {post.id: post for post in (*before.posts, *after.posts)}

    def turned(
        said: Callable[[Measures], bool],
        first: Mapping[int, Measures],
        then: Mapping[int, Measures],
    ) -> tuple[GraphPost, ...]:
        return tuple(
            posts[number]
            for number in sorted(first.keys() & then.keys())
            if said(then[number]) and not said(first[number])
        )

    return GraphDifference(
        edges_came=tuple(new_edges[ends] for ends in new_edges if ends not in old_edges),
        edges_went=tuple(old_edges[ends] for ends in old_edges if ends not in new_edges),
        posts_came=tuple(posts[number] for number in sorted(new.keys() - old.keys())),
        posts_went=tuple(posts[number] for number in sorted(old.keys() - new.keys())),
        orphaned=turned(lambda post: post.orphan, old, new),
        adopted=turned(lambda post: post.orphan, new, old),
        hubs_risen=turned(lambda post: post.hub, old, new),
        hubs_fallen=turned(lambda post: post.hub, new, old),
    )


def _by_ends(graph: Graph) -> dict[_Ends, GraphEdge]:
    return {
        (edge.from_id, edge.to_id, edge.kind, "" if edge.to_id else edge.url): edge
        for edge in graph.edges
    }
