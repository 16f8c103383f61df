"""What became of the graph between two days."""

from __future__ import annotations

from dataclasses import replace

from scraper.graph.difference import compare_graphs
from tests.graph.graphs import make_edge, make_graph


def _ends(edges):
    return [(edge.from_id, edge.to_id) for edge in edges]


def test_edges_come_and_go():
    found = compare_graphs(make_graph(3, [(1, 2), (2, 3)]), make_graph(3, [(1, 2), (1, 3)]))
    assert (_ends(found.edges_added), _ends(found.edges_removed)) == ([(1, 3)], [(2, 3)])


def test_an_edge_that_was_reworded_did_neither():
    found = compare_graphs(
        make_graph(2, [make_edge(1, 2, id=5, anchor="a")]),
        make_graph(2, [make_edge(1, 2, id=6, anchor="b")]),
    )
    assert (found.edges_added, found.edges_removed) == ((), ())


def test_posts_are_orphaned_and_adopted():
    found = compare_graphs(make_graph(3, [(1, 2), (2, 1)]), make_graph(3, [(1, 3), (2, 1)]))
    assert ([post.id for post in found.orphaned], [post.id for post in found.adopted]) == ([2], [3])


def test_a_new_post_is_no_orphan_that_was_made_one():
    found = compare_graphs(make_graph(1, []), make_graph(2, []))
    assert ([post.id for post in found.posts_added], found.orphaned) == ([2], ())


def test_a_removed_post_went():
    before = make_graph(2, [(1, 2)])
    after = replace(before, posts=(before.posts[0], replace(before.posts[1], state="removed")))
    assert [post.id for post in compare_graphs(before, after).posts_removed] == [2]


def test_a_hub_rises_and_falls():
    few, many = make_graph(20, [(2, 1)]), make_graph(20, [(number, 1) for number in range(2, 10)])
    assert [post.id for post in compare_graphs(few, many).hubs_added] == [1]
    assert [post.id for post in compare_graphs(many, few).hubs_removed] == [1]
