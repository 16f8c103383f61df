"""What a recrawl asks for: what the store says has changed, what trouble left open, and a share of
the rest, because dates lie."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Literal

from scraper.items import KnownPost

Reason = Literal["new", "missing", "unlisted", "undated", "changed", "failed", "sweep"]
"""Why a post is asked for."""

_DAY_S = 86_400


def why_fetch(
    known: KnownPost | None, *, listed: bool, lastmod: str, now: str, sweep_days: float
) -> Reason | None:
    """Why a post is to be asked for, or None where what the archive holds may stand.

    `listed` says whether a listing of the store names it now, `lastmod` what those listings say of
    when it was last modified: the latest of them, UTC, or empty. The sitemap's ``lastmod`` equals
    the feed's ``updated`` (SHOPIFY.md, 3.2: 30 of 30). Any other date than at the last good sight
    counts, an earlier one too: a store that goes back to a backup has changed.
    """
    if known is None:
        return "new"
    rules: tuple[tuple[bool, Reason], ...] = (
        (known.state != "live", "missing"),
        (not listed, "unlisted"),
        # Gone though still listed is the store's word against itself, and asked for again as any
        # trouble is.
        (known.last_verdict != "ok", "failed"),
        (not lastmod, "undated"),
        (lastmod != known.lastmod, "changed"),
        (is_due(known.url, last=known.last_seen_at, now=now, days=sweep_days), "sweep"),
    )
    return next((reason for applies, reason in rules if applies), None)


def is_due(key: str, *, last: str, now: str, days: float) -> bool:
    """Whether something seen at `last` is due again at `now` (UTC, ISO 8601), so that it is seen
    anew within so many days; 0: never.

    Each key has a moment of its own in the period, so that the same share of a store falls due
    every day however often it is crawled, and nothing needs to be kept of it.
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


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
