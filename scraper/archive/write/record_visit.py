"""A visit: what the server answered, and what its page adds to a post."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from scraper.archive.statements import insert, update
from scraper.archive.write.context import CrawlContext
from scraper.archive.write.post import observations, post_urls, posts, revisions
from scraper.archive.write.post.changes import record_difference, record_event
from scraper.archive.write.post.links import resolve_links_to, sync_links, sync_non_post_links
from scraper.archive.write.post.posts import StoredPost
from scraper.archive.write.store.listings import save_locale_addresses
from scraper.archive.write.store.stores import UNKNOWN_BLOG, save_blog
from scraper.archive.write.store.templates import NO_TEMPLATE
from scraper.exceptions import ArchiveError
from scraper.history.attribution import cause_of_change, origin_of_change
from scraper.history.changes import FieldChange, compare
from scraper.history.fingerprints import title_key
from scraper.history.identity import is_another_page, is_unlike
from scraper.history.removal import ABSENT
from scraper.history.snapshots import Fields, Snapshot
from scraper.history.store_addresses import normalize_origin, with_current_origin
from scraper.items import PAGERS, BlogSeen, ListedPost, Listing, Origin, Post, Visit

VisitResult = Literal[
    "new", "changed", "same", "older_copy", "unmodified", "absent", "blocked", "error", "other"
]
"""What a visit brought: ``kept`` is an imported copy of a post that the crawler itself has seen
since."""

BLOCKED = frozenset(
    {"rate_limited", "security_rejected", "challenge", "password_page", "forbidden"}
)
"""Verdicts that say that the store did not let us look."""

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
"""Verdicts that say that we did not get to see the post, though nobody refused us."""


def record_visit(crawl: CrawlContext, visit: Visit, body_id: int | None) -> VisitResult:
    """Write an answer of the server, kept under `body_id`, and, where it shows a post, the post.
    The caller holds the transaction."""
    asked = visit.capture.url
    if visit.post is None:
        asked_for = (
            post_urls.find_by_url(crawl.connection, crawl.store_id, asked)
            if visit.resource_type == "post"
            else None
        )
        return _record_failure(crawl, visit, body_id, asked_for)
    visit = replace(visit, post=_at_present_address(crawl, visit.post))
    assert visit.post is not None
    post_id = post_urls.find_post(crawl.connection, crawl.store_id, visit.post, asked)
    if post_id is None:
        _create(crawl, _beside_translations(crawl, visit.post), visit, body_id)
        return "new"
    stored = posts.load_post(crawl.connection, post_id)
    if crawl.origin == "observed" and _is_led_to(crawl, stored, visit.post):
        origin = _moved_here(crawl, visit.post)
        if origin is None:
            _create(crawl, visit.post, visit, body_id)
            return "new"
        stored = origin
    if crawl.origin == "observed" and _is_another_page(crawl, stored, visit.post):
        capture = replace(
            visit.capture, verdict="unreadable", detail="another page stands at the post's address"
        )
        return _record_failure(crawl, replace(visit, capture=capture, post=None), body_id, post_id)
    post, capture_id, at = (
        visit.post,
        _save_capture(crawl, visit, stored.id, body_id),
        visit.capture.fetched_at,
    )
    if crawl.origin == "imported" and stored.origin == "observed":
        _keep_copy(crawl, stored, post, capture_id, at)
        return "older_copy"
    return _see_again(crawl, stored, _at_own_address(crawl, stored, post, at), visit, capture_id)


def _at_present_address(crawl: CrawlContext, post: Post) -> Post:
    """A post of a file that was saved when the store stood elsewhere: its address is the same path
    of the store as it stands now."""
    url = with_current_origin(post.url, crawl.addresses)
    return post if url == post.url else replace(post, url=url)


def _is_led_to(crawl: CrawlContext, stored: StoredPost, post: Post) -> bool:
    """Whether a page is only where a post's address leads now, and says nothing of what the post
    says: it is no rename of it, for many addresses may lead to one page."""
    if stored.article_id or not post.url or not stored.url:
        return False  # told by the ids; or no address is known to have led there
    if post_urls.kind_of(crawl.connection, stored.id, post.url) not in {"", "redirect"}:
        return False
    return is_unlike(*before_and_after(crawl, stored, post))


def _moved_here(crawl: CrawlContext, post: Post) -> StoredPost | None:
    """Of the posts whose addresses lead to a page, the one that it is; None if it says nothing of
    what any of them says."""
    led = (
        posts.load_post(crawl.connection, post_id)
        for post_id in post_urls.posts_redirected_to(crawl.connection, crawl.crawl_id, post.url)
    )
    return next(
        (
            stored
            for stored in led
            if not stored.article_id and not is_unlike(*before_and_after(crawl, stored, post))
        ),
        None,
    )


def _is_another_page(crawl: CrawlContext, stored: StoredPost, post: Post) -> bool:
    """Whether a page that shows no article id stands at the address of a post that has one, and
    says nothing of what the post says."""
    if post.article_id or not stored.article_id:
        return False
    return is_another_page(*before_and_after(crawl, stored, post), had_id=True, has_id=False)


def before_and_after(
    crawl: CrawlContext, stored: StoredPost, post: Post
) -> tuple[Snapshot, Snapshot]:
    """A post as it stands, and a page as it would be one more sight of it."""
    before = revisions.load_snapshot(crawl.connection, stored.revision_id, stored.fields)
    return before, Snapshot(
        fields=posts.observed_fields(post, stored),
        html=post.html,
        markdown=post.markdown,
        text=post.text,
    )


def _at_own_address(crawl: CrawlContext, stored: StoredPost, post: Post, at: str) -> Post:
    """A post as seen at its own address, where the one that answered is a second address of it, or
    that of a market's copy."""
    moved = crawl.origin == "observed" and post.url != stored.url
    if moved and post_urls.is_alias(
        crawl.connection, crawl.crawl_id, stored.id, stored.url, post.url
    ):
        post_urls.save_address(crawl.connection, stored.id, post.url, at, "alias")
        return replace(post, url=stored.url)
    if post.locale and stored.url == (own := post_urls.localised_url(post.url, post.locale)):
        return replace(post, url=own)
    return post


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
    if verdict in BLOCKED:
        return "blocked"
    if visit.resource_type == "post" and verdict in ABSENT:
        if post_id is None:
            crawl.listings.end_pager(visit.capture.url, visit.capture.fetched_at)
        return "absent"
    if visit.resource_type == "post" and verdict == "not_modified":
        return "unmodified"
    return "error" if visit.resource_type == "post" and verdict in FAILED else "other"


def _beside_translations(crawl: CrawlContext, post: Post) -> Post:
    """A new post as it stands beside the same article in other languages, if there are any: each
    copy bears its own locale's address."""
    copies = post_urls.posts_with_id(crawl.connection, crawl.store_id, post.article_id)
    if not copies:
        return post
    if post.locale:
        return replace(post, url=post_urls.localised_url(post.url, post.locale))
    for copy in copies:
        if copy.url == post.url:
            url = post_urls.localised_url(copy.url, copy.locale)
            update(crawl.connection, "posts", copy.id, url=url)
            crawl.connection.execute(
                "UPDATE post_urls SET url = ? WHERE post_id = ? AND url = ?",
                [url, copy.id, copy.url],
            )
    return post


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


def _see_again(
    crawl: CrawlContext, stored: StoredPost, post: Post, visit: Visit, capture_id: int
) -> VisitResult:
    # The image of before at the store's address of now, where it will stay for as long as nobody
    # changes it.
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
    returned = stored.state == "removed"
    # Told in the order in which a person would: it is back, under which address, with which words.
    if returned:
        record_event(
            crawl,
            stored.id,
            "restored",
            not_before=observations.last_absence(crawl.connection, stored.id),
            at=at,
            lastmod=visit.lastmod,
            from_revision=stored.revision_id,
            to_revision=revision_id,
        )
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
    return "changed" if revised or moved or returned else "same"


def _revise(
    crawl: CrawlContext,
    stored: StoredPost,
    post: Post,
    fields: Fields,
    *,
    revision_id: int,
    visit: Visit,
) -> None:
    """Make what was seen the current revision, a new one or one that stood before, and tell the
    change."""
    at = visit.capture.fetched_at
    before = revisions.load_snapshot(crawl.connection, stored.revision_id, stored.fields)
    difference = compare(
        normalize_origin(before, crawl.addresses),
        normalize_origin(revisions.snapshot_of(post, fields), crawl.addresses),
    )
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
    """Whose doing it is that a post reads otherwise than at its last sight."""
    return origin_of_change(
        same_rules=stored.extractor == crawl.extractor
        and stored.template == (post.template or NO_TEMPLATE),
        imported="imported" in {stored.origin, crawl.origin},
        lastmod_before=stored.lastmod,
        lastmod_now=lastmod,
    )


def _keep_copy(
    crawl: CrawlContext, stored: StoredPost, post: Post, capture_id: int, at: str
) -> None:
    """Keep a saved copy of a post that the crawler has seen for itself as one more revision; what
    stands now stays."""
    fields = posts.observed_fields(post, None)
    hashes = revisions.matching_hashes(
        crawl.connection, stored.id, revisions.snapshot_of(post, fields), crawl.addresses
    )
    if revisions.find_revision(crawl.connection, stored.id, *hashes) is None:
        posts.append_revision(crawl, stored, post, fields, capture_id=capture_id, at=at)


def _move(crawl: CrawlContext, stored: StoredPost, post: Post, visit: Visit) -> bool:
    """Take note of a new address. A first address is learned, a second one is a rename; says
    whether it was one."""
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
    sync_non_post_links(crawl.connection, post_id, post.non_post_links, at)
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
    """``store: blog/handle``, or the title where the address is unknown, made unique."""
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
    """When the store was last seen without this post: a new post cannot be older than that."""
    row = crawl.connection.execute(
        "SELECT crawls.started_at FROM stores JOIN crawls ON crawls.id = stores.last_good_crawl_id WHERE stores.id = ?",
        [crawl.store_id],
    ).fetchone()
    return str(row[0]) if row else None
