"""Sights: what a page or file that shows a post adds to its history (`history.timeline`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from scraper.archive.maintenance.rebuild_links import correct_links
from scraper.archive.statements import NextId, insert, update
from scraper.archive.store_templates import NO_TEMPLATE
from scraper.archive.write.context import CrawlContext
from scraper.archive.write.images.queue import queue_images
from scraper.archive.write.post import observations, post_urls, posts, revisions
from scraper.archive.write.post.captures import record_sight, save_capture
from scraper.archive.write.post.changes import has_gone, record_event
from scraper.archive.write.post.links import resolve_links_to, sync_links, sync_non_post_links
from scraper.archive.write.post.pending import load_gone_values, record_pending, sights_of_volatile
from scraper.archive.write.post.posts import StoredPost
from scraper.archive.write.post.revise import (
    record_past_revision,
    revise,
    revise_by_today,
    save_older_copy,
)
from scraper.archive.write.store.listings import save_locale_addresses
from scraper.archive.write.store.stores import UNKNOWN_BLOG, save_blog
from scraper.crawl_evidence import BlogSeen, ListedPost, Listing
from scraper.history.changes import ChangeKind, FieldChange
from scraper.history.identity import sights_of_text
from scraper.history.reconcile import differing_fields, hold_claims, hold_fields, sights_needed
from scraper.history.snapshots import Fields, Snapshot
from scraper.history.store_addresses import with_current_origin
from scraper.history.timeline import (
    Event,
    PendingEvent,
    PostEvent,
    PostState,
    Sight,
    observe,
    place_past_sight,
    witness_of,
)
from scraper.history.witnesses import Dates
from scraper.items import PAGERS, Post, Visit

SightResult = Literal["changed", "pending", "same"]
"""What a sight of a known post showed; ``pending``: a difference that nothing confirms yet."""


def create_post(crawl: CrawlContext, post: Post, visit: Visit, body_id: int | None) -> None:
    """Write a post that was never seen before, with its first revision."""
    fields, at = posts.observed_fields(post, None), visit.capture.fetched_at
    label = _free_label(crawl, post)
    post_id = insert(
        crawl.connection,
        "posts",
        revision_id=NextId("revisions"),
        store_id=crawl.store_id,
        blog_id=_blog_id(crawl, post, at),
        article_id=post.article_id,
        label=label,
        url=post.url,
        handle=post.handle,
        locale=post.locale,
        first_seen_at=at,
        revision_count=1,
        **posts.current_columns(fields, post, at),
        **posts.seen_columns(crawl, post, fields, before=(), at=at, lastmod=visit.lastmod),
    )
    capture_id = NextId("captures")
    revision_id = revisions.add_revision(
        crawl, post_id, post, fields, label=label, number=1, capture_id=capture_id, at=at
    )
    shown_id = revision_id if visit.capture.dated_by != "unknown" else None
    save_capture(crawl, visit, post_id, body_id, revision_id=shown_id)
    _record_observation(crawl, post_id, revision_id, post, visit, new="post")
    queue_images(crawl, post_id, visit, is_saved=True)
    save_locale_addresses(crawl.connection, crawl.store_id, post_id, post.url)
    resolve_links_to(crawl, post_id, url=post.url, title=fields.title)
    record_event(
        crawl,
        post_id,
        "created",
        not_before=_not_before(crawl, at),
        at=at,
        lastmod=visit.lastmod,
        to_revision=revision_id,
    )


def update_post(
    crawl: CrawlContext, stored: StoredPost, post: Post, visit: Visit, body_id: int | None
) -> SightResult:
    """Let `history.timeline` decide what a sight of a known post means, and write that."""
    if visit.before is not None:
        stored = revise_by_today(crawl, stored, visit.before, visit.capture.fetched_at)
    at = visit.capture.fetched_at
    before = stored.timeline(observations.last_absence(crawl.connection, stored.id, stored.state))
    post, fields, confirm_sights = _observed(crawl, stored, post, visit, before)
    match = posts.match_revision(crawl, stored, post, fields)
    if match.current:
        confirm_sights = sights_of_text(confirm_sights, match.current.text, post.text)
    confirm_sights = sights_of_volatile(crawl, stored, before.pending, post.html, confirm_sights)
    is_return = match.revision_id != stored.revision_id and has_gone(crawl, match.revision_id)
    seen_now = replace(_sight_of(crawl, post, visit, match.version), is_return=is_return)
    state, events = observe(before, seen_now, confirm_sights=confirm_sights)
    revision_id = _save_sight(
        crawl, stored, post, fields, visit=visit, revision_id=match.revision_id, body_id=body_id
    )
    if not stored.is_seen:
        posts.date_post(crawl.connection, stored, revision_id, at)
    _move(crawl, stored, post, at)
    current_id = stored.revision_id if state.pending else revision_id
    seen = _seen_columns(crawl, stored, post, fields, visit, state=state)
    if match.revision_id is None:
        seen["revision_count"] = stored.revision_count + 1
    sight = _KnownPostSight(
        crawl, stored, post, fields, revision_id, current_id, visit, match.current, seen
    )
    for event in events:
        sight.apply(event)
    if not any(event.kind == "revised" for event in events):
        update(crawl.connection, "posts", stored.id, **seen)
    _record_observation(
        crawl, stored.id, revision_id, post, visit, new="" if match.revision_id else "revision"
    )
    if any(isinstance(event, PostEvent) for event in events):
        return "changed"
    return "pending" if state.pending else "same"


def _observed(
    crawl: CrawlContext, stored: StoredPost, post: Post, visit: Visit, state: PostState
) -> tuple[Post, Fields, int]:
    """The post of a page with its reconciled fields, and how many sights in a row confirm a
    difference: more where only fields differ that vary by themselves. Beside other differences
    these are as they were before."""
    # The known image under the store's present origin, where it stays until somebody changes it.
    image_url = with_current_origin(stored.fields.image_url, crawl.addresses)
    known = replace(stored.fields, image_url=image_url)
    fields = posts.observed_fields(post, replace(stored, fields=known))
    sights = crawl.rules.confirm_sights
    if not crawl.volatile_fields or stored.extractor != crawl.extractor:
        return post, fields, sights
    differing = differing_fields(known, fields)
    names = crawl.volatile_fields.keys() & differing.keys()
    seen = _sight_of(crawl, post, visit, state.version)
    if names and witness_of(state, seen) != "none":
        gone = load_gone_values(crawl.connection, crawl.crawl_id, stored.id)
        names = {name for name in names if differing[name] in gone.get(name, ())}
    elif names and names == differing.keys() and seen.rules == state.rules:
        # With the known fields it is the current revision where the body differs in form alone.
        match = posts.match_revision(crawl, stored, post, known)
        if match.revision_id == stored.revision_id:
            crawls = [crawl.volatile_fields[name] for name in names]
            return post, fields, sights_needed(sights, crawls)
    readings = hold_claims(post.readings, stored.readings, names)
    return replace(post, readings=readings), hold_fields(fields, known, names), sights


def _save_sight(
    crawl: CrawlContext,
    stored: StoredPost,
    post: Post,
    fields: Fields,
    *,
    visit: Visit,
    revision_id: int | None,
    body_id: int | None,
) -> int:
    """Save the capture of a sight, and its revision if none is equal. Returns the revision's id."""
    at = visit.capture.fetched_at
    if revision_id is None:
        revision_id = revisions.add_revision(
            crawl,
            stored.id,
            post,
            fields,
            label=stored.label,
            number=stored.revision_count + 1,
            capture_id=NextId("captures"),
            at=at,
        )
    else:
        update(crawl.connection, "revisions", revision_id, last_seen_at=at)
    save_capture(crawl, visit, stored.id, body_id, revision_id=revision_id, known=stored)
    return revision_id


def _seen_columns(
    crawl: CrawlContext,
    stored: StoredPost,
    post: Post,
    fields: Fields,
    visit: Visit,
    *,
    state: PostState,
) -> dict[str, Any]:
    """The columns of a known post that a sight of it sets, which leads to this state."""
    at, claims = visit.capture.fetched_at, stored.readings
    if state.pending:
        return {**posts.LIVE, "last_seen_at": at}
    said = {"seen_origin": state.origin, "seen_lastmod": state.dates.lastmod}
    return posts.seen_columns(crawl, post, fields, before=claims, at=at, lastmod="") | said


def _sight_of(crawl: CrawlContext, post: Post, visit: Visit, hashes: tuple[str, str]) -> Sight:
    return Sight(
        at=visit.capture.fetched_at,
        version=hashes,
        origin=crawl.origin,
        rules=(crawl.extractor, post.template or NO_TEMPLATE),
        url=post.url,
        language=post.language or "unknown",
        dates=Dates(lastmod=visit.lastmod, claims=post.readings),
        dates_trusted=crawl.listings.dates_trusted,
    )


@dataclass(frozen=True, slots=True)
class _KnownPostSight:
    """A sight of a known post as it is written: the page's post with its reconciled fields, under
    the revision that holds them; `current_id` is the revision that is current after it, `before`
    the one before it where it was read already, and `seen` are columns of the post."""

    crawl: CrawlContext
    stored: StoredPost
    post: Post
    fields: Fields
    revision_id: int
    current_id: int
    visit: Visit
    before: Snapshot | None
    seen: Mapping[str, Any]

    def apply(self, event: Event) -> None:
        """Write what the sight showed."""
        if isinstance(event, PendingEvent):
            at = self.visit.capture.fetched_at
            record_pending(self.crawl, self.stored, self.revision_id, event, at)
        elif event.kind == "revised":
            revise(
                self.crawl,
                self.stored,
                self.post,
                self.fields,
                revision_id=self.revision_id,
                event=event,
                lastmod=self.visit.lastmod,
                before=self.before,
                moving=self.visit.moving,
                seen=self.seen,
            )
        else:
            self._record_event(event, event.kind)

    def _record_event(self, event: PostEvent, kind: ChangeKind) -> None:
        stored, to_revision = self.stored, self.current_id
        fields: tuple[FieldChange, ...] = ()
        if kind == "renamed":
            fields = (FieldChange(field="url", old=stored.url, new=self.post.url),)
            to_revision = stored.revision_id
        record_event(
            self.crawl,
            stored.id,
            kind,
            not_before=event.not_before or None,
            at=event.not_after,
            lastmod=self.visit.lastmod,
            from_revision=stored.revision_id,
            to_revision=to_revision,
            fields=fields,
        )


def insert_sight(
    crawl: CrawlContext, stored: StoredPost, post: Post, visit: Visit, capture_id: int
) -> bool:
    """Let a page or file of a time before the post's last sight enter the history at its own time,
    as `history.timeline` places it; returns whether it makes a change. Where it cannot be placed,
    it is saved as a copy."""
    connection, at = crawl.connection, visit.capture.fetched_at
    found = observations.neighbours(connection, stored.id, at)
    if found is None:
        save_older_copy(crawl, stored, post, capture_id, at)
        return False
    before, after = found
    nearest = before or after
    fields = posts.observed_fields(post, revisions.claims_of(connection, nearest.revision_id))
    match = posts.match_revision(crawl, stored, post, fields)
    known = next(
        (side.revision_id for side in found if side and match.version in side.period.versions),
        match.revision_id,
    )
    revision_id = known or posts.append_revision(
        crawl, stored, post, fields, capture_id=capture_id, at=at
    )
    events = place_past_sight(
        before.period if before else None,
        after.period,
        _sight_of(crawl, post, visit, match.version),
    )
    for event in events:
        sides = (revision_id, after.revision_id)
        if before and event.not_after == at:
            sides = (before.revision_id, revision_id)
        record_past_revision(crawl, stored.id, event, *sides)
    observations.insert_observation(crawl, stored.id, revision_id, at)
    record_sight(connection, capture_id, revision_id)
    posts.record_earlier(connection, stored.id, revision_id, at)
    post_urls.save_earlier_address(connection, stored.id, post.url, at)
    correct_links(crawl, stored.id)
    return bool(events)


def save_undated(
    crawl: CrawlContext, stored: StoredPost, post: Post, capture_id: int, at: str
) -> bool:
    """Save what a file of unknown date shows of a known post: another version is one more revision,
    and no change, for nobody knows which came first. Returns whether there is one. The address of
    the page is that of a post without one."""
    known = stored.revision_count
    save_older_copy(crawl, stored, post, capture_id, at)
    if not stored.url and post.url:
        _move(crawl, stored, post, at)
        post_urls.save_address(crawl.connection, stored.id, post.url, at)
    return posts.load_post(crawl.connection, stored.id).revision_count > known


def _move(crawl: CrawlContext, stored: StoredPost, post: Post, at: str) -> None:
    """Save the article id and the address of a post, where they are new."""
    if post.article_id and not stored.article_id:
        update(crawl.connection, "posts", stored.id, article_id=post.article_id)
    if not post.url or post.url == stored.url:
        return
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
    if stored.url:
        crawl.connection.execute(
            "UPDATE post_urls SET kind = 'former' WHERE post_id = ? AND url = ?",
            [stored.id, stored.url],
        )


def _record_observation(
    crawl: CrawlContext,
    post_id: int,
    revision_id: int,
    post: Post,
    visit: Visit,
    *,
    new: Literal["post", "revision", ""],
) -> None:
    at, is_new = visit.capture.fetched_at, new == "post"
    if visit.capture.dated_by != "unknown":
        record = observations.begin_observation if new else observations.record_observation
        record(crawl, post_id, revision_id, "ok", at)
    post_urls.save_address(crawl.connection, post_id, post.url, at)
    sync_links(crawl, post_id, post.links, at, is_new=is_new)
    sync_non_post_links(crawl, post_id, post.non_post_links, at, is_new=is_new)
    if crawl.answered:
        named = tuple(
            ListedPost(url=link.url) for link in post.links if link.kind in PAGERS and link.url
        )
        crawl.listings.record(Listing(source="pager", source_url=post.url, posts=named), at)


def _blog_id(crawl: CrawlContext, post: Post, at: str) -> int:
    blog = BlogSeen(handle=post.blog_handle or UNKNOWN_BLOG, title="", url="", feed_url="")
    return save_blog(crawl, blog, at)


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


def _not_before(crawl: CrawlContext, at: str) -> str | None:
    """When the last good crawl before `at` began: it did not find this post. Of a file, none."""
    started_at = crawl.last_good_at
    return started_at if crawl.answered and started_at and started_at <= at else None
