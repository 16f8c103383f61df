"""Removed is earned: gone from the listings and answered so, on two healthy crawls."""

from __future__ import annotations

import pytest

from scraper.history.crawl_health import CrawlEnd
from tests.archive.shop import Shop, listing
from tests.factories import answered, at, make_link, make_post, redirected, seen, url_of

OLD, NEW = url_of("old"), url_of("new")
GONE, KEPT = (
    make_post("old", article_id="1", links=(make_link("new"),)),
    make_post("new", article_id="2"),
)
MANY = [make_post(f"p{n}", article_id=str(100 + n)) for n in range(10)]


def _state(shop: Shop) -> str:
    return shop.states()["old"]


def _removed(shop: Shop) -> list[tuple[str, str]]:
    return shop.rows("SELECT not_before, not_after FROM changes WHERE kind = 'removed'")


@pytest.mark.parametrize("verdict", ["not_found", "gone", "soft_404", "redirected_home"])
def test_missing_on_the_first_healthy_crawl_removed_on_the_second(shop: Shop, verdict):
    shop.crawl(1, GONE, KEPT)
    shop.crawl(2, KEPT, gone=[OLD], verdict=verdict)
    first = (_state(shop), _removed(shop))
    shop.crawl(3, KEPT, gone=[OLD], verdict=verdict)
    assert (first, _state(shop), _removed(shop)) == (
        ("missing", []),
        "removed",
        [(at(1, 1), at(2, 30))],
    )


def test_a_removal_is_major_and_observed(shop: Shop):
    for day in (1, 2, 3):
        shop.crawl(day, KEPT, *([GONE] if day == 1 else []), gone=[OLD] if day > 1 else [])
    assert shop.rows(
        "SELECT severity, origin, from_revision_id, to_revision_id FROM changes "
        "WHERE kind = 'removed'"
    ) == [("major", "observed", 2, None)]


def test_a_removal_is_recorded_once(shop: Shop):
    shop.crawl(1, GONE, KEPT)
    for day in (2, 3, 4, 5):
        shop.crawl(day, KEPT, gone=[OLD])
    assert shop.changes() == [("old", "removed")]


def test_a_removed_post_keeps_its_text_and_ends_its_links(shop: Shop):
    shop.crawl(1, GONE, KEPT)
    shop.crawl(2, KEPT, gone=[OLD])
    still_open = shop.rows("SELECT gone_at FROM links")
    shop.crawl(3, KEPT, gone=[OLD])
    assert (still_open, shop.rows("SELECT gone_at FROM links")) == ([None], [at(2, 30)])
    assert shop.rows(
        "SELECT title, text FROM current_posts JOIN contents ON 1 WHERE state = 'removed' LIMIT 1"
    ) == [("Old", GONE.text)]


@pytest.mark.parametrize("source", ["sitemap", "feed", "index", "pager"])
def test_a_post_that_the_store_still_lists_is_not_gone(shop: Shop, source):
    shop.crawl(1, GONE, KEPT)
    for day in (2, 3):
        writer = shop.begin(day)
        writer.record_listing(listing(OLD, NEW, source=source), at(day))
        writer.record_visit(seen(KEPT, at(day, 1)))
        writer.record_visit(answered(OLD, at(day, 2), "not_found"))
        writer.finish_crawl(CrawlEnd(finished=True, failed_sources=0), at=at(day, 59))
    assert _state(shop) == "live"


@pytest.mark.parametrize("source", ["archive", "seed", "import"])
def test_what_we_ourselves_remember_is_no_listing(shop: Shop, source):
    shop.crawl(1, GONE, KEPT)
    writer = shop.begin(2)
    writer.record_listing(listing(NEW), at(2))
    writer.record_listing(listing(OLD, source=source), at(2))
    writer.record_visit(seen(KEPT, at(2, 1)))
    writer.record_visit(answered(OLD, at(2, 2), "not_found"))
    writer.finish_crawl(CrawlEnd(finished=True, failed_sources=0), at=at(2, 59))
    assert _state(shop) == "missing"


def test_a_post_named_by_the_pager_of_another_is_listed(shop: Shop):
    pointing = make_post(
        "new", article_id="2", links=(make_link("old", kind="older", anchor="Older Post"),)
    )
    shop.crawl(1, GONE, pointing)
    for day in (2, 3):
        shop.crawl(day, pointing, gone=[OLD])
    assert _state(shop) == "live"


def test_a_post_that_is_listed_nowhere_but_answers_is_live(shop: Shop):
    shop.crawl(1, GONE, KEPT)
    for day in (2, 3, 4):
        shop.crawl(day, GONE, KEPT, listed=[NEW])
    assert (_state(shop), shop.changes()) == ("live", [])


@pytest.mark.parametrize(
    "verdict",
    [
        "server_error",
        "challenge",
        "network_error",
        "forbidden",
        "truncated",
        "redirected_off",
        "password_page",
    ],
)
def test_trouble_at_one_post_removes_nothing(shop: Shop, verdict):
    shop.crawl(1, GONE, KEPT)
    for day in (2, 3, 4):
        shop.crawl(day, KEPT, gone=[OLD], verdict=verdict)
    assert _state(shop) == "live"


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param({"finished": False}, id="interrupted"),
        pytest.param({"failed_sources": 1}, id="a listing failed"),
    ],
)
def test_a_crawl_in_trouble_moves_nothing(shop: Shop, trouble):
    shop.crawl(1, GONE, KEPT)
    for day in (2, 3):
        shop.crawl(day, KEPT, gone=[OLD], **trouble)
    assert _state(shop) == "live"


def test_a_crawl_in_trouble_between_two_good_ones_only_delays(shop: Shop):
    shop.crawl(1, GONE, KEPT)
    shop.crawl(2, KEPT, gone=[OLD])
    shop.crawl(3, KEPT, gone=[OLD], failed_sources=1)
    between = _state(shop)
    shop.crawl(4, KEPT, gone=[OLD])
    assert (between, _state(shop), _removed(shop)) == (
        "missing",
        "removed",
        [(at(1, 1), at(2, 30))],
    )


def test_a_failed_visit_before_the_absence_widens_the_bracket(shop: Shop):
    shop.crawl(1, GONE, KEPT)
    shop.crawl(2, KEPT, gone=[OLD], verdict="server_error")
    shop.crawl(3, KEPT, gone=[OLD])
    shop.crawl(4, KEPT, gone=[OLD])
    assert _removed(shop) == [(at(1, 1), at(3, 30))]


def test_a_suspicious_crawl_removes_nothing(shop: Shop):
    shop.crawl(1, *MANY)
    for day in (2, 3):
        judgement = shop.crawl(day, *MANY[6:], gone=[post.url for post in MANY[:6]])
        assert judgement.health == "suspicious"
    assert set(shop.states().values()) == {"live"}


def test_a_suspicious_crawl_is_not_the_stores_last_good_one(shop: Shop):
    shop.crawl(1, *MANY)
    shop.crawl(2, *MANY[6:], gone=[post.url for post in MANY[:6]])
    assert shop.rows("SELECT last_good_crawl_id FROM stores") == [1]


def test_a_few_posts_of_a_blog_may_vanish_at_once(shop: Shop):
    shop.crawl(1, *MANY)
    for day in (2, 3):
        shop.crawl(day, *MANY[3:], gone=[post.url for post in MANY[:3]])
    assert sorted(shop.states().values()) == ["live"] * 7 + ["removed"] * 3


def test_a_missing_post_that_answers_again_was_never_gone(shop: Shop):
    shop.crawl(1, GONE, KEPT)
    shop.crawl(2, KEPT, gone=[OLD])
    shop.crawl(3, GONE, KEPT)
    assert (_state(shop), shop.changes()) == ("live", [])
    assert shop.rows("SELECT verdict FROM observations WHERE post_id = 1 ORDER BY id") == [
        "ok",
        "not_found",
        "ok",
    ]


def test_missing_again_after_a_return_begins_anew(shop: Shop):
    shop.crawl(1, GONE, KEPT)
    shop.crawl(2, KEPT, gone=[OLD])
    shop.crawl(3, GONE, KEPT)
    shop.crawl(4, KEPT, gone=[OLD])
    missing = _state(shop)
    shop.crawl(5, KEPT, gone=[OLD])
    assert (missing, _removed(shop)) == ("missing", [(at(3, 1), at(4, 30))])


def _restore(shop: Shop, back) -> None:
    shop.crawl(1, GONE, KEPT)
    for day in (2, 3):
        shop.crawl(day, KEPT, gone=[OLD])
    shop.crawl(5, back, KEPT)


def test_a_removed_post_that_answers_again_is_restored(shop: Shop):
    _restore(shop, GONE)
    assert (_state(shop), shop.changes()) == ("live", [("old", "removed"), ("old", "restored")])
    assert shop.rows("SELECT gone_at FROM links ORDER BY id") == [at(2, 30), None]


def test_a_removed_post_that_comes_back_with_other_words_is_edited_too(shop: Shop):
    _restore(shop, make_post("old", article_id="1", text="Another text."))
    assert sorted(kind for _, kind in shop.changes()) == ["edited", "removed", "restored"]


def test_a_restoration_is_not_older_than_the_last_sight_of_the_absence(shop: Shop):
    _restore(shop, GONE)
    assert shop.rows("SELECT not_before, not_after FROM changes WHERE kind = 'restored'") == [
        (at(3, 30), at(5, 1))
    ]


def test_a_redirect_to_a_page_that_is_gone_counts_as_gone(shop: Shop):
    shop.crawl(1, GONE, KEPT)
    for day in (2, 3):
        shop.crawl(
            day,
            KEPT,
            redirected(OLD, url_of("elsewhere"), at(day, 2)),
            answered(OLD, at(day, 2), "not_found"),
            listed=[NEW],
        )
    assert (_state(shop), _removed(shop)) == ("removed", [(at(1, 1), at(2, 2))])


def test_a_redirect_to_a_page_that_is_gone_is_one_period_of_absence(shop: Shop):
    shop.crawl(1, GONE, KEPT)
    for day in (2, 3):
        shop.crawl(
            day,
            KEPT,
            redirected(OLD, url_of("elsewhere"), at(day, 2)),
            answered(OLD, at(day, 2), "not_found"),
            listed=[NEW],
        )
    assert shop.rows("SELECT verdict FROM observations WHERE post_id = 1 ORDER BY id") == [
        "ok",
        "not_found",
    ]


def test_a_post_that_one_locale_lost_is_live(shop: Shop):
    shop.crawl(1, GONE)
    shop.crawl(2, GONE, answered(OLD, at(2, 5), "not_found"))
    assert _state(shop) == "live"
