"""Changes of a crawl and of a period, and their texts."""

from __future__ import annotations

from scraper.archive.queries.changes import (
    changes_between,
    changes_of_crawl,
    read_texts,
)
from tests.archive.queries.sample import OTHER, TEA
from tests.archive.shop import Shop
from tests.each_row import each_row
from tests.factories import at, make_post


def test_a_change_has_the_texts_of_both_revisions(two_crawls: Shop):
    (change,) = changes_of_crawl(two_crawls.db, 2)
    texts = read_texts(two_crawls.db, change.id)
    assert (change.kind, texts.old, texts.new) == ("edited", TEA.text, "Half the words only.")


def test_the_most_severe_change_comes_first(two_crawls: Shop):
    two_crawls.crawl(
        3,
        make_post("slow-tea", article_id="1", title="SLOW TEA"),
        make_post("other", article_id="2", text="Another text."),
    )
    assert [change.severity for change in changes_of_crawl(two_crawls.db, 3)] == ["major", "major"]
    two_crawls.crawl(
        4,
        make_post("slow-tea", article_id="1", title="Slow Tea"),
        make_post("other", article_id="2", text="All of it is new 5."),
    )
    assert [change.severity for change in changes_of_crawl(two_crawls.db, 4)] == [
        "major",
        "trivial",
    ]


@each_row(
    ("since", "until", "store", "kinds"),
    [
        (at(1), at(2), "", []),
        (at(2), at(3), "", ["edited"]),
        (at(2), at(3), "shop.example", ["edited"]),
        (at(2), at(3), "none.example", []),
        (at(3), at(4), "", []),
        (at(2, 1), at(2, 2), "", ["edited"]),
    ],
)
def test_changes_of_a_period(two_crawls: Shop, since, until, store, kinds):
    assert [change.kind for change in changes_between(two_crawls.db, since, until, store)] == kinds


def test_changes_are_read_without_the_texts_of_their_revisions(two_crawls: Shop):
    """The texts of 20,000 edits take 400 MB: callers read those of one change at a time."""
    two_crawls.crawl(3, make_post("slow-tea", article_id="1", title="SLOW TEA"), OTHER)
    statements: list[str] = []
    two_crawls.db.conn.set_trace_callback(statements.append)
    assert len(changes_of_crawl(two_crawls.db, 3)) == 1
    two_crawls.db.conn.set_trace_callback(None)
    assert not any("contents" in sql for sql in statements)
