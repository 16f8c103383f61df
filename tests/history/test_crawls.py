"""A crawl judged whole: each rule, and which of two wins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scraper.history.crawls import CrawlFigures, PagesRead, judge_crawl

GOOD = CrawlFigures(
    listed=40,
    listed_before=40,
    live=40,
    answered=50,
    fetched=40,
    absent=0,
    blocked=0,
    errors=0,
    failed_sources=0,
    finished=True,
    read=PagesRead(40, 40, 30, 30),
    read_before=PagesRead(40, 40, 30, 30),
)


def _judged(**figures: Any) -> tuple[str, str, str]:
    judgement = judge_crawl(replace(GOOD, **figures))
    return judgement.outcome, judgement.health, judgement.reason


@pytest.mark.parametrize(
    ("figures", "judged"),
    [
        pytest.param({}, ("complete", "healthy", ""), id="good"),
        pytest.param({"answered": 0, "fetched": 0}, ("outage", "outage", "the store did not answer"), id="no answer"),
        pytest.param({"blocked": 3, "fetched": 0}, ("blocked", "blocked", "the store refused every request"), id="all refused"),
        pytest.param({"blocked": 3, "finished": False}, ("blocked", "blocked", "the store kept refusing requests"), id="gave up, refused"),
        pytest.param({"errors": 9, "fetched": 0}, ("outage", "outage", "no page could be fetched"), id="all failed"),
        pytest.param({"blocked": 2}, ("incomplete", "blocked", "2 requests were refused"), id="some refused"),
        pytest.param({"finished": False}, ("incomplete", "degraded", "the crawl was interrupted"), id="interrupted"),
        pytest.param({"errors": 1}, ("incomplete", "degraded", "1 pages could not be fetched or read"), id="some failed"),
        pytest.param({"failed_sources": 1}, ("incomplete", "degraded", "1 listings could not be read"), id="a listing failed"),
        pytest.param({"listed": 27}, ("complete", "suspicious", "only 27 posts listed, 40 last time"), id="listings shrunk"),
        pytest.param(
            {"read": PagesRead(40, 30, 30, 30)},
            ("complete", "degraded", "the body was found surely on only 30 of 40 pages"),
            id="bodies not found",
        ),
        pytest.param(
            {"read": PagesRead(40, 40, 30, 20)}, ("complete", "degraded", "only 20 of 30 posts read as the feed says"), id="feed differs"
        ),
        pytest.param({"absent": 9}, ("complete", "suspicious", "9 of 40 posts vanished at once"), id="posts vanished"),
    ],
)
def test_each_rule(figures, judged):
    assert _judged(**figures) == judged


@pytest.mark.parametrize(
    ("figures", "health"),
    [
        pytest.param({"absent": 8}, "healthy", id="a fifth vanished"),
        pytest.param({"absent": 5, "live": 6, "listed": 1, "listed_before": 6}, "healthy", id="five of six vanished from a small blog"),
        pytest.param({"absent": 6, "live": 6}, "suspicious", id="six of six vanished"),
        pytest.param({"read": PagesRead(40, 36, 30, 27)}, "healthy", id="a tenth less surely read"),
        pytest.param({"read": PagesRead(4, 0, 4, 0)}, "healthy", id="too few pages to tell"),
        pytest.param({"read": PagesRead(40, 2, 30, 2), "read_before": PagesRead(0, 0, 0, 0)}, "healthy", id="nothing to hold it against"),
        pytest.param({"read": PagesRead(40, 2, 30, 2), "read_before": PagesRead(40, 2, 30, 2)}, "healthy", id="as unsure as before"),
        pytest.param({"listed": 28}, "healthy", id="seven tenths listed"),
        pytest.param({"listed": 2, "listed_before": 7}, "healthy", id="five fewer listed"),
        pytest.param({"listed": 0, "listed_before": 6}, "suspicious", id="six fewer listed"),
        pytest.param({"listed_before": 0}, "healthy", id="the first crawl"),
    ],
)
def test_the_bounds(figures, health):
    assert _judged(**figures)[1] == health


@pytest.mark.parametrize(
    ("figures", "judged"),
    [
        pytest.param({"answered": 0, "blocked": 1, "fetched": 0}, ("outage", "outage"), id="outage before blocked"),
        pytest.param({"blocked": 1, "errors": 1, "fetched": 0}, ("blocked", "blocked"), id="all refused before all failed"),
        pytest.param({"blocked": 1, "errors": 1}, ("incomplete", "blocked"), id="refused before failed"),
        pytest.param({"finished": False, "absent": 30}, ("incomplete", "degraded"), id="interrupted before vanished"),
        pytest.param({"errors": 1, "listed": 1}, ("incomplete", "degraded"), id="failed before shrunk"),
        pytest.param({"failed_sources": 1, "absent": 30}, ("incomplete", "degraded"), id="listing before vanished"),
    ],
)
def test_the_first_rule_that_fits_decides(figures, judged):
    assert _judged(**figures)[:2] == judged
