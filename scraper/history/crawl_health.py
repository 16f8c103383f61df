"""Assessment of a finished crawl, compared with the last good one of its store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from scraper.history.humanize import plural
from scraper.history.removal import LARGE_CRAWLS_NEEDED, VANISHED_MIN, RemovalEvidence, is_large

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
    "post_failing",
    "listing_failing",
]
"""Kinds of incidents: the health of a crawl, one address of the store, or our own resources."""

FORBIDS: Final = "robots.txt forbids"
"""How the detail of a request begins that was not sent since robots.txt forbids its address."""

FORBIDDEN: Final = f"{FORBIDS} it"

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


def is_forbidden(detail: str) -> bool:
    """Whether a request was not sent since robots.txt forbids its address."""
    return detail.startswith(f"{FORBIDS} ")


class PagesRead(NamedTuple):
    """How well a crawl extracted posts: posts read, those whose body was found with confidence;
    posts with a feed entry to compare with, those whose body equals it."""

    posts: int
    sure: int
    checked: int
    agreed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFailures:
    """Addresses that an earlier crawl could not read either: pages `refused` and `failed`, and
    `listings`. `refused` counts the refused listings too. No crawl
    is incomplete for the `other` posts: those that answer as gone and are listed, and rejected
    ones."""

    refused: int = 0
    failed: int = 0
    other: int = 0
    listings: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlEnd:
    """How a crawl ended.

    `finished`: it ran to its own end. `failed_sources`: listings that could not be read.
    `forbidden`: requests that robots.txt forbids, which we did not send.
    `retry_at`: when a store that refused requests may be asked again (UTC, or empty). `not_asked`:
    why we sent no request, or empty. `moved_to`: the origin to which the store's address redirects,
    where we do not follow, or empty. `accepted`: an operator has checked the store, so nothing
    counts as suspicious.
    """

    finished: bool
    failed_sources: int = 0
    forbidden: int = 0
    retry_at: str = ""
    not_asked: str = ""
    moved_to: str = ""
    accepted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlFigures:
    """What a crawl counted.

    `listed_before`: posts listed to the last good crawl (0 if there was none). `live`: live posts
    at the start. `absent`: those of them that are unlisted and answered as gone. `large_absent`:
    absent posts that wait for the further crawls of a large removal. `answered`: answers of any
    kind. `read_before`: `read` of the last good crawl that read enough pages.

    `unchanged`: posts not requested, or answered 304, because the store's own dates say that they
    did not change; they count as seen. `listed_not_found`: live posts that listings name and whose
    addresses answer as gone or lead elsewhere. `same_bodies`: posts that now share one body and had
    another before. `challenged`: answers that ask for proof of being human. `rejected`: pages over
    a limit of reading. `sitemap_listed` and
    `sitemap_listed_before`: posts in the sitemap now, and at the last good crawl. `removed`: posts
    that were removed since that crawl, which no listing need name.

    `known`: how many of the refused, failed and unread addresses failed in an earlier crawl too.
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
    large_absent: int = 0
    unchanged: int = 0
    listed_not_found: int = 0
    same_bodies: int = 0
    challenged: int = 0
    rejected: int = 0
    sitemap_listed: int = 0
    sitemap_listed_before: int = 0
    removed: int = 0
    known: KnownFailures = KnownFailures()
    end: CrawlEnd

    @property
    def is_widespread(self) -> bool:
        """Whether so many addresses fail that the store fails, and not a single page."""
        return is_widespread(self.blocked + self.errors, self.live)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlAssessment:
    """Outcome and health of a crawl, and the reason in words. `retry_at`: when a store that refused
    requests may be asked again (UTC, or empty). `removal_evidence`: what it says of removals."""

    outcome: Outcome
    health: Health
    reason: str
    retry_at: str = ""
    removal_evidence: RemovalEvidence = "none"


def assess_crawl(figures: CrawlFigures) -> CrawlAssessment:
    """Assess a crawl by the first rule that applies. What an operator accepted is healthy; the
    reason then names what was accepted."""
    rules = (
        *_unreachable(figures),
        *_unfinished(figures),
        *_poor_extraction(figures),
        *_suspicious(figures),
    )
    accepted = figures.end.accepted
    found = [rule for rule in rules if rule.applies]
    evidence = _removal_evidence([rule for rule in found if not (accepted and rule.is_acceptable)])
    if not found:
        return CrawlAssessment(
            outcome="complete", health="healthy", reason=_named(figures), removal_evidence=evidence
        )
    _, outcome, health, reason, _ = first = found[0]
    if accepted and first.is_acceptable:
        return CrawlAssessment(
            outcome=outcome,
            health="healthy",
            reason=f"accepted: {reason}",
            removal_evidence=evidence,
        )
    retry_at = figures.end.retry_at if health == "blocked" else ""
    again = f"; try again after {retry_at}" if retry_at else ""
    return CrawlAssessment(
        outcome=outcome,
        health=health,
        reason=reason + again,
        retry_at=retry_at,
        removal_evidence=evidence,
    )


class _Rule(NamedTuple):
    """`removal_evidence`: what a crawl to which the rule applies says of removals."""

    applies: bool
    outcome: Outcome
    health: Health
    reason: str
    removal_evidence: RemovalEvidence = "none"

    @property
    def is_acceptable(self) -> bool:
        return self.health == "suspicious"


def _removal_evidence(found: list[_Rule]) -> RemovalEvidence:
    """What the rules that apply say of removals together: the most cautious word counts."""
    said = {rule.removal_evidence for rule in found}
    if "none" in said:
        return "none"
    return "large" if "large" in said else "counts"


def _named(f: CrawlFigures) -> str:
    """The lasting failures of single addresses, and what robots.txt forbids, in words."""
    pages = f.known.refused + f.known.failed + f.known.other
    named = (
        (pages, f"{plural(pages, 'address', 'addresses')} still cannot be read"),
        (f.known.listings, f"{plural(f.known.listings, 'listing')} still cannot be read"),
        (f.end.forbidden, f"{FORBIDS} {plural(f.end.forbidden, 'address', 'addresses')}"),
    )
    return "; ".join(words for number, words in named if number)


def _unreachable(f: CrawlFigures) -> tuple[_Rule, ...]:
    """The store could not be crawled, or stopped the crawl."""
    seen = f.fetched + f.unchanged
    failed = f.errors + f.blocked + f.end.failed_sources
    return (
        _Rule(f.end.moved_to != "", "incomplete", "degraded", LEADS_TO.format(f.end.moved_to)),
        _Rule(
            f.end.not_asked != "" and (f.answered == 0 or seen + f.absent + failed == 0),
            "incomplete",
            "degraded",
            f.end.not_asked,
        ),
        _Rule(f.answered == 0, "outage", "outage", "the store did not answer"),
        _Rule(f.blocked > 0 and seen == 0, "blocked", "blocked", "the store refused every request"),
        _Rule(
            not f.end.finished and f.blocked > 0,
            "blocked",
            "blocked",
            "the store refused requests to the end",
        ),
        _Rule(
            f.challenged > f.answered * CHALLENGED_SHARE,
            "incomplete",
            "blocked",
            f"{f.challenged} of {f.answered} answers asked for proof of being human",
        ),
        _Rule(
            seen + f.absent + failed == 0 and f.end.forbidden > 0,
            "incomplete",
            "degraded",
            FORBIDDEN,
        ),
        _Rule(
            seen + f.absent == 0 and f.errors + f.end.failed_sources > f.known.listings,
            "outage",
            "outage",
            "no page could be fetched",
        ),
    )


def _unfinished(f: CrawlFigures) -> tuple[_Rule, ...]:
    """The crawl did not fetch everything. What failed in an earlier crawl too is an incident of its
    own, unless it is a large part of the store."""
    refused, failed = f.blocked - f.known.refused, f.errors - f.known.failed
    unread = f.end.failed_sources - f.known.listings
    if f.is_widespread:
        refused, failed = f.blocked, f.errors
    # One failing page says nothing of the others; many do.
    evidence: RemovalEvidence = "none" if is_widespread(refused + failed, f.live) else "counts"
    return (
        _Rule(refused > 0, "incomplete", "blocked", f"{refused} requests were refused", evidence),
        _Rule(not f.end.finished, "incomplete", "degraded", "the crawl was interrupted"),
        _Rule(
            failed > 0,
            "incomplete",
            "degraded",
            f"{plural(failed, 'page')} could not be fetched or read",
            evidence,
        ),
        _Rule(
            unread > 0,
            "incomplete",
            "degraded",
            f"{plural(unread, 'listing')} could not be read",
            "counts",
        ),
    )


def is_widespread(failing: int, posts: int) -> bool:
    """Whether so many addresses of a store with `posts` live posts fail that the store fails, and
    not a single page."""
    most = 1 < failing <= VANISHED_MIN and failing * 2 > posts
    return most or is_large(failing, posts)


def _poor_extraction(f: CrawlFigures) -> tuple[_Rule, ...]:
    """The crawl fetched everything, but reads the pages worse than before."""
    return (
        _Rule(
            f.rejected > f.fetched + f.unchanged,
            "complete",
            "degraded",
            f"over a limit of reading: {plural(f.rejected, 'page')}; read: {f.fetched}",
        ),
        _Rule(
            _dropped(f.read.sure, f.read.posts, f.read_before.sure, f.read_before.posts),
            "complete",
            "degraded",
            _UNSURE.format(r=f.read),
        ),
        _Rule(
            _dropped(f.read.agreed, f.read.checked, f.read_before.agreed, f.read_before.checked),
            "complete",
            "degraded",
            _DIFFERS.format(r=f.read),
        ),
    )


def _suspicious(f: CrawlFigures) -> tuple[_Rule, ...]:
    """The crawl fetched everything, but the store looks too different to believe it."""
    return (
        _Rule(
            _shrunk(f),
            "complete",
            "suspicious",
            f"only {plural(f.listed, 'post')} listed, {f.listed_before} last time",
            "large",
        ),
        _Rule(
            f.sitemap_listed == 0 and f.sitemap_listed_before > f.removed,
            "complete",
            "suspicious",
            f"the sitemap names no post, {f.sitemap_listed_before} last time",
            "large",
        ),
        _Rule(
            f.large_absent > 0,
            "complete",
            "suspicious",
            f"{f.large_absent} of {f.live} posts vanished at once: {_ASKS}",
            "counts",
        ),
        _Rule(
            is_large(f.listed_not_found, f.live),
            "complete",
            "suspicious",
            f"{f.listed_not_found} of {f.live} posts are listed and not found",
            "large",
        ),
        _Rule(
            f.same_bodies > SAME_BODY_MIN and f.same_bodies > f.fetched * SAME_BODY_SHARE,
            "complete",
            "suspicious",
            f"{f.same_bodies} of {f.fetched} posts read as one and the same text",
        ),
    )


_ASKS: Final = (
    f"they count as removed after {LARGE_CRAWLS_NEEDED} such crawls, "
    "or if you set ARCHIVE_TRUST_CRAWL=1"
)
_UNSURE: Final = "the body was found surely on only {r.sure} of {r.posts} pages"
_DIFFERS: Final = "only {r.agreed} of {r.checked} posts read as the feed says"


def _dropped(now: int, of: int, before: int, of_before: int) -> bool:
    """Whether a share fell; False where one of the crawls read too few pages."""
    return min(of, of_before) >= DROPPED_MIN and before / of_before - now / of > DROPPED_SHARE


def _shrunk(f: CrawlFigures) -> bool:
    before = f.listed_before - f.removed
    return f.listed < before * SHRUNK_SHARE and before - f.listed > VANISHED_MIN
