"""The queue of images: what a page of a post adds to it, and what a crawl takes from it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from scraper.archive.rows import read_rows
from scraper.archive.write.context import CrawlContext
from scraper.crawl_evidence import QueuedImage
from scraper.history.images import ImageAddress, may_fetch_image, read_images
from scraper.items import Verdict, Visit
from scraper.timestamps import format_timestamp, parse_timestamp

MAX_TRIES: Final = 3
"""Crawls in which an image fails before it leaves the queue, until its post is read again."""

PASSING: Final[frozenset[Verdict]] = frozenset(
    {
        "network_error",
        "server_error",
        "rate_limited",
        "security_rejected",
        "challenge",
        "truncated",
        "empty",
    }
)
"""Verdicts after which an image is asked for again by the next crawl."""


def queue_images(
    crawl: CrawlContext,
    post_id: int,
    visit: Visit,
    *,
    is_saved: bool,
) -> None:
    """Queue the images of a post's page that may be new or another: all where `is_saved` says
    that its author may have saved it; those whose address is new; and those not checked for half a
    sweep. An import queues those that it has."""
    archived = crawl.rules.archived_images
    if visit.post is None or not (crawl.rules.images or archived):
        return
    found = [
        image
        for image in read_images(visit.post.html, visit.post.image_url, crawl.addresses)
        if may_fetch_image(image.url, crawl.addresses)
    ]
    if not found:
        return
    if archived:
        chosen = [image for image in found if image.url in archived]
    else:
        checked = dict(crawl.connection.execute(_CHECKED, [post_id]))
        since = _half_sweep_before(crawl, visit.capture.fetched_at)
        chosen = [
            image
            for image in found
            if is_saved or image.url not in checked or checked[image.url] < since
        ]
    crawl.connection.executemany(
        _QUEUE,
        [_row(crawl, post_id, image, visit.lastmod) for image in chosen],
    )


def _row(
    crawl: CrawlContext, post_id: int, image: ImageAddress, lastmod: str
) -> tuple[int | str, ...]:
    return crawl.store_id, post_id, image.place, image.url, lastmod


def _half_sweep_before(crawl: CrawlContext, at: str) -> str:
    """A post comes to the sweep about once in its days, so its images are older than half of
    them."""
    days = crawl.rules.image_days
    return format_timestamp(parse_timestamp(at) - timedelta(days=days / 2)) if days else ""


def next_images(crawl: CrawlContext, limit: int) -> list[QueuedImage]:
    """Return images that this crawl has not tried yet, the longest waiting first, each address
    once, with the validators of its last answer."""
    return read_rows(
        crawl.connection,
        QueuedImage,
        _NEXT,
        {"store": crawl.store_id, "crawl": crawl.crawl_id, "limit": limit},
    )


def leave_queue(crawl: CrawlContext, queue_id: int) -> None:
    """Take an image from the queue."""
    crawl.connection.execute("DELETE FROM image_queue WHERE id = ?", [queue_id])


def stay_queued(crawl: CrawlContext, queue_id: int, *, failed: bool) -> None:
    """Leave an image to the next crawl, unless it has failed too often."""
    crawl.connection.execute(
        "UPDATE image_queue SET crawl_id = ?, tries = tries + ? WHERE id = ?",
        [crawl.crawl_id, int(failed), queue_id],
    )
    crawl.connection.execute(
        "DELETE FROM image_queue WHERE id = ? AND tries >= ?", [queue_id, MAX_TRIES]
    )


_CHECKED = "SELECT url, max(last_seen_at) FROM post_images WHERE post_id = ? GROUP BY url"
_QUEUE = """
    INSERT INTO image_queue (store_id, post_id, place, url, lastmod) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (post_id, place) DO UPDATE SET url = excluded.url, lastmod = excluded.lastmod,
        crawl_id = CASE WHEN url = excluded.url THEN crawl_id END, tries = 0
"""
_NEXT = """
    SELECT waiting.url, coalesce(captures.etag, '') AS etag,
        coalesce(captures.last_modified, '') AS last_modified
    FROM (
        SELECT url, min(id) AS first FROM image_queue
        WHERE store_id = :store AND crawl_id IS NOT :crawl GROUP BY url ORDER BY first LIMIT :limit
    ) AS waiting
    LEFT JOIN captures ON captures.id = (
        -- Of this store alone: what another was answered is in the archive of that one.
        SELECT capture_id FROM post_images JOIN posts ON posts.id = post_id
        WHERE post_images.url = waiting.url AND store_id = :store
        ORDER BY post_images.last_seen_at DESC, post_images.id DESC LIMIT 1
    )
    ORDER BY first
"""
