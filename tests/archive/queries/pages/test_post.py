"""The page of a post, and pairs of revisions."""

from __future__ import annotations

import pytest

from scraper.archive.queries.pages import post
from scraper.exceptions import NoSuchPost, NoSuchRevision
from tests.archive.queries.sample import tree_post
from tests.archive.shop import Shop
from tests.factories import make_code, make_link, url_of


def test_a_post_page_holds_its_history_and_what_leads_to_it(shop: Shop):
    links = (make_link("birch", anchor="birches"),)
    shop.crawl(
        1,
        tree_post("alder", "Alder.", links=links, codes=(make_code(),)),
        tree_post("birch", "Birch."),
    )
    shop.crawl(2, tree_post("alder", "Alder!", links=links), tree_post("birch", "Birch."))
    alder, birch = (post.read_post_page(shop.db.conn, number, limit=50) for number in (1, 2))
    assert [change.kind for change in alder.changes][-1] == "created"
    assert [observation.number for observation in alder.observations] == [2, 1]
    assert [(link.direction, link.title) for link in birch.links] == [("in", "Alder")]
    assert alder.link_targets == {url_of("birch"): 2}
    assert [code.code for code in post.read_post_page(shop.db.conn, 1, 1, limit=50).codes] == [
        "CALM10"
    ]


def test_unknown_posts_and_revisions_raise(four_days: Shop):
    with pytest.raises(NoSuchPost):
        post.read_post_page(four_days.db.conn, 99, limit=5)
    with pytest.raises(NoSuchRevision):
        post.read_revision_pair(four_days.db.conn, 1, 1, 99, limit=5)
