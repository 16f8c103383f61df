"""Which posts a recrawl fetches: those that the store says have changed, those that failed, and a
share of the rest, because dates can be wrong. And whether the clock of a crawl can be right."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final, Literal

from scraper.crawl_evidence import KnownPost
from scraper.history.witnesses import BODY_CLAIM, all_words
from scraper.timestamps import format_timestamp, parse_timestamp, to_utc

Reason = Literal[
    "new",
    "missing",
    "unlisted",
    "undated",
    "changed",
    "failed",
    "pending",
    "feed",
    "recent",
    "sweep",
]
"""Why a post is fetched."""

_DAY_S = 86_400

_SETTLED_AFTER: Final = timedelta(days=1)
"""For so long after an edit a page may be an older copy, as caches between it and us hold it."""

FAR_AHEAD: Final = timedelta(days=365)
"""A clock so far ahead of the last sign of life of any crawl is more likely wrong than right."""

AHEAD_OF_STORE: Final = timedelta(days=1)
"""No zone and no cache sets a clock so far ahead of that of a store."""

_DIGITS_OF_AGE: Final = 10


def why_fetch(
    known: KnownPost | None,
    *,
    listed: bool,
    lastmod: str,
    now: str,
    sweep_days: float,
    feed_claims: Mapping[str, str],
) -> Reason | None:
    """Why a post is fetched, or None where the archived version is still valid.

    `listed`: a listing of the store names it now. `feed_claims`: what the feed claims of it now, by
    field. `lastmod`: the latest modification date in those listings (UTC, or empty). The
    sitemap's ``lastmod`` equals the feed's ``updated`` (docs/explanation/shopify.md, 3.2). Any date
    other than at the last good observation counts, an earlier one too: a store that restores a
    backup has changed.
    """
    if known is None:
        return "new"
    rules: tuple[tuple[bool, Reason], ...] = (
        (known.state != "live", "missing"),
        (not listed, "unlisted"),
        # A listed post whose address fails is a contradiction: fetch it again, like any failure.
        (known.last_verdict != "ok", "failed"),
        (not lastmod, "undated"),
        (lastmod != known.lastmod, "changed"),
        (known.pending, "pending"),
        # What an author wrote may change in the feed though no date moves.
        (claims_differ(known.feed_claims, feed_claims), "feed"),
        (
            "body" not in known.feed_claims
            and _may_be_older_copy(lastmod, known.last_seen_at, now),
            "recent",
        ),
        (is_due(known.url, last=known.last_seen_at, now=now, days=sweep_days), "sweep"),
    )
    return next((reason for applies, reason in rules if applies), None)


def claims_differ(before: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Whether a feed claims otherwise of a field than it did before."""
    last = {field: before.get(field) or claim for field, claim in now.items()}
    return any(
        all_words(last[field]) != all_words(claim) if field == BODY_CLAIM else last[field] != claim
        for field, claim in now.items()
    )


def _may_be_older_copy(lastmod: str, last: str, now: str) -> bool:
    """Whether a page fetched at `last` may have been older than its date; it is due again once that
    date is twice as old as it was then."""
    if not lastmod or lastmod > last:
        return False
    age = parse_timestamp(last) - parse_timestamp(lastmod)
    return age < _SETTLED_AFTER and parse_timestamp(now) - parse_timestamp(lastmod) >= 2 * age


def is_due(key: str, *, last: str, now: str, days: float) -> bool:
    """Whether something fetched at `last` is due at `now` (UTC, ISO 8601), so that it is fetched
    again within so many days; 0: never.

    Each key has its own moment in the period, derived from a hash. So the same share of a store is
    due every day, however often it is crawled, and no state is stored.
    """
    if days <= 0:
        return False
    if not last:
        return True
    period = days * _DAY_S
    phase = (
        int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:8], "big")
        / 2**64
        * period
    )
    return (_seconds(now) - phase) // period > (_seconds(last) - phase) // period


def store_time(answers: Iterable[Iterable[tuple[str, str]]]) -> str:
    """When a store gave the newest of its answers by its own clock (UTC), from their headers: the
    date of each and, of one that a cache held, the seconds since; empty where none says that."""
    return max(map(_answered_at, answers), default="")


def _answered_at(headers: Iterable[tuple[str, str]]) -> str:
    said = {name.casefold(): value for name, value in headers}
    at, age = to_utc(said.get("date", "")), said.get("age", "").strip()
    if "T" not in at:
        return ""
    is_age = age.isascii() and age.isdigit() and len(age) < _DIGITS_OF_AGE
    try:
        return format_timestamp(parse_timestamp(at) + timedelta(seconds=int(age) if is_age else 0))
    except OverflowError:  # a time after the calendar's last day
        return ""


def wrong_clock(
    at: str, *, newest: str, last_alive: str, answered_at: str = "", accepted: bool = False
) -> str:
    """Why a crawl cannot begin at `at` (UTC), or empty.

    `newest` is the latest time that the archive has of the store, `last_alive` the last heartbeat
    of any crawl, `answered_at` the store's own time, which says nothing where it is before that;
    each is empty where there is none. `accepted`: an operator says that so much time has passed.
    """
    if newest and at < newest:
        return f"the clock says {at}, but the archive has the store at {newest}: set the clock"
    if accepted:
        return ""
    for then, most, who in (
        (answered_at if answered_at >= last_alive else "", AHEAD_OF_STORE, "the store says"),
        (last_alive, FAR_AHEAD, "the last crawl was at"),
    ):
        if then and parse_timestamp(at) - parse_timestamp(then) > most:
            return (
                f"the clock says {at}, but {who} {then}: set the clock, or confirm the date with "
                "-s ARCHIVE_TRUST_CRAWL=1"
            )
    return ""


def _seconds(moment: str) -> float:
    return parse_timestamp(moment).timestamp()
