"""Writing what a replay brought: readings that are new as revisions, a technical change where the
current one moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

from sqlite_utils import Database

from scraper.archive.maintenance.reextract.pages import CapturedPages
from scraper.archive.maintenance.reextract.replay import (
    Read,
    Replay,
    Sight,
    last_capture,
    replay_post,
)
from scraper.archive.statements import transaction, update
from scraper.archive.write.context import CrawlContext
from scraper.archive.write.post import observations, posts, revisions
from scraper.archive.write.post.changes import record_difference
from scraper.archive.write.post.links import resolve_links_to, sync_links
from scraper.archive.write.post.posts import StoredPost
from scraper.archive.write.writer import Writer
from scraper.history.attribution import cause_of_change
from scraper.items import StoreSeen

HEARTBEAT_POSTS = 200
"""So many written posts between two signs of life, each of which makes what was written searchable
too."""


def replay_store(pages: CapturedPages, read: Read) -> Iterator[Replay]:
    """What reading every post of a store again would bring, one by one. Nothing is written."""
    for post_id in _posts(pages):
        yield replay_post(pages, post_id, read)


def reextract_store(
    db: Database, pages: CapturedPages, read: Read, *, extractor: str, now: Callable[[], str]
) -> Iterator[Replay]:
    """Read every post of a store again and write what that brings, a transaction each; yields it
    post by post.

    Where nothing is new, nothing is written, not even that there was a re-extraction. `extractor`
    names today's rules, `now` tells the time. What was written before an end before its time
    stands, and the next re-extraction goes on from there.
    """
    writer: Writer | None = None
    written = changed = 0
    for post_id in _posts(pages):
        replay = replay_post(pages, post_id, read)
        if _is_news(replay, extractor):
            writer = writer or _begin(db, pages, extractor, now())
            replay = _write(writer.crawl, pages, replay, read, now())
            written += 1
            changed += replay.difference is not None
            if written % HEARTBEAT_POSTS == 0:
                writer.heartbeat(now())
        yield replay
    if writer:
        writer.finish_reextraction(changed, now())


def _posts(pages: CapturedPages) -> list[int]:
    return [
        post_id
        for (post_id,) in pages.connection.execute(
            "SELECT id FROM posts WHERE store_id = ? ORDER BY id", [pages.store_id]
        )
    ]


def _is_news(replay: Replay, extractor: str) -> bool:
    by_others = replay.final is not None and replay.stored.extractor != extractor
    return bool(replay.new) or replay.difference is not None or replay.links_moved > 0 or by_others


def _begin(db: Database, pages: CapturedPages, extractor: str, at: str) -> Writer:
    (origin,) = db.execute("SELECT origin FROM stores WHERE id = ?", [pages.store_id]).fetchone()
    return Writer(
        db,
        StoreSeen(origin=origin),
        kind="reextract",
        origin="technical",
        extractor=extractor,
        at=at,
    )


def _write(
    crawl: CrawlContext, pages: CapturedPages, replay: Replay, read: Read, at: str
) -> Replay:
    """Write one post's replay; where a crawl saw the post since it was made, a new one. Returns the
    one that was written."""
    while True:
        with suppress(_Overtaken), transaction(crawl.connection):
            post_id = replay.stored.id
            stored = posts.load_post(crawl.connection, post_id)
            if (stored, last_capture(crawl.connection, post_id)) != (
                replay.stored,
                replay.last_capture_id,
            ):
                raise _Overtaken
            for sight in replay.new:
                stored = _append(crawl, stored, sight)
            if replay.final is not None:
                _settle(crawl, stored, replay, replay.final, at)
            return replay
        replay = replay_post(pages, replay.stored.id, read)


class _Overtaken(Exception):
    """A crawl wrote to the post while it was being read again."""


def _append(crawl: CrawlContext, stored: StoredPost, sight: Sight) -> StoredPost:
    capture_id, at = sight.capture_id, sight.first_at
    revision_id = posts.append_revision(
        crawl, stored, sight.post, sight.fields, capture_id=capture_id, at=at
    )
    update(crawl.connection, "revisions", revision_id, last_seen_at=sight.last_at)
    return replace(stored, revision_count=stored.revision_count + 1)


def _settle(crawl: CrawlContext, stored: StoredPost, replay: Replay, final: Sight, at: str) -> None:
    """Bring the post itself up to its newest reading: whether it is there, and when it was seen,
    stays as it was."""
    if replay.difference is not None:
        revision_id = revisions.find_revision(crawl.connection, stored.id, *final.hashes)
        assert revision_id is not None, "what no revision held was appended before"
        posts.set_current(
            crawl.connection, stored.id, revision_id, fields=final.fields, post=final.post, at=at
        )
        if final.fields.title != stored.fields.title:
            resolve_links_to(crawl, stored.id, url="", title=final.fields.title)
        record_difference(
            crawl,
            stored.id,
            replay.difference,
            origin="technical",
            cause=cause_of_change("technical", same_extractor=False),
            not_before=stored.last_seen_at,
            at=at,
            lastmod=stored.lastmod,
            from_revision=stored.revision_id,
            to_revision=revision_id,
            is_revert=observations.was_observed(crawl.connection, stored.id, revision_id),
        )
    if replay.links_moved:
        # So it was when the page was read: nobody has seen the post since.
        sync_links(crawl, stored.id, final.post.links, stored.last_seen_at)
    said = posts.claim_columns(final.fields, final.readings)
    update(crawl.connection, "posts", stored.id, seen_extractor=crawl.extractor, **said)
