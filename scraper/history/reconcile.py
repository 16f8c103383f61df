"""Leave a field unchanged when only our source for it changed.

A post that leaves the newest thirty entries of the feed is read from the page alone: its author
becomes the by-line, its date a bare day. The store changed nothing. So two observations of a field
are compared source by source, and the value changes only if a source known to both has another one.
"""

from __future__ import annotations

from collections.abc import Iterable

from scraper.items import FieldClaim

FEED = "feed"


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


def _value(claim: FieldClaim) -> str:
    return claim.value or claim.raw
