"""What may witness an edit: the dates that a store and its pages print, and the author's words in
the feed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Literal

from scraper.crawl_evidence import DatesMoved
from scraper.history.reconcile import FEED
from scraper.items import FieldClaim
from scraper.timestamps import parse_timestamp

Witness = Literal["none", "lastmod", "modified", "feed", "sights"]
"""What confirmed a difference: the date in the store's listings, the date that the page or file
itself carries, the author's words in the feed, or later crawls that saw the same; ``none`` where
none was needed, as for an event or a change of ours."""

BODY_CLAIM: Final = "body"
"""The field under which the feed's claim on a body stands: the hash of its words without prices
and measures, and that of all words, as `value`, and whether the page agreed as `raw`."""

IMAGE_SOURCE: Final = "image"
"""The source of the time at which an image was stored: its address or server, and no theme."""

_WITNESSES: Final = frozenset({"modified_at", BODY_CLAIM})

_WORDS: Final = 16
"""So many digits has each of the two hashes."""

_RESET_MIN: Final = 5
_RESET_SHARE: Final = 0.95

_RENDERED_WITHIN: Final = timedelta(minutes=10)
"""A page that is "modified" at the moment of its download prints the time of day."""

_RENDERED_WITHIN_DAYS: Final = timedelta(hours=38)
"""A day begins up to 14 hours before that of UTC, and is of the download until it has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """What may witness an edit: `lastmod` of the store's listings (UTC, or empty), and what each
    source of the page claims of `modified_at` and of the body (the hash of the feed's)."""

    lastmod: str = ""
    claims: tuple[FieldClaim, ...] = ()


NO_DATES: Final = Dates()


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedDates:
    """How the dates of a store's listings moved since its posts were last seen: of the `dated`
    known posts, `moved` have a later one now, the earliest of which is `earliest` (UTC)."""

    dated: int = 0
    moved: int = 0
    earliest: str = ""

    def judge(self, now: str, before: DatesMoved) -> DatesMoved:
        """How far the dates witness edits in a crawl at `now` (UTC); `before` is what the last
        crawl found. Dates of nearly all posts that moved at once do not where they are the time of
        the request, or where they moved so at the last crawl too; once, somebody may have edited
        all."""
        if self.dated < _RESET_MIN or self.moved < self.dated * _RESET_SHARE:
            return "singly"
        is_rendered = parse_timestamp(now) - parse_timestamp(self.earliest) < _RENDERED_WITHIN
        return "untrusted" if is_rendered or before != "singly" else "all"


def witnessing(claims: Iterable[FieldClaim]) -> tuple[FieldClaim, ...]:
    """Those of a page's claims that may witness an edit; one at least of the feed, if it has any:
    that the post is in the feed says that the feed's earlier claims are withdrawn."""
    claims = tuple(claims)
    found = tuple(claim for claim in claims if claim.field in _WITNESSES)
    if any(claim.source == FEED for claim in found):
        return found
    return (*found, *[claim for claim in claims if claim.source == FEED][:1])


def is_later(before: str, now: str) -> bool:
    """Whether a date moved forward. One that moved back is an older copy of the store's pages."""
    return bool(now) and now > before


def feed_moved(before: Dates, now: Dates) -> bool:
    """Whether the feed has other words than before; prices and measures alone may follow the
    visitor's currency and units. An older version may have left out others: where all words are
    the same, nothing moved."""
    old, new = (_claims(dates, BODY_CLAIM).get(FEED) for dates in (before, now))
    if old is None or new is None or all_words(old.value) == all_words(new.value):
        return False
    return old.value[:_WORDS] != new.value[:_WORDS]


def left_feed_behind(before: Dates, now: Dates) -> bool:
    """Whether a page that agreed with its feed entry no longer does, though the entry stood
    still."""
    old, new = (_claims(dates, BODY_CLAIM).get(FEED) for dates in (before, now))
    if old is None or new is None:
        return False
    return all_words(old.value) == all_words(new.value) and old.raw == "equal" != new.raw


def all_words(claim: str) -> str:
    """The hash of all words in the feed's claim on a body."""
    return claim[-_WORDS:]


def modified_moved(before: Dates, now: Dates, at: str, *, since: str = "") -> bool:
    """Whether a source that both sights have claims a later modification, on a page not before
    `since` (UTC), and not the moment, or the mere day, of the download at `at`."""
    known = _claims(before, "modified_at")
    return any(
        source in known
        and is_later(known[source].value, claim.value)
        and (source == IMAGE_SOURCE or claim.value >= since[: len(claim.value)])
        and not _is_rendered(claim.value, at)
        for source, claim in _claims(now, "modified_at").items()
        if claim.value
    )


def without_page_dates(dates: Dates) -> Dates:
    """Dates without what the page prints of its modification: where the listings have the store's
    own date, a theme may print what it likes."""
    claims = (c for c in dates.claims if c.field != "modified_at" or c.source == IMAGE_SOURCE)
    return replace(dates, claims=tuple(claims))


def _is_rendered(modified: str, at: str) -> bool:
    """Whether a page fetched at `at` may print the time of day, or the day, as its date."""
    is_day = "T" not in modified
    apart = abs(parse_timestamp(at) - parse_timestamp(modified))
    return apart <= (_RENDERED_WITHIN_DAYS if is_day else _RENDERED_WITHIN)


def _claims(dates: Dates, field: str) -> dict[str, FieldClaim]:
    return {claim.source: claim for claim in dates.claims if claim.field == field}
