"""Graph algorithms on plain numbers: nodes are numbered from 0, edges are pairs of them.

rustworkx and graspologic-native do the work. They are imported when a measure is asked for: a crawl
asks for none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    _CompressedRows = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]

Edge = tuple[int, int]

_DAMPING: Final = 0.85  # as in the paper on PageRank (Brin and Page 1998)
_PRECISION: Final = 1e-10  # of PageRank: about 140 iterations
_MAX_ITERATIONS: Final = 1000
_LEIDEN_ITERATIONS: Final = 2  # one leaves the modularity 0.01 lower; more add less than 0.001
_LEIDEN_SEED: Final = 1


def page_ranks(nodes: int, edges: Sequence[Edge]) -> list[float]:
    """PageRank of each node of a directed graph. The ranks add up to 1; a node without outgoing
    edges shares its rank with all nodes."""
    import rustworkx  # noqa: PLC0415 - loaded only where measures are asked for

    graph = rustworkx.PyDiGraph(multigraph=False)
    graph.add_nodes_from(range(nodes))
    graph.add_edges_from_no_data(list(edges))
    ranks = rustworkx.pagerank(graph, alpha=_DAMPING, tol=_PRECISION, max_iter=_MAX_ITERATIONS)
    return [ranks[node] for node in range(nodes)]


def connected_components(nodes: int, edges: Sequence[Edge]) -> list[int]:
    """The weakly connected component of each node, numbered by size (see `number_by_size`)."""
    import rustworkx  # noqa: PLC0415

    graph = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(nodes))
    graph.add_edges_from_no_data(list(edges))
    component_of = {
        node: number
        for number, component in enumerate(rustworkx.connected_components(graph))
        for node in component
    }
    return number_by_size([component_of[node] for node in range(nodes)])


def communities(nodes: int, edges: Sequence[Edge]) -> list[int]:
    """The community of each node, numbered by size from 1: the Leiden method (Traag, Waltman and
    van Eck 2019) on modularity, edges taken as undirected. The seed is fixed, so the same graph has
    the same communities."""
    if not edges:
        return list(range(1, nodes + 1))
    import graspologic_native  # noqa: PLC0415

    row_starts, columns, weights = _adjacency(nodes, edges)
    _, community_of = graspologic_native.leiden_csr(
        row_starts,
        columns,
        weights,
        nodes,
        iterations=_LEIDEN_ITERATIONS,
        use_modularity=True,
        seed=_LEIDEN_SEED,
    )
    return number_by_size([community_of[node] for node in range(nodes)])


def _adjacency(nodes: int, edges: Sequence[Edge]) -> _CompressedRows:
    """The undirected adjacency matrix as compressed sparse rows: where each row starts, the columns
    and the weights of its entries. Two edges between the same nodes count as one."""
    import numpy as np  # noqa: PLC0415

    starts, ends = np.asarray(edges, dtype=np.int64).T
    # Each pair as one number: numbers are sorted in less than half the time.
    pairs = np.unique(np.concatenate([starts * nodes + ends, ends * nodes + starts]))
    rows, columns = np.divmod(pairs, nodes)
    row_starts = np.searchsorted(rows, np.arange(nodes + 1)).astype(np.int64)
    return row_starts, columns.astype(np.int32), np.ones(len(pairs))


def number_by_size(groups: Sequence[int]) -> list[int]:
    """Number groups from 1, the largest first; of two of one size, the one whose first member comes
    first."""
    by_size = Counter(groups).most_common()
    number = {group: place for place, (group, _) in enumerate(by_size, start=1)}
    return [number[group] for group in groups]


def click_depths(edges: Mapping[int, Iterable[int]], start: Iterable[int]) -> dict[int, int]:
    """The least number of clicks to each node that can be reached, by breadth-first search; the
    `start` nodes are at 1. `edges` maps a node to the nodes that it links to."""
    depths = dict.fromkeys(start, 1)
    layer = list(depths)
    while layer:
        following = []
        for node in layer:
            for target in edges.get(node, ()):
                if target not in depths:
                    depths[target] = depths[node] + 1
                    following.append(target)
        layer = following
    return depths
