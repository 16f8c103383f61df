"""Removed is earned: every row of the rule."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest

from scraper.history.removal import (
    ABSENT,
    Absence,
    CrawlFindings,
    ListingMention,
    ListingsRead,
    find_redirect_loops,
    judge_absences,
    lasts,
)
from scraper.items import Verdict
from tests.each_row import each_row
from tests.factories import at

NEWS, NOTES = "https://shop.example/blogs/news", "https://shop.example/blogs/notes"
SITEMAP = ListingMention(source="sitemap", document="https://shop.example/sitemap_blogs_1.xml")
FEED = ListingMention(source="feed", document=f"{NEWS}.atom")
INDEX = ListingMention(source="index", document=NEWS)
SECOND_PAGE = ListingMention(source="index", document=f"{NEWS}?page=2")
WHOLE = ListingsRead(whole=frozenset({"sitemap", "feed", "index"}))
FINDINGS = CrawlFindings(
    at=at(3), removal_evidence="counts", min_hours=6, listings=WHOLE, posts={NEWS: 30, NOTES: 30}
)


def gone(number: int = 1, blog: str = NEWS, **values: Any) -> Absence:
    given: dict[str, Any] = {
        "post_id": number,
        "state": "live",
        "url": f"{blog}/post-{number}",
        "listed": False,
        "verdict": "not_found",
        "last_seen_at": at(1),
        "named_by": frozenset({SITEMAP}),
    }
    return Absence(**given | values)


def missing(number: int = 1, *, since: str = "", n_crawls: int = 1, **values: Any) -> Absence:
    return gone(number, state="missing", since=since or at(2), n_crawls=n_crawls, **values)


def states(*absences: Absence, **findings: Any) -> list[str]:
    """The states after a crawl; the old one where it proves nothing."""
    steps = {step.post_id: step for step in judge_absences(absences, replace(FINDINGS, **findings))}
    return [
        steps[absence.post_id].state if absence.post_id in steps else absence.state
        for absence in absences
    ]


@each_row("verdict", sorted(ABSENT))
def test_gone_from_everywhere_moves_a_post_one_step(verdict):
    first, second = gone(verdict=verdict), missing(2, verdict=verdict)
    assert states(first, second) == ["missing", "removed"]


@each_row(
    ("absence", "findings"),
    [
        pytest.param({"listed": True}, {}, id="still listed"),
        pytest.param({}, {"removal_evidence": "none"}, id="the crawl saw too little"),
        pytest.param({}, {"listings": ListingsRead()}, id="no listing was read"),
        pytest.param({"state": "removed"}, {}, id="removed already"),
        *[
            pytest.param({"verdict": verdict}, {}, id=verdict)
            for verdict in sorted(set(get_args(Verdict)) - ABSENT)
        ],
    ],
)
@each_row("post", [gone(), missing()], ids=["live", "missing"])
def test_everything_else_moves_nothing(post, absence, findings):
    assert judge_absences([replace(post, **absence)], replace(FINDINGS, **findings)) == ()


@each_row(
    ("since", "min_hours", "after"),
    [
        pytest.param("2026-03-03T05:59:00Z", 6, "missing", id="a minute before"),
        pytest.param("2026-03-03T00:00:01Z", 6, "missing", id="a second too early"),
        pytest.param("2026-03-03T00:00:00Z", 6, "removed", id="six hours before"),
        pytest.param("2026-03-03T05:59:59Z", 0, "removed", id="no time asked for"),
    ],
)
def test_two_looks_are_some_time_apart(since, min_hours, after):
    assert states(missing(since=since), min_hours=min_hours) == [after]


def test_a_look_too_early_counts_and_keeps_the_first():
    (step,) = judge_absences([missing(since=at(3))], FINDINGS)
    assert (step.state, step.n_crawls, step.since) == ("missing", 2, at(3))


@each_row(
    ("named_by", "read", "after"),
    [
        pytest.param({SITEMAP}, {"documents": {SITEMAP}}, "missing", id="its sitemap was read"),
        pytest.param({SITEMAP, FEED}, {"documents": {SITEMAP}}, "missing", id="its feed failed"),
        pytest.param({SITEMAP, FEED}, {"documents": {FEED}}, "live", id="its sitemap failed"),
        pytest.param({FEED}, {"documents": {FEED}}, "missing", id="only a feed named it"),
        pytest.param({FEED}, {"documents": {SITEMAP}}, "live", id="only the feed that failed"),
        pytest.param({INDEX}, {"documents": {INDEX}}, "missing", id="its index was read"),
        pytest.param(
            {SECOND_PAGE}, {"documents": {INDEX}}, "missing", id="its page of the index is no more"
        ),
        pytest.param(
            {INDEX},
            {"documents": {INDEX}, "failed": {f"{NEWS}?page=2"}},
            "live",
            id="a page of its index failed",
        ),
        pytest.param(
            {INDEX},
            {"documents": {INDEX}, "failed": {f"{NOTES}?page=2"}},
            "missing",
            id="the index of another blog failed",
        ),
        pytest.param({SITEMAP}, {"whole": {"sitemap"}}, "missing", id="sitemaps were renamed"),
        pytest.param(set(), {}, "missing", id="nothing ever named it"),
    ],
)
def test_only_the_silence_of_what_named_the_post_counts(named_by, read, after):
    listings = ListingsRead(**{name: frozenset(values) for name, values in read.items()})
    assert states(gone(named_by=frozenset(named_by)), listings=listings) == [after]


@each_row(
    ("new_unread", "after"),
    [
        pytest.param({NEWS: at(2)}, "live", id="listed after the post was last read"),
        pytest.param({NEWS: at(1)}, "missing", id="listed before"),
        pytest.param({NOTES: at(2)}, "missing", id="in another blog"),
    ],
)
def test_a_new_address_that_cannot_be_read_may_be_the_posts_own(new_unread, after):
    assert states(gone(), new_unread=new_unread) == [after]


@each_row(
    ("since", "min_hours", "after"),
    [
        pytest.param(at(2), 6, True, id="a day"),
        pytest.param("2026-03-03T00:00:00Z", 6, True, id="six hours"),
        pytest.param("2026-03-03T00:00:01Z", 6, False, id="a second too early"),
        pytest.param("2026-03-03T05:59:59Z", 0, True, id="no time asked for"),
        pytest.param("", 0, False, id="no earlier crawl"),
    ],
)
def test_a_post_stays_gone_that_was_so_at_an_earlier_look(since, min_hours, after):
    assert lasts(since, replace(FINDINGS, min_hours=min_hours)) is after


HALF = [gone(number) for number in range(15)]


def after_crawls(n_crawls: int, hours: float, **findings: Any) -> list[str]:
    """The states of half a blog after so many crawls, the last so long after the first."""
    posts = [gone(n, since="2026-03-03T00:00:00Z", n_crawls=n_crawls - 1) for n in range(15)]
    day, hour = divmod(hours, 24)
    return sorted(
        set(states(*posts, at=f"2026-03-{3 + int(day):02}T{int(hour):02}:00:00Z", **findings))
    )


def test_half_a_blog_is_asked_about_first():
    steps = judge_absences(HALF, FINDINGS)
    assert {(step.state, step.n_crawls, step.is_large) for step in steps} == {("live", 1, True)}


@each_row(
    ("n_crawls", "hours", "after"),
    [
        pytest.param(2, 24, "live", id="two crawls"),
        pytest.param(3, 96, "live", id="three crawls"),
        pytest.param(4, 71, "live", id="four crawls in less than three days"),
        pytest.param(4, 72, "removed", id="four crawls in three days"),
        pytest.param(9, 200, "removed", id="more"),
    ],
)
def test_a_large_removal_takes_more_crawls_and_a_longer_time(n_crawls, hours, after):
    assert after_crawls(n_crawls, hours) == [after]


def test_a_large_removal_that_an_operator_accepted_is_as_any_other():
    assert after_crawls(2, 24, accepted=True) == ["removed"]


def test_a_large_removal_without_a_least_time_takes_four_looks():
    assert [after_crawls(count, 0, min_hours=0) for count in (3, 4)] == [["live"], ["removed"]]


@each_row(
    ("absences", "findings", "after"),
    [
        pytest.param([gone(1)], {"posts": {NEWS: 1}}, "live", id="the only post"),
        pytest.param([gone(1)], {"posts": {NEWS: 2}}, "missing", id="one of two"),
        pytest.param(
            [gone(1)], {"posts": {NEWS: 1, NOTES: 9}}, "missing", id="the only one of its blog"
        ),
        pytest.param([gone(1)], {"removal_evidence": "large"}, "live", id="the listings shrank"),
        pytest.param(HALF[:5], {"posts": {NEWS: 6}}, "missing", id="five of six"),
        pytest.param(HALF[:6], {"posts": {NEWS: 30}}, "missing", id="six of thirty"),
        pytest.param(HALF[:7], {"posts": {NEWS: 30}}, "live", id="seven of thirty"),
        pytest.param(
            HALF[:7],
            {"posts": {NEWS: 30, NOTES: 970}},
            "live",
            id="seven of thirty in a large store",
        ),
        pytest.param(
            [gone(number, (NEWS, NOTES)[number % 2]) for number in range(14)],
            {"posts": {NEWS: 33, NOTES: 33}},
            "live",
            id="a fifth of the store over two blogs",
        ),
    ],
)
def test_what_a_large_removal_is(absences, findings, after):
    assert set(states(*absences, **findings)) == {after}


def test_a_large_removal_in_one_blog_is_none_in_another():
    posts = {NEWS: 30, NOTES: 970}
    assert states(*HALF, missing(99, blog=NOTES), posts=posts)[-1] == "removed"


@each_row(
    ("redirects", "rings"),
    [
        pytest.param({"a": ["b"], "b": ["a"]}, "ab", id="a ring"),
        pytest.param({"a": ["b"], "b": ["c"], "c": ["b"]}, "abc", id="a way into a ring"),
        pytest.param({"a": ["b"], "b": ["c"]}, "", id="a chain to an end"),
        pytest.param({"a": ["b"], "b": ["a", "end"]}, "", id="a ring with a way out"),
        pytest.param({}, "", id="nothing"),
    ],
)
def test_rings_are_found(redirects, rings):
    assert find_redirect_loops(redirects) == frozenset(rings)
