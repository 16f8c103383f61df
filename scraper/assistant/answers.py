"""The answers to an assistant's questions, each with revision, bracket and hash.

They need no library of the protocol. The SDK makes schemas of the answers, but of no class with
slots, so answers have none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from sqlite_utils import Database

from scraper.archive.queries.change_feed import ChangeFilter, read_feed
from scraper.archive.queries.changes import changes_of_post
from scraper.archive.queries.pages.evidence import ChangeSide, read_evidence
from scraper.archive.queries.pages.excerpts import read_excerpts
from scraper.archive.queries.posts import current_number, find_post, read_revision
from scraper.archive.queries.search import MARKS, search
from scraper.archive.queries.stores import find_store
from scraper.archive.queries.texts.absence import AbsenceReport, Scope, read_absence
from scraper.archive.queries.texts.absence_sentences import absence_sentences
from scraper.archive.queries.texts.cited import (
    CitedRevision,
    QuotePlace,
    find_verbatim,
    read_cited,
    read_revision_periods,
)
from scraper.archive.queries.texts.said import SaidPeriod, read_said
from scraper.archive.queries.texts.standing import standing_at
from scraper.exceptions import UsageProblem
from scraper.history.changes import Change, claims_of
from scraper.history.diff.passages import as_plain_text, changed_passages
from scraper.history.diff.words import diff_texts
from scraper.history.humanize import bracket
from scraper.history.phrases.periods import PhrasePeriod
from scraper.timestamps import end_of_day, parse_day, span_of_days

MAX_CHARS: Final = 20_000
"""Characters of a post's text in one answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPost:
    """A post with words that were searched. `stands` says whether they stand now; `snippet` is the
    passage, with ** around each word; it is cut, so quote from `post_at`."""

    post_id: int
    label: str
    title: str
    url: str
    state: str
    stands: bool
    snippet: str
    revision: CitedRevision | None
    periods: tuple[PhrasePeriod, ...]


@dataclass(frozen=True, kw_only=True)
class SearchAnswer:
    """Posts, best first, of `n_posts` in all, or of more if `is_cut`."""

    posts: tuple[FoundPost, ...]
    n_posts: int
    is_cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SayingPost:
    """A post that ever held a phrase: in which sentences, from when to when. `unseen` are sentences
    of a file that no fetch showed."""

    post_id: int
    label: str
    title: str
    url: str
    state: str
    is_now: bool
    revisions: tuple[CitedRevision, ...]
    periods: tuple[SaidPeriod, ...]
    unseen: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SaidAnswer:
    """Posts that ever held a phrase, of `n_posts` in all, or of more if `is_cut`."""

    posts: tuple[SayingPost, ...]
    n_posts: int
    is_cut: bool


@dataclass(frozen=True, kw_only=True)
class PostAnswer:
    """A post as it was seen, from the character `start` of its text on; `n_chars` counts all."""

    post_id: int
    label: str
    url: str
    state: str
    title: str
    author: str
    published_at: str
    revision: CitedRevision | None
    periods: tuple[PhrasePeriod, ...]
    start: int
    n_chars: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAnswer:
    """A change between two fetches. `changed` has what went and came in brackets, in context,
    `claims` what became of claims; `n_posts` counts the posts that changed alike."""

    change: int
    post_id: int
    title: str
    url: str
    kind: str
    severity: str
    origin: str
    summary: str
    not_before: str
    not_after: str
    when: str
    old_revision: CitedRevision | None
    new_revision: CitedRevision | None
    changed: str
    claims: tuple[str, ...]
    n_posts: int


@dataclass(frozen=True, kw_only=True)
class ChangesAnswer:
    """Changes, newest first; `older` continues with the next ones, empty at the end."""

    changes: tuple[ChangeAnswer, ...]
    older: str


@dataclass(frozen=True, kw_only=True)
class EvidenceAnswer:
    """What proves a change: both fetches with what the store answered, and every changed sentence.
    `page` is the path of the printable sheet in the web interface."""

    change: ChangeAnswer
    witness: str
    is_dated: bool
    before: ChangeSide | None
    after: ChangeSide
    sentences: tuple[str, ...]
    page: str


@dataclass(frozen=True, kw_only=True)
class AbsenceAnswer:
    """Whether the fetches show that a phrase stood nowhere, in sentences to cite, with the
    fetches and failures that they count. Cite all of them: they say what is not covered. The
    report names posts that still hold it of `n_still_in` in all, and crawls of `n_unhealthy`."""

    is_shown: bool
    sentences: tuple[str, ...]
    n_still_in: int
    n_unhealthy: int
    scope: Scope
    report: AbsenceReport


@dataclass(frozen=True, kw_only=True)
class QuoteAnswer:
    """A quotation that is in the archive word for word, and where."""

    quote: str
    places: tuple[QuotePlace, ...]


def answer_search(
    db: Database, query: str, *, store: str, only_now: bool, limit: int
) -> SearchAnswer:
    """Find posts by words. Raises BlogkeepError."""
    found = search(
        db.conn, query, all_revisions=not only_now, store=find_store(db, store), limit=limit
    )
    posts = [
        FoundPost(
            post_id=hit.post_id,
            label=hit.label,
            title=hit.title,
            url=hit.url,
            state=hit.state,
            stands=bool(hit.stands),
            snippet=_marked(hit.snippet),
            revision=read_cited(db.conn, hit.post_id, hit.number),
            periods=read_revision_periods(db.conn, hit.post_id, hit.number),
        )
        for hit in found.hits
    ]
    return SearchAnswer(posts=tuple(posts), n_posts=found.n_posts, is_cut=found.is_cut)


def answer_said(db: Database, phrase: str, *, store: str, limit: int) -> SaidAnswer:
    """Find every sentence that ever held a phrase. Raises BlogkeepError."""
    found = read_said(db.conn, phrase, store=find_store(db, store), limit=limit)
    posts = [
        SayingPost(
            post_id=post.id,
            label=post.label,
            title=post.title,
            url=post.url,
            state=post.state,
            is_now=post.is_now,
            revisions=_cited(
                db, post.id, [number for one in post.periods for number in one.period.numbers]
            ),
            periods=post.periods,
            unseen=post.unseen,
        )
        for post in found.posts
    ]
    return SaidAnswer(posts=tuple(posts), n_posts=found.n_posts, is_cut=found.is_cut)


def answer_post(db: Database, name: str, *, on: str, revision: int, start: int) -> PostAnswer:
    """Read a post as it is, was last seen by the end of a day, or in a revision. Raises
    BlogkeepError."""
    if on and revision:
        raise UsageProblem("give on or revision, not both")
    post = find_post(db, name)
    number = revision or current_number(db, post)
    if on:
        number = standing_at(db.conn, post.id, end_of_day(_day("on", on))).number
    found = read_revision(db, post, number)
    return PostAnswer(
        post_id=post.id,
        label=post.label,
        url=post.url,
        state=post.state,
        title=found.title,
        author=found.author,
        published_at=found.published_at,
        revision=read_cited(db.conn, post.id, number),
        periods=read_revision_periods(db.conn, post.id, number),
        start=start,
        n_chars=len(found.text),
        text=found.text[start : start + MAX_CHARS],
    )


def answer_changes(
    db: Database, criteria: ChangeFilter, *, post: str, older: str, limit: int
) -> ChangesAnswer:
    """Read changes, newest first: of one post by any of its names, or those of a filter. Raises
    BlogkeepError."""
    if post:
        found = changes_of_post(db.conn, find_post(db, post).id, limit=limit)
        excerpts = read_excerpts(db.conn, found)
        next_page = ""
    else:
        page = read_feed(db.conn, criteria, before=older, limit=limit)
        found, excerpts, next_page = list(page.changes), page.excerpts, page.older
    answers = [_change(db, one, as_plain_text(excerpts.get(one.id, ()))) for one in found]
    return ChangesAnswer(changes=tuple(answers), older=next_page)


def answer_evidence(db: Database, change_id: int) -> EvidenceAnswer:
    """Read what proves a change. Raises NoSuchChange."""
    evidence = read_evidence(db.conn, change_id)
    diff = diff_texts(evidence.texts.old, evidence.texts.new)
    sentences = tuple(as_plain_text(one.runs) for one in changed_passages(diff))
    return EvidenceAnswer(
        change=_change(db, evidence.change, ""),
        witness=evidence.witness,
        is_dated=evidence.is_dated,
        before=evidence.before,
        after=evidence.after,
        sentences=sentences,
        page=f"/-/evidence/{change_id}",
    )


def answer_absent(
    db: Database, phrase: str, scope: Scope, *, since: str, until: str, limit: int
) -> AbsenceAnswer:
    """Read at how many fetches a phrase stood nowhere, between two days (UTC). Raises
    BlogkeepError."""
    span = span_of_days(since and _day("since", since), until and _day("until", until))
    report = read_absence(db.conn, phrase, scope, *span)
    absence = report.absence
    named = replace(absence, still_in=absence.still_in[:limit])
    return AbsenceAnswer(
        is_shown=absence.is_shown,
        sentences=tuple(absence_sentences(report, scope)),
        n_still_in=len(absence.still_in),
        n_unhealthy=len(report.crawls),
        scope=scope,
        report=replace(report, absence=named, crawls=report.crawls[:limit]),
    )


def answer_quote(db: Database, quote: str, *, store: str) -> QuoteAnswer:
    """Find a quotation word for word. Raises QuoteRefused if it is not in the archive."""
    places = find_verbatim(db.conn, quote, store=find_store(db, store))
    return QuoteAnswer(quote=quote, places=places)


def make_filter(db: Database, *, since: str, until: str, store: str, every: bool) -> ChangeFilter:
    """The filter of changes between two days (UTC), of one store by its name or address; `every`
    includes what the store did not do itself. Raises BlogkeepError."""
    return ChangeFilter(
        since=since and _day("since", since),
        to=until and _day("until", until),
        store=find_store(db, store),
        origin="all" if every else "observed",
    )


def _marked(snippet: str) -> str:
    """A snippet with ** around each match; matches that follow each other are one."""
    start, end = MARKS
    return snippet.replace(f"{end} {start}", " ").replace(start, "**").replace(end, "**")


def _day(name: str, text: str) -> str:
    try:
        return parse_day(text).isoformat()
    except ValueError as error:
        raise UsageProblem(f"{name}: {error}") from error


def _cited(db: Database, post_id: int, numbers: list[int]) -> tuple[CitedRevision, ...]:
    found = [read_cited(db.conn, post_id, number) for number in dict.fromkeys(numbers)]
    return tuple(one for one in found if one)


def _change(db: Database, change: Change, changed: str) -> ChangeAnswer:
    return ChangeAnswer(
        change=change.id,
        post_id=change.post_id,
        title=change.title,
        url=change.url,
        kind=change.kind,
        severity=change.severity,
        origin=change.origin,
        summary=change.summary,
        not_before=change.not_before,
        not_after=change.not_after,
        when=bracket(change.not_before, change.not_after),
        old_revision=read_cited(db.conn, change.post_id, change.old_revision),
        new_revision=read_cited(db.conn, change.post_id, change.new_revision),
        changed=changed,
        claims=tuple(claims_of(change.fields)),
        n_posts=change.n_posts,
    )
