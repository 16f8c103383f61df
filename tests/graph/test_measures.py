"""Measures on graphs small enough to be reckoned by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scraper.graph.measures import measure, measure_blogs, rank_posts
from tests.graph.graphs import make_edge, make_graph, make_node


def test_degrees_count_a_post_once_however_often_it_is_pointed_at():
    found = measure(make_graph(3, [(1, 2), make_edge(1, 2, kind="related_list"), (1, 3), (3, 2)]))
    assert [(post.in_degree, post.out_degree) for post in found.values()] == [
        (0, 2),
        (2, 0),
        (1, 1),
    ]
    assert [(post.orphan, post.dead_end) for post in found.values()] == [
        (True, False),
        (False, True),
        (False, False),
    ]


def test_the_calendar_and_likeness_are_not_measured_unless_asked_for():
    graph = make_graph(2, [make_edge(1, 2, kind="older"), make_edge(1, 2, kind="similar")])
    assert measure(graph)[2].in_degree == 0
    assert measure(graph, {"older"})[2].in_degree == 1


def test_what_is_not_archived_and_the_post_itself_are_no_ends():
    assert [
        post.out_degree for post in measure(make_graph(2, [(1, None), (1, 1), (1, 77)])).values()
    ] == [0, 0]


def test_a_removed_post_is_no_part_of_the_graph():
    graph = make_graph(3, [(1, 2), (3, 2)])
    gone = replace(
        graph, posts=(graph.posts[0], replace(graph.posts[1], state="removed"), graph.posts[2])
    )
    found = measure(gone)
    assert set(found) == {1, 3}
    assert all(post.dead_end for post in found.values())


def test_rank_of_two_that_point_at_a_third():
    """By hand: the two hold (1 - d) / n and the share of the dead end, which is spread over all."""
    found = measure(make_graph(3, [(1, 3), (2, 3)]))
    ranks = [post.rank for post in found.values()]
    assert sum(ranks) == pytest.approx(1)
    first = (0.15 + 0.85 * ranks[2]) / 3
    assert ranks == pytest.approx([first, first, first + 0.85 * 2 * first])


def test_components_and_communities_are_numbered_from_the_largest():
    found = measure(make_graph(7, [(1, 2), (3, 4), (4, 5), (5, 3), (6, 5)]))
    assert [post.component for post in found.values()] == [2, 2, 1, 1, 1, 1, 3]
    assert [post.community for post in found.values()] == [2, 2, 1, 1, 1, 1, 3]


def test_two_circles_joined_by_one_edge_are_two_communities():
    circle = [(a, b) for a in range(1, 6) for b in range(1, 6) if a != b]
    found = measure(make_graph(10, [*circle, *[(a + 5, b + 5) for a, b in circle], (5, 6)]))
    assert {post.component for post in found.values()} == {1}
    assert len({found[number].community for number in range(1, 6)}) == 1
    assert {found[number].community for number in range(1, 6)} != {
        found[number].community for number in range(6, 11)
    }


def test_the_same_graph_has_the_same_measures():
    graph = make_graph(60, [(a, (a * a + 7 * b) % 60 + 1) for a in range(1, 61) for b in range(4)])
    assert measure(graph) == measure(graph)
    pairs = [(edge.from_id, edge.to_id or 0) for edge in graph.edges if edge.from_id != edge.to_id]
    assert rank_posts([post.id for post in graph.posts], [*pairs, (1, 77)]) == {
        post: (found.rank, found.community) for post, found in measure(graph).items()
    }


def test_a_hub_stands_out():
    found = measure(make_graph(20, [(number, 1) for number in range(2, 9)]))
    assert [number for number, post in found.items() if post.hub] == [1]


def test_two_edges_make_no_hub():
    assert not any(post.hub for post in measure(make_graph(20, [(2, 1), (3, 1)])).values())


def test_reciprocity_is_the_share_that_points_back():
    found = measure(make_graph(3, [(1, 2), (1, 3), (2, 1)]))
    assert [post.reciprocity for post in found.values()] == [0.5, 1.0, 0.0]


def test_depth_follows_every_edge_that_can_be_clicked():
    graph = make_graph(
        5, [make_edge(1, 2, kind="older"), (2, 3), make_edge(3, 4, kind="similar"), make_edge(5, 1)]
    )
    front = replace(graph, posts=(make_node(1, front=True), *graph.posts[1:]))
    assert [post.depth for post in measure(front).values()] == [1, 2, 3, -1, -1]


def test_a_blog_is_the_sum_of_its_posts():
    graph = make_graph(4, [(1, 2), (2, 1), (2, 3)])
    two = replace(
        graph,
        posts=(
            *graph.posts[:2],
            *(make_node(number, blog="shop.example: recipes") for number in (3, 4)),
        ),
    )
    news, recipes = measure_blogs(two, measure(two))
    assert (news.blog, news.posts, news.edges, news.inside, news.orphans, news.dead_ends) == (
        "shop.example: news",
        2,
        3,
        2,
        0,
        0,
    )
    assert news.reciprocity == pytest.approx(2 / 3)
    assert (
        recipes.posts,
        recipes.edges,
        recipes.orphans,
        recipes.dead_ends,
        recipes.components,
    ) == (2, 0, 1, 2, 2)


def test_a_graph_without_posts_has_no_measures():
    assert measure(make_graph(0, [])) == {}
