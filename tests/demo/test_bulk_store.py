from __future__ import annotations

import re

import pytest

from tests.bulk_store import BulkStore
from tests.demo.authored import authored_text
from tests.demo.conftest import Serve, ask

POSTS = 60


@pytest.fixture(scope="module")
def bulk() -> BulkStore:
    return BulkStore(POSTS, page_bytes=60_000, edited_share=0.1)


def test_it_has_as_many_posts_as_asked_for_with_ids_of_their_own(bulk: BulkStore):
    assert len(bulk.posts(1)) == len({post.article_id for post in bulk.posts(1)}) == POSTS


def test_the_same_numbers_give_the_same_store(bulk: BulkStore):
    assert BulkStore(POSTS, page_bytes=60_000, edited_share=0.1).posts(2) == bulk.posts(2)


def test_posts_are_long_and_linked(bulk: BulkStore):
    words = [len(authored_text(post).split()) for post in bulk.posts(1)]
    links = [len(re.findall(r'href="/blogs/', post.body_html)) for post in bulk.posts(1)]

    assert min(words) >= 600
    assert max(words) < 1200
    assert min(links) >= 2
    assert 0 < sum("<table>" in post.body_html for post in bulk.posts(1)) < POSTS


def test_the_second_day_edits_the_given_share(bulk: BulkStore):
    assert [change.kinds for change in bulk.changes(2)] == [("edited",)] * 6


def test_pages_weigh_about_what_was_asked(bulk: BulkStore, serve: Serve):
    server = serve(bulk)
    sizes = [len(ask(server, post.path).body) for post in bulk.posts(1)[:20]]

    assert 55_000 < sum(sizes) / len(sizes) < 65_000


def test_a_padded_page_still_holds_its_body(bulk: BulkStore, serve: Serve):
    post = bulk.posts(1)[3]
    text = ask(serve(bulk), post.path).text

    assert text.count(post.body_html) == 1
    assert len(re.findall(r"<(?:li|a|span|svg|path)\b", text)) > 300


@pytest.mark.parametrize(
    ("posts", "share"), [(0, 0.1), (5, 1.5)], ids=["no posts", "share above one"]
)
def test_numbers_out_of_range_are_refused(posts: int, share: float):
    with pytest.raises(ValueError, match="at least one post"):
        BulkStore(posts, edited_share=share)
