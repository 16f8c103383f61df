"""Record a visit: the answer of the server, and what its page adds to a post."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from scraper.archive.statements import insert, update
from scraper.archive.write.context import CrawlContext
from scraper.archive.write.post import observations, page_identity, post_urls, posts, revisions
from scraper.archive.write.post.changes import record_difference, record_event
from scraper.archive.write.post.links import resolve_links_to, sync_links, sync_non_post_links
from scraper.archive.write.post.posts import StoredPost
from scraper.archive.write.store.listings import save_locale_addresses
from scraper.archive.write.store.stores import UNKNOWN_BLOG, save_blog
from scraper.archive.write.store.templates import NO_TEMPLATE
from scraper.evidence import BlogSeen, ListedPost, Listing
from scraper.exceptions import ArchiveError
from scraper.history.attribution import cause_of_change, origin_of_change
from scraper.history.changes import FieldChange, compare
from scraper.history.fingerprints import title_key
from scraper.history.removal import ABSENT
from scraper.history.snapshots import Fields
from scraper.history.store_addresses import with_current_origin
from scraper.items import PAGERS, Origin, Post, Visit

VisitResult = Literal[
    "new", "changed", "same", "older_copy", "unmodified", "absent", "blocked", "error", "other"
]
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
            requested_id = post_urls.find_by_url(crawl.connection, crawl.store_id, url)
        return _record_failure(crawl, visit, body_id, requested_id)
    visit = replace(visit, post=page_identity.with_present_address(crawl, visit.post))
    assert visit.post is not None
    post_id = post_urls.find_post(crawl.connection, crawl.store_id, visit.post, url)
    if post_id is None:
        _create(crawl, page_identity.beside_translations(crawl, visit.post), visit, body_id)
        return "new"
    stored = posts.load_post(crawl.connection, post_id)
    if crawl.origin == "observed" and page_identity.is_redirect_target(crawl, stored, visit.post):
        moved = page_identity.find_moved_post(crawl, visit.post)
        if moved is None:
            _create(crawl, visit.post, visit, body_id)
            return "new"
        stored = moved
    if crawl.origin == "observed" and page_identity.is_another_page_of(crawl, stored, visit.post):
        capture = replace(
            visit.capture, verdict="unreadable", detail="another page stands at the post's address"
        )
        return _record_failure(crawl, replace(visit, capture=capture, post=None), body_id, post_id)
    post, at = visit.post, visit.capture.fetched_at
    capture_id = _save_capture(crawl, visit, stored.id, body_id)
    if crawl.origin == "imported" and stored.origin == "observed":
        _save_older_copy(crawl, stored, post, capture_id, at)
        return "older_copy"
    return _update_post(
        crawl, stored, page_identity.with_own_address(crawl, stored, post, at), visit, capture_id
    )


def _save_capture(
    crawl: CrawlContext, visit: Visit, post_id: int | None, body_id: int | None
) -> int:
    capture = visit.capture
    return insert(
        crawl.connection,
        "captures",
        crawl_id=crawl.crawl_id,
        post_id=post_id,
        url=capture.url,
        final_url=capture.final_url,
        http_status=capture.http_status,
        verdict=capture.verdict,
        detail=capture.detail,
        fetched_at=capture.fetched_at,
        etag=capture.etag,
        last_modified=capture.last_modified,
        body_hash=capture.body_hash,
        body_bytes=capture.body_bytes,
        body_id=body_id,
        resource_type=visit.resource_type,
        template=(visit.post.template if visit.post else "") or NO_TEMPLATE,
    )


def _record_failure(
    crawl: CrawlContext, visit: Visit, body_id: int | None, post_id: int | None
) -> VisitResult:
    verdict = visit.capture.verdict
    _save_capture(crawl, visit, post_id, body_id)
    if post_id is not None and verdict == "renamed":
        post_urls.save_redirect(
            crawl.connection, post_id, visit.capture.final_url, visit.capture.fetched_at
        )
    if post_id is not None and verdict not in {"ok", "not_modified", "renamed"}:
        observations.record_observation(
            crawl.connection, post_id, None, verdict, visit.capture.fetched_at
        )
    # A robots.txt that is forbidden allows everything (RFC 9309, section 2.3.1.3).
    if verdict in BLOCKED and (visit.resource_type, verdict) != ("robots", "forbidden"):
        return "blocked"
    if visit.resource_type == "post" and verdict in ABSENT:
        if post_id is None:
            crawl.listings.end_pager(visit.capture.url, visit.capture.fetched_at)
        return "absent"
    if visit.resource_type == "post" and verdict == "not_modified":
        return "unmodified"
    return "error" if visit.resource_type == "post" and verdict in FAILED else "other"


def _create(crawl: CrawlContext, post: Post, visit: Visit, body_id: int | None) -> None:
    fields, at = posts.observed_fields(post, None), visit.capture.fetched_at
    label = _free_label(crawl, post)
    post_id = insert(
        crawl.connection,
        "posts",
        store_id=crawl.store_id,
        blog_id=_blog_id(crawl, post, at),
        article_id=post.article_id,
        label=label,
        title=fields.title,
        title_key=title_key(fields.title),
        url=post.url,
        handle=post.handle,
        locale=post.locale,
        first_seen_at=at,
        last_seen_at=at,
        last_changed_at=at,
        seen_origin=crawl.origin,
        seen_extractor=crawl.extractor,
        revision_count=1,
    )
    capture_id = _save_capture(crawl, visit, post_id, body_id)
    revision_id = revisions.add_revision(
        crawl, post_id, post, fields, label=label, number=1, capture_id=capture_id, at=at
    )
    posts.set_current(crawl.connection, post_id, revision_id, fields=fields, post=post, at=at)
    posts.record_seen(crawl, post_id, post, fields, before=(), at=at, lastmod=visit.lastmod)
    _record_observation(crawl, post_id, revision_id, post, at)
    save_locale_addresses(crawl.connection, crawl.store_id, post_id, post.url)
    resolve_links_to(crawl, post_id, url=post.url, title=fields.title)
    record_event(
        crawl,
        post_id,
        "created",
        not_before=_last_good_crawl(crawl) if crawl.origin == "observed" else None,
        at=at,
        lastmod=visit.lastmod,
        to_revision=revision_id,
    )


def _update_post(
    crawl: CrawlContext, stored: StoredPost, post: Post, visit: Visit, capture_id: int
) -> VisitResult:
    # The known image under the store's present origin, where it stays until somebody changes it.
    image_url = with_current_origin(stored.fields.image_url, crawl.addresses)
    fields = posts.observed_fields(
        post, replace(stored, fields=replace(stored.fields, image_url=image_url))
    )
    at = visit.capture.fetched_at
    hashes = revisions.matching_hashes(
        crawl.connection, stored.id, revisions.snapshot_of(post, fields), crawl.addresses
    )
    revised = hashes != (stored.content_hash, stored.fields_hash)
    revision_id = stored.revision_id
    if revised:
        earlier = revisions.find_revision(crawl.connection, stored.id, *hashes)
        revision_id = earlier or posts.append_revision(
            crawl, stored, post, fields, capture_id=capture_id, at=at
        )
    # In the order in which a person would report it: restored, renamed, edited.
    restored = stored.state == "removed"
    if restored:
        _record_restored(crawl, stored, revision_id, visit)
    moved = _move(crawl, stored, post, visit)
    if revised:
        _revise(crawl, stored, post, fields, revision_id=revision_id, visit=visit)
    crawl.connection.execute(
        "UPDATE revisions SET last_seen_at = ? WHERE id = ?", [at, revision_id]
    )
    posts.record_seen(
        crawl, stored.id, post, fields, before=stored.readings, at=at, lastmod=visit.lastmod
    )
    _record_observation(crawl, stored.id, revision_id, post, at)
    return "changed" if revised or moved or restored else "same"


def _record_restored(
    crawl: CrawlContext, stored: StoredPost, revision_id: int, visit: Visit
) -> None:
    record_event(
        crawl,
        stored.id,
        "restored",
        not_before=observations.last_absence(crawl.connection, stored.id),
        at=visit.capture.fetched_at,
        lastmod=visit.lastmod,
        from_revision=stored.revision_id,
        to_revision=revision_id,
    )


def _revise(
    crawl: CrawlContext,
    stored: StoredPost,
    post: Post,
    fields: Fields,
    *,
    revision_id: int,
    visit: Visit,
) -> None:
    """Make a revision, new or earlier, the current one of the post, and record the change."""
    at = visit.capture.fetched_at
    before = revisions.load_snapshot(crawl.connection, stored.revision_id, stored.fields)
    difference = compare(before, revisions.snapshot_of(post, fields), crawl.addresses)
    if difference is None:
        raise ArchiveError(f"{stored.label}: two revisions with different hashes compare as equal")
    posts.set_current(crawl.connection, stored.id, revision_id, fields=fields, post=post, at=at)
    if fields.title != stored.fields.title:
        resolve_links_to(crawl, stored.id, url="", title=fields.title)
    origin = _origin_of_change(crawl, stored, post, visit.lastmod)
    record_difference(
        crawl,
        stored.id,
        difference,
        origin=origin,
        cause=cause_of_change(origin, same_extractor=stored.extractor == crawl.extractor),
        not_before=stored.last_seen_at,
        at=at,
        lastmod=visit.lastmod,
        from_revision=stored.revision_id,
        to_revision=revision_id,
        is_revert=observations.was_observed(crawl.connection, stored.id, revision_id),
    )


def _origin_of_change(crawl: CrawlContext, stored: StoredPost, post: Post, lastmod: str) -> Origin:
    """Who caused the difference between a post and its last visit."""
    return origin_of_change(
        same_rules=stored.extractor == crawl.extractor
        and stored.template == (post.template or NO_TEMPLATE),
        imported="imported" in {stored.origin, crawl.origin},
        lastmod_before=stored.lastmod,
        lastmod_now=lastmod,
    )


def _save_older_copy(
    crawl: CrawlContext, stored: StoredPost, post: Post, capture_id: int, at: str
) -> None:
    """Save an imported copy of a post that a crawl has read since as one more revision; the current
    one stays."""
    fields = posts.observed_fields(post, None)
    hashes = revisions.matching_hashes(
        crawl.connection, stored.id, revisions.snapshot_of(post, fields), crawl.addresses
    )
    if revisions.find_revision(crawl.connection, stored.id, *hashes) is None:
        posts.append_revision(crawl, stored, post, fields, capture_id=capture_id, at=at)


def _move(crawl: CrawlContext, stored: StoredPost, post: Post, visit: Visit) -> bool:
    """Save a new address of a post; returns whether it is a rename. A first address is none."""
    at = visit.capture.fetched_at
    if post.article_id and not stored.article_id:
        update(crawl.connection, "posts", stored.id, article_id=post.article_id)
    if not post.url or post.url == stored.url:
        return False
    update(
        crawl.connection,
        "posts",
        stored.id,
        url=post.url,
        handle=post.handle,
        blog_id=_blog_id(crawl, post, at),
    )
    save_locale_addresses(crawl.connection, crawl.store_id, stored.id, post.url)
    resolve_links_to(crawl, stored.id, url=post.url, title=post.title)
    if not stored.url:
        return False
    crawl.connection.execute(
        "UPDATE post_urls SET kind = 'former' WHERE post_id = ? AND url = ?",
        [stored.id, stored.url],
    )
    record_event(
        crawl,
        stored.id,
        "renamed",
        not_before=stored.last_seen_at,
        at=at,
        lastmod=visit.lastmod,
        from_revision=stored.revision_id,
        to_revision=stored.revision_id,
        fields=[FieldChange(field="url", old=stored.url, new=post.url)],
    )
    return True


def _record_observation(
    crawl: CrawlContext, post_id: int, revision_id: int, post: Post, at: str
) -> None:
    observations.record_observation(crawl.connection, post_id, revision_id, "ok", at)
    post_urls.save_address(crawl.connection, post_id, post.url, at)
    sync_links(crawl, post_id, post.links, at)
    sync_non_post_links(crawl, post_id, post.non_post_links, at)
    if crawl.origin == "observed":
        named = tuple(
            ListedPost(url=link.url) for link in post.links if link.kind in PAGERS and link.url
        )
        crawl.listings.record(Listing(source="pager", source_url=post.url, posts=named), at)


def _blog_id(crawl: CrawlContext, post: Post, at: str) -> int:
    return save_blog(
        crawl, BlogSeen(handle=post.blog_handle or UNKNOWN_BLOG, title="", url="", feed_url=""), at
    )


def _free_label(crawl: CrawlContext, post: Post) -> str:
    """Return ``store: blog/handle``, or the title if the address is unknown, made unique."""
    locale = f"{post.locale}/" if post.locale else ""
    name = (
        f"{crawl.store_name}: {locale}{post.blog_handle}/{post.handle}"
        if post.handle
        else f"{crawl.store_name}: {post.title}"
    )
    label, number = name, 1
    while crawl.connection.execute("SELECT 1 FROM posts WHERE label = ?", [label]).fetchone():
        number += 1
        label = f"{name} ({number})"
    return label


def _last_good_crawl(crawl: CrawlContext) -> str | None:
    """When the last good crawl started, which did not find this post: it cannot be older."""
    row = crawl.connection.execute(
        "SELECT crawls.started_at FROM stores "
        "JOIN crawls ON crawls.id = stores.last_good_crawl_id WHERE stores.id = ?",
        [crawl.store_id],
    ).fetchone()
    (started_at,) = row or (None,)
    return started_at
