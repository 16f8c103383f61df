"""Sights of images: distinct bytes once, periods for each post, and a change where the store has
another image at an address (`history.images`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from scraper.archive.rows import read_row, read_rows
from scraper.archive.statements import insert, update
from scraper.archive.write.context import CrawlContext
from scraper.archive.write.images.queue import PASSING, leave_queue, stay_queued
from scraper.archive.write.post.captures import save_capture
from scraper.archive.write.post.changes import record_image_change
from scraper.crawl_evidence import ImageAnswer
from scraper.history.images import (
    SAME_BYTES,
    ImageSight,
    ImageState,
    ImageStep,
    describe_change,
    observe_image,
)
from scraper.history.timeline import Pending, PostEvent
from scraper.items import Capture, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class _Queued:
    id: int
    post_id: int
    place: str
    lastmod: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Period:
    """A row of post_images, with the hash of its image."""

    id: int
    image_id: int
    hash: str
    url: str
    uploaded_at: str
    lastmod: str
    standing: str
    first_seen_at: str
    last_seen_at: str
    count: int

    @property
    def sight(self) -> ImageSight:
        return ImageSight(
            url=self.url,
            hash=self.hash,
            at=self.last_seen_at,
            uploaded_at=self.uploaded_at,
            lastmod=self.lastmod,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    image_id: int
    capture_id: int
    sight: ImageSight


def is_stored(crawl: CrawlContext, body_hash: str) -> bool:
    """Whether the archive has an image with these bytes."""
    return _find_image(crawl, body_hash) is not None


def record_image(crawl: CrawlContext, answer: ImageAnswer, body_id: int | None) -> None:
    """Write the answer to a request for an image, and what it says of every post that waits for
    it. The caller holds the transaction."""
    queued = read_rows(crawl.connection, _Queued, _QUEUED, [crawl.store_id, answer.url])
    seen = _save_answer(crawl, answer, body_id)
    for item in queued:
        if seen is None:
            _fail(crawl, item, answer)
        elif _record_sight(crawl, item, seen):
            stay_queued(crawl, item.id, failed=False)
        else:
            leave_queue(crawl, item.id)


def _fail(crawl: CrawlContext, item: _Queued, answer: ImageAnswer) -> None:
    if answer.capture is None or answer.capture.verdict in PASSING:
        stay_queued(crawl, item.id, failed=True)
    else:
        leave_queue(crawl, item.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Image:
    id: int
    hash: str


def _save_answer(crawl: CrawlContext, answer: ImageAnswer, body_id: int | None) -> _Seen | None:
    """Write the capture, and the image if it is new; None where the answer shows none."""
    capture = answer.capture
    if capture is None:
        return None
    known = _find_image(crawl, capture.body_hash) if capture.verdict == "ok" else None
    if capture.verdict == "not_modified":
        known = read_row(crawl.connection, _Image, _LAST_OF_URL, [answer.url, crawl.store_id])
    if known:
        capture = replace(capture, detail=SAME_BYTES.format(known.hash[:12]))
    capture_id = save_capture(crawl, Visit(capture=capture, resource_type="image"), None, body_id)
    if not known and capture.verdict != "ok":
        return None
    digest = known.hash if known else capture.body_hash
    image_id = known.id if known else _insert_image(crawl, answer, capture, capture_id)
    sight = ImageSight(
        url=answer.url, hash=digest, at=capture.fetched_at, uploaded_at=answer.uploaded_at
    )
    return _Seen(image_id=image_id, capture_id=capture_id, sight=sight)


def _insert_image(
    crawl: CrawlContext, answer: ImageAnswer, capture: Capture, capture_id: int
) -> int:
    return insert(
        crawl.connection,
        "images",
        hash=capture.body_hash,
        media_type=answer.media_type,
        n_bytes=capture.body_bytes,
        capture_id=capture_id,
    )


def _find_image(crawl: CrawlContext, digest: str) -> _Image | None:
    return read_row(crawl.connection, _Image, f"{_IMAGE} WHERE hash = ?", [digest])


def _record_sight(crawl: CrawlContext, item: _Queued, seen: _Seen) -> bool:
    """Write what a post's image shows now; returns whether a difference waits for another sight."""
    periods = read_rows(crawl.connection, _Period, _PERIODS, [item.post_id, item.place])
    current = next((period for period in periods if period.standing == "confirmed"), None)
    if current is None:
        _begin(crawl, item, seen, "confirmed")
        return False
    waiting = next((period for period in periods if period.standing == "pending"), None)
    seen_at = max(current.last_seen_at, waiting.last_seen_at if waiting else "")
    if seen.sight.at < seen_at:
        if waiting is None or seen.sight.at < waiting.first_seen_at:
            confirmed = [period for period in periods if period.standing == "confirmed"]
            _insert_past(crawl, item, seen, confirmed)
        return waiting is not None
    state = ImageState(
        current=current.sight,
        seen_at=seen_at,
        pending=_pending(crawl, current, waiting) if waiting else None,
    )
    sight = replace(seen.sight, lastmod=item.lastmod)
    steps = observe_image(state, sight, confirm_sights=crawl.rules.confirm_sights)
    record = _SightRecord(crawl, item, seen, current, waiting)
    for step, event in steps:
        record.apply(step, event)
    return bool(steps) and steps[-1][0] in {"pending", "seen"}


def _insert_past(
    crawl: CrawlContext, item: _Queued, seen: _Seen, periods: Sequence[_Period]
) -> None:
    """Write what a post's image showed before its last sight: the nearest period of the same bytes
    is extended to it, or it has one of its own. It makes no change: what the store did between two
    periods was found when the later one began. Within a period of other bytes it says nothing."""
    at = seen.sight.at
    later = min((one for one in periods if one.last_seen_at >= at), key=_begin_of, default=None)
    before = [one for one in periods if one.last_seen_at < at]
    earlier = max(before, key=_begin_of, default=None)
    if later is not None and later.image_id == seen.image_id:
        begin = min(at, later.first_seen_at)
        values = {"first_seen_at": begin, "count": later.count + 1}
        update(crawl.connection, "post_images", later.id, **values)
    elif later is not None and later.first_seen_at <= at:
        return
    elif earlier is not None and earlier.image_id == seen.image_id:
        values = {"last_seen_at": at, "count": earlier.count + 1}
        update(crawl.connection, "post_images", earlier.id, **values)
    else:
        _begin(crawl, item, seen, "confirmed")


def _begin_of(period: _Period) -> str:
    return period.first_seen_at


def _pending(crawl: CrawlContext, current: _Period, waiting: _Period) -> Pending:
    return Pending(
        version=(waiting.hash, ""),
        not_before=current.last_seen_at,
        first_seen_at=waiting.first_seen_at,
        sights=waiting.count,
        confirm_sights=crawl.rules.confirm_sights,
    )


@dataclass(frozen=True, slots=True)
class _SightRecord:
    """Writes the steps of one sight; `current` and `waiting` are the periods before it."""

    crawl: CrawlContext
    item: _Queued
    seen: _Seen
    current: _Period
    waiting: _Period | None

    def apply(self, step: ImageStep, event: PostEvent | None) -> None:
        if step == "same":
            self._extend(self.current, "confirmed")
        elif step in {"pending", "rendered"}:
            standing = "pending" if step == "pending" else "confirmed"
            _begin(self.crawl, self.item, self.seen, standing)
        elif event is not None:
            self._change(event)
        elif self.waiting is not None and step == "volatile":
            connection = self.crawl.connection
            update(connection, "post_images", self.waiting.id, standing="volatile")
        elif self.waiting is not None:
            self._extend(self.waiting, "confirmed" if step == "confirmed" else "pending")

    def _change(self, event: PostEvent) -> None:
        """Record a change, and begin its period unless that of a difference that waited goes
        on."""
        crawl, item, seen = self.crawl, self.item, self.seen
        if self.waiting is None or self.waiting.image_id != seen.image_id:
            _begin(crawl, item, seen, "confirmed")
        is_revert = crawl.connection.execute(
            _WAS_SHOWN, [item.post_id, item.place, seen.image_id]
        ).fetchone()
        record_image_change(
            crawl,
            item.post_id,
            event,
            describe_change(self.current.sight, seen.sight),
            lastmod=item.lastmod,
            is_revert=is_revert is not None,
        )

    def _extend(self, period: _Period, standing: str) -> None:
        sight = self.seen.sight
        update(
            self.crawl.connection,
            "post_images",
            period.id,
            url=sight.url,
            capture_id=self.seen.capture_id,
            uploaded_at=sight.uploaded_at or period.uploaded_at,
            lastmod=self.item.lastmod or period.lastmod,
            standing=standing,
            last_seen_at=sight.at,
            count=period.count + 1,
        )


def _begin(crawl: CrawlContext, item: _Queued, seen: _Seen, standing: str) -> None:
    insert(
        crawl.connection,
        "post_images",
        post_id=item.post_id,
        image_id=seen.image_id,
        place=item.place,
        url=seen.sight.url,
        capture_id=seen.capture_id,
        uploaded_at=seen.sight.uploaded_at,
        lastmod=item.lastmod,
        standing=standing,
        first_seen_at=seen.sight.at,
        last_seen_at=seen.sight.at,
    )


_QUEUED = """
    SELECT id, post_id, place, lastmod FROM image_queue WHERE store_id = ? AND url = ? ORDER BY id
"""
_IMAGE = "SELECT images.id, images.hash FROM images"
_LAST_OF_URL = f"""
    {_IMAGE} JOIN post_images ON post_images.image_id = images.id
    JOIN posts ON posts.id = post_id
    WHERE post_images.url = ? AND store_id = ?
    ORDER BY post_images.last_seen_at DESC, post_images.id DESC LIMIT 1
"""
_PERIODS = """
    SELECT post_images.id, image_id, images.hash, url, uploaded_at, lastmod, standing,
        first_seen_at, last_seen_at, count
    FROM post_images JOIN images ON images.id = post_images.image_id
    WHERE post_id = ? AND place = ? AND standing != 'volatile'
    ORDER BY first_seen_at DESC, post_images.id DESC
"""
_WAS_SHOWN = """
    SELECT 1 FROM post_images
    WHERE post_id = ?1 AND place = ?2 AND image_id = ?3 AND standing = 'confirmed'
        AND id < (
            SELECT max(id) FROM post_images WHERE post_id = ?1 AND place = ?2
                AND standing = 'confirmed'
        )
"""
