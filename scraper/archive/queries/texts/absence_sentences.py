"""The absence of a phrase as sentences to cite, on a page and on the command line."""

from __future__ import annotations

from collections.abc import Iterator

from scraper.archive.queries.texts.absence import AbsenceReport, Scope
from scraper.history.humanize import VERDICTS, duration, exact_moment, exact_span, plural, times
from scraper.history.phrases.absence import PhraseAbsence


def absence_sentences(report: AbsenceReport, scope: Scope) -> Iterator[str]:
    """An absence as sentences to cite."""
    absence = report.absence
    if absence.still_in:
        last = exact_moment(absence.last_said_at)
        posts = ", ".join(absence.still_in[:5])
        more = len(absence.still_in) - 5
        posts += f" and {more} more" if more > 0 else ""
        yield (
            f"“{report.phrase}” stood, {last}, and no healthy fetch since was without it: {posts}."
        )
        return
    if not absence.n_fetches:
        yield f"Nothing is shown: no healthy fetch of {scope.words} in this time."
        return
    yield _claim(report.phrase, absence, scope)
    if absence.last_said_at:
        said = exact_moment(absence.last_said_at)
        yield f"It was last seen before, {said}, in {absence.last_said_in}."
    if gap := absence.longest_gap:
        yield (
            "Longest time without a fetch of one of them:"
            f" {duration(gap.first_at, gap.last_at)}, {exact_span(gap.first_at, gap.last_at)},"
            f" at {gap.label}."
        )
    yield f"Failures in between: {_failures(report)}."
    if absence.n_unseen:
        unseen = plural(absence.n_unseen, "post")
        yield f"Not covered: {unseen} that no healthy fetch showed in this time."
    yield "What stood between two fetches is not known."


def _claim(phrase: str, absence: PhraseAbsence, scope: Scope) -> str:
    each = times(absence.fewest)
    if absence.fewest != absence.most:
        each = f"{absence.fewest:,} to {absence.most:,} times"
    fetches, where = plural(absence.n_fetches, "healthy fetch", "healthy fetches"), scope.words
    if not scope.post:
        fetches += f" (each post {each})"
        where = f"{plural(absence.n_posts, 'post')} of {where}"
    span = exact_span(absence.first_at, absence.last_at)
    return f"“{phrase}” did not stand in {where} at {fetches}, {span}."


def _failures(report: AbsenceReport) -> str:
    parts = [
        f"{plural(one.n_fetches, 'fetch', 'fetches')} of {plural(one.n_posts, 'post')} failed"
        f" ({VERDICTS.get(one.verdict, one.verdict)})"
        f" {exact_span(one.first_at, one.last_at)}"
        for one in report.failures
    ]
    parts += [
        f"{crawl.label}: {crawl.outcome}, {crawl.health}, whose fetches do not count"
        for crawl in report.crawls
    ]
    return "; ".join(parts) or "none"
