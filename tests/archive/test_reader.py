"""Queries of commands: posts, crawls, stores and changes."""

from __future__ import annotations

import pytest

from scraper.archive.queries.changes import changes_between, changes_of_crawl, read_texts
from scraper.archive.queries.crawls import count_complete_crawls, last_crawl, read_crawl
from scraper.archive.queries.posts import (
    find_post,
    missing_posts,
    read_revision,
    related_posts,
    revision_numbers,
)
from scraper.archive.queries.stores import find_store
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
def archived(shop: Shop) -> Shop:
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
    "query",
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
def test_a_post_is_found_by(archived: Shop, query):
    assert find_post(archived.db, query).id == 1


def test_a_post_is_found_by_a_former_url(archived: Shop):
    archived.crawl(3, make_post("new-name", article_id="2", title="Other"), A)
    assert find_post(archived.db, url_of("other")).url == url_of("new-name")


@pytest.mark.parametrize("query", ["99", "nothing", "", url_of("slow")])
def test_a_query_without_a_match_raises(archived: Shop, query):
    with pytest.raises(NoSuchPost, match="no post matches"):
        find_post(archived.db, query)


def test_an_ambiguous_query_names_the_labels(archived: Shop):
    archived.crawl(3, A, B, make_post("third", article_id="3", title="Other"))
    with pytest.raises(
        NoSuchPost,
        match=r"2 posts match 'Other': shop.example: news/other, shop.example: news/third",
    ):
        find_post(archived.db, "Other")


def test_a_change_has_the_texts_of_both_revisions(archived: Shop):
    (change,) = changes_of_crawl(archived.db, 2)
    texts = read_texts(archived.db, change.id)
    assert (change.kind, texts.old, texts.new) == ("edited", A.text, "Half the words only.")


def test_the_most_severe_change_comes_first(archived: Shop):
    archived.crawl(
        3,
        make_post("slow-tea", article_id="1", title="SLOW TEA"),
        make_post("other", article_id="2", text="Another text."),
    )
    assert [change.severity for change in changes_of_crawl(archived.db, 3)] == ["major", "major"]
    archived.crawl(
        4,
        make_post("slow-tea", article_id="1", title="Slow Tea"),
        make_post("other", article_id="2", text="All of it is new 5."),
    )
    assert [change.severity for change in changes_of_crawl(archived.db, 4)] == ["major", "trivial"]


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
def test_changes_of_a_period(archived: Shop, since, until, store, kinds):
    assert [change.kind for change in changes_between(archived.db, since, until, store)] == kinds


def test_revision_numbers_are_in_the_order_in_which_they_were_current(archived: Shop):
    archived.crawl(3, gone=[A.url], verdict="server_error", listed=[A.url, B.url])
    archived.crawl(4, A, B)
    post = find_post(archived.db, "slow-tea")
    assert (revision_numbers(archived.db, post), read_revision(archived.db, post, 2).text) == (
        [1, 2, 1],
        "Half the words only.",
    )


def test_an_unknown_revision_raises(archived: Shop):
    with pytest.raises(NoSuchRevision, match="has no revision 3: it has 2"):
        read_revision(archived.db, find_post(archived.db, "slow-tea"), 3)


def test_edges_are_read_from_both_ends(archived: Shop):
    out, into = (
        related_posts(archived.db, find_post(archived.db, handle))
        for handle in ("slow-tea", "other")
    )
    assert [(edge.direction, edge.title, edge.resolved) for edge in (*out, *into)] == [
        ("out", "Other", True),
        ("out", "lost", False),
        ("in", "It’s Slow Tea", True),
    ]


def test_ended_edges_are_left_out(archived: Shop):
    archived.crawl(3, make_post("slow-tea", article_id="1"), B)
    assert related_posts(archived.db, find_post(archived.db, "slow-tea")) == []


def test_edges_can_be_filtered_by_kind(archived: Shop):
    assert related_posts(archived.db, find_post(archived.db, "slow-tea"), ("older",)) == []


def test_the_last_crawl_is_the_newest(archived: Shop):
    assert (last_crawl(archived.db).id, last_crawl(archived.db, "shop.example").id) == (2, 2)


@pytest.mark.parametrize("query", ["shop.example", ORIGIN, f"{ORIGIN}/"])
def test_a_store_is_found_by_its_name_or_address(archived: Shop, query: str):
    assert find_store(archived.db, query) == "shop.example"


def test_an_unknown_store_raises(archived: Shop):
    with pytest.raises(NoSuchStore, match="no store"):
        find_store(archived.db, "none.example")


@pytest.mark.parametrize(
    "read",
    [lambda db: last_crawl(db, "none.example"), lambda db: read_crawl(db, 9)],
    ids=["of a store", "by number"],
)
def test_an_unknown_crawl_raises(archived: Shop, read):
    with pytest.raises(NoArchive):
        read(archived.db)


def test_missing_posts_are_read_until_they_are_removed(archived: Shop):
    missing = []
    for day in (3, 4):
        archived.crawl(day, A, gone=[B.url])
        missing.append([post.title for post in missing_posts(archived.db, "shop.example")])
    assert missing == [["Other"], []]


def test_complete_crawls_are_counted(archived: Shop):
    archived.crawl(3, A, failed_sources=1)
    assert (
        count_complete_crawls(archived.db, ORIGIN),
        count_complete_crawls(archived.db, "https://none.example"),
    ) == (2, 0)


def test_changes_are_read_without_the_texts_of_their_revisions(archived: Shop):
    """The texts of 20,000 edits take 400 MB: callers read those of one change at a time."""
    archived.crawl(3, make_post("slow-tea", article_id="1", title="SLOW TEA"), B)
    statements: list[str] = []
    archived.db.conn.set_trace_callback(statements.append)
    assert len(changes_of_crawl(archived.db, 3)) == 1
    archived.db.conn.set_trace_callback(None)
    assert not any("contents" in sql for sql in statements)
