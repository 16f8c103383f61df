"""The differences of the graph between two days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scraper.graph.measures import Measures, measure
from scraper.graph.model import Graph, GraphEdge, GraphPost

_Ends = tuple[int, int | None, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphDifference:
    """What differs between an earlier and a later graph.

    An edge was added or removed if no edge of its kind joins the same two posts (or leads to the
    same address that is not archived) on the other day: an edge whose text or position changed is
    neither. `orphaned` posts had links to them before and have none now, `adopted` posts the other
    way round; these and the hubs are posts of both graphs.
    """

    edges_added: tuple[GraphEdge, ...]
    edges_removed: tuple[GraphEdge, ...]
    posts_added: tuple[GraphPost, ...]
    posts_removed: tuple[GraphPost, ...]
    orphaned: tuple[GraphPost, ...]
    adopted: tuple[GraphPost, ...]
    hubs_added: tuple[GraphPost, ...]
    hubs_removed: tuple[GraphPost, ...]


def compare_graphs(before: Graph, after: Graph) -> GraphDifference:
    """What differs between the graph on one day and on a later one."""
    old_edges, new_edges = _by_ends(before), _by_ends(after)
    old, new = measure(before), measure(after)
    posts = {post.id: post for post in (*before.posts, *after.posts)}

    def became(
        condition: Callable[[Measures], bool],
        first: Mapping[int, Measures],
        then: Mapping[int, Measures],
    ) -> tuple[GraphPost, ...]:
        return tuple(
            posts[number]
            for number in sorted(first.keys() & then.keys())
            if condition(then[number]) and not condition(first[number])
        )

    return GraphDifference(
        edges_added=tuple(new_edges[ends] for ends in new_edges if ends not in old_edges),
        edges_removed=tuple(old_edges[ends] for ends in old_edges if ends not in new_edges),
        posts_added=tuple(posts[number] for number in sorted(new.keys() - old.keys())),
        posts_removed=tuple(posts[number] for number in sorted(old.keys() - new.keys())),
        orphaned=became(lambda post: post.orphan, old, new),
        adopted=became(lambda post: post.orphan, new, old),
        hubs_added=became(lambda post: post.hub, old, new),
        hubs_removed=became(lambda post: post.hub, new, old),
    )


def _by_ends(graph: Graph) -> dict[_Ends, GraphEdge]:
    return {
        (edge.from_id, edge.to_id, edge.kind, "" if edge.to_id else edge.url): edge
        for edge in graph.edges
    }
