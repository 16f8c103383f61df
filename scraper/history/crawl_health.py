"""Assessment of a finished crawl, compared with the last good one of its store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

Outcome = Literal["complete", "incomplete", "blocked", "outage", "killed", "running"]
Health = Literal["healthy", "degraded", "suspicious", "blocked", "outage", "unknown"]

IncidentKind = Literal[
    "degraded",
    "suspicious",
    "blocked",
    "outage",
    "credentials_ending",
    "overdue",
    "disk_space",
    "alerts_undelivered",
    "alerts_refused",
]
"""Kinds of incidents: the health of a crawl, or of our own resources."""

VANISHED_SHARE = 0.2
"""A crawl in which more than this share of the live posts vanished is suspicious …"""

VANISHED_MIN = 5
"""… if they are more than this many: in a small blog, few posts are a large share."""

SHRUNK_SHARE = 0.7
"""A crawl that lists fewer posts than this share of the last good crawl's is suspicious."""

SAME_BODY_SHARE = 0.2
"""A crawl in which more than this share of the posts now have one and the same body, and had
another before, is suspicious …"""

SAME_BODY_MIN = 3
"""… if they are more than this many: a store may have a few posts with the same few words."""

CHALLENGED_SHARE = 0.2
"""If more than this share of the answers are challenges, the store blocks the crawl."""

LEADS_TO: Final = (
    "the address leads to {} now: if the same store is there, crawl it by that address"
)

SURE = 0.8
"""A body found with less confidence was found only by its share of the page's prose."""

DROPPED_SHARE = 0.1
"""If the share of bodies found surely, or equal to the feed, falls by more than this …"""

DROPPED_MIN = 5
"""… on at least this many pages, our extraction no longer fits the store's pages."""


class PagesRead(NamedTuple):
    """How well a crawl extracted posts: posts read, those whose body was found with confidence;
    posts with a feed entry to compare with, those whose body equals it."""

    posts: int
    sure: int
    checked: int
    agreed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlEnd:
    """How a crawl ended.

    `finished`: it ran to its own end. `failed_sources`: listings that could not be read.
    `retry_at`: when a store that refused requests may be asked again (UTC, or empty). `not_asked`:
    why we sent no request, or empty. `moved_to`: the origin to which the store's address redirects,
    where we do not follow, or empty. `accepted`: an operator has checked the store, so nothing
    counts as suspicious.
    """

    finished: bool
    failed_sources: int = 0
    retry_at: str = ""
    not_asked: str = ""
    moved_to: str = ""
    accepted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlFigures:
    """What a crawl counted.

    `listed_before`: posts listed to the last good crawl (0 if there was none). `live`: live posts
    at the start. `absent`: those of them that are unlisted and answered as gone. `answered`:
    answers of any kind. `read_before`: `read` of the last good crawl that read enough pages.

    `unchanged`: posts not requested, or answered 304, because the store's own dates say that they
    did not change; they count as seen. `listed_not_found`: live posts that listings name and whose
    addresses answer as gone or lead elsewhere. `same_bodies`: posts that now share one body and had
    another before. `challenged`: answers that ask for proof of being human. `rejected`: pages over
    a limit of reading. `sitemap_listed` and
    `sitemap_listed_before`: posts in the sitemap now, and at the last good crawl.
    """

    listed: int
    listed_before: int
    live: int
    answered: int
    fetched: int
    absent: int
    blocked: int
    errors: int
    read: PagesRead
    read_before: PagesRead
    unchanged: int = 0
    listed_not_found: int = 0
    same_bodies: int = 0
    challenged: int = 0
    rejected: int = 0
    sitemap_listed: int = 0
    sitemap_listed_before: int = 0
    end: CrawlEnd


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlAssessment:
    """Outcome and health of a crawl, and the reason in words. `retry_at`: when a store that refused
    requests may be asked again (UTC, or empty)."""

    outcome: Outcome
    health: Health
    reason: str
    retry_at: str = ""


def assess_crawl(figures: CrawlFigures) -> CrawlAssessment:
    """Assess a crawl by the first rule that applies. What an operator accepted is healthy; the
    reason then names what was accepted."""
    rules = (
        *_unreachable(figures),
        *_unfinished(figures),
        *_poor_extraction(figures),
        *_suspicious(figures),
    )
    for applies, outcome, health, reason in rules:
        if applies and health == "suspicious" and figures.end.accepted:
            return CrawlAssessment(outcome=outcome, health="healthy", reason=f"accepted: {reason}")
        if applies:
            retry_at = figures.end.retry_at if health == "blocked" else ""
            again = f"; try again after {retry_at}" if retry_at else ""
            return CrawlAssessment(
                outcome=outcome, health=health, reason=reason + again, retry_at=retry_at
            )
    return CrawlAssessment(outcome="complete", health="healthy", reason="")


_Rule = tuple[bool, Outcome, Health, str]


def _unreachable(f: CrawlFigures) -> tuple[_Rule, ...]:
    """The store could not be crawled, or stopped the crawl."""
    seen = f.fetched + f.unchanged
    return (
        (f.end.moved_to != "", "incomplete", "degraded", LEADS_TO.format(f.end.moved_to)),
        (
            f.answered == 0 and f.end.not_asked != "",
            "incomplete",
            "degraded",
            f.end.not_asked,
        ),
        (f.answered == 0, "outage", "outage", "the store did not answer"),
        (f.blocked > 0 and seen == 0, "blocked", "blocked", "the store refused every request"),
        (
            not f.end.finished and f.blocked > 0,
            "blocked",
            "blocked",
            "the store refused requests to the end",
        ),
        (
            f.challenged > f.answered * CHALLENGED_SHARE,
            "incomplete",
            "blocked",
            f"{f.challenged} of {f.answered} answers asked for proof of being human",
        ),
        (
            seen + f.absent == 0 and f.errors + f.end.failed_sources > 0,
            "outage",
            "outage",
            "no page could be fetched",
        ),
    )


def _unfinished(f: CrawlFigures) -> tuple[_Rule, ...]:
    """The crawl did not fetch everything."""
    return (
        (f.blocked > 0, "incomplete", "blocked", f"{f.blocked} requests were refused"),
        (not f.end.finished, "incomplete", "degraded", "the crawl was interrupted"),
        (f.errors > 0, "incomplete", "degraded", f"{f.errors} pages could not be fetched or read"),
        (
            f.end.failed_sources > 0,
            "incomplete",
            "degraded",
            f"{f.end.failed_sources} listings could not be read",
        ),
    )


def _poor_extraction(f: CrawlFigures) -> tuple[_Rule, ...]:
    """The crawl fetched everything, but reads the pages worse than before."""
    return (
        (
            f.rejected > f.fetched + f.unchanged,
            "complete",
            "degraded",
            f"{f.rejected} pages were over a limit of reading, {f.fetched} were read",
        ),
        (
            _dropped(f.read.sure, f.read.posts, f.read_before.sure, f.read_before.posts),
            "complete",
            "degraded",
            _UNSURE.format(r=f.read),
        ),
        (
            _dropped(f.read.agreed, f.read.checked, f.read_before.agreed, f.read_before.checked),
            "complete",
            "degraded",
            _DIFFERS.format(r=f.read),
        ),
    )


def _suspicious(f: CrawlFigures) -> tuple[_Rule, ...]:
    """The crawl fetched everything, but the store looks too different to believe it."""
    return (
        (
            _shrunk(f),
            "complete",
            "suspicious",
            f"only {f.listed} posts listed, {f.listed_before} last time",
        ),
        (
            f.sitemap_listed == 0 and f.sitemap_listed_before > 0,
            "complete",
            "suspicious",
            f"the sitemap names no post, {f.sitemap_listed_before} last time",
        ),
        (_vanished(f), "complete", "suspicious", f"{f.absent} of {f.live} posts vanished at once"),
        (
            f.listed_not_found > VANISHED_MIN and f.listed_not_found > f.live * VANISHED_SHARE,
            "complete",
            "suspicious",
            f"{f.listed_not_found} of {f.live} posts are listed and not found",
        ),
        (
            f.same_bodies > SAME_BODY_MIN and f.same_bodies > f.fetched * SAME_BODY_SHARE,
            "complete",
            "suspicious",
            f"{f.same_bodies} of {f.fetched} posts read as one and the same text",
        ),
    )


_UNSURE: Final = "the body was found surely on only {r.sure} of {r.posts} pages"
_DIFFERS: Final = "only {r.agreed} of {r.checked} posts read as the feed says"


def _dropped(now: int, of: int, before: int, of_before: int) -> bool:
    """Whether a share fell; False where one of the crawls read too few pages."""
    return min(of, of_before) >= DROPPED_MIN and before / of_before - now / of > DROPPED_SHARE


def _shrunk(f: CrawlFigures) -> bool:
    return f.listed < f.listed_before * SHRUNK_SHARE and f.listed_before - f.listed > VANISHED_MIN


def _vanished(f: CrawlFigures) -> bool:
    return f.absent > VANISHED_MIN and f.absent > f.live * VANISHED_SHARE
