"""Removed is earned: gone from the listings and answered so, in two crawls."""

from __future__ import annotations

import pytest

from scraper.archive.write.context import CrawlRules
from scraper.archive.write.record_visit import FAILED
from scraper.archive.write.writer import Writer
from scraper.crawl_evidence import StoreSeen
from scraper.history.crawl_health import CrawlEnd
from scraper.history.removal import ABSENT
from tests.archive.shop import RULES, Shop, listing
from tests.factories import ORIGIN, answered, at, make_link, make_post, redirected, seen, url_of

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
        writer.record(listing(OLD, NEW, source=source), at(day))
        writer.record_visit(seen(KEPT, at(day, 1)))
        writer.record_visit(answered(OLD, at(day, 2), "not_found"))
        writer.finish_crawl(CrawlEnd(finished=True, failed_sources=0), at=at(day, 59))
    assert _state(shop) == "live"


@pytest.mark.parametrize("source", ["archive", "seed", "import"])
def test_what_we_ourselves_remember_is_no_listing(shop: Shop, source):
    shop.crawl(1, GONE, KEPT)
    writer = shop.begin(2)
    writer.record(listing(NEW), at(2))
    writer.record(listing(OLD, source=source), at(2))
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


def test_an_interrupted_crawl_moves_nothing(shop: Shop):
    shop.crawl(1, GONE, KEPT)
    for day in (2, 3):
        shop.crawl(day, KEPT, gone=[OLD], finished=False)
    assert _state(shop) == "live"


def test_a_crawl_in_trouble_between_two_good_ones_only_delays(shop: Shop):
    shop.crawl(1, GONE, KEPT)
    shop.crawl(2, KEPT, gone=[OLD])
    shop.crawl(3, KEPT, gone=[OLD], finished=False)
    between = _state(shop)
    shop.crawl(4, KEPT, gone=[OLD])
    assert (between, _state(shop), _removed(shop)) == (
        "missing",
        "removed",
        [(at(1, 1), at(2, 30))],
    )


def test_a_listing_that_failed_and_never_named_the_post_is_no_veto(shop: Shop):
    shop.crawl(1, GONE, KEPT)
    for day in (2, 3):
        shop.crawl(day, KEPT, gone=[OLD], failed_sources=1)
    assert (_state(shop), _removed(shop)) == ("removed", [(at(1, 1), at(2, 30))])


def test_a_listing_that_named_the_post_and_failed_proves_nothing(shop: Shop):
    shop.crawl(1, GONE, KEPT)
    for day in (2, 3):
        writer = shop.begin(day)
        writer.record(listing(NEW, source="feed"), at(day))
        writer.record_visit(seen(KEPT, at(day, 1)))
        writer.record_visit(answered(OLD, at(day, 2), "not_found"))
        writer.finish_crawl(CrawlEnd(finished=True, failed_sources=1), at=at(day, 59))
    assert _state(shop) == "live"


@pytest.mark.parametrize("verdict", ["server_error", "forbidden", "password_page", "unreadable"])
def test_an_odd_post_delays_no_removal(shop: Shop, verdict):
    odd = make_post("odd", article_id="3")
    shop.crawl(1, GONE, KEPT, odd)
    healths = [
        shop.crawl(
            day, KEPT, answered(odd.url, at(day, 2), verdict), gone=[OLD], listed=[NEW, odd.url]
        ).health
        for day in (2, 3, 4)
    ]
    first = "degraded" if verdict in FAILED else "blocked"
    assert healths == [first, "healthy", "healthy"]
    assert (shop.states(), _removed(shop)) == (
        {"old": "removed", "new": "live", "odd": "live"},
        [(at(1, 1), at(2, 30))],
    )
    assert shop.rows(
        "SELECT kind, subject, opened_at, closed_at FROM incidents WHERE subject != ''"
    ) == [("post_failing", odd.url, at(3, 59), None)]
    shop.crawl(5, KEPT, odd)
    assert shop.rows("SELECT closed_at FROM incidents WHERE subject != ''") == [at(5, 59)]


LOST = make_post("lost", article_id="3")
OPENED = f"{LOST.url} cannot be read: not found (the store still lists it)"


@pytest.mark.parametrize(
    ("days", "hours", "state", "incidents"),
    [
        pytest.param("L", 6, "live", [], id="a first crawl"),
        pytest.param("LL", 6, "live", [(3, None)], id="two crawls"),
        pytest.param("LL", 30, "live", [], id="too near one another"),
        pytest.param("LLL", 30, "live", [(4, None)], id="as long as a removal takes"),
        pytest.param("LLLL", 6, "live", [(3, None)], id="once"),
        pytest.param("LLR", 6, "live", [(3, 4)], id="read again"),
        pytest.param("LRL", 6, "live", [], id="read between"),
        pytest.param("LEL", 6, "live", [(4, None)], id="with a crawl in trouble between"),
        pytest.param("LLU", 6, "missing", [(3, 4)], id="listed no more"),
        pytest.param("LLUU", 6, "removed", [(3, 4)], id="removed in the end"),
        pytest.param("UL", 6, "missing", [(3, None)], id="listed again"),
        pytest.param("UU", 6, "removed", [], id="never listed"),
    ],
)
def test_a_listed_post_that_stays_gone_is_an_incident(shop: Shop, days, hours, state, incidents):
    """Each day the post answers as gone, (L) listed or (U) not, (E) within a crawl that ends early,
    or (R) can be read."""
    shop.crawl(1, GONE, KEPT, LOST)
    for number, day in enumerate(days, start=2):
        writer = shop.begin(number, rules=CrawlRules(removal_hours=hours))
        writer.record(listing(OLD, NEW, *([LOST.url] if day != "U" else [])), at(number))
        for post in (GONE, KEPT, *([LOST] if day == "R" else [])):
            writer.record_visit(seen(post, at(number, 1)))
        if day != "R":
            writer.record_visit(answered(LOST.url, at(number, 2), "not_found"))
        judged = writer.finish_crawl(CrawlEnd(finished=day != "E"), at=at(number, 59))
        assert judged.health == ("degraded" if day == "E" else "healthy")
    assert shop.states()["lost"] == state
    assert shop.rows(
        "SELECT kind, subject, detail, opened_at, closed_at FROM incidents WHERE subject != ''"
    ) == [
        ("post_failing", LOST.url, OPENED, at(opened, 59), closed and at(closed, 59))
        for opened, closed in incidents
    ]


def test_an_incident_of_a_post_that_a_crawl_does_not_ask_for_stays_open(shop: Shop):
    """As a crawl of chosen blogs does not."""
    shop.crawl(1, GONE, KEPT, LOST)
    for day in (2, 3):
        shop.crawl(day, GONE, KEPT, gone=[LOST.url], listed=[OLD, NEW, LOST.url])
    shop.crawl(4, GONE, KEPT, listed=[OLD, NEW, LOST.url])
    assert shop.rows("SELECT subject, closed_at FROM incidents") == [(LOST.url, None)]


def test_a_lasting_incident_is_named_by_the_crawl(shop: Shop):
    shop.crawl(1, GONE, KEPT, LOST)
    reasons = [
        shop.crawl(day, GONE, KEPT, gone=[LOST.url], listed=[OLD, NEW, LOST.url]).reason
        for day in (2, 3)
    ]
    assert reasons == ["", "1 address still cannot be read"]


def test_a_post_whose_new_address_answers_unchanged_is_not_gone(shop: Shop):
    """The store lists the old address, which redirects."""
    moved = make_post("moved", article_id="1", title="Old")
    shop.crawl(1, GONE, KEPT)
    shop.crawl(2, redirected(OLD, moved.url, at(2, 1)), moved, KEPT, listed=[OLD, NEW])
    unchanged = answered(moved.url, at(3, 2), "not_modified")
    shop.crawl(3, redirected(OLD, moved.url, at(3, 1)), unchanged, KEPT, listed=[OLD, NEW])
    assert shop.states() == {"moved": "live", "new": "live"}


def test_two_posts_that_redirect_to_one_another_for_good_make_no_crawl_incomplete(shop: Shop):
    shop.crawl(1, GONE, KEPT, LOST, *MANY)
    healths = []
    for day in (2, 3, 4):
        ring = [redirected(OLD, LOST.url, at(day, 1)), redirected(LOST.url, OLD, at(day, 2))]
        named = [post.url for post in (GONE, LOST, KEPT, *MANY)]
        healths.append(shop.crawl(day, *ring, KEPT, *MANY, listed=named).health)
    opened = shop.rows("SELECT subject, detail, closed_at FROM incidents WHERE subject != ''")
    shop.crawl(5, GONE, LOST, KEPT, *MANY)
    assert healths == ["degraded", "healthy", "healthy"]
    assert opened == [
        (url, f"{url} cannot be read: unreadable (a ring of redirects)", None)
        for url in sorted((OLD, LOST.url))
    ]
    assert shop.rows("SELECT count(*) FROM incidents WHERE closed_at IS NULL") == [0]
    assert set(shop.states().values()) == {"live"}


def test_a_listed_post_that_leads_to_another_for_good_is_an_incident(shop: Shop):
    shop.crawl(1, GONE, KEPT)
    for day in (2, 3, 4):
        shop.crawl(day, redirected(OLD, NEW, at(day, 1)), KEPT, listed=[OLD, NEW])
    assert _state(shop) == "live"
    assert shop.rows("SELECT subject, detail, opened_at FROM incidents") == [
        (OLD, f"{OLD} cannot be read: renamed (the store still lists it)", at(3, 59))
    ]


def test_a_post_whose_page_stays_rejected_is_an_incident(shop: Shop):
    shop.crawl(1, GONE, KEPT)
    judged = []
    for day in (2, 3, 4):
        rejected = answered(OLD, at(day, 1), "rejected")
        judged.append(shop.crawl(day, rejected, KEPT, listed=[OLD, NEW]))
    assert [(each.health, each.reason) for each in judged] == [
        ("healthy", ""),
        *[("healthy", "1 address still cannot be read")] * 2,
    ]
    assert shop.rows("SELECT kind, detail, opened_at, closed_at FROM incidents") == [
        ("post_failing", f"{OLD} cannot be read: rejected", at(3, 59), None)
    ]
    shop.crawl(5, GONE, KEPT)
    assert shop.rows("SELECT closed_at FROM incidents") == [at(5, 59)]


def test_many_rejected_pages_are_no_incidents_of_their_own(shop: Shop):
    shop.crawl(1, GONE, KEPT, *MANY)
    for day in (2, 3, 4):
        rejected = [answered(post.url, at(day, 1), "rejected") for post in MANY[:6]]
        listed = [OLD, NEW, *(post.url for post in MANY)]
        shop.crawl(day, *rejected, GONE, KEPT, *MANY[6:], listed=listed)
    assert shop.rows("SELECT * FROM incidents") == []


def test_what_becomes_the_trouble_of_many_is_not_over_for_the_first(shop: Shop):
    shop.crawl(1, GONE, KEPT, *MANY)
    urls = [post.url for post in MANY]
    for day, gone in ((2, 1), (3, 1), (4, 7), (5, 7)):
        found = [post for post in MANY if post.url not in urls[:gone]]
        shop.crawl(day, GONE, KEPT, *found, gone=urls[:gone], listed=[OLD, NEW, *urls])
    assert shop.rows("SELECT subject, closed_at FROM incidents WHERE subject != ''") == [
        (urls[0], None)
    ]


@pytest.mark.parametrize("verdict", sorted(ABSENT))
def test_many_listed_posts_that_stay_gone_are_no_incidents_of_their_own(shop: Shop, verdict):
    shop.crawl(1, GONE, KEPT, *MANY)
    for day in (2, 3, 4):
        judged = shop.crawl(
            day,
            GONE,
            KEPT,
            *MANY[7:],
            gone=[post.url for post in MANY[:7]],
            verdict=verdict,
            listed=[OLD, NEW, *(post.url for post in MANY)],
        )
        assert judged.health == "suspicious"
    assert set(shop.states().values()) == {"live"}
    assert shop.rows("SELECT kind, subject FROM incidents") == [("suspicious", "")]


def test_many_posts_whose_listing_cannot_be_read_are_no_incidents_of_their_own(shop: Shop):
    shop.crawl(1, GONE, KEPT, *MANY)
    for day in (2, 3, 4):
        writer = shop.begin(day)
        writer.record(listing(OLD, NEW, source="feed"), at(day))
        for post in (GONE, KEPT, *MANY[7:]):
            writer.record_visit(seen(post, at(day, 1)))
        for post in MANY[:7]:
            writer.record_visit(answered(post.url, at(day, 2), "not_found"))
        writer.finish_crawl(CrawlEnd(finished=True, failed_sources=1), at=at(day, 59))
    assert set(shop.states().values()) == {"live"}
    assert shop.rows("SELECT DISTINCT subject FROM incidents") == [""]


def test_a_post_whose_listing_cannot_be_read_is_an_incident_while_it_stays_gone(shop: Shop):
    shop.crawl(1, GONE, KEPT)
    for day in (2, 3, 4):
        writer = shop.begin(day)
        writer.record(listing(NEW, source="feed"), at(day))
        writer.record_visit(seen(KEPT, at(day, 1)))
        writer.record_visit(answered(OLD, at(day, 2), "gone"))
        writer.finish_crawl(CrawlEnd(finished=True, failed_sources=1), at=at(day, 59))
    assert _state(shop) == "live"
    assert shop.rows("SELECT subject, detail FROM incidents WHERE subject != ''") == [
        (OLD, f"{OLD} cannot be read: gone")
    ]


def test_many_failing_posts_are_the_stores_trouble_however_long_it_lasts(shop: Shop):
    shop.crawl(1, GONE, KEPT, *MANY)
    for day in (2, 3, 4):
        failing = [answered(post.url, at(day, 2), "server_error") for post in MANY[:7]]
        judgement = shop.crawl(
            day, KEPT, *failing, *MANY[7:], gone=[OLD], listed=[NEW, *(p.url for p in MANY)]
        )
        assert (judgement.outcome, judgement.health) == ("incomplete", "degraded")
    assert _state(shop) == "live"
    assert shop.rows("SELECT count(*) FROM incidents WHERE subject != ''") == [0]


def test_a_new_address_that_fails_may_be_the_posts_own(shop: Shop):
    moved = make_post("moved", article_id="1", title="Old", links=GONE.links)
    shop.crawl(1, GONE, KEPT)
    shop.crawl(
        2,
        KEPT,
        answered(moved.url, at(2, 2), "server_error"),
        gone=[OLD],
        listed=[NEW, moved.url],
    )
    states = _state(shop)
    shop.crawl(3, KEPT, moved)
    assert (states, shop.changes()) == ("live", [("moved", "renamed")])


def _looks(shop: Shop, *moments: str, hours: float = 6) -> list[str]:
    """The states of the old post after crawls at these times."""
    shop.crawl(1, GONE, KEPT)
    states = []
    for moment in moments:
        writer = Writer(
            shop.db,
            StoreSeen(origin=ORIGIN),
            kind="crawl",
            origin="observed",
            extractor=RULES,
            at=moment,
            rules=CrawlRules(removal_hours=hours),
        )
        writer.record(listing(NEW), moment)
        writer.record_visit(seen(KEPT, moment))
        writer.record_visit(answered(OLD, moment, "not_found"))
        writer.finish_crawl(CrawlEnd(finished=True), at=moment)
        states.append(_state(shop))
    return states


def test_two_looks_within_a_minute_remove_nothing(shop: Shop):
    day = "2026-03-02T0"
    assert _looks(shop, f"{day}6:00:00Z", f"{day}6:01:00Z", f"{day}7:00:00Z") == ["missing"] * 3
    assert _removed(shop) == []


def test_a_look_six_hours_later_removes(shop: Shop):
    day = "2026-03-02T"
    assert _looks(shop, f"{day}06:00:00Z", f"{day}06:01:00Z", f"{day}12:00:00Z") == [
        "missing",
        "missing",
        "removed",
    ]
    assert _removed(shop) == [(at(1, 1), f"{day}06:00:00Z")]


def test_a_post_that_returns_begins_its_looks_anew(shop: Shop):
    shop.crawl(1, GONE, KEPT)
    shop.crawl(2, KEPT, gone=[OLD])
    looks = shop.rows("SELECT absent_looks, absent_since FROM posts WHERE handle = 'old'")
    shop.crawl(3, GONE, KEPT)
    assert looks == [(1, at(2, 59))]
    assert shop.rows("SELECT absent_looks, absent_since FROM posts") == [(0, "")] * 2


def test_a_handle_that_a_new_article_took_is_removed_without_reading_it_again(shop: Shop):
    shop.crawl(1, GONE, KEPT)
    shop.crawl(2, KEPT, make_post("old", article_id="9", title="Another", text="Other words."))
    shop.crawl(3, KEPT, listed=[OLD, NEW])
    assert shop.rows("SELECT article_id, state FROM posts ORDER BY id") == [
        ("1", "removed"),
        ("2", "live"),
        ("9", "live"),
    ]


def test_a_failed_visit_before_the_absence_widens_the_bracket(shop: Shop):
    shop.crawl(1, GONE, KEPT)
    shop.crawl(2, KEPT, gone=[OLD], verdict="server_error")
    shop.crawl(3, KEPT, gone=[OLD])
    shop.crawl(4, KEPT, gone=[OLD])
    assert _removed(shop) == [(at(1, 1), at(3, 30))]


def test_a_large_removal_is_asked_about_first_and_reported_later(shop: Shop):
    shop.crawl(1, *MANY)
    seen_states, healths = [], []
    for day in (2, 3, 4, 5, 6):
        judgement = shop.crawl(day, *MANY[6:], gone=[post.url for post in MANY[:6]])
        healths.append(judgement.health)
        seen_states.append(sorted(set(shop.states().values())))
    assert healths == ["suspicious"] * 3 + ["healthy"] * 2
    assert seen_states == [["live"]] * 3 + [["live", "removed"]] * 2
    assert set(_removed(shop)) == {(at(1, minute), at(2, 30)) for minute in range(1, 7)}
    assert shop.rows("SELECT kind, opened_at, closed_at FROM incidents") == [
        ("suspicious", at(2, 59), at(5, 59))
    ]


def test_the_only_post_is_asked_about_first_and_reported_later(shop: Shop):
    shop.crawl(1, GONE)
    states = []
    for day in (2, 3, 4, 5):
        health = shop.crawl(day, gone=[OLD], listed=[]).health
        states.append((_state(shop), health))
    assert states == [*[("live", "suspicious")] * 3, ("removed", "healthy")]


def test_posts_that_are_back_before_the_last_look_were_never_gone(shop: Shop):
    shop.crawl(1, *MANY)
    for day in (2, 3, 4):
        shop.crawl(day, *MANY[6:], gone=[post.url for post in MANY[:6]])
    shop.crawl(5, *MANY)
    assert (shop.changes(), set(shop.states().values())) == ([], {"live"})


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


def test_a_redirect_to_a_page_that_is_gone_is_one_absence_and_counts_as_gone(shop: Shop):
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
    assert shop.rows("SELECT verdict FROM observations WHERE post_id = 1 ORDER BY id") == [
        "ok",
        "not_found",
    ]


def test_a_post_that_one_locale_lost_is_live(shop: Shop):
    shop.crawl(1, GONE)
    shop.crawl(2, GONE, answered(OLD, at(2, 5), "not_found"))
    assert _state(shop) == "live"
