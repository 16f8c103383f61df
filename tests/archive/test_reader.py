"""The questions that commands ask."""

from __future__ import annotations

import pytest

from scraper.archive.queries.reader import (
    changes_between,
    changes_of_crawl,
    count_complete_crawls,
    find_post,
    find_store,
    last_crawl,
    missing_posts,
    read_crawl,
    read_revision,
    related_posts,
    revision_numbers,
)
from scraper.exceptions import NoArchive, NoSuchPost, NoSuchRevision, NoSuchStore
from tests.archive.shop import Shop
from tests.factories import ORIGIN, at, make_link, make_post, url_of

A = make_post(
    "slow-tea",
    article_id="1",
    title="It’s Slow Tea",
    links=(make_link("other", anchor="more"), make_link("nowhere", anchor="lost")),
)
B = make_post("other", article_id="2")


@pytest.fixture
def told(shop: Shop) -> Shop:
    shop.crawl(1, A, B)
    shop.crawl(
        2,
        make_post(
            "slow-tea",
            article_id="1",
            title="It’s Slow Tea",
            links=A.links,
            text="Half the words only.",
        ),
        B,
    )
    return shop


@pytest.mark.parametrize(
    "asked",
    [
        "1",
        url_of("slow-tea"),
        url_of("slow-tea") + "/",
        "shop.example: news/slow-tea",
        "slow-tea",
        "It’s Slow Tea",
        "it's slow tea",
    ],
)
def test_a_post_is_found_by(told: Shop, asked):
    assert find_post(told.db, asked).id == 1


def test_a_post_is_found_by_an_address_that_it_bore(told: Shop):
    told.crawl(3, make_post("new-name", article_id="2", title="Other"), A)
    assert find_post(told.db, url_of("other")).url == url_of("new-name")


@pytest.mark.parametrize("asked", ["99", "nothing", "", url_of("slow")])
def test_what_fits_no_post_is_told(told: Shop, asked):
    with pytest.raises(NoSuchPost, match="no post fits"):
        find_post(told.db, asked)


def test_what_fits_two_posts_is_told_with_their_labels(told: Shop):
    told.crawl(3, A, B, make_post("third", article_id="3", title="Other"))
    with pytest.raises(
        NoSuchPost, match=r"2 posts fit 'Other': shop.example: news/other, shop.example: news/third"
    ):
        find_post(told.db, "Other")


def test_changes_of_a_crawl_come_with_their_texts(told: Shop):
    (change,) = changes_of_crawl(told.db, 2)
    assert (change.kind, change.old_text, change.new_text) == (
        "edited",
        A.text,
        "Half the words only.",
    )


def test_the_gravest_change_comes_first(told: Shop):
    told.crawl(
        3,
        make_post("slow-tea", article_id="1", title="SLOW TEA"),
        make_post("other", article_id="2", text="Another text."),
    )
    assert [change.severity for change in changes_of_crawl(told.db, 3)] == ["major", "major"]
    told.crawl(
        4,
        make_post("slow-tea", article_id="1", title="Slow Tea"),
        make_post("other", article_id="2", text="All of it is new 5."),
    )
    assert [change.severity for change in changes_of_crawl(told.db, 4)] == ["major", "trivial"]


@pytest.mark.parametrize(
    ("since", "until", "store", "kinds"),
    [
        (at(1), at(2), "", ["created", "created"]),
        (at(2), at(3), "", ["edited"]),
        (at(2), at(3), "shop.example", ["edited"]),
        (at(2), at(3), "none.example", []),
        (at(3), at(4), "", []),
        (at(1, 1), at(1, 2), "", ["created"]),
    ],
)
def test_changes_of_a_span(told: Shop, since, until, store, kinds):
    assert [change.kind for change in changes_between(told.db, since, until, store)] == kinds


def test_revisions_are_numbered_in_the_order_in_which_they_stood(told: Shop):
    told.crawl(3, gone=[A.url], verdict="server_error", listed=[A.url, B.url])
    told.crawl(4, A, B)
    post = find_post(told.db, "slow-tea")
    assert (revision_numbers(told.db, post), read_revision(told.db, post, 2).text) == (
        [1, 2, 1],
        "Half the words only.",
    )


def test_a_revision_that_is_not_there_is_told(told: Shop):
    with pytest.raises(NoSuchRevision, match="has no revision 3: it has 2"):
        read_revision(told.db, find_post(told.db, "slow-tea"), 3)


def test_edges_are_told_from_both_ends(told: Shop):
    out, into = (
        related_posts(told.db, find_post(told.db, handle)) for handle in ("slow-tea", "other")
    )
    assert [(edge.direction, edge.title, edge.resolved) for edge in (*out, *into)] == [
        ("out", "Other", True),
        ("out", "lost", False),
        ("in", "It’s Slow Tea", True),
    ]


def test_edges_that_ended_are_not_told(told: Shop):
    told.crawl(3, make_post("slow-tea", article_id="1"), B)
    assert related_posts(told.db, find_post(told.db, "slow-tea")) == []


def test_edges_can_be_asked_for_by_kind(told: Shop):
    assert related_posts(told.db, find_post(told.db, "slow-tea"), ("older",)) == []


def test_the_last_crawl_is_the_newest(told: Shop):
    assert (last_crawl(told.db).id, last_crawl(told.db, "shop.example").id) == (2, 2)


@pytest.mark.parametrize("asked", ["shop.example", ORIGIN, f"{ORIGIN}/"])
def test_a_store_is_found_by_its_name_or_address(told: Shop, asked: str):
    assert find_store(told.db, asked) == "shop.example"


def test_a_store_that_is_not_there_is_named_in_the_error(told: Shop):
    with pytest.raises(NoSuchStore, match="no store"):
        find_store(told.db, "none.example")


@pytest.mark.parametrize(
    "ask",
    [lambda db: last_crawl(db, "none.example"), lambda db: read_crawl(db, 9)],
    ids=["of a store", "by number"],
)
def test_a_crawl_that_is_not_there_is_told(told: Shop, ask):
    with pytest.raises(NoArchive):
        ask(told.db)


def test_missing_posts_are_told_until_they_are_removed(told: Shop):
    missing = []
    for day in (3, 4):
        told.crawl(day, A, gone=[B.url])
        missing.append([post.title for post in missing_posts(told.db, "shop.example")])
    assert missing == [["Other"], []]


def test_complete_crawls_are_counted(told: Shop):
    told.crawl(3, A, failed_sources=1)
    assert (
        count_complete_crawls(told.db, ORIGIN),
        count_complete_crawls(told.db, "https://none.example"),
    ) == (2, 0)


def test_changes_are_read_when_they_are_looked_at_and_in_their_order(told: Shop):
    told.crawl(
        3,
        make_post("slow-tea", article_id="1", title="SLOW TEA"),
        make_post("other", article_id="2", text="All of it is new 5."),
    )
    asked: list[str] = []
    told.db.conn.set_trace_callback(asked.append)
    changes = changes_of_crawl(told.db, 3)
    assert len(changes) == 2
    told.db.conn.set_trace_callback(None)
    assert not any("contents" in sql for sql in asked)
    assert [change.id for change in changes] == [changes[0].id, changes[1].id]
    assert [change.id for change in changes[1:]] == [changes[-1].id]
    assert changes[0].id != changes[1].id
