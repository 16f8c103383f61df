"""The neighbours that the index knows of each post: more than the archive saves, so that the next
is known where one goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from scraper.archive.similarity.search import SimilarPosts, TermSearch
from scraper.graph.similarity import DEPTH, TOP
from scraper.items import Post
from tests.archive.compared import ComparedArchive, pair_posts
from tests.factories import url_of

SPARE = DEPTH - TOP


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The posts whose similar posts are searched."""
    found: list[int] = []
    search = TermSearch.find_similar

    def find_similar(self: TermSearch, post_id: int) -> SimilarPosts:
        found.append(post_id)
        return search(self, post_id)

    monkeypatch.setattr(TermSearch, "find_similar", find_similar)
    return found


def _nearest(archive: ComparedArchive, handle: str) -> list[str]:
    return archive.shop.rows(
        "SELECT target.handle FROM links JOIN posts ON posts.id = from_post_id "
        "JOIN posts AS target ON target.id = to_post_id "
        "WHERE kind = 'similar' AND gone_at IS NULL AND posts.handle = ? ORDER BY position",
        handle,
    )


def _handles(numbers: Sequence[int]) -> list[str]:
    return [f"post-{number:02}" for number in numbers]


def _rewrite(archive: ComparedArchive, posts: list[Post], number: int) -> None:
    """Give a post a text like no other's."""
    posts[number] = replace(posts[number], text=f"alone{number}")
    archive.crawl(posts)
    archive.update()


def test_the_nearest_are_searched_again_once_fewer_than_ten_are_known(
    archive: ComparedArchive, searched: list[int]
):
    posts = pair_posts(19)
    archive.crawl(posts)
    archive.update()
    for number in range(1, 1 + SPARE):
        searched.clear()
        _rewrite(archive, posts, number)
        assert searched == [number + 1]
        assert _nearest(archive, "post-00") == _handles(range(number + 1, number + 1 + TOP))
    _rewrite(archive, posts, 1 + SPARE)
    assert 1 in searched
    assert _nearest(archive, "post-00") == _handles(range(2 + SPARE, 2 + SPARE + TOP))


def test_a_neighbour_for_which_there_is_no_room_is_found_when_others_go(archive: ComparedArchive):
    """All neighbours are known until one more comes than is kept."""
    posts = pair_posts(DEPTH + 2)
    archive.crawl(posts[:-1])
    archive.update()
    archive.crawl(posts)
    archive.update()
    for number in range(1, 2 + SPARE):
        _rewrite(archive, posts, number)
    assert _nearest(archive, "post-00") == _handles(range(2 + SPARE, 2 + SPARE + TOP))


def test_one_that_is_as_similar_as_the_last_and_ranks_before_it_is_listed(
    archive: ComparedArchive,
):
    posts = pair_posts(DEPTH + 2)
    archive.crawl(posts)
    archive.update()
    first = posts[1]
    _rewrite(archive, posts, 1)
    assert _nearest(archive, "post-00") == _handles(range(2, 2 + TOP))
    archive.crawl([posts[0], first, *posts[2:]])
    archive.update()
    assert _nearest(archive, "post-00") == _handles(range(1, 1 + TOP))


def test_the_next_takes_the_place_of_a_removed_post(archive: ComparedArchive):
    posts = pair_posts(19)
    archive.crawl(posts)
    archive.update()
    for _ in range(2):
        archive.crawl([posts[0], *posts[2:]], gone=[url_of("post-01")])
    archive.update()
    assert _nearest(archive, "post-00") == _handles(range(2, 2 + TOP))


def test_a_move_among_equals_moves_the_edges_to_it(archive: ComparedArchive):
    posts = pair_posts(19)
    archive.crawl(posts)
    archive.update()
    with archive.shop.db.conn as connection:
        connection.execute(
            "UPDATE posts SET url = replace(url, 'post-05', 'post-00a') WHERE id = 6"
        )
    archive.update()
    assert _nearest(archive, "post-00") == _handles([5, 1, 2, 3, 4, 6, 7, 8, 9, 10])


def test_words_of_most_posts_make_none_similar(archive: ComparedArchive):
    posts = [replace(post, text=f"{post.text} everywhere") for post in pair_posts(19)]
    archive.crawl(posts)
    archive.update()
    anchors = archive.shop.rows("SELECT DISTINCT anchor FROM links WHERE kind = 'similar'")
    assert anchors
    assert not any("everywhere" in anchor for anchor in anchors)
