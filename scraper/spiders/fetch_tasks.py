"""Which posts a crawl requests, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from scraper.crawl_evidence import KnownPost, UnmovedPost
from scraper.extract import feed_claims
from scraper.history.recrawl import claims_differ, why_fetch
from scraper.history.witnesses import MovedDates
from scraper.items import FeedEntry
from scraper.spiders.candidates import FetchCandidate

Unchanged = tuple[FetchCandidate, KnownPost]

MOST_UNMOVED: Final = 10
"""So many posts whose dates stand still show what else varies on the pages of edited ones."""


MOST_BY_FEED: Final = 5
"""So many posts are fetched where the feed alone changed, and changed for half of its posts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchTask:
    """A post to fetch, numbered from 0 in the order of asking.

    `url` is where the task began, before redirects; `redirected_from` are the URLs that led here;
    `lastmod` is the modification time that listings give; `conditions` are headers of a
    conditional request.
    """

    url: str
    number: int
    entry: FeedEntry | None = None
    redirected_from: tuple[str, ...] = ()
    lastmod: str = ""
    conditions: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class FetchPlan:
    """The posts to request, those that the store calls unchanged, how many for each reason, and how
    the dates in the listings moved."""

    tasks: list[FetchTask]
    unchanged: list[Unchanged]
    reasons: Counter[str]
    dates: MovedDates


def plan_fetches(
    candidates: Mapping[str, FetchCandidate],
    known: Mapping[str, KnownPost],
    *,
    now: str,
    sweep_days: float,
) -> FetchPlan:
    """Plan a crawl from what the listings name and what the archive holds, both by canonical URL.
    Posts that the crawl being resumed has dealt with are left out."""
    plan = FetchPlan([], [], Counter(), moved_dates(candidates, known))
    claims = {url: feed_claims(candidate.entry) for url, candidate in candidates.items()}
    spared = _spared_by_form(claims, known)
    for url, candidate in candidates.items():
        post = known.get(url)
        if post and post.done:
            continue
        reason = why_fetch(
            post,
            listed=candidate.listed,
            lastmod=candidate.lastmod,
            now=now,
            sweep_days=sweep_days,
            feed_claims={} if url in spared else claims[url],
        )
        plan.reasons[reason or "unchanged"] += 1
        if reason:
            plan.tasks.append(make_task(candidate, post, len(plan.tasks)))
        elif post:
            plan.unchanged.append((candidate, post))
    return plan


def _spared_by_form(
    claims: Mapping[str, Mapping[str, str]], known: Mapping[str, KnownPost]
) -> frozenset[str]:
    """The posts that need no fetch for what the feed claims otherwise of them: where half of its
    entries change at once (it holds beginnings now, or an app adds a line), the feed has another
    form. Each crawl fetches a few, until fewer than half differ; then the rest."""
    both = [url for url, now in claims.items() if now and url in known and known[url].feed_claims]
    changed = [url for url in both if claims_differ(known[url].feed_claims, claims[url])]
    has_new_form = len(changed) > MOST_BY_FEED and 2 * len(changed) >= len(both)
    return frozenset(changed[MOST_BY_FEED:]) if has_new_form else frozenset()


def moved_dates(
    candidates: Mapping[str, FetchCandidate], known: Mapping[str, KnownPost]
) -> MovedDates:
    """How the dates in the listings moved since the archive saw the posts."""
    dates = [
        (known[url].lastmod, candidate.lastmod)
        for url, candidate in candidates.items()
        if candidate.lastmod and url in known and known[url].lastmod
    ]
    later = [now for before, now in dates if now > before]
    return MovedDates(dated=len(dates), moved=len(later), earliest=min(later, default=""))


def choose_unmoved(
    candidates: Mapping[str, FetchCandidate], known: Mapping[str, KnownPost]
) -> tuple[UnmovedPost, ...]:
    """Some posts that stand as they were by the store's dates, spread over all of them."""
    found = [
        UnmovedPost(url, candidate.page_url, candidate.lastmod, candidate.entry)
        for url, candidate in candidates.items()
        if candidate.lastmod
        and (post := known.get(url))
        and post.lastmod == candidate.lastmod
        and (post.state, post.last_verdict) == ("live", "ok")
    ]
    return tuple(found[:: max(1, len(found) // MOST_UNMOVED)][:MOST_UNMOVED])


def make_task(candidate: FetchCandidate, known: KnownPost | None, number: int) -> FetchTask:
    """The task of fetching a post."""
    return FetchTask(
        url=candidate.page_url,
        number=number,
        entry=candidate.entry,
        lastmod=candidate.lastmod,
        conditions=_validators(known) if known else None,
    )


def _validators(known: KnownPost) -> dict[str, str] | None:
    """A conditional request (RFC 9110, 13.1), for a post that no listing dates; where there is a
    date, validators could only mislead."""
    if known.last_verdict != "ok":
        return None
    conditions = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in conditions.items() if value} or None
