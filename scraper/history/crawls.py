"""A crawl judged whole at its end, against the last good one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

Outcome = Literal["complete", "incomplete", "blocked", "outage", "killed", "running"]
Health = Literal["healthy", "degraded", "suspicious", "blocked", "outage", "unknown"]

IncidentKind = Literal["degraded", "suspicious", "blocked", "outage", "credentials_ending"]
"""What kind of trouble an incident tells: the health of a crawl, or of our own means."""

VANISHED_SHARE = 0.2
"""A crawl in which more than this share of the live posts vanished at once is suspicious …"""

VANISHED_MIN = 5
"""… unless they are no more than so many, as in a small blog."""

SHRUNK_SHARE = 0.7
"""Fewer posts listed than this share of the last good crawl's is suspicious."""


SURE = 0.8
"""A body found with less confidence than this was found by its share of the page's prose alone."""

DROPPED_SHARE = 0.1
"""Reading fewer of the pages surely, or as the feed says, by more than this share of them …"""

DROPPED_MIN = 5
"""… on as many pages at least, says that our extraction no longer fits the store's pages."""


class PagesRead(NamedTuple):
    """How well a crawl's pages could be read: posts read, those whose body was found surely; posts that a feed entry could be held
    against, those whose body says what it says."""

    posts: int
    sure: int
    checked: int
    agreed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlFigures:
    """What a crawl counted. `listed_before` is the last good crawl's count (0 if there was none); `live` the live posts at its start;
    `absent` those of them that answered as gone; `answered` all answers of any kind, `failed_sources` listings that could not be read;
    `finished` says that the crawl came to its own end; `read_before` is the last good crawl's reading; `retry_at` when a store that
    refused us may be asked again (UTC), or empty; `not_asked` why we ourselves would not ask it, or empty."""

    listed: int
    listed_before: int
    live: int
    answered: int
    fetched: int
    absent: int
    blocked: int
    errors: int
    failed_sources: int
    finished: bool
    read: PagesRead
    read_before: PagesRead
    retry_at: str = ""
    not_asked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A crawl's outcome and health, and why, in words."""

    outcome: Outcome
    health: Health
    reason: str


def judge_crawl(figures: CrawlFigures) -> Judgement:
    """Judge a crawl; the first rule that fits decides."""
    f = figures
    rules: tuple[tuple[bool, Outcome, Health, str], ...] = (
        (f.answered == 0 and f.not_asked != "", "incomplete", "degraded", f.not_asked),
        (f.answered == 0, "outage", "outage", "the store did not answer"),
        (f.blocked > 0 and f.fetched == 0, "blocked", "blocked", "the store refused every request"),
        (not f.finished and f.blocked > 0, "blocked", "blocked", "the store kept refusing requests"),
        (f.fetched == 0 and f.errors + f.failed_sources > 0, "outage", "outage", "no page could be fetched"),
        (f.blocked > 0, "incomplete", "blocked", f"{f.blocked} requests were refused"),
        (not f.finished, "incomplete", "degraded", "the crawl was interrupted"),
        (f.errors > 0, "incomplete", "degraded", f"{f.errors} pages could not be fetched or read"),
        (f.failed_sources > 0, "incomplete", "degraded", f"{f.failed_sources} listings could not be read"),
        (_dropped(f.read.sure, f.read.posts, f.read_before.sure, f.read_before.posts), "complete", "degraded", _UNSURE.format(r=f.read)),
        (
            _dropped(f.read.agreed, f.read.checked, f.read_before.agreed, f.read_before.checked),
            "complete",
            "degraded",
            _DIFFERS.format(r=f.read),
        ),
        (_shrunk(f), "complete", "suspicious", f"only {f.listed} posts listed, {f.listed_before} last time"),
        (_vanished(f), "complete", "suspicious", f"{f.absent} of {f.live} posts vanished at once"),
    )
    for applies, outcome, health, reason in rules:
        if applies:
            return Judgement(outcome=outcome, health=health, reason=reason + (_again(f.retry_at) if health == "blocked" else ""))
    return Judgement(outcome="complete", health="healthy", reason="")


def _again(retry_at: str) -> str:
    return f"; try again after {retry_at}" if retry_at else ""


_UNSURE: Final = "the body was found surely on only {r.sure} of {r.posts} pages"
_DIFFERS: Final = "only {r.agreed} of {r.checked} posts read as the feed says"


def _dropped(now: int, of: int, before: int, of_before: int) -> bool:
    """Whether a share fell; both crawls must have read enough pages to tell."""
    return min(of, of_before) >= DROPPED_MIN and before / of_before - now / of > DROPPED_SHARE


def _shrunk(f: CrawlFigures) -> bool:
    return f.listed < f.listed_before * SHRUNK_SHARE and f.listed_before - f.listed > VANISHED_MIN


def _vanished(f: CrawlFigures) -> bool:
    return f.absent > VANISHED_MIN and f.absent > f.live * VANISHED_SHARE
