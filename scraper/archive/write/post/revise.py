"""Make another revision the current one of a post, and record how it differs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from scraper.archive.revision_fields import load_snapshot
from scraper.archive.statements import insert, update
from scraper.archive.store_templates import NO_TEMPLATE
from scraper.archive.write.context import CrawlContext
from scraper.archive.write.post import posts, revisions
from scraper.archive.write.post.captures import claims_column, newest_capture
from scraper.archive.write.post.changes import record_difference
from scraper.archive.write.post.links import resolve_links_to
from scraper.archive.write.post.pending import end_pending, varied_texts
from scraper.archive.write.post.posts import StoredPost
from scraper.exceptions import ArchiveError
from scraper.history.changes import Difference, compare
from scraper.history.diff.varying import Places
from scraper.history.reconcile import hold_fields
from scraper.history.snapshots import Fields, Snapshot
from scraper.history.timeline import PendingEvent, PostEvent, Rereading, reread
from scraper.items import Post, Reread
from scraper.rulebooks import follower

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


def revise(
    crawl: CrawlContext,
    stored: StoredPost,
    post: Post,
    fields: Fields,
    *,
    revision_id: int,
    event: PostEvent,
    lastmod: str,
    before: Snapshot | None = None,
    moving: Places = frozenset(),
    seen: Mapping[str, Any] = _NOTHING,
) -> None:
    """Make a revision, new or earlier, the current one of the post, and record the change. `before`
    is the current one where it was read already, `moving` are figures that the crawl's fetches each
    show otherwise, `seen` further columns of the post. Raises ArchiveError where the two revisions
    are equal."""
    before = before or load_snapshot(crawl.connection, stored.revision_id)
    after = revisions.snapshot_of(post, fields)
    difference = _compare(crawl, stored.id, before, after, event, moving=moving)
    if difference is None:
        raise ArchiveError(f"{stored.label}: two revisions with different hashes compare as equal")
    columns = {**posts.current_columns(fields, post, event.not_after), **seen}
    update(crawl.connection, "posts", stored.id, revision_id=revision_id, **columns)
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
        moving=moving,
    )


def record_past_revision(
    crawl: CrawlContext, post_id: int, event: PostEvent, from_revision: int, to_revision: int
) -> None:
    """Record how one revision of a post led to another in the past; the current one stays."""
    before, after = (
        load_snapshot(crawl.connection, revision_id) for revision_id in (from_revision, to_revision)
    )
    difference = _compare(crawl, post_id, before, after, event)
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
        witness=event.witness,
    )


def _compare(
    crawl: CrawlContext,
    post_id: int,
    before: Snapshot,
    after: Snapshot,
    event: PostEvent,
    *,
    moving: Places = frozenset(),
) -> Difference | None:
    varied = varied_texts(crawl.connection, post_id, event.not_after, event.origin)
    return compare(before, after, crawl.addresses, varied, follower(event.origin), moving=moving)


def revise_by_today(crawl: CrawlContext, stored: StoredPost, page: Reread, at: str) -> StoredPost:
    """Bring a post up to what today's rules read on its last page, before a page of `at` (UTC) is
    compared with it: what they read otherwise is no edit. Returns the post as it stands then."""
    post = page.post
    fields = posts.observed_fields(post, stored)
    if stored.extractor == crawl.extractor:
        fields = hold_fields(fields, stored.fields, crawl.volatile_fields)
    revision_id = save_version(
        crawl, stored, post, fields, capture_id=page.capture_id, at=stored.revision_seen_at
    )
    rereading = Rereading(
        at=at,
        version=revisions.version_of(crawl.connection, revision_id),
        rules=(crawl.extractor, post.template or NO_TEMPLATE),
        cause="theme" if stored.extractor == crawl.extractor else "rules",
        version_seen_at=revisions.last_seen(crawl.connection, revision_id, stored.revision_seen_at),
        language=post.language or "unknown",
        claims=stored.readings,
    )
    record_rereading(crawl, stored, rereading, post, fields, revision_id=revision_id)
    return posts.load_post(crawl.connection, stored.id)


def save_version(
    crawl: CrawlContext, stored: StoredPost, post: Post, fields: Fields, *, capture_id: int, at: str
) -> int:
    """Return the revision of what a page shows of a known post, a new one if none is equal."""
    match = posts.match_revision(crawl, stored, post, fields)
    return match.revision_id or posts.append_revision(
        crawl, stored, post, fields, capture_id=capture_id, at=at
    )


def save_older_copy(
    crawl: CrawlContext, stored: StoredPost, post: Post, capture_id: int, at: str
) -> None:
    """Save an imported copy of a post that a crawl has read since as one more revision; the current
    one stays."""
    fields = posts.observed_fields(post, None)
    save_version(crawl, stored, post, fields, capture_id=capture_id, at=at)


def record_rereading(
    crawl: CrawlContext,
    stored: StoredPost,
    rereading: Rereading,
    post: Post,
    fields: Fields,
    *,
    revision_id: int,
    pending_revision_id: int | None = None,
) -> None:
    """Write what `history.timeline` makes of a post's last pages as other rules read them: `post`
    with its `fields` under a revision, and the revision of what waits, where it was read."""
    connection = crawl.connection
    revision_ids = {"revision_id": revision_id, "pending_revision_id": pending_revision_id}
    _insert_rereading(crawl, stored.id, rereading, revision_ids)
    state, events = reread(stored.timeline(""), rereading)
    for event in events:
        if isinstance(event, PendingEvent):
            end_pending(crawl, stored.id, rereading.at)
        else:
            lastmod = stored.lastmod
            revise(
                crawl, stored, post, fields, revision_id=revision_id, event=event, lastmod=lastmod
            )
    if state.pending:
        columns = {"from_revision_id": revision_id}
        if pending_revision_id:
            columns["to_revision_id"] = pending_revision_id
        update(connection, "pending_changes", stored.pending_id, **columns)
    update(connection, "revisions", revision_id, last_seen_at=state.version_seen_at)
    current = {"language": state.language, **posts.claim_columns(fields, state.dates.claims)}
    rules = dict(zip(("seen_extractor", "seen_template"), state.rules, strict=True))
    update(connection, "posts", stored.id, **rules, **current)


def _insert_rereading(
    crawl: CrawlContext, post_id: int, rereading: Rereading, revision_ids: dict[str, int | None]
) -> None:
    insert(
        crawl.connection,
        "reextractions",
        crawl_id=crawl.crawl_id,
        post_id=post_id,
        capture_id=newest_capture(crawl.connection, post_id),
        **revision_ids,
        template=rereading.rules[1],
        claims=claims_column(rereading.language, rereading.claims),
        extracted_at=rereading.at,
    )
