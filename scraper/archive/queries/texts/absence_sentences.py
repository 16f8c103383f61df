"""The absence of a phrase as sentences to cite, on a page and on the command line."""

from __future__ import annotations

from collections.abc import Iterator

from scraper.archive.queries.texts.absence import AbsenceReport
from scraper.history.humanize import VERDICTS, duration, exact_moment, exact_span, plural, times
from scraper.history.phrases.absence import PhraseAbsence


def scope_words(store: str, blog: str = "") -> str:
    """What was looked at, in words."""
    if blog:
        return f"the blog {blog}{' of ' if store else ''}{store}"
    return store or "the archive"


def absence_sentences(report: AbsenceReport, where: str, *, is_post: bool = False) -> Iterator[str]:
    """An absence as sentences to cite; `where` is the label of a post, or the words of a scope."""
    absence = report.absence
    if absence.still_in:
        last = exact_moment(absence.last_said_at)
        posts = ", ".join(absence.still_in[:5])
        more = len(absence.still_in) - 5
        posts += f" and {more} more" if more > 0 else ""
        yield f"“{report.phrase}” still stood when last seen, {last}: {posts}."
        return
    if not absence.n_looks:
        yield f"Nothing is shown: no healthy look at {where} in this time."
        return
    yield _claim(report.phrase, absence, where, is_post=is_post)
    if absence.last_said_at:
        said = exact_moment(absence.last_said_at)
        yield f"It was last seen before, {said}, in {absence.last_said_in}."
    if gap := absence.longest_gap:
        yield (
            "Longest time without a look at one of them:"
            f" {duration(gap.first_at, gap.last_at)}, {exact_span(gap.first_at, gap.last_at)},"
            f" at {gap.label}."
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
    looks = plural(absence.n_looks, "healthy look") + ("" if is_post else f" (each post {each})")
    span = exact_span(absence.first_at, absence.last_at)
    return f"“{phrase}” did not stand {posts} at {looks}, {span}."


def _failures(report: AbsenceReport) -> str:
    parts = [
        f"{plural(one.n_fetches, 'fetch', 'fetches')} of {plural(one.n_posts, 'post')} failed"
        f" ({VERDICTS.get(one.verdict, one.verdict)})"
        f" {exact_span(one.first_at, one.last_at)}"
        for one in report.failures
    ]
    parts += [
        f"{crawl.label}: {crawl.outcome}, {crawl.health}, which counts as no look"
        for crawl in report.crawls
    ]
    return "; ".join(parts) or "none"
