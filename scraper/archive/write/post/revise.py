"""Make another revision the current one of a post, and record how it differs."""

from __future__ import annotations

from scraper.archive.statements import update
from scraper.archive.write.context import CrawlContext
from scraper.archive.write.post import posts, revisions
from scraper.archive.write.post.changes import record_difference
from scraper.archive.write.post.links import resolve_links_to
from scraper.archive.write.post.posts import StoredPost
from scraper.archive.write.store.templates import NO_TEMPLATE
from scraper.exceptions import ArchiveError
from scraper.history.changes import compare
from scraper.history.snapshots import Fields
from scraper.history.timeline import Cause, PostEvent, origin_of
from scraper.items import Post, Reread


def revise(
    crawl: CrawlContext,
    stored: StoredPost,
    post: Post,
    fields: Fields,
    *,
    revision_id: int,
    event: PostEvent,
    lastmod: str,
) -> None:
    """Make a revision, new or earlier, the current one of the post, and record the change. Raises
    ArchiveError where the two are equal."""
    before = revisions.load_snapshot(crawl.connection, stored.revision_id, stored.fields)
    difference = compare(before, revisions.snapshot_of(post, fields), crawl.addresses)
    if difference is None:
        raise ArchiveError(f"{stored.label}: two revisions with different hashes compare as equal")
    posts.set_current(
        crawl.connection, stored.id, revision_id, fields=fields, post=post, at=event.not_after
    )
    if fields.title != stored.fields.title:
        resolve_links_to(crawl, stored.id, url="", title=fields.title)
    record_difference(
        crawl,
        stored.id,
        difference,
        origin=event.origin,
        cause=event.cause,
        not_before=event.not_before,
        at=event.not_after,
        lastmod=lastmod,
        from_revision=stored.revision_id,
        to_revision=revision_id,
        witness=event.witness,
    )


def record_past_revision(
    crawl: CrawlContext, post_id: int, event: PostEvent, from_revision: int, to_revision: int
) -> None:
    """Record how one revision of a post led to another in the past; the current one stays."""
    before, after = (
        revisions.load_snapshot(
            crawl.connection, revision_id, revisions.load_fields(crawl.connection, revision_id)
        )
        for revision_id in (from_revision, to_revision)
    )
    difference = compare(before, after, crawl.addresses)
    assert difference is not None, "the versions of a period are equal"
    record_difference(
        crawl,
        post_id,
        difference,
        origin=event.origin,
        cause=event.cause,
        not_before=event.not_before,
        at=event.not_after,
        lastmod="",
        from_revision=from_revision,
        to_revision=to_revision,
    )


def revise_by_today(crawl: CrawlContext, stored: StoredPost, reread: Reread, at: str) -> StoredPost:
    """Bring a post up to what today's rules read on its last page, before a page of `at` (UTC) is
    compared with it: what they read otherwise is no edit. Returns the post as it stands then."""
    post = reread.post
    fields = posts.observed_fields(post, stored)
    hashes = revisions.matching_hashes(
        crawl.connection, stored.id, revisions.snapshot_of(post, fields), crawl.addresses
    )
    if hashes != (stored.content_hash, stored.fields_hash):
        found = revisions.find_revision(crawl.connection, stored.id, *hashes)
        capture_id, seen_at = reread.capture_id, stored.revision_seen_at
        revision_id = found or posts.append_revision(
            crawl, stored, post, fields, capture_id=capture_id, at=seen_at
        )
        cause: Cause = "theme" if stored.extractor == crawl.extractor else "rules"
        event = PostEvent(
            kind="revised",
            not_before=stored.last_seen_at,
            not_after=at,
            origin=origin_of(cause),
            cause=cause,
        )
        lastmod = stored.lastmod
        revise(crawl, stored, post, fields, revision_id=revision_id, event=event, lastmod=lastmod)
    template = post.template or NO_TEMPLATE
    rules = {"seen_extractor": crawl.extractor, "seen_template": template}
    update(crawl.connection, "posts", stored.id, **rules)
    return posts.load_post(crawl.connection, stored.id)
