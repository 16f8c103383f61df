"""Edges as periods: opened, ended, opened again, resolved when their target is known, directed by
dates."""

from __future__ import annotations

import pytest

from tests.archive.shop import Shop
from tests.factories import at, make_link, make_post, url_of

COLUMNS = (
    "SELECT url, kind, anchor, position, first_seen_at, last_seen_at, gone_at FROM links "
    "ORDER BY id"
)


def _from(*links, handle: str = "source", **more):
    return make_post(handle, links=links, **more)


def _targets(shop: Shop) -> list[str | None]:
    return shop.rows(
        "SELECT posts.handle FROM links LEFT JOIN posts ON posts.id = to_post_id ORDER BY links.id"
    )


def test_a_link_is_opened_when_first_seen(shop: Shop):
    shop.crawl(1, _from(make_link("target", anchor="the pot")))
    assert shop.rows(COLUMNS) == [
        (url_of("target"), "inline", "the pot", 0, at(1, 1), at(1, 1), None)
    ]


def test_a_link_seen_again_goes_on(shop: Shop):
    for day in (1, 2):
        shop.crawl(day, _from(make_link("target")))
    assert shop.rows("SELECT first_seen_at, last_seen_at, gone_at FROM links") == [
        (at(1, 1), at(2, 1), None)
    ]


def test_a_link_that_is_no_longer_there_ends(shop: Shop):
    shop.crawl(1, _from(make_link("target")))
    shop.crawl(2, _from())
    assert shop.rows("SELECT last_seen_at, gone_at FROM links") == [(at(1, 1), at(2, 1))]


def test_a_link_that_comes_back_is_a_new_period(shop: Shop):
    shop.crawl(1, _from(make_link("target")))
    shop.crawl(2, _from())
    shop.crawl(3, _from(make_link("target")))
    assert shop.rows("SELECT first_seen_at, last_seen_at, gone_at FROM links ORDER BY id") == [
        (at(1, 1), at(1, 1), at(2, 1)),
        (at(3, 1), at(3, 1), None),
    ]


def test_trouble_ends_no_link(shop: Shop):
    shop.crawl(1, _from(make_link("target")))
    shop.crawl(2, gone=[url_of("source")], verdict="server_error", listed=[url_of("source")])
    assert shop.rows("SELECT gone_at FROM links") == [None]


def test_a_link_that_changes_its_kind_is_another_link(shop: Shop):
    shop.crawl(1, _from(make_link("target", kind="related_widget")))
    shop.crawl(2, _from(make_link("target", kind="related_list")))
    assert shop.rows("SELECT kind, gone_at FROM links ORDER BY id") == [
        ("related_widget", at(2, 1)),
        ("related_list", None),
    ]


def test_a_link_that_only_moves_is_the_same_link(shop: Shop):
    one, two = make_link("one", position=0), make_link("two", position=1)
    shop.crawl(1, _from(one, two))
    shop.crawl(2, _from(make_link("two", position=0), make_link("one", position=1)))
    assert shop.rows("SELECT anchor, position, gone_at FROM links ORDER BY position") == [
        ("two", 0, None),
        ("one", 1, None),
    ]


def test_the_same_words_twice_are_two_links(shop: Shop):
    doubled = (
        make_link("target", anchor="here", position=0),
        make_link("target", anchor="here", position=1),
    )
    for day in (1, 2):
        shop.crawl(day, _from(*doubled))
    assert shop.rows("SELECT position, gone_at FROM links ORDER BY id") == [(0, None), (1, None)]


def test_of_two_links_with_the_same_words_one_ends(shop: Shop):
    shop.crawl(
        1,
        _from(
            make_link("target", anchor="here", position=0),
            make_link("target", anchor="here", position=1),
        ),
    )
    shop.crawl(2, _from(make_link("target", anchor="here", position=0)))
    assert shop.rows("SELECT position, gone_at FROM links ORDER BY id") == [
        (0, None),
        (1, at(2, 1)),
    ]


def test_a_target_known_before_is_resolved_at_once(shop: Shop):
    shop.crawl(1, make_post("target"), _from(make_link("target")))
    assert _targets(shop) == ["target"]


def test_a_target_is_resolved_when_it_is_archived(shop: Shop):
    shop.crawl(1, _from(make_link("target")))
    before = _targets(shop)
    shop.crawl(2, make_post("target"), _from(make_link("target")))
    assert (before, _targets(shop)) == ([None], ["target"])


def test_a_target_is_resolved_under_an_address_that_it_bore(shop: Shop):
    shop.crawl(1, make_post("old", article_id="1"))
    shop.crawl(2, make_post("new", article_id="1", title="Old"), _from(make_link("old")))
    assert _targets(shop) == ["new"]


def test_a_target_is_resolved_when_a_post_takes_its_address(shop: Shop):
    shop.crawl(1, make_post("old", article_id="1"), _from(make_link("new")))
    shop.crawl(2, make_post("new", article_id="1", title="Old"), _from(make_link("new")))
    assert _targets(shop) == ["new"]


def test_a_target_known_by_its_title_is_resolved_at_once(shop: Shop):
    shop.crawl(1, make_post("target", title="It’s Tea"))
    shop.imported(
        2, _from(make_link("", kind="related_list", anchor="it's tea"), url="", handle="")
    )
    assert _targets(shop) == ["target"]


def test_a_target_known_by_its_title_is_resolved_when_it_is_archived(shop: Shop):
    shop.imported(
        1, _from(make_link("", kind="related_list", anchor="Tea at Noon"), url="", handle="")
    )
    shop.crawl(2, make_post("target", title="Tea at noon"))
    assert _targets(shop) == ["target"]


def test_a_target_known_by_its_title_is_resolved_when_a_post_takes_that_title(shop: Shop):
    shop.crawl(1, make_post("target", title="Tea"))
    shop.imported(2, _from(make_link("", anchor="Tea at Noon"), url="", handle=""))
    shop.crawl(3, make_post("target", title="Tea at Noon"))
    assert _targets(shop) == ["target"]


def test_a_title_that_two_posts_bear_resolves_to_neither(shop: Shop):
    shop.crawl(1, make_post("one", title="Tea"), make_post("two", title="Tea"))
    shop.imported(2, _from(make_link("", anchor="Tea"), url="", handle=""))
    assert _targets(shop) == [None]


def test_a_title_is_known_within_its_store_only(shop: Shop):
    Shop(shop.db, "https://other.example").crawl(
        1, make_post("target", title="Tea", url="https://other.example/blogs/news/target")
    )
    shop.imported(2, _from(make_link("", anchor="Tea"), url="", handle=""))
    assert _targets(shop) == [None]


def test_older_and_newer_are_taken_at_their_word(shop: Shop):
    shop.crawl(1, _from(make_link("a", kind="older"), make_link("b", kind="newer")))
    assert shop.rows("SELECT kind FROM links ORDER BY id") == ["older", "newer"]


@pytest.mark.parametrize("word", ["previous", "next"])
@pytest.mark.parametrize(
    ("target_date", "told"),
    [
        pytest.param("2026-01-01T00:00:00Z", "older", id="a target from before"),
        pytest.param("2026-03-01T00:00:00Z", "newer", id="a target from after"),
        pytest.param("2026-02-01T09:00:00Z", "", id="a target of the same moment"),
        pytest.param("", "", id="a target without a date"),
    ],
)
@pytest.mark.parametrize("late", [False, True], ids=["target first", "target later"])
def test_previous_and_next_are_directed_by_dates(shop: Shop, word, target_date, told, late):
    source, target = (
        _from(make_link("target", kind=word, anchor="←")),
        make_post("target", published_at=target_date),
    )
    shop.crawl(1, *([source, target] if late else [target, source]))
    assert shop.rows("SELECT kind FROM links") == [told or word]


def test_a_pager_directed_by_dates_stays_one_link(shop: Shop):
    source, target = (
        _from(make_link("target", kind="previous")),
        make_post("target", published_at="2026-01-01T00:00:00Z"),
    )
    shop.crawl(1, source)
    for day in (2, 3, 4):
        shop.crawl(day, source, target)
    assert shop.rows("SELECT kind, first_seen_at, last_seen_at, gone_at FROM links") == [
        ("older", at(1, 1), at(4, 1), None)
    ]


def test_where_one_post_has_no_date_the_way_of_one_pager_shows_that_of_the_other(shop: Shop):
    before, undated = (
        make_post("before", published_at="2026-01-01T00:00:00Z"),
        make_post("undated", published_at=""),
    )
    source = _from(make_link("undated", kind="previous"), make_link("before", kind="next"))
    for day in (1, 2, 3):
        shop.crawl(day, before, undated, source)
    assert shop.rows(
        "SELECT kind, first_seen_at, last_seen_at, gone_at FROM links ORDER BY id"
    ) == [
        ("newer", at(1, 3), at(3, 3), None),
        ("older", at(1, 3), at(3, 3), None),
    ]


def test_a_pager_is_a_listing_of_its_target(shop: Shop):
    shop.crawl(1, _from(make_link("target", kind="older"), make_link("other", kind="inline")))
    assert shop.rows("SELECT url FROM listings WHERE source = 'pager'") == [url_of("target")]


def test_a_file_lists_nothing(shop: Shop):
    shop.imported(1, _from(make_link("target", kind="older")))
    assert shop.counts("listings") == (0,)


def test_a_link_follows_its_address_when_two_posts_swap_theirs(shop: Shop):
    one, two = make_post("one", article_id="1"), make_post("two", article_id="2")
    shop.crawl(1, one, two, _from(make_link("one")))
    shop.crawl(
        2,
        make_post("two", article_id="1", title="One"),
        make_post("one", article_id="2", title="Two"),
        _from(make_link("one")),
    )
    assert shop.rows("SELECT article_id FROM links JOIN posts ON posts.id = to_post_id") == ["2"]
