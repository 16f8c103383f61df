"""Addresses of a store that a crawl could not read. One that fails in two crawls is an incident of
its own, and no longer makes the crawls incomplete."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, Literal

from scraper.archive.statements import quoted, update
from scraper.archive.write.context import CrawlContext
from scraper.archive.write.incidents import open_incident
from scraper.archive.write.post.absences import AbsentPost, first_absence, redirect_loops
from scraper.archive.write.record_visit import BLOCKED, FAILED
from scraper.history.crawl_health import FORBIDS, KnownFailures
from scraper.history.removal import RING, CrawlFindings, is_large, lasts

FailureKind = Literal["post_failing", "listing_failing"]

REJECTED: Final = "rejected"
"""The verdict of a page over a limit of reading, which makes no crawl incomplete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An address that could not be read, and its answer. `is_known`: an earlier crawl could not
    read it either, and it is not one of many that answer so, of which none is an incident."""

    url: str
    kind: FailureKind
    verdict: str
    detail: str
    is_known: bool

    @property
    def words(self) -> str:
        """What happens there, in words."""
        answer = self.verdict.replace("_", " ")
        return f"{self.url} cannot be read: {answer}" + (f" ({self.detail})" if self.detail else "")


def find_failures(crawl: CrawlContext, rings: Iterable[str], *, live: int) -> tuple[Failure, ...]:
    """Return the addresses that this crawl could not read; `rings` are those of posts whose
    redirects never end. The store has `live` live posts."""
    failed = _failed_in(crawl, crawl.crawl_id)
    failed |= dict.fromkeys(sorted(rings), ("post", "unreadable", RING))
    previous = _previous_crawl(crawl)
    before = _failed_in(crawl, previous).keys() | redirect_loops(crawl, previous)
    before |= _open_subjects(crawl)
    rejected = {url for url, (_, verdict, _) in failed.items() if verdict == REJECTED}
    if is_large(len(rejected), live):
        before -= rejected
    return tuple(
        Failure(
            url=url,
            kind="post_failing" if resource_type == "post" else "listing_failing",
            verdict=verdict,
            detail=detail,
            is_known=url in before,
        )
        for url, (resource_type, verdict, detail) in failed.items()
    )


def find_lasting_absences(
    crawl: CrawlContext, unproved: Collection[AbsentPost], findings: CrawlFindings, *, live: int
) -> tuple[Failure, ...]:
    """Return the posts that have answered as gone, or led elsewhere, for as long as a removal
    takes, and are `unproved` to be gone: most likely, the store still lists them."""
    return tuple(
        Failure(
            url=post.absence.url,
            kind="post_failing",
            verdict=post.answer,
            detail="the store still lists it" if post.absence.listed else "",
            is_known=not is_large(len(unproved), live),  # The listings are wrong where many are.
        )
        for post in unproved
        if lasts(first_absence(crawl, post.absence.post_id, before=crawl.crawl_id), findings)
    )


def count_known_failures(failures: Collection[Failure], unread: Collection[str]) -> KnownFailures:
    """Count the failures that are known; `unread` are the listings that could not be read."""
    known = [failure for failure in failures if failure.is_known]
    return KnownFailures(
        refused=sum(failure.verdict in BLOCKED for failure in known),
        failed=sum(
            failure.kind == "post_failing" and failure.verdict in FAILED for failure in known
        ),
        listings=sum(failure.url in unread for failure in known),
        other=sum(failure.verdict == REJECTED for failure in known),
    )


def update_failure_incidents(
    crawl: CrawlContext, failures: Collection[Failure], at: str, *, finished: bool
) -> None:
    """Open an incident for each known failure, and close those of addresses that can be read
    again."""
    failing = {failure.url for failure in failures}
    for failure in failures:
        if failure.is_known:
            open_incident(
                crawl.connection,
                crawl.store_id,
                failure.kind,
                failure.words,
                at,
                subject=failure.url,
            )
    for incident_id, kind, subject in crawl.connection.execute(_OPEN, [crawl.store_id]).fetchall():
        # Index pages are not read in every crawl, and one of chosen blogs asks for no other post.
        is_over = _was_asked(crawl, subject) or (
            crawl.listings.walked if kind == "listing_failing" else not _is_live(crawl, subject)
        )
        if finished and is_over and subject not in failing:
            update(crawl.connection, "incidents", incident_id, closed_at=at)


def _failed_in(crawl: CrawlContext, crawl_id: int) -> dict[str, tuple[str, str, str]]:
    rows = crawl.connection.execute(_FAILED, [crawl_id])
    return {url: (resource_type, verdict, detail) for url, resource_type, verdict, detail in rows}


def _previous_crawl(crawl: CrawlContext) -> int:
    row = crawl.connection.execute(
        "SELECT max(id) FROM crawls WHERE store_id = ? AND (kind = 'crawl' OR health != 'unknown') "
        "AND id < ? "
        "AND outcome NOT IN ('killed', 'running')",
        [crawl.store_id, crawl.crawl_id],
    ).fetchone()
    (previous,) = row
    return previous or 0


def _open_subjects(crawl: CrawlContext) -> set[str]:
    return {subject for _, _, subject in crawl.connection.execute(_OPEN, [crawl.store_id])}


def _is_live(crawl: CrawlContext, url: str) -> bool:
    row = crawl.connection.execute(
        "SELECT 1 FROM posts WHERE store_id = ? AND url = ? AND state = 'live'",
        [crawl.store_id, url],
    ).fetchone()
    return row is not None


def _was_asked(crawl: CrawlContext, url: str) -> bool:
    row = crawl.connection.execute(
        "SELECT 1 FROM captures WHERE crawl_id = ? AND url = ? LIMIT 1", [crawl.crawl_id, url]
    ).fetchone()
    return row is not None


_OPEN = """
    SELECT id, kind, subject FROM incidents
    WHERE store_id = ? AND kind IN ('post_failing', 'listing_failing') AND closed_at IS NULL
"""
# A robots.txt that is forbidden allows everything; what robots.txt forbids was not asked for. A
# post that was read at another of its addresses was read.
_FAILED = f"""
    SELECT url, resource_type, verdict, detail FROM captures
    WHERE crawl_id = ?1 AND resource_type NOT IN ('robots', 'image')
        AND (
            verdict IN ({quoted(*sorted(BLOCKED))})
            OR verdict = '{REJECTED}' AND resource_type = 'post'
            OR verdict IN ({quoted(*sorted(FAILED))})
                AND resource_type IN ('post', 'sitemap', 'feed', 'index', 'home')
                AND detail NOT LIKE '{FORBIDS} %'
        )
        AND NOT EXISTS (
            SELECT 1 FROM captures AS good
            WHERE good.crawl_id = ?1 AND good.post_id = captures.post_id
                AND good.verdict IN ('ok', 'not_modified')
        )
    ORDER BY id
"""
