"""Write the result of a replay: new versions as revisions, and a technical change if the current
revision is another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

from sqlite_utils import Database

from scraper.archive.maintenance.reextract.pages import CapturedPages
from scraper.archive.maintenance.reextract.replay import (
    Read,
    Replay,
    ReplayedPage,
    last_page,
    replay_post,
)
from scraper.archive.statements import transaction, update
from scraper.archive.write.context import CrawlContext
from scraper.archive.write.post import posts, revisions
from scraper.archive.write.post.links import sync_links, sync_non_post_links
from scraper.archive.write.post.posts import StoredPost
from scraper.archive.write.post.revise import record_rereading
from scraper.archive.write.writer import Writer
from scraper.crawl_evidence import StoreSeen
from scraper.history.timeline import Rereading

HEARTBEAT_POSTS = 200
"""Written posts between two heartbeats, each of which indexes the new revisions too."""


def replay_store(pages: CapturedPages, read: Read) -> Iterator[Replay]:
    """Replay every post of a store, one by one. Writes nothing."""
    for post_id in _posts(pages):
        yield replay_post(pages, post_id, read)


def reextract_store(
    db: Database, pages: CapturedPages, read: Read, *, extractor: str, now: Callable[[], str]
) -> Iterator[Replay]:
    """Replay every post of a store and write the results, in one transaction for each post; yields
    them post by post.

    Without new results nothing is written, not even a row of `crawls`. `extractor` is the version
    of the extraction, `now` returns the time (UTC). After a kill the next re-extraction continues.
    """
    writer: Writer | None = None
    written = changed = 0
    for post_id in _posts(pages):
        replay = replay_post(pages, post_id, read)
        if _has_results(replay, extractor):
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


def _has_results(replay: Replay, extractor: str) -> bool:
    by_others = replay.final is not None and replay.stored.extractor != extractor
    pending, waiting = replay.stored.pending, replay.waiting
    waits_as_other = bool(pending and waiting and waiting.hashes != pending.version)
    return (
        bool(replay.new)
        or replay.difference is not None
        or replay.links_moved > 0
        or by_others
        or waits_as_other
    )


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
            if (stored, last_page(crawl.connection, post_id)) != (
                replay.stored,
                replay.last_page_id,
            ):
                raise _Overtaken
            for page in replay.new:
                stored = _append(crawl, stored, page)
            if replay.final is not None:
                _update_post(crawl, stored, replay, replay.final, at)
            return replay
        replay = replay_post(pages, replay.stored.id, read)


class _Overtaken(Exception):
    """A crawl wrote to the post while it was being read again."""


def _append(crawl: CrawlContext, stored: StoredPost, page: ReplayedPage) -> StoredPost:
    revision_id = posts.append_revision(
        crawl, stored, page.post, page.fields, capture_id=page.capture_id, at=page.first_at
    )
    update(crawl.connection, "revisions", revision_id, last_seen_at=page.last_at)
    return replace(stored, revision_count=stored.revision_count + 1)


def _update_post(
    crawl: CrawlContext, stored: StoredPost, replay: Replay, final: ReplayedPage, at: str
) -> None:
    """Bring the post up to what today's rules read on its last pages; its state and times stay as
    they were."""
    connection = crawl.connection
    revision_id = revisions.find_revision(connection, stored.id, *final.hashes)
    assert revision_id is not None, "a new version was appended before"
    waiting = stored.pending.version if stored.pending else None
    if replay.waiting:
        waiting = replay.waiting.hashes
    rereading = Rereading(
        at=at,
        version=final.hashes,
        rules=(crawl.extractor, stored.template),
        cause="rules",
        version_seen_at=revisions.last_seen(connection, revision_id, stored.revision_seen_at),
        language=final.post.language or "unknown",
        claims=final.readings,
        waiting=waiting,
    )
    pending_id = revisions.find_revision(connection, stored.id, *waiting) if waiting else None
    record_rereading(
        crawl,
        stored,
        rereading,
        final.post,
        final.fields,
        revision_id=revision_id,
        pending_revision_id=pending_id,
    )
    if stored.state != "removed" and (replay.links_moved or replay.difference):
        # At the time of the page: nobody has seen the post since.
        sync_links(crawl, stored.id, final.post.links, stored.last_seen_at)
        sync_non_post_links(crawl, stored.id, final.post.non_post_links, stored.last_seen_at)
