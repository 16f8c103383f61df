"""The end of a crawl: assess it, then change the state of absent posts and open or close
incidents."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any, get_args

from scraper.archive.seals.chain import seal_crawls
from scraper.archive.statements import update
from scraper.archive.write.context import CrawlContext
from scraper.archive.write.counts import crawl_columns
from scraper.archive.write.failures import (
    Failure,
    count_known_failures,
    find_failures,
    find_lasting_absences,
    update_failure_incidents,
)
from scraper.archive.write.incidents import close_incidents, open_incident, set_incident
from scraper.archive.write.post import absences
from scraper.archive.write.post.change_groups import group_changes
from scraper.archive.write.post.links import direct_pagers
from scraper.history.crawl_health import (
    DROPPED_MIN,
    CrawlAssessment,
    CrawlEnd,
    CrawlFigures,
    Health,
    PagesRead,
    assess_crawl,
)
from scraper.history.removal import CrawlFindings, judge_absences


def close_crawl(
    crawl: CrawlContext, counts: Counter[str], ending: CrawlEnd, *, at: str
) -> CrawlAssessment:
    """Assess a crawl and close its row. An import opens no incident: what it reports is past. The
    caller holds the transaction."""
    found = absences.load_absences(crawl)
    absent = absences.drop_redirect_loops(crawl, found, at)
    counts = counts + Counter({"error": len(found) - len(absent)})
    rings = {post.absence.url for post in found} - {post.absence.url for post in absent}
    failures = find_failures(crawl, rings, live=_number(crawl, _LIVE))
    figures = _figures(crawl, counts, ending, absent, failures)
    figures, lasting = _judge_absences(crawl, figures, absent, failures, at)
    assessment = assess_crawl(figures)
    group_changes(crawl.connection, crawl.crawl_id)
    direct_pagers(crawl.connection, crawl.store_id)
    _end(
        crawl,
        at,
        outcome=assessment.outcome,
        health=assessment.health,
        reason=assessment.reason,
        retry_at=assessment.retry_at,
        n_listed=figures.listed,
        **crawl_columns(counts),
    )
    if assessment.health == "healthy":
        crawl.listings.end_unlisted(at)
        update(crawl.connection, "stores", crawl.store_id, last_good_crawl_id=crawl.crawl_id)
    seal_crawls(crawl.connection, crawl.store_id, at)
    if crawl.kind != "crawl":
        return assessment
    _update_incidents(crawl, assessment, at)
    if assessment.removal_evidence != "none":
        failures = (*failures, *lasting)
        update_failure_incidents(crawl, failures, at, finished=ending.finished)
    return assessment


def _judge_absences(
    crawl: CrawlContext,
    figures: CrawlFigures,
    absent: list[absences.AbsentPost],
    failures: tuple[Failure, ...],
    at: str,
) -> tuple[CrawlFigures, tuple[Failure, ...]]:
    """Move the posts that the crawl did not find. Return its figures with what came of it, and the
    posts that stay gone, of which it proves nothing."""
    known = [failure.url for failure in failures if failure.is_known]
    findings = CrawlFindings(
        at=at,
        removal_evidence=assess_crawl(figures).removal_evidence,
        min_hours=crawl.rules.removal_hours,
        listings=crawl.listings.read(),
        posts=absences.count_posts(crawl),
        new_unread=absences.new_unread(crawl, known),
        accepted=figures.end.accepted,
    )
    steps = judge_absences([post.absence for post in absent], findings)
    absences.apply_steps(crawl, absent, steps, findings)
    moved = {step.post_id for step in steps}
    unproved = [post for post in absent if post.absence.post_id not in moved]
    lasting = find_lasting_absences(crawl, unproved, findings, live=figures.live)
    others = figures.known.other + sum(failure.is_known for failure in lasting)
    figures = replace(
        figures,
        large_absent=sum(step.is_large and step.state != "removed" for step in steps),
        removed=_number(crawl, _REMOVED) if steps else 0,
        known=replace(figures.known, other=others),
    )
    return figures, lasting


def close_import(crawl: CrawlContext, counts: Counter[str], at: str) -> None:
    """Close the row of an import. Files prove nothing about what the store has today, so there is
    no assessment, and no post changes its state."""
    group_changes(crawl.connection, crawl.crawl_id)
    direct_pagers(crawl.connection, crawl.store_id)
    _end(crawl, at, outcome="complete", **crawl_columns(counts))
    seal_crawls(crawl.connection, crawl.store_id, at)


def close_reextraction(crawl: CrawlContext, changed: int, at: str) -> None:
    """Close the row of a re-extraction. It sends no request, so there is no assessment."""
    _end(crawl, at, outcome="complete", n_changed=changed)
    group_changes(crawl.connection, crawl.crawl_id)
    seal_crawls(crawl.connection, crawl.store_id, at)


def _end(crawl: CrawlContext, at: str, **columns: Any) -> None:
    update(crawl.connection, "crawls", crawl.crawl_id, heartbeat_at=at, finished_at=at, **columns)


def _figures(
    crawl: CrawlContext,
    counts: Counter[str],
    ending: CrawlEnd,
    absent: list[absences.AbsentPost],
    failures: tuple[Failure, ...],
) -> CrawlFigures:
    columns = crawl_columns(counts)
    gone = [post.absence for post in absent if post.absence.state == "live"]
    sitemap_before, sitemap_now = crawl.listings.count("sitemap")
    return CrawlFigures(
        listed=len(crawl.listings.listed),
        listed_before=_listed_before(crawl),
        live=_number(crawl, _LIVE),
        answered=_number(crawl, _ANSWERED),
        fetched=columns["n_fetched"],
        unchanged=columns["n_not_modified"],
        absent=sum(not post.listed for post in gone),
        listed_not_found=sum(post.listed for post in gone),
        blocked=columns["n_blocked"],
        errors=columns["n_error"],
        challenged=_number(crawl, _CHALLENGED),
        rejected=_number(crawl, _REJECTED),
        read=PagesRead(
            columns["n_fetched"],
            columns["n_confident"],
            columns["n_feed_checked"],
            columns["n_feed_matched"],
        ),
        read_before=PagesRead(
            *crawl.connection.execute(_READ_BEFORE, [crawl.store_id, DROPPED_MIN]).fetchone()
            or (0, 0, 0, 0)
        ),
        same_bodies=_number(crawl, _SAME_BODIES),
        sitemap_listed=sitemap_now,
        sitemap_listed_before=sitemap_before,
        known=count_known_failures(failures, crawl.listings.failed),
        end=ending,
    )


def _listed_before(crawl: CrawlContext) -> int:
    """The posts that the last good crawl listed; of those, that stand in a blog of this crawl."""
    before = _number(crawl, _LISTED_BEFORE)
    return min(before, _number(crawl, _LIVE_IN_BLOGS)) if crawl.listings.left_out else before


def _number(crawl: CrawlContext, sql: str) -> int:
    (value,) = crawl.connection.execute(
        sql,
        {
            "store": crawl.store_id,
            "crawl": crawl.crawl_id,
            "start": crawl.started_at,
            "left_out": json.dumps(sorted(crawl.listings.left_out)),
        },
    ).fetchone()
    return int(value)


_LIVE = """
    SELECT count(*) FROM posts
    WHERE store_id = :store AND state = 'live' AND first_seen_at < :start
"""
_LIVE_IN_BLOGS = """
    SELECT count(*) FROM posts JOIN blogs ON blogs.id = posts.blog_id
    WHERE posts.store_id = :store AND posts.state = 'live'
        AND blogs.handle NOT IN (SELECT value FROM json_each(:left_out))
"""
_ANSWERED = "SELECT count(*) FROM captures WHERE crawl_id = :crawl AND http_status != 0"
_CHALLENGED = """
    SELECT count(*) FROM captures
    WHERE crawl_id = :crawl AND verdict = 'challenge' AND resource_type != 'image'
"""
_REJECTED = """
    SELECT count(DISTINCT url) FROM captures WHERE crawl_id = :crawl AND verdict = 'rejected'
"""
_LISTED_BEFORE = """
    SELECT coalesce(max(crawls.n_listed), 0) FROM stores
    JOIN crawls ON crawls.id = stores.last_good_crawl_id WHERE stores.id = :store
"""
_REMOVED = """
    SELECT count(DISTINCT post_id) FROM changes
    WHERE store_id = :store AND kind = 'removed' AND crawl_id > (
        SELECT coalesce(last_good_crawl_id, 0) FROM stores WHERE id = :store
    )
"""
_READ_BEFORE = """
    SELECT n_fetched, n_confident, n_feed_checked, n_feed_matched FROM crawls
    WHERE store_id = ? AND health = 'healthy' AND n_fetched >= ?
    ORDER BY id DESC LIMIT 1
"""
# Of the known posts with another body than before, the most that now share one body.
_SAME_BODIES = """
    SELECT coalesce(max(posts), 0) FROM (
        SELECT count(DISTINCT changes.post_id) AS posts FROM changes
        JOIN revisions ON revisions.id = changes.to_revision_id
        JOIN revisions AS before ON before.id = changes.from_revision_id
        WHERE changes.crawl_id = :crawl AND revisions.content_id != before.content_id
        GROUP BY revisions.content_id
    )
"""


def _update_incidents(crawl: CrawlContext, assessment: CrawlAssessment, at: str) -> None:
    """Open an incident for an unhealthy crawl; a healthy one closes the open ones."""
    if assessment.health == "healthy":
        close_incidents(crawl.connection, crawl.store_id, kinds=get_args(Health), at=at)
        return
    open_incident(crawl.connection, crawl.store_id, assessment.health, assessment.reason, at)


def record_credentials(crawl: CrawlContext, warning: str, at: str) -> None:
    """Open an incident for credentials that expire soon; without a warning, close it. The caller
    holds the transaction."""
    set_incident(crawl.connection, crawl.store_id, "credentials_ending", warning, at)
