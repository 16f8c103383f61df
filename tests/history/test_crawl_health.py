"""A crawl judged whole: each rule, and which of two wins."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from scraper.history.crawl_health import (
    CrawlEnd,
    CrawlFigures,
    KnownFailures,
    PagesRead,
    assess_crawl,
)
from tests.each_row import each_row

GOOD = CrawlFigures(
    listed=40,
    listed_before=40,
    live=40,
    answered=50,
    fetched=40,
    absent=0,
    blocked=0,
    errors=0,
    end=CrawlEnd(finished=True),
    read=PagesRead(40, 40, 30, 30),
    read_before=PagesRead(40, 40, 30, 30),
)


VANISHED = (
    "9 of 40 posts vanished at once: they count as removed after 4 such crawls, "
    "or if you set ARCHIVE_TRUST_CRAWL=1"
)


def _judged(**figures: Any) -> tuple[str, str, str]:
    """What is said of a crawl of these figures, those of its ending among them."""
    ending = {
        field.name: figures.pop(field.name) for field in fields(CrawlEnd) if field.name in figures
    }
    assessment = assess_crawl(replace(GOOD, end=replace(GOOD.end, **ending), **figures))
    return assessment.outcome, assessment.health, assessment.reason


@each_row(
    ("figures", "judged"),
    [
        pytest.param({}, ("complete", "healthy", ""), id="good"),
        pytest.param(
            {"answered": 0, "fetched": 0},
            ("outage", "outage", "the store did not answer"),
            id="no answer",
        ),
        pytest.param(
            {"blocked": 3, "fetched": 0},
            ("blocked", "blocked", "the store refused every request"),
            id="all refused",
        ),
        pytest.param(
            {"blocked": 3, "finished": False},
            ("blocked", "blocked", "the store refused requests to the end"),
            id="gave up, refused",
        ),
        pytest.param(
            {"errors": 9, "fetched": 0},
            ("outage", "outage", "no page could be fetched"),
            id="all failed",
        ),
        pytest.param(
            {"blocked": 2}, ("incomplete", "blocked", "2 requests were refused"), id="some refused"
        ),
        pytest.param(
            {"finished": False},
            ("incomplete", "degraded", "the crawl was interrupted"),
            id="interrupted",
        ),
        pytest.param(
            {"errors": 1},
            ("incomplete", "degraded", "1 page could not be fetched or read"),
            id="some failed",
        ),
        pytest.param(
            {"failed_sources": 1},
            ("incomplete", "degraded", "1 listing could not be read"),
            id="a listing failed",
        ),
        pytest.param(
            {"listed": 27},
            ("complete", "suspicious", "only 27 posts listed, 40 last time"),
            id="listings shrunk",
        ),
        pytest.param(
            {"read": PagesRead(40, 30, 30, 30)},
            ("complete", "degraded", "the body was found surely on only 30 of 40 pages"),
            id="bodies not found",
        ),
        pytest.param(
            {"read": PagesRead(40, 40, 30, 20)},
            ("complete", "degraded", "only 20 of 30 posts read as the feed says"),
            id="feed differs",
        ),
        pytest.param(
            {"absent": 9, "large_absent": 9},
            ("complete", "suspicious", VANISHED),
            id="posts vanished",
        ),
        pytest.param(
            {"listed_not_found": 9},
            ("complete", "suspicious", "9 of 40 posts are listed and not found"),
            id="listed and not found",
        ),
        pytest.param(
            {"same_bodies": 9},
            ("complete", "suspicious", "9 of 40 posts read as one and the same text"),
            id="one body for many",
        ),
        pytest.param(
            {"sitemap_listed_before": 40},
            ("complete", "suspicious", "the sitemap names no post, 40 last time"),
            id="no sitemap any more",
        ),
        pytest.param(
            {"challenged": 11, "blocked": 11},
            ("incomplete", "blocked", "11 of 50 answers asked for proof of being human"),
            id="challenged all along",
        ),
    ],
)
def test_each_rule(figures, judged):
    assert _judged(**figures) == judged


@each_row(
    ("figures", "health"),
    [
        pytest.param({"absent": 8}, "healthy", id="a fifth vanished"),
        pytest.param(
            {"absent": 5, "live": 6, "listed": 1, "listed_before": 6},
            "healthy",
            id="five of six vanished from a small blog",
        ),
        pytest.param({"absent": 6, "large_absent": 6}, "suspicious", id="six are asked about"),
        pytest.param({"read": PagesRead(40, 36, 30, 27)}, "healthy", id="a tenth less surely read"),
        pytest.param({"read": PagesRead(4, 0, 4, 0)}, "healthy", id="too few pages"),
        pytest.param(
            {"read": PagesRead(40, 2, 30, 2), "read_before": PagesRead(0, 0, 0, 0)},
            "healthy",
            id="nothing to hold it against",
        ),
        pytest.param(
            {"read": PagesRead(40, 2, 30, 2), "read_before": PagesRead(40, 2, 30, 2)},
            "healthy",
            id="as unsure as before",
        ),
        pytest.param({"listed": 28}, "healthy", id="seven tenths listed"),
        pytest.param({"listed": 2, "listed_before": 7}, "healthy", id="five fewer listed"),
        pytest.param({"listed": 0, "listed_before": 6}, "suspicious", id="six fewer listed"),
        pytest.param({"listed_before": 0}, "healthy", id="the first crawl"),
        pytest.param({"same_bodies": 8}, "healthy", id="a fifth of one body"),
        pytest.param({"same_bodies": 3, "fetched": 3}, "healthy", id="three of three of one body"),
        pytest.param({"same_bodies": 4, "fetched": 4}, "suspicious", id="four of four of one body"),
        pytest.param(
            {"sitemap_listed_before": 40, "sitemap_listed": 1}, "healthy", id="a sitemap still"
        ),
        pytest.param({"challenged": 10}, "healthy", id="a fifth challenged"),
    ],
)
def test_the_bounds(figures, health):
    assert _judged(**figures)[1] == health


@each_row(
    ("figures", "judged"),
    [
        pytest.param(
            {"answered": 0, "blocked": 1, "fetched": 0},
            ("outage", "outage"),
            id="outage before blocked",
        ),
        pytest.param(
            {"blocked": 1, "errors": 1, "fetched": 0},
            ("blocked", "blocked"),
            id="all refused before all failed",
        ),
        pytest.param(
            {"blocked": 1, "errors": 1}, ("incomplete", "blocked"), id="refused before failed"
        ),
        pytest.param(
            {"finished": False, "absent": 30},
            ("incomplete", "degraded"),
            id="interrupted before vanished",
        ),
        pytest.param(
            {"errors": 1, "listed": 1}, ("incomplete", "degraded"), id="failed before shrunk"
        ),
        pytest.param(
            {"failed_sources": 1, "absent": 30},
            ("incomplete", "degraded"),
            id="listing before vanished",
        ),
    ],
)
def test_the_first_rule_that_fits_decides(figures, judged):
    assert _judged(**figures)[:2] == judged


@each_row(
    ("figures", "judged"),
    [
        pytest.param({"unchanged": 40}, ("complete", "healthy"), id="nothing to fetch"),
        pytest.param({"unchanged": 0}, ("complete", "healthy"), id="no post at all"),
        pytest.param(
            {"unchanged": 39, "errors": 1},
            ("incomplete", "degraded"),
            id="the one page asked for failed",
        ),
        pytest.param(
            {"unchanged": 39, "blocked": 1},
            ("incomplete", "blocked"),
            id="the one page asked for was refused",
        ),
        pytest.param(
            {"unchanged": 30, "failed_sources": 1},
            ("incomplete", "degraded"),
            id="a listing failed",
        ),
        pytest.param(
            {"absent": 1, "failed_sources": 1},
            ("incomplete", "degraded"),
            id="the one page asked for is gone",
        ),
        pytest.param(
            {"unchanged": 31, "absent": 9, "large_absent": 9},
            ("complete", "suspicious"),
            id="posts vanished",
        ),
        pytest.param({"errors": 1}, ("outage", "outage"), id="all failed"),
    ],
)
def test_a_crawl_that_fetches_no_page(figures, judged):
    assert _judged(fetched=0, **figures)[:2] == judged


@each_row(
    ("figures", "reason"),
    [
        pytest.param({"large_absent": 9}, f"accepted: {VANISHED}", id="vanished"),
        pytest.param({"listed": 27}, "accepted: only 27 posts listed, 40 last time", id="shrunk"),
        pytest.param(
            {"sitemap_listed_before": 40},
            "accepted: the sitemap names no post, 40 last time",
            id="no sitemap",
        ),
        pytest.param(
            {"same_bodies": 40},
            "accepted: 40 of 40 posts read as one and the same text",
            id="one body",
        ),
        pytest.param({}, "", id="nothing to accept"),
    ],
)
def test_what_an_operator_accepted_is_healthy_and_says_so(figures, reason):
    assert _judged(accepted=True, **figures) == ("complete", "healthy", reason)


@each_row(
    "figures",
    [{"errors": 1}, {"blocked": 1}, {"finished": False}, {"read": PagesRead(40, 30, 30, 30)}],
    ids=lambda figures: next(iter(figures)),
)
def test_a_failure_cannot_be_accepted(figures):
    assert _judged(accepted=True, absent=9, **figures)[1] != "healthy"


@each_row(
    ("figures", "judged"),
    [
        pytest.param(
            {"errors": 1, "known": KnownFailures(failed=1)},
            ("complete", "healthy", "1 address still cannot be read"),
            id="a post that failed before",
        ),
        pytest.param(
            {"blocked": 1, "known": KnownFailures(refused=1)},
            ("complete", "healthy", "1 address still cannot be read"),
            id="a post that was refused before",
        ),
        pytest.param(
            {"listed_not_found": 1, "known": KnownFailures(other=1)},
            ("complete", "healthy", "1 address still cannot be read"),
            id="a listed post that stays gone",
        ),
        pytest.param(
            {"failed_sources": 1, "known": KnownFailures(listings=1)},
            ("complete", "healthy", "1 listing still cannot be read"),
            id="a listing that failed before",
        ),
        pytest.param(
            {"errors": 2, "known": KnownFailures(failed=1)},
            ("incomplete", "degraded", "1 page could not be fetched or read"),
            id="one that failed before and one that did not",
        ),
        pytest.param(
            {"errors": 9, "known": KnownFailures(failed=9)},
            ("incomplete", "degraded", "9 pages could not be fetched or read"),
            id="a fifth of the store fails for good",
        ),
        pytest.param(
            {"errors": 2, "live": 3, "known": KnownFailures(failed=2)},
            ("incomplete", "degraded", "2 pages could not be fetched or read"),
            id="most of a small store fails for good",
        ),
        pytest.param(
            {"forbidden": 2},
            ("complete", "healthy", "robots.txt forbids 2 addresses"),
            id="robots.txt forbids a part",
        ),
        pytest.param(
            {"forbidden": 2, "fetched": 0},
            ("incomplete", "degraded", "robots.txt forbids it"),
            id="robots.txt forbids all",
        ),
    ],
)
def test_lasting_trouble_of_single_addresses_is_named(figures, judged):
    assert _judged(**figures) == judged


@each_row(
    ("figures", "evidence"),
    [
        pytest.param({}, "counts", id="healthy"),
        pytest.param({"errors": 1}, "counts", id="one page failed"),
        pytest.param({"blocked": 5}, "counts", id="five pages were refused"),
        pytest.param({"failed_sources": 3}, "counts", id="listings failed"),
        pytest.param({"errors": 9}, "none", id="many pages failed"),
        pytest.param({"errors": 5, "blocked": 4}, "none", id="many failed or were refused"),
        pytest.param({"finished": False}, "none", id="interrupted"),
        pytest.param({"listed": 10}, "large", id="the listings shrank"),
        pytest.param({"errors": 1, "listed": 10}, "large", id="the most cautious rule counts"),
        pytest.param({"listed": 10, "removed": 30}, "counts", id="shrunk by what was removed"),
        pytest.param({"sitemap_listed_before": 40}, "large", id="the sitemap is empty"),
        pytest.param(
            {"sitemap_listed_before": 1, "removed": 1}, "counts", id="the only post was removed"
        ),
        pytest.param({"same_bodies": 9}, "none", id="one body for many"),
        pytest.param({"read": PagesRead(40, 2, 30, 2)}, "none", id="poorly read"),
        pytest.param({"answered": 0, "fetched": 0}, "none", id="no answer"),
        pytest.param({"listed": 10, "accepted": True}, "counts", id="accepted"),
    ],
)
def test_what_a_crawl_says_of_removals(figures, evidence):
    ending = {name: figures[name] for name in ("finished", "failed_sources") if name in figures}
    ending |= {"accepted": figures.get("accepted", False)}
    rest = {name: value for name, value in figures.items() if name not in ending}
    end = CrawlEnd(**{"finished": True, **ending})
    assert assess_crawl(replace(GOOD, end=end, **rest)).removal_evidence == evidence
