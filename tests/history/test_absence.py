"""What did not stand: only fetches count, and every time without one is named."""

from __future__ import annotations

from scraper.history.phrases.absence import Fetch, PostFetches, find_absence
from tests.each_row import each_row

ALWAYS = ("", "9999")


def day(number: int) -> str:
    return f"2026-03-{number:02}T06:00:00Z"


def fetches(label: str, without: str, removed: int = 0) -> PostFetches:
    """A post looked at on days; a day with ``!`` shows the phrase."""
    return PostFetches(
        label=label,
        fetches=[
            Fetch(at=day(int(one.rstrip("!"))), has_phrase="!" in one) for one in without.split()
        ],
        removed_at=day(removed) if removed else "",
    )


CASES = {
    # posts: fetches, first and last day, gap (post, days), unseen, still in
    "never said": ([fetches("a", "1 2 5"), fetches("b", "1 5")], (5, 1, 5, "b", 4, 0, ())),
    "said before": ([fetches("a", "1! 2 3"), fetches("b", "1 2")], (3, 2, 3, "a", 1, 0, ())),
    "last fetch before the end": (
        [fetches("a", "1 9"), fetches("b", "2")],
        (3, 1, 9, "a", 8, 0, ()),
    ),
    "younger post": ([fetches("a", "1 2 3 4"), fetches("b", "4")], (5, 1, 4, "a", 1, 0, ())),
    "still said": ([fetches("a", "1 2!"), fetches("b", "1 2")], (0, 0, 0, "", 0, 2, ("a",))),
    "said, and its post removed": (
        [fetches("a", "1 2!", removed=3), fetches("b", "1 2 4")],
        (1, 4, 4, "", 0, 1, ()),
    ),
    "removed without it": (
        [fetches("a", "1 2", removed=3), fetches("b", "1 2 5")],
        (5, 1, 5, "b", 3, 0, ()),
    ),
    "never read": ([fetches("a", ""), fetches("b", "1")], (1, 1, 1, "", 0, 1, ())),
    "no post": ([], (0, 0, 0, "", 0, 0, ())),
}


@each_row("name", CASES)
def test_looks_without_a_phrase(name: str) -> None:
    posts, (n_fetches, first, last, gap_in, gap_days, unseen, still_in) = CASES[name]
    found = find_absence(posts, *ALWAYS)
    assert (found.n_fetches, found.n_unseen, found.still_in) == (n_fetches, unseen, still_in)
    assert (found.first_at, found.last_at) == tuple(
        day(one) if one else "" for one in (first, last)
    )
    assert found.is_shown == bool(n_fetches)
    gap = found.longest_gap
    assert (gap.label, gap.seconds) == (gap_in, gap_days * 86_400) if gap else gap_in == ""


def test_a_span_holds_its_looks_only_and_nothing_is_claimed_before_the_first() -> None:
    posts = [fetches("a", "1 4! 5 8"), fetches("b", "2 9")]
    found = find_absence(posts, day(6), day(8))
    assert (found.first_at, found.last_at, found.n_fetches, found.n_unseen) == (
        day(8),
        day(8),
        1,
        1,
    )
    assert (found.last_said_at, found.last_said_in) == (day(4), "a")
    assert find_absence(posts, day(3), day(4)).still_in == ("a",)
    assert not find_absence(posts, day(10), day(11)).is_shown
