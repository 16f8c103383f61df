"""The row of a crawl, from its start to its end or its death, and the incidents it opens and
closes."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from scraper.archive.write.context import DEFAULT_RULES, CrawlRules
from scraper.archive.write.writer import Writer
from scraper.crawl_evidence import (
    BlogSeen,
    DiscoverySummary,
    ListedPost,
    Listing,
    ListingSource,
    StoreSeen,
    TemplateSettled,
)
from scraper.exceptions import WrongClock
from scraper.history.crawl_health import CrawlEnd
from tests.archive.shop import RULES, Shop, listing
from tests.factories import TEXT, answered, at, make_link, make_post, seen, url_of

A, B = make_post("a", article_id="1"), make_post("b", article_id="2")
INCIDENTS = "SELECT kind, opened_at, closed_at, detail FROM incidents ORDER BY id"


def test_a_running_crawl_says_so(shop: Shop):
    shop.begin(1)
    assert shop.rows(
        "SELECT label, kind, started_at, heartbeat_at, finished_at, outcome, health FROM crawls"
    ) == [
        (
            "shop.example: crawl 1, 2026-03-01T06:00:00Z",
            "crawl",
            at(1),
            at(1),
            None,
            "running",
            "unknown",
        )
    ]


def test_a_heartbeat_saves_what_was_counted_so_far(shop: Shop):
    writer = shop.begin(1)
    writer.record_visit(seen(A, at(1, 1)))
    writer.heartbeat(at(1, 2))
    assert shop.rows("SELECT heartbeat_at, n_fetched, n_new, outcome FROM crawls") == [
        (at(1, 2), 1, 1, "running")
    ]


def test_a_finished_crawl_counts_its_visits(shop: Shop):
    shop.crawl(1, A, B, make_post("c", article_id="3"))
    shop.crawl(
        2,
        A,
        make_post("b", article_id="2", text="Another text."),
        make_post("d", article_id="4"),
        answered(url_of("c"), at(2, 5), "not_found"),
        answered(url_of("e"), at(2, 6), "server_error"),
        answered(url_of("f"), at(2, 7), "rate_limited"),
    )
    assert shop.rows(
        "SELECT n_listed, n_fetched, n_new, n_changed, n_missing, n_error, n_blocked FROM crawls "
        "WHERE id = 2"
    ) == [(3, 3, 1, 1, 1, 1, 1)]


def test_a_refused_listing_counts_as_blocked(shop: Shop):
    writer = shop.begin(1)
    writer.record_visit(
        answered(
            "https://shop.example/sitemap.xml", at(1, 1), "rate_limited", resource_type="sitemap"
        )
    )
    assert writer.counts["blocked"] == 1


def test_a_healthy_crawl_is_the_stores_last_good_one(shop: Shop):
    shop.crawl(1, A)
    shop.crawl(2, A, failed_sources=1)
    assert shop.rows("SELECT outcome, health, reason FROM crawls") == [
        ("complete", "healthy", ""),
        ("incomplete", "degraded", "1 listing could not be read"),
    ]
    assert shop.rows("SELECT last_good_crawl_id FROM stores") == [1]


def test_a_killed_crawl_is_listed_as_killed_when_it_was_last_alive(shop: Shop):
    shop.begin(1).heartbeat(at(1, 7))
    shop.crawl(2, A)
    assert shop.rows("SELECT outcome, finished_at, health FROM crawls") == [
        ("killed", at(1, 7), "unknown"),
        ("complete", at(2, 59), "healthy"),
    ]


def _resume(
    shop: Shop, day: int, minute: int, *, extractor: str = RULES, rules: CrawlRules = DEFAULT_RULES
) -> Writer:
    """A crawl that goes on with one killed in the last ten minutes."""
    store = StoreSeen(origin=shop.origin)
    return Writer(
        shop.db,
        store,
        kind="crawl",
        origin="observed",
        extractor=extractor,
        at=at(day, minute),
        resume_within_s=600,
        rules=rules,
    )


def test_a_crawl_killed_a_moment_ago_is_gone_on_with(shop: Shop):
    shop.begin(1).record_visit(seen(A, at(1, 1)))
    writer = _resume(shop, 1, 9)
    writer.record_visit(seen(B, at(1, 9)))
    writer.finish_crawl(CrawlEnd(finished=True, failed_sources=0), at=at(1, 10))
    assert shop.rows("SELECT started_at, finished_at, outcome, n_fetched, n_new FROM crawls") == [
        (at(1), at(1, 10), "complete", 2, 2)
    ]


def test_what_a_crawl_that_is_gone_on_with_has_seen_is_done(shop: Shop):
    writer = shop.begin(1)
    writer.record_visit(seen(A, at(1, 1)))
    writer.record_visit(seen(B, at(1, 1)))
    writer.record_visit(answered(B.url, at(1, 2), "server_error"))
    shop.crawl(2, A)
    shop.begin(3).record_visit(seen(A, at(3, 1)))
    assert [(post.url, post.done) for post in _resume(shop, 3, 2).known_store().posts] == [
        (A.url, True),
        (B.url, False),
    ]


@pytest.mark.parametrize(
    ("minute", "rules"),
    [
        pytest.param(15, RULES, id="too long ago"),
        pytest.param(2, "rules 2", id="read by other rules"),
    ],
)
def test_a_killed_crawl_that_is_stale_is_listed_as_killed(shop: Shop, minute, rules):
    shop.begin(1).record_visit(seen(A, at(1, 1)))
    _resume(shop, 1, minute, extractor=rules)
    assert shop.rows("SELECT outcome FROM crawls") == ["killed", "running"]


def test_a_crawl_that_is_gone_on_with_confirms_by_its_own_setting(shop: Shop):
    edited = make_post("a", article_id="1", text=TEXT.replace("four", "five"))
    shop.crawl(1, A, lastmod="")
    shop.crawl(2, edited, lastmod="")
    shop.begin(3).record_visit(seen(B, at(3, 1)))
    writer = _resume(shop, 3, 2, rules=CrawlRules(confirm_sights=2))
    writer.record_visit(seen(edited, at(3, 3), lastmod=""))
    assert shop.rows("SELECT standing, sights FROM pending_changes") == [("pending", 2)]


def test_a_crawl_of_other_rules_of_history_is_not_gone_on_with(shop: Shop):
    shop.begin(1).record_visit(seen(A, at(1, 1)))
    shop.db.execute("UPDATE crawls SET timeline_version = 0")
    _resume(shop, 1, 2)
    assert shop.rows("SELECT outcome FROM crawls") == ["killed", "running"]


def test_the_template_of_a_crawl_that_is_gone_on_with_is_settled(shop: Shop):
    before = shop.begin(1)
    assert not before.known_store().settled
    before.record(TemplateSettled(template=None), at(1))
    known = _resume(shop, 1, 1).known_store()
    assert (known.settled, known.template) == (True, None)


def test_the_next_crawl_takes_up_what_a_killed_one_wrote(shop: Shop):
    shop.begin(1).record_visit(seen(A, at(1, 1)))
    shop.crawl(2, A, B)
    assert shop.rows("SELECT handle, first_seen_at, revision_count FROM posts ORDER BY id") == [
        ("a", at(1, 1), 1),
        ("b", at(2, 2), 1),
    ]


def test_an_import_leaves_a_running_crawl_alone(shop: Shop):
    shop.begin(1)
    shop.imported(1, A)
    assert shop.rows("SELECT kind, outcome FROM crawls ORDER BY id") == [
        ("crawl", "running"),
        ("import", "complete"),
    ]


def test_another_stores_running_crawl_is_left_alone(shop: Shop):
    shop.begin(1)
    Shop(shop.db, "https://other.example").begin(2)
    assert shop.rows("SELECT outcome FROM crawls") == ["running", "running"]


def test_a_visit_that_cannot_be_written_leaves_nothing(shop: Shop):
    writer = shop.begin(1)
    before = shop.counts("posts", "revisions", "contents", "captures", "blogs", "observations")
    broken = make_post("a", links=(replace(make_link("b"), position=None),))
    with pytest.raises(sqlite3.IntegrityError):
        writer.record_visit(seen(broken, at(1, 1)))
    assert (
        shop.counts("posts", "revisions", "contents", "captures", "blogs", "observations") == before
    )
    assert not writer.counts


def test_what_a_store_says_of_itself_is_filled_in_and_never_blanked(shop: Shop):
    writer = shop.begin(1)
    writer.record(
        StoreSeen(
            origin=shop.origin,
            platform="shopify",
            myshopify_domain="x.myshopify.com",
            shop_id="7",
            utc_offset_s=-3600,
        ),
        at(1),
    )
    writer.record(StoreSeen(origin=shop.origin), at(1))
    assert shop.rows("SELECT platform, myshopify_domain, shop_id, utc_offset_s FROM stores") == [
        ("shopify", "x.myshopify.com", "7", -3600)
    ]


def test_an_offset_of_zero_is_recorded(shop: Shop):
    shop.begin(1).record(StoreSeen(origin=shop.origin, utc_offset_s=0), at(1))
    assert shop.rows("SELECT utc_offset_s FROM stores") == [0]


def test_what_a_blog_says_of_itself_is_filled_in_and_never_blanked(shop: Shop):
    writer = shop.begin(1)
    writer.record_visit(seen(A, at(1, 1)))
    writer.record(BlogSeen(handle="news", title="News", url="u", feed_url="f"), at(1, 2))
    writer.record(BlogSeen(handle="news", title="", url="", feed_url=""), at(1, 3))
    assert shop.rows("SELECT label, title, url, feed_url FROM blogs") == [
        ("shop.example: news", "News", "u", "f")
    ]


def survey(*whole: ListingSource) -> DiscoverySummary:
    return DiscoverySummary(whole=frozenset(whole), walked=False, unchanged=0)


def test_each_source_that_names_a_post_is_saved_with_its_period(shop: Shop):
    for day, sources in (
        (1, ("sitemap", "feed")),
        (2, ("sitemap", "feed")),
        (3, ("sitemap",)),
        (4, ("sitemap", "feed")),
    ):
        writer = shop.begin(day)
        for source in sources:
            writer.record(listing(A.url, source=source), at(day))
        writer.record(survey("sitemap", "feed"), at(day))
        writer.record_visit(seen(A, at(day)))
        writer.finish_crawl(CrawlEnd(finished=True, failed_sources=0), at=at(day))
    assert shop.rows("SELECT source, first_seen_at, gone_at FROM listings ORDER BY id") == [
        ("sitemap", at(1), None),
        ("feed", at(1), at(3)),
        ("feed", at(4), None),
    ]


def test_a_source_that_could_not_be_read_whole_ends_nothing(shop: Shop):
    shop.crawl(1, A)
    writer = shop.begin(2)
    writer.record(survey("feed"), at(2))
    writer.record_visit(seen(A, at(2)))
    writer.finish_crawl(CrawlEnd(finished=True, failed_sources=0, accepted=True), at=at(2))
    assert shop.rows("SELECT gone_at FROM listings") == [None]


def test_a_crawl_in_trouble_ends_no_listing(shop: Shop):
    shop.crawl(1, A)
    writer = shop.begin(2)
    writer.record(survey("sitemap"), at(2))
    writer.record_visit(seen(A, at(2)))
    judgement = writer.finish_crawl(CrawlEnd(finished=True, failed_sources=0), at=at(2))
    assert (judgement.health, judgement.reason) == (
        "suspicious",
        "the sitemap names no post, 1 last time",
    )
    assert shop.rows("SELECT gone_at FROM listings") == [None]


def test_a_listing_that_says_what_it_said_before_writes_nothing(shop: Shop):
    dated = Listing(source="sitemap", source_url="s", posts=(ListedPost(url=A.url, lastmod=at(1)),))
    shop.begin(1).record(dated, at(1))
    writer = shop.begin(2)
    before = shop.db.conn.total_changes
    writer.record(dated, at(2))
    writer.record(survey("sitemap"), at(2))
    writer.crawl.listings.end_unlisted(at(2))
    assert shop.db.conn.total_changes == before
    writer.record(replace(dated, posts=(ListedPost(url=A.url, lastmod=at(2)),)), at(2))
    assert shop.rows("SELECT lastmod FROM listings") == [at(2)]


def test_a_post_named_by_two_sources_is_listed_once(shop: Shop):
    writer = shop.begin(1)
    for source in ("sitemap", "feed", "index"):
        writer.record(listing(A.url, B.url, source=source), at(1))
    writer.record_visit(seen(A, at(1, 1)))
    writer.finish_crawl(CrawlEnd(finished=True, failed_sources=0), at=at(1, 59))
    assert shop.rows("SELECT n_listed FROM crawls") == [2]


def test_trouble_opens_an_incident_once(shop: Shop):
    shop.crawl(1, A)
    for day in (2, 3):
        shop.crawl(day, A, failed_sources=1)
    assert shop.rows(INCIDENTS) == [("degraded", at(2, 59), None, "1 listing could not be read")]


def test_a_healthy_crawl_closes_what_stood_open_once(shop: Shop):
    shop.crawl(1, A, failed_sources=1)
    shop.crawl(2, gone=[A.url], verdict="rate_limited", listed=[A.url])
    for day in (3, 4):
        shop.crawl(day, A)
    assert [row[:3] for row in shop.rows(INCIDENTS)] == [
        ("degraded", at(1, 59), at(3, 59)),
        ("blocked", at(2, 59), at(3, 59)),
    ]


def test_trouble_that_comes_again_is_a_new_incident(shop: Shop):
    for day, failed in enumerate((1, 0, 1), start=1):
        shop.crawl(day, A, failed_sources=failed)
    assert [row[1:3] for row in shop.rows(INCIDENTS)] == [(at(1, 59), at(2, 59)), (at(3, 59), None)]


def test_a_healthy_crawl_of_one_store_closes_nothing_of_another(shop: Shop):
    shop.crawl(1, A, failed_sources=1)
    other = Shop(shop.db, "https://other.example")
    other.crawl(2, make_post("a", url="https://other.example/blogs/news/a"))
    assert [row[2] for row in shop.rows(INCIDENTS)] == [None]


def test_a_crawl_that_no_answer_reached_is_an_outage(shop: Shop):
    shop.crawl(1, A)
    judgement = shop.crawl(2, gone=[A.url], verdict="network_error", listed=[])
    assert (judgement.outcome, shop.states()) == ("outage", {"a": "live"})


def test_a_page_that_is_not_the_post_counts_as_failed_and_as_none_that_was_read(shop: Shop):
    shop.crawl(1, A, B)
    writer = shop.begin(2)
    notice = make_post(
        "a",
        title="Back soon",
        text="We are moving our shelves this week, so please be patient with us.",
    )
    writer.record_visit(seen(notice, at(2, 1)))
    writer.record_visit(seen(B, at(2, 2)))
    assert shop.rows("SELECT n_fetched, n_error, n_confident FROM crawls WHERE id = 2") == [
        (1, 1, 1)
    ]


def test_a_page_for_what_is_not_there_stays_learned_where_a_walk_learns_none(shop: Shop):
    walked = DiscoverySummary(whole=frozenset(), walked=True, unchanged=0)
    shop.begin(1).record(replace(walked, not_found=("Lost", "Not here")), at(1))
    shop.begin(2).record(walked, at(2))
    assert shop.begin(3).known_store().not_found == ("Lost", "Not here")


@pytest.mark.parametrize("day", [1, 2])
def test_a_crawl_whose_clock_is_behind_writes_nothing(shop: Shop, day: int):
    shop.crawl(3, A)
    before = "\n".join(shop.db.conn.iterdump())
    with pytest.raises(WrongClock, match="the archive has the store at"):
        shop.crawl(day, A, B)
    assert "\n".join(shop.db.conn.iterdump()) == before


def test_a_crawl_a_year_after_the_last_one_is_refused_unless_accepted(shop: Shop):
    shop.crawl(1, A)
    start = {"kind": "crawl", "origin": "observed", "extractor": RULES}
    start["at"] = "2027-03-03T06:00:00Z"
    store = StoreSeen(origin=shop.origin)
    with pytest.raises(WrongClock, match="confirm the date"):
        Writer(shop.db, store, **start)  # type: ignore[arg-type]
    assert Writer(shop.db, store, **start, rules=CrawlRules(accepted=True)).crawl.crawl_id == 2  # type: ignore[arg-type]
