"""Keep a field as it was when only our source for it changed.

A post that falls out of the feed's newest thirty is read from the page alone: its author becomes
the by-line, its date a bare day. The store did nothing. So two sights of a field are compared
source by source, and the value moves only if a source that both sights heard says something else.
"""

from __future__ import annotations

from collections.abc import Iterable

from scraper.items import FieldClaim

FEED = "feed"


def reconcile(
    field: str, kept: str, before: Iterable[FieldClaim], now: Iterable[FieldClaim]
) -> str:
    """The value of `field` after this sight.

    `kept` is the value on the current revision, `before` all the readings it was made from, `now`
    today's, most trusted first.
    """
    before = tuple(before)
    heard = {reading.source: _said(reading) for reading in before if reading.field == field}
    today = [reading for reading in now if reading.field == field and reading.value]
    if not today:
        return kept if set(heard) == {FEED} else ""
    if any(reading.source == FEED for reading in today) and not any(
        reading.source == FEED for reading in before
    ):
        # The feed is a new witness: the post came into its window. What it alone knows is learned,
        # not changed.
        today = [reading for reading in today if reading.source != FEED]
    if not today or today[0].value == kept:
        return kept
    best = today[0]
    if best.source in heard:
        return kept if heard[best.source] == _said(best) else best.value
    if not kept:
        return best.value
    differs = any(
        reading.source in heard and heard[reading.source] != _said(reading) for reading in today
    )
    return best.value if differs else kept


def _said(reading: FieldClaim) -> str:
    return reading.value or reading.raw
