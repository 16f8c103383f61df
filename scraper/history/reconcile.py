"""Leave a field unchanged when only our source for it changed, or when it varies by itself.

A post that leaves the newest thirty entries of the feed is read from the page alone: its author
becomes the by-line, its date a bare day. The store changed nothing. So two observations of a field
are compared source by source, and the value changes only if a source known to both has another one.

A field is volatile in a store while it lately went from one value to another and back (A, B, A)
though no date moved, as the title of a page does that is tested on visitors. Where nothing else
differs it waits for the longer, the oftener it did. As a place in the text that varies leaves it,
beside another difference what a page says of such a field does not count: the value before stands,
unless a date moved and the page says what nobody saw there go again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import asdict, replace
from typing import Any, Final

from scraper.history.snapshots import Fields
from scraper.items import FieldClaim, Post

FEED = "feed"

VOLATILE_CRAWLS: Final = 12
"""A field that went and came again in one of so many crawls before is volatile."""

Sights = tuple[Fields, Fields, Fields]
"""The fields of a post at three sights in a row, between which no date moved."""


def reconcile(
    field: str, current: str, before: Iterable[FieldClaim], now: Iterable[FieldClaim]
) -> str:
    """The value of `field` after this observation.

    `current` is the value on the current revision, `before` are the claims it was made from, `now`
    today's claims; the most trusted come first. A claim whose raw text a source made before is
    unchanged, however we read it: a time without a zone moves by an hour with the store's clock.
    """
    before = tuple(before)
    read_before = {(claim.source, claim.raw) for claim in before if claim.field == field}
    known = {claim.source: _value(claim) for claim in before if claim.field == field}
    today = [claim for claim in now if claim.field == field and claim.value]
    if not today:
        return current if set(known) == {FEED} else ""
    if any(claim.source == FEED for claim in today) and not any(
        claim.source == FEED for claim in before
    ):
        # The feed is a new source: the post entered its window. What only the feed claims is new to
        # us, and no change.
        today = [claim for claim in today if claim.source != FEED]
    if not today or today[0].value == current:
        return current
    best = today[0]
    compared = today
    if best.source in known:
        compared = [best]
    elif not current:
        return best.value
    for claim in compared:
        same_raw = bool(current) and (claim.source, claim.raw) in read_before
        if claim.source in known and known[claim.source] != _value(claim) and not same_raw:
            return best.value
    return current


def is_same_reading(before: Post, now: Post) -> bool:
    """Whether two pages of a post say the same, read by the same rules: its text, and each field by
    the sources that both have. The feed stands beside one of them alone."""
    known = {(claim.field, claim.source): _value(claim) for claim in before.readings}
    return (before.html, before.text) == (now.html, now.text) and all(
        known.get((claim.field, claim.source), _value(claim)) == _value(claim)
        for claim in now.readings
        if claim.field != "modified_at"
    )


def latest_claims(
    before: Iterable[FieldClaim], now: tuple[FieldClaim, ...]
) -> tuple[FieldClaim, ...]:
    """The last claim of each source after an observation.

    A post that is not in the feed is just older than its newest thirty: the feed's last claim
    stands. Every other source has withdrawn its claim.
    """
    if any(claim.source == FEED for claim in now):
        return now
    return (*now, *(claim for claim in before if claim.source == FEED))


def find_volatile_fields(sights: Iterable[tuple[int, Sights]]) -> Counter[str]:
    """Return in how many crawls each field went from one value to another, and back later, by any
    three sights, each with the crawl of the second."""
    crawls: defaultdict[str, set[int]] = defaultdict(set)
    for crawl_id, three in sights:
        first, second, third = _as_values(three)
        for name, value in second.items():
            if first[name] == third[name] != value:
                crawls[name].add(crawl_id)
    return Counter({name: len(found) for name, found in crawls.items()})


def sights_needed(confirm_sights: int, crawls: Iterable[int]) -> int:
    """Return how many sights in a row confirm a difference of fields alone, each of which varied in
    so many crawls lately, where else `confirm_sights` do: a value that is shown at random half of
    the time is seen so often by chance, and by no chance again for each time that it was seen to
    vary."""
    return confirm_sights * (1 + max(crawls))


def gone_values(sights: Iterable[Sights]) -> dict[str, set[Any]]:
    """Return the values that each field had at the second of three sights alone."""
    found: dict[str, set[Any]] = {}
    for first, second, third in map(_as_values, sights):
        for name, value in second.items():
            if value not in (first[name], third[name]):
                found.setdefault(name, set()).add(value)
    return found


def differing_fields(known: Fields, now: Fields) -> dict[str, Any]:
    """Return the fields in which a page differs from what was known, with its values."""
    before = asdict(known)
    return {name: value for name, value in asdict(now).items() if value != before[name]}


def hold_fields(fields: Fields, known: Fields, names: Collection[str]) -> Fields:
    """Return the fields of a page with the known values of those named."""
    held = {name: value for name, value in asdict(known).items() if name in names}
    return replace(fields, **held)


def hold_claims(
    claims: tuple[FieldClaim, ...], known: tuple[FieldClaim, ...], names: Collection[str]
) -> tuple[FieldClaim, ...]:
    """Return the claims of a page with the known claims on the fields named, so that the next page
    is compared with those."""
    return (
        *(claim for claim in claims if claim.field not in names),
        *(claim for claim in known if claim.field in names),
    )


def _value(claim: FieldClaim) -> str:
    return claim.value or claim.raw


def _as_values(sights: Sights) -> list[dict[str, Any]]:
    return [asdict(fields) for fields in sights]
