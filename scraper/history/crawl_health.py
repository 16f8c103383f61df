"""A crawl judged whole at its end, against the last good one."""

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
"""What kind of trouble an incident tells: the health of a crawl, or of our own means."""

VANISHED_SHARE = 0.2
"""A crawl in which more than this share of the live posts vanished at once is suspicious …"""

VANISHED_MIN = 5
"""… unless they are no more than so many, as in a small blog."""

SHRUNK_SHARE = 0.7
"""Fewer posts listed than this share of the last good crawl's is suspicious."""

SAME_BODY_SHARE = 0.2
"""More than this share of the pages reading as one and the same body, which was not theirs before,
is suspicious …"""

SAME_BODY_MIN = 3
"""… if they are more than so many: a store may well have a few posts of the same few words."""

CHALLENGED_SHARE = 0.2
"""Where more than this share of all answers asks for proof of being human, the store does not let
us look."""

LEADS_TO: Final = (
    "the address leads to {} now: if the same store is there, crawl it by that address"
)

SURE = 0.8
"""A body found with less confidence than this was found by its share of the page's prose alone."""

DROPPED_SHARE = 0.1
"""Reading fewer of the pages surely, or as the feed says, by more than this share of them …"""

DROPPED_MIN = 5
"""… on as many pages at least, says that our extraction no longer fits the store's pages."""


class PagesRead(NamedTuple):
    """How well a crawl's pages could be read: posts read, those whose body was found surely; posts
    that a feed entry could be held against, those whose body says what it says."""

    posts: int
    sure: int
    checked: int
    agreed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlEnd:
    """How a crawl came to its end. `finished` says that it was its own end, `failed_sources` how
    many listings could not be read; `retry_at` is when a store that refused us may be asked again
    (UTC, or empty), `not_asked` why we ourselves would not ask it, or empty; `moved_to` the origin
    to which the store's address leads now, where we do not follow, or empty. `accepted` says that
    an operator has looked and found the store so: nothing is suspicious then.
    """

    finished: bool
    failed_sources: int = 0
    retry_at: str = ""
    not_asked: str = ""
    moved_to: str = ""
    accepted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlFigures:
    """What a crawl counted. `listed_before` is the last good crawl's count (0 if there was none);
    `live` the live posts at its start; `absent` those of them that answered as gone; `answered` all
    answers of any kind; `read_before` is the reading of the last good crawl that read pages enough,
    `ending` how the crawl came to its end.

    `unchanged` counts posts that were not asked for, or answered 304, because the store itself says
    that they did not change: a crawl that fetches nothing else has still seen them. `unfound`
    counts live posts that listings name and whose addresses answer as gone, or lead elsewhere;
    `same_bodies` counts posts that now read as one and the same body, which was none of theirs
    before; `challenged` the answers that asked for proof of being human; `sitemap_listed` the posts
    that the sitemap names, `sitemap_listed_before` those that it named to the last good crawl.
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
    unfound: int = 0
    same_bodies: int = 0
    challenged: int = 0
    sitemap_listed: int = 0
    sitemap_listed_before: int = 0
    ending: CrawlEnd


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlAssessment:
    """A crawl's outcome and health, and why, in words."""

    outcome: Outcome
    health: Health
    reason: str


def assess_crawl(figures: CrawlFigures) -> CrawlAssessment:
    """Judge a crawl; the first rule that fits decides. What an operator accepted is healthy, and
    its reason says what was accepted."""
    for applies, outcome, health, reason in (*_trouble(figures), *_doubts(figures)):
        if applies and health == "suspicious" and figures.ending.accepted:
            return CrawlAssessment(outcome=outcome, health="healthy", reason=f"accepted: {reason}")
        if applies:
            return CrawlAssessment(
                outcome=outcome,
                health=health,
                reason=reason + (_again(figures.ending.retry_at) if health == "blocked" else ""),
            )
    return CrawlAssessment(outcome="complete", health="healthy", reason="")


_Rule = tuple[bool, Outcome, Health, str]


def _trouble(f: CrawlFigures) -> tuple[_Rule, ...]:
    """What kept us from looking."""
    seen = f.fetched + f.unchanged
    return (
        (f.ending.moved_to != "", "incomplete", "degraded", LEADS_TO.format(f.ending.moved_to)),
        (
            f.answered == 0 and f.ending.not_asked != "",
            "incomplete",
            "degraded",
            f.ending.not_asked,
        ),
        (f.answered == 0, "outage", "outage", "the store did not answer"),
        (f.blocked > 0 and seen == 0, "blocked", "blocked", "the store refused every request"),
        (
            not f.ending.finished and f.blocked > 0,
            "blocked",
            "blocked",
            "the store kept refusing requests",
        ),
        (
            f.challenged > f.answered * CHALLENGED_SHARE,
            "incomplete",
            "blocked",
            f"{f.challenged} of {f.answered} answers asked for proof of being human",
        ),
        (
            seen + f.absent == 0 and f.errors + f.ending.failed_sources > 0,
            "outage",
            "outage",
            "no page could be fetched",
        ),
        (f.blocked > 0, "incomplete", "blocked", f"{f.blocked} requests were refused"),
        (not f.ending.finished, "incomplete", "degraded", "the crawl was interrupted"),
        (f.errors > 0, "incomplete", "degraded", f"{f.errors} pages could not be fetched or read"),
        (
            f.ending.failed_sources > 0,
            "incomplete",
            "degraded",
            f"{f.ending.failed_sources} listings could not be read",
        ),
    )


def _doubts(f: CrawlFigures) -> tuple[_Rule, ...]:
    """What makes a crawl that saw everything doubtful all the same."""
    return (
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
            f.unfound > VANISHED_MIN and f.unfound > f.live * VANISHED_SHARE,
            "complete",
            "suspicious",
            f"{f.unfound} of {f.live} posts are listed and not found",
        ),
        (
            f.same_bodies > SAME_BODY_MIN and f.same_bodies > f.fetched * SAME_BODY_SHARE,
            "complete",
            "suspicious",
            f"{f.same_bodies} of {f.fetched} posts read as one and the same text",
        ),
    )


_AGAIN = "; try again after "


def _again(retry_at: str) -> str:
    return f"{_AGAIN}{retry_at}" if retry_at else ""


def retry_at(reason: str) -> str:
    """When a store that refused us may be asked again (UTC, or empty), as the reason of the crawl's
    judgement says."""
    return reason.partition(_AGAIN)[2]


_UNSURE: Final = "the body was found surely on only {r.sure} of {r.posts} pages"
_DIFFERS: Final = "only {r.agreed} of {r.checked} posts read as the feed says"


def _dropped(now: int, of: int, before: int, of_before: int) -> bool:
    """Whether a share fell; both crawls must have read enough pages to tell."""
    return min(of, of_before) >= DROPPED_MIN and before / of_before - now / of > DROPPED_SHARE


def _shrunk(f: CrawlFigures) -> bool:
    return f.listed < f.listed_before * SHRUNK_SHARE and f.listed_before - f.listed > VANISHED_MIN


def _vanished(f: CrawlFigures) -> bool:
    return f.absent > VANISHED_MIN and f.absent > f.live * VANISHED_SHARE
