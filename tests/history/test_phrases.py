"""Since when and until when a post carried a phrase, as far as it was seen."""

from __future__ import annotations

from scraper.history.phrases.periods import PhraseObservation, PhrasePeriod, phrase_periods


def observations(*seen: tuple[int, bool]) -> list[PhraseObservation]:
    """One observation a day, its number the day's, from six to seven."""
    return [
        PhraseObservation(
            number=number,
            has_phrase=has,
            first_seen_at=f"2026-03-0{day}T06:00:00Z",
            last_seen_at=f"2026-03-0{day}T07:00:00Z",
        )
        for day, (number, has) in enumerate(seen, start=1)
    ]


def test_a_phrase_that_was_always_there_has_no_brackets():
    (period,) = phrase_periods(observations((1, True), (2, True)))
    assert period == PhrasePeriod(
        added_not_before="",
        added_not_after="2026-03-01T06:00:00Z",
        removed_not_before="2026-03-02T07:00:00Z",
        removed_not_after="",
        numbers=(1, 2),
        ended_by=None,
    )


def test_a_phrase_that_came_went_and_came_back_has_two_periods():
    first, second = phrase_periods(observations((1, False), (2, True), (1, False), (2, True)))
    assert (first.added_not_before, first.added_not_after) == (
        "2026-03-01T07:00:00Z",
        "2026-03-02T06:00:00Z",
    )
    assert (first.removed_not_before, first.removed_not_after, first.ended_by) == (
        "2026-03-02T07:00:00Z",
        "2026-03-03T06:00:00Z",
        1,
    )
    assert (second.added_not_before, second.removed_not_after, second.numbers) == (
        "2026-03-03T07:00:00Z",
        "",
        (2,),
    )


def test_a_phrase_goes_with_its_post():
    (period,) = phrase_periods(observations((1, True), (0, False)))
    assert (period.removed_not_after, period.ended_by) == ("2026-03-02T06:00:00Z", 0)


def test_a_phrase_that_was_never_there_has_no_period():
    assert phrase_periods(observations((1, False), (2, False))) == ()
