"""Record a visit: the answer of the server, and what its page adds to a post."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from scraper.archive.write.context import CrawlContext
from scraper.archive.write.images.queue import queue_images
from scraper.archive.write.post import observations, page_identity, post_urls, posts
from scraper.archive.write.post.captures import save_capture
from scraper.archive.write.post.posts import StoredPost
from scraper.archive.write.post.revise import save_older_copy
from scraper.archive.write.post.sights import (
    SightResult,
    create_post,
    insert_sight,
    save_undated,
    update_post,
)
from scraper.history.removal import ABSENT
from scraper.history.timeline import is_past
from scraper.items import Post, Visit

VisitResult = (
    SightResult | Literal["new", "older_copy", "unmodified", "absent", "blocked", "error", "other"]
)
"""The result of a visit; ``older_copy``: an imported copy of a post that a crawl has read since."""

BLOCKED = frozenset(
    {"rate_limited", "security_rejected", "challenge", "password_page", "forbidden"}
)
"""Verdicts of requests that the store refused."""

FAILED = frozenset(
    {
        "server_error",
        "network_error",
        "empty",
        "truncated",
        "not_html",
        "too_large",
        "unreadable",
        "redirected_off",
    }
)
"""Verdicts of requests that gave no readable post, though nobody refused them."""


def record_visit(crawl: CrawlContext, visit: Visit, body_id: int | None) -> VisitResult:
    """Write an answer of the server, stored under `body_id`, and the post it shows, if any. The
    caller holds the transaction."""
    url = visit.capture.url
    if visit.post is None:
        requested_id = None
        if visit.resource_type == "post":
            requested_id = post_urls.find_by_url(crawl, url)
        return _record_failure(crawl, visit, body_id, requested_id)
    visit = replace(visit, post=page_identity.with_present_address(crawl, visit.post))
    assert visit.post is not None
    found = post_urls.find_post(crawl, visit.post, url)
    if found.id is None:
        post = page_identity.beside_translations(crawl, visit.post, found.copies)
        create_post(crawl, post, visit, body_id)
        return "new"
    stored = posts.load_post(crawl.connection, found.id)
    if crawl.answered and page_identity.is_redirect_target(crawl, stored, visit.post):
        moved = page_identity.find_moved_post(crawl, visit.post)
        if moved is None:
            create_post(crawl, visit.post, visit, body_id)
            return "new"
        stored = moved
    if crawl.answered:
        return _record_page(crawl, stored, visit.post, visit, body_id)
    return _record_sight(crawl, stored, visit.post, visit, body_id)


def _record_page(
    crawl: CrawlContext, stored: StoredPost, post: Post, visit: Visit, body_id: int | None
) -> VisitResult:
    """Record the page of a known post, as unreadable where it contradicts what is known."""
    if visit.capture.fetched_at < stored.last_seen_at:
        return _record_sight(crawl, stored, post, visit, body_id)
    agreement = page_identity.judge(crawl, stored, post, visit)
    if agreement == "stale":
        post, visit = page_identity.without_feed(stored, post, visit)
    reason = page_identity.CONTRADICTS if agreement == "contradicts" else ""
    if page_identity.is_another_page_of(crawl, stored, post):
        reason = "another page stands at the post's address"
    if not reason:
        return _record_sight(crawl, stored, post, visit, body_id)
    capture = replace(visit.capture, verdict="unreadable", detail=reason)
    return _record_failure(crawl, replace(visit, capture=capture, post=None), body_id, stored.id)


def _record_sight(
    crawl: CrawlContext, stored: StoredPost, post: Post, visit: Visit, body_id: int | None
) -> VisitResult:
    at = visit.capture.fetched_at
    dated_by = visit.capture.dated_by
    if dated_by == "unknown":
        capture_id = save_capture(crawl, visit, stored.id, body_id)
        return "older_copy" if save_undated(crawl, stored, post, capture_id, at) else "same"
    if stored.is_seen and is_past(crawl.origin, at, stored.last_seen_at):
        capture_id = save_capture(crawl, visit, stored.id, body_id)
        queue_images(crawl, stored.id, visit, is_saved=False)
        return "changed" if insert_sight(crawl, stored, post, visit, capture_id) else "older_copy"
    if not crawl.answered and stored.origin == "observed" and dated_by == "server":
        capture_id = save_capture(crawl, visit, stored.id, body_id)
        save_older_copy(crawl, stored, post, capture_id, at)
        return "older_copy"
    post = page_identity.with_own_address(crawl, stored, post, at)
    visit = replace(visit, post=post)
    result = update_post(crawl, stored, post, visit, body_id)
    is_saved = result != "same" or visit.lastmod != stored.lastmod
    queue_images(crawl, stored.id, visit, is_saved=is_saved)
    return result


def _record_failure(
    crawl: CrawlContext, visit: Visit, body_id: int | None, post_id: int | None
) -> VisitResult:
    verdict, at = visit.capture.verdict, visit.capture.fetched_at
    save_capture(crawl, visit, post_id, body_id)
    if post_id is not None and verdict == "renamed":
        post_urls.save_redirect(crawl.connection, post_id, visit.capture.final_url, at)
    is_sight = post_id is not None and not posts.was_seen_after(crawl.connection, post_id, at)
    if post_id is not None and is_sight and verdict not in {"ok", "not_modified", "renamed"}:
        observations.record_observation(crawl, post_id, None, verdict, at)
    # A robots.txt that is forbidden allows everything (RFC 9309, section 2.3.1.3).
    if verdict in BLOCKED and (visit.resource_type, verdict) != ("robots", "forbidden"):
        return "blocked"
    if visit.resource_type == "post" and verdict in ABSENT:
        if post_id is None:
            crawl.listings.end_pager(visit.capture.url, at)
        return "absent"
    if visit.resource_type == "post" and verdict == "not_modified":
        return "unmodified"
    return "error" if visit.resource_type == "post" and verdict in FAILED else "other"
