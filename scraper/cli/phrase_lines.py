"""What `said`, `letter`, `diff` and `show` print: where a phrase or a revision stood."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scraper.archive.queries.posts import RevisionRow
from scraper.archive.queries.texts.said import SaidPeriod, SaidPost, name_revisions
from scraper.archive.queries.texts.standing import Standing
from scraper.history.humanize import VERDICTS, bracket, moment, times
from scraper.history.phrases.periods import FailedFetches


def said_lines(post: SaidPost) -> Iterator[str]:
    """A post, whether it holds the phrase now, and each period with its sentences."""
    state = "" if post.state == "live" else f"  ({post.state})"
    yield f"{post.label}: {post.title}{state}"
    if post.is_now:
        yield "    now"
    elif post.until:
        yield f"    not now, but until {moment(post.until)}"
    else:
        yield "    in a revision that no fetch showed: from a file, or read by other rules"
    for sentence in post.unseen:
        yield f"    “{sentence}”"
    for number, each in enumerate(post.periods):
        yield from _period_lines(each, is_return=number > 0)


def _period_lines(each: SaidPeriod, *, is_return: bool) -> Iterator[str]:
    period = each.period
    for sentence, revisions in each.quoted:
        yield f"    “{sentence}”" + (f" ({revisions})" if revisions else "")
    came = f"there when first seen, {moment(period.added_not_after)}"
    if period.added_not_before:
        verb = "came back" if is_return else "came"
        came = f"{verb} {bracket(period.added_not_before, period.added_not_after)}"
    went = f"still there when last seen, {moment(period.removed_not_before)}"
    if period.removed_not_after:
        what = "went with the post" if period.ended_by == 0 else "went"
        went = f"{what} {bracket(period.removed_not_before, period.removed_not_after)}"
    yield f"        {came}; {went} ({name_revisions(period.numbers)})"
    yield from (f"        not seen in between: {_failed(one)}" for one in period.failed)


def _failed(fetches: FailedFetches) -> str:
    words = VERDICTS.get(fetches.verdict, fetches.verdict)
    if fetches.first_seen_at == fetches.last_seen_at:
        return f"{words}, {moment(fetches.first_seen_at)}"
    return f"{words}, from {moment(fetches.first_seen_at)} to {moment(fetches.last_seen_at)}"


def seen_words(revision: RevisionRow, periods: Sequence[Standing]) -> str:
    """When a revision was seen, each period apart; of one that no crawl fetched, where it comes
    from."""
    if revision.provenance or not periods:
        return revision.period
    return "; ".join(map(_seen, periods))


def _seen(period: Standing) -> str:
    span = f"from {period.first_seen_at} to {period.last_seen_at}"
    if period.first_seen_at == period.last_seen_at:
        span = f"at {period.first_seen_at}"
    changed = f", not so any more at {period.next_seen_at}" if period.next_seen_at else ""
    return f"seen {times(period.n_seen)} {span}{changed}"
