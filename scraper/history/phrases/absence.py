"""What did not stand in posts: at how many fetches, from when to when, and how long there was
none.

A fetch shows one moment. Nothing is claimed of the time between two fetches but how long it was,
and nothing of the time before the first, after the last, or of a post that was never read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from scraper.timestamps import parse_timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """A page of a post that a healthy crawl read at `at` (UTC), with the phrase or without."""

    at: str
    has_phrase: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PostFetches:
    """The fetches of a post in time order. `removed_at` is when it was found removed, if it is."""

    label: str
    fetches: Sequence[Fetch]
    removed_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """The time between two fetches of the post `label`, or from one to the last of any post."""

    label: str
    first_at: str
    last_at: str

    @property
    def seconds(self) -> int:
        """How long it was."""
        span = parse_timestamp(self.last_at) - parse_timestamp(self.first_at)
        return round(span.total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseAbsence:
    """The fetches at which a phrase stood in none of the posts, from `first_at` to `last_at` (UTC).

    `n_posts` were fetched, each from `fewest` to `most` times; `n_unseen` of the posts asked
    about never. `last_said_at` is the last fetch that showed the phrase before, in the post
    `last_said_in`; `still_in` are the posts whose last fetch shows it: then nothing is absent.
    `longest_gap` is the longest time without a fetch of one of the posts.
    """

    n_fetches: int
    n_posts: int
    n_unseen: int
    fewest: int
    most: int
    first_at: str
    last_at: str
    longest_gap: Gap | None
    last_said_at: str
    last_said_in: str
    still_in: tuple[str, ...]

    @property
    def is_shown(self) -> bool:
        """Whether the fetches show that the phrase stood nowhere."""
        return self.n_fetches > 0 and not self.still_in


def find_absence(posts: Sequence[PostFetches], since: str, until: str) -> PhraseAbsence:
    """What the fetches from `since` to `until` (UTC) show, from the last one with the phrase on."""
    seen = [(post, [fetch for fetch in post.fetches if fetch.at <= until]) for post in posts]
    said = max(
        ((fetch.at, post.label) for post, fetches in seen for fetch in fetches if fetch.has_phrase),
        default=("", ""),
    )
    still_in = tuple(
        post.label
        for post, fetches in seen
        if fetches and fetches[-1].has_phrase and not _gone(post, until)
    )
    counted = [
        (post, fetches, [fetch.at for fetch in fetches if fetch.at >= since and fetch.at > said[0]])
        for post, fetches in seen
    ]
    times = [time for _, _, after in counted for time in after]
    first_at, last_at = min(times, default=""), max(times, default="")
    counts = [len(after) for _, _, after in counted if after]
    gaps = [
        gap
        for post, fetches, after in counted
        for gap in _gaps(post, fetches, after, first_at, last_at)
    ]
    return PhraseAbsence(
        n_fetches=len(times),
        n_posts=len(counts),
        n_unseen=sum(_is_unseen(post, after, since) for post, _, after in counted),
        fewest=min(counts, default=0),
        most=max(counts, default=0),
        first_at=first_at,
        last_at=last_at,
        longest_gap=max(gaps, key=lambda gap: gap.seconds, default=None),
        last_said_at=said[0],
        last_said_in=said[1],
        still_in=still_in,
    )


def _gone(post: PostFetches, time: str) -> bool:
    return bool(post.removed_at) and post.removed_at <= time


def _is_unseen(post: PostFetches, after: Sequence[str], since: str) -> bool:
    """Whether there was no fetch of a post that may have stood: one removed before says nothing."""
    return not after and not (post.removed_at and post.removed_at <= max(since, "0"))


def _gaps(
    post: PostFetches, fetches: Iterable[Fetch], after: Sequence[str], first_at: str, last_at: str
) -> Iterator[Gap]:
    """The times within `first_at` to `last_at` in which there was no fetch of a post that stood."""
    if not after:
        return
    start = first_at if any(fetch.at < after[0] for fetch in fetches) else after[0]
    end = min(post.removed_at, last_at) if post.removed_at else last_at
    for begin, following in pairwise([start, *after, max(end, after[-1])]):
        if following > begin:
            yield Gap(label=post.label, first_at=begin, last_at=following)
