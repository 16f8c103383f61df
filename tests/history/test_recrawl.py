"""What a recrawl asks for, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from scraper.crawl_evidence import KnownPost
from scraper.history.recrawl import is_due, store_time, why_fetch, wrong_clock
from tests.each_row import each_row

KNOWN = KnownPost(
    url="https://shop.example/blogs/news/a",
    article_id="1",
    state="live",
    last_seen_at="2026-03-01T06:00:00Z",
    lastmod="2026-02-01T09:00:00Z",
)


def _why(
    known: KnownPost | None = KNOWN,
    *,
    listed: bool = True,
    lastmod: str = KNOWN.lastmod,
    now: str = "2026-03-01T06:00:01Z",
    days: float = 30,
    feed: dict[str, str] | None = None,
) -> str | None:
    return why_fetch(
        known, listed=listed, lastmod=lastmod, now=now, sweep_days=days, feed_claims=feed or {}
    )


CLAIMS = {"title": "Tea", "excerpt": "Of tea.", "body": "a"}
IN_FEED = replace(KNOWN, feed_claims={**CLAIMS, "author": ""})
OLD_CLAIM = replace(KNOWN, feed_claims={"body": f"{'a' * 16}{'c' * 16}"})
NOON, MIDNIGHT = "2026-03-01T12:00:00Z", "2026-03-02T00:00:00Z"


def _why_recent(lastmod: str, now: str = MIDNIGHT, **more: Any) -> str | None:
    """Why a post is asked for that was edited at `lastmod` and seen with that date at noon."""
    return _why(
        replace(KNOWN, lastmod=lastmod, last_seen_at=NOON, **more), lastmod=lastmod, now=now
    )


@each_row(
    ("why", "reason"),
    [
        pytest.param(
            _why(OLD_CLAIM, feed={"body": f"{'b' * 16}{'c' * 16}"}),
            None,
            id="a claim that an older version made",
        ),
        pytest.param(_why(OLD_CLAIM, feed={"body": f"{'a' * 16}{'b' * 16}"}), "feed", id="a price"),
        pytest.param(_why(), None, id="quiet"),
        pytest.param(_why(None), "new", id="new"),
        pytest.param(_why(replace(KNOWN, state="missing")), "missing", id="missing"),
        pytest.param(_why(listed=False), "unlisted", id="unlisted"),
        pytest.param(_why(lastmod="2026-02-28T09:00:00Z"), "changed", id="a later date"),
        pytest.param(_why(lastmod="2025-02-28T09:00:00Z"), "changed", id="an earlier date"),
        pytest.param(_why(lastmod=""), "undated", id="no date any more"),
        pytest.param(_why(replace(KNOWN, lastmod="")), "changed", id="a date for the first time"),
        pytest.param(
            _why(replace(KNOWN, last_verdict="server_error")), "failed", id="failed last time"
        ),
        pytest.param(
            _why(replace(KNOWN, last_verdict="not_found")), "failed", id="not found though listed"
        ),
        pytest.param(
            _why(replace(KNOWN, last_seen_at="2026-01-29T06:00:00Z")),
            "sweep",
            id="seen more than 30 days ago",
        ),
        pytest.param(
            _why(replace(KNOWN, last_seen_at="2016-01-29T06:00:00Z"), days=0), None, id="no sweep"
        ),
        pytest.param(_why(days=1e-6), "sweep", id="everything again"),
        pytest.param(_why_recent("2026-03-01T00:00:00Z"), "recent", id="its date is twice as old"),
        pytest.param(
            _why_recent("2026-03-01T00:00:00Z", "2026-03-01T23:59:59Z"), None, id="not yet"
        ),
        pytest.param(_why_recent("2026-02-28T12:00:00Z"), None, id="seen a day after the edit"),
        pytest.param(
            _why_recent("2026-03-01T00:00:00Z", feed_claims={"body": "a"}), None, id="the feed says"
        ),
        pytest.param(_why_recent("2027-03-01T00:00:00Z"), None, id="dated ahead"),
        pytest.param(_why(IN_FEED, feed=CLAIMS), None, id="the feed says the same"),
        pytest.param(_why(IN_FEED), None, id="in the feed no longer"),
        pytest.param(_why(feed=CLAIMS), None, id="in the feed for the first time"),
        pytest.param(_why(IN_FEED, feed={"title": "Tea"}), None, id="the feed says less"),
        pytest.param(
            _why(IN_FEED, feed={**CLAIMS, "author": "Mara"}), None, id="the feed says more"
        ),
        *[
            pytest.param(_why(IN_FEED, feed={**CLAIMS, field: "new"}), "feed", id=f"{field} in it")
            for field in CLAIMS
        ],
    ],
)
def test_a_post_is_asked_for_with_a_reason_or_not_at_all(why, reason):
    assert why == reason


@cache
def _moment(days: float) -> str:
    return (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


@each_row("every_days", [0.25, 1, 7, 40])
def test_every_post_is_fetched_again_within_the_period_however_often_the_store_is_crawled(
    every_days,
):
    last = {f"https://shop.example/blogs/news/{n}": 0.0 for n in range(300)}
    swept = []
    for crawl in range(1, int(120 / every_days) + 1):
        now = crawl * every_days
        due = [
            key
            for key, seen in last.items()
            if is_due(key, last=_moment(seen), now=_moment(now), days=30)
        ]
        assert all(now - last[key] <= 30 + every_days for key in last)
        swept.append(len(due))
        last |= dict.fromkeys(due, now)
    if every_days <= 7:
        # A share each time, and no crawl that fetches all at once.
        assert max(swept) < 300 * every_days / 30 * 2 + 10


NOW, DAY_9 = "2026-03-10T06:00:00Z", "2026-03-09T06:00:00Z"


@each_row(
    ("newest", "last_alive", "answered", "accepted", "why"),
    [
        pytest.param("", "", "", False, "", id="the first crawl"),
        pytest.param(DAY_9, DAY_9, "", False, "", id="a day later"),
        pytest.param(NOW, "", "", False, "", id="in the same second"),
        pytest.param("2026-03-10T06:00:01Z", "", "", False, "set the clock", id="a second behind"),
        pytest.param("2026-03-12T06:00:00Z", "", "", True, "set the clock", id="behind, accepted"),
        pytest.param("", "2025-03-10T06:00:00Z", "", False, "", id="a year later"),
        pytest.param("", "2025-03-10T05:59:59Z", "", False, "confirm the date", id="over a year"),
        pytest.param("", "2025-03-10T05:59:59Z", "", True, "", id="more than a year, accepted"),
        pytest.param("2024-03-10T06:00:00Z", DAY_9, "", False, "", id="others were crawled"),
        pytest.param("", "", DAY_9, False, "", id="the store is a day behind"),
        pytest.param("", "", "2026-03-09T05:59:59Z", False, "the store says", id="far ahead"),
        pytest.param("", "", "2026-03-09T05:59:59Z", True, "", id="far ahead, accepted"),
        pytest.param("", "", "2026-06-10T06:00:00Z", False, "", id="a store ahead of us"),
        pytest.param(DAY_9, DAY_9, "2025-12-10T06:00:00Z", False, "", id="a store long behind"),
        pytest.param(
            "2025-12-09T06:00:00Z",
            "2025-12-09T06:00:00Z",
            "2025-12-10T06:00:00Z",
            False,
            "the store says",
            id="ninety days ahead",
        ),
    ],
)
def test_a_clock_is_compared_with_archive_and_store(newest, last_alive, answered, accepted, why):
    found = wrong_clock(
        NOW, newest=newest, last_alive=last_alive, answered_at=answered, accepted=accepted
    )
    assert (why in found, bool(found)) == (True, bool(why))


@each_row(
    ("headers", "at"),
    [
        ([], ""),
        ([[("Server", "nginx")]], ""),
        ([[("Date", "Tue, 10 Mar 2026 06:00:00 GMT")]], NOW),
        ([[("date", "Tue, 10 Mar 2026 05:00:00 GMT"), ("age", "3600")]], NOW),
        (
            [
                [("Date", "Mon, 09 Mar 2026 06:00:00 GMT")],
                [("Date", "Tue, 10 Mar 2026 06:00:00 GMT")],
            ],
            NOW,
        ),
        ([[("Date", "Tue, 10 Mar 2026 06:00:00 GMT"), ("Age", "an hour")]], NOW),
        ([[("Date", "Tue, 10 Mar 2026 06:00:00 GMT"), ("Age", "9" * 40)]], NOW),
        ([[("Date", "Fri, 31 Dec 9999 23:59:59 GMT"), ("Age", "999999999")]], ""),
        ([[("Date", "2026-03-10")], [("Date", "yesterday")], [("Date", "")]], ""),
    ],
)
def test_the_newest_answer_says_what_time_it_is(headers, at):
    assert store_time(headers) == at
