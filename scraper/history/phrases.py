"""When a post carried a phrase: since when, until when, and whether it came back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A period in which a post was seen so, in the order of time; `number` is the revision's, or 0
    where the post was known to be gone.

    Times are UTC. A visit that failed is no sight: it neither keeps a phrase nor takes it away.
    """

    number: int
    has_phrase: bool
    first_seen_at: str
    last_seen_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PhrasePeriod:
    """A period in which a post carried a phrase, each end a bracket in UTC.

    It came after `came_not_before` (empty: it was there at the first sight), at the latest at
    `came_not_after`; it went after `gone_not_before`, the last sight with it, at the latest at
    `gone_not_after` (empty: it was there at the last sight). `numbers` are the revisions that
    carried it, `ended_by` is the number of the one that did not, 0 where the whole post had gone.
    """

    came_not_before: str
    came_not_after: str
    gone_not_before: str
    gone_not_after: str
    numbers: tuple[int, ...]
    ended_by: int | None


def phrase_periods(sights: Iterable[Sight]) -> tuple[PhrasePeriod, ...]:
    """The periods in which a post carried a phrase, from its sights in the order of time."""
    periods: list[PhrasePeriod] = []
    held: list[Sight] = []
    before = ""
    for sight in sights:
        if sight.has_phrase:
            held.append(sight)
            continue
        if held:
            periods.append(_period(before, held, ended=sight))
            held = []
        before = sight.last_seen_at
    if held:
        periods.append(_period(before, held, ended=None))
    return tuple(periods)


def _period(before: str, held: list[Sight], *, ended: Sight | None) -> PhrasePeriod:
    return PhrasePeriod(
        came_not_before=before,
        came_not_after=held[0].first_seen_at,
        gone_not_before=held[-1].last_seen_at,
        gone_not_after=ended.first_seen_at if ended else "",
        numbers=tuple(dict.fromkeys(sight.number for sight in held)),
        ended_by=ended.number if ended else None,
    )
