"""What `said`, `absent` and `letter` print: where a phrase stood, and where it did not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scraper.archive.queries.posts import RevisionRow
from scraper.archive.queries.texts.absence import AbsenceReport
from scraper.archive.queries.texts.said import SaidPeriod, SaidPost
from scraper.archive.queries.texts.standing import Standing
from scraper.history.humanize import (
    VERDICTS,
    bracket,
    duration,
    exact_moment,
    moment,
    plural,
    times,
)
from scraper.history.phrases.absence import PhraseAbsence
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
    yield f"        {came}; {went} (revision {', '.join(map(str, period.numbers))})"
    yield from (f"        not seen in between: {_failed(one)}" for one in period.failed)


def _failed(fetches: FailedFetches) -> str:
    words = VERDICTS.get(fetches.verdict, fetches.verdict)
    if fetches.first_seen_at == fetches.last_seen_at:
        return f"{words}, {moment(fetches.first_seen_at)}"
    return f"{words}, from {moment(fetches.first_seen_at)} to {moment(fetches.last_seen_at)}"


def scope_words(store: str, blog: str = "") -> str:
    """What was looked at, in words."""
    if blog:
        return f"the blog {blog}{' of ' if store else ''}{store}"
    return store or "the archive"


def absence_lines(report: AbsenceReport, where: str, *, is_post: bool = False) -> Iterator[str]:
    """An absence as sentences to cite; `where` is the label of a post, or the words of a scope."""
    absence = report.absence
    if absence.still_in:
        last = exact_moment(absence.last_said_at)
        posts = ", ".join(absence.still_in[:5])
        more = len(absence.still_in) - 5
        posts += f" and {more} more" if more > 0 else ""
        yield f"“{report.phrase}” still stood when last seen, {last}: {posts}"
        return
    if not absence.n_looks:
        yield f"nothing is shown: no healthy look at {where} in this time"
        return
    yield _claim(report.phrase, absence, where, is_post=is_post)
    if absence.last_said_at:
        said = exact_moment(absence.last_said_at)
        yield f"It was last seen before, {said}, in {absence.last_said_in}."
    if gap := absence.longest_gap:
        span = f"from {exact_moment(gap.first_at)} to {exact_moment(gap.last_at)}"
        yield (
            "Longest time without a look at one of them:"
            f" {duration(gap.first_at, gap.last_at)}, {span}, at {gap.label}."
        )
    yield f"Failures in between: {_failures(report)}."
    if absence.n_unseen:
        unseen = plural(absence.n_unseen, "post")
        yield f"Not covered: {unseen} that no healthy look showed in this time."
    yield "What stood between two looks is not known."


def _claim(phrase: str, absence: PhraseAbsence, where: str, *, is_post: bool) -> str:
    each = times(absence.fewest)
    if absence.fewest != absence.most:
        each = f"{absence.fewest:,} to {absence.most:,} times"
    posts = f"in {where}" if is_post else f"in {plural(absence.n_posts, 'post')} of {where}"
    return (
        f"“{phrase}” did not stand {posts} at {plural(absence.n_looks, 'healthy look')}"
        f" (each post {each}), from {exact_moment(absence.first_at)}"
        f" to {exact_moment(absence.last_at)}."
    )


def _failures(report: AbsenceReport) -> str:
    parts = [
        f"{plural(one.n_fetches, 'fetch', 'fetches')} of {plural(one.n_posts, 'post')} failed"
        f" ({VERDICTS.get(one.verdict, one.verdict)})"
        f" from {exact_moment(one.first_at)} to {exact_moment(one.last_at)}"
        for one in report.failures
    ]
    parts += [
        f"{crawl.label}: {crawl.outcome}, {crawl.health}, which counts as no look"
        for crawl in report.crawls
    ]
    return "; ".join(parts) or "none"


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
    return f"seen {times(period.looks)} {span}{changed}"
