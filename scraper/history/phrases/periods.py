"""When a post contained a phrase: since when, until when, and whether it came back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseObservation:
    """A period in which a post was observed with or without the phrase. `number` is the revision's,
    or 0 where the post was gone.

    Times are UTC. Fetches that failed have a `verdict` other than ``ok``: they neither extend nor
    end a phrase's period.
    """

    number: int
    has_phrase: bool
    first_seen_at: str
    last_seen_at: str
    verdict: str = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedFetches:
    """Fetches of a post in a row that failed for the reason `verdict`, from the first to the last
    (UTC): nobody saw what stood there."""

    verdict: str
    first_seen_at: str
    last_seen_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PhrasePeriod:
    """A period in which a post contained a phrase; each end is a bracket in UTC.

    It began after `added_not_before` (empty: it was there from the first observation), at the
    latest at `added_not_after`. It ended after `removed_not_before`, the last observation with it,
    at the latest at `removed_not_after` (empty: it was there at the last observation). `numbers`
    are the revisions with the phrase, `ended_by` the first one without it, 0 where the post was
    gone. `failed` are fetches between two that showed it.
    """

    added_not_before: str
    added_not_after: str
    removed_not_before: str
    removed_not_after: str
    numbers: tuple[int, ...]
    ended_by: int | None
    failed: tuple[FailedFetches, ...] = ()


def phrase_periods(observations: Iterable[PhraseObservation]) -> tuple[PhrasePeriod, ...]:
    """The periods in which a post contained a phrase, from its observations in time order."""
    periods: list[PhrasePeriod] = []
    with_phrase: list[PhraseObservation] = []
    before = ""
    for observation in observations:
        if observation.has_phrase or (with_phrase and observation.verdict != "ok"):
            with_phrase.append(observation)
            continue
        if observation.verdict != "ok":
            continue
        if with_phrase:
            periods.append(_period(before, with_phrase, ended=observation))
            with_phrase = []
        before = observation.last_seen_at
    if with_phrase:
        periods.append(_period(before, with_phrase, ended=None))
    return tuple(periods)


def _period(
    before: str, observed: list[PhraseObservation], *, ended: PhraseObservation | None
) -> PhrasePeriod:
    with_phrase = [observation for observation in observed if observation.has_phrase]
    last = with_phrase[-1]
    period = PhrasePeriod(
        added_not_before=before,
        added_not_after=with_phrase[0].first_seen_at,
        removed_not_before=last.last_seen_at,
        removed_not_after="",
        numbers=tuple(dict.fromkeys(observation.number for observation in with_phrase)),
        ended_by=None,
        failed=tuple(
            _failed(one) for one in observed[: observed.index(last)] if one.verdict != "ok"
        ),
    )
    if ended is None:
        return period
    return replace(period, removed_not_after=ended.first_seen_at, ended_by=ended.number)


def _failed(observation: PhraseObservation) -> FailedFetches:
    return FailedFetches(
        verdict=observation.verdict,
        first_seen_at=observation.first_seen_at,
        last_seen_at=observation.last_seen_at,
    )
