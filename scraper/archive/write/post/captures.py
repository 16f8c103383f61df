"""Captures: what the server answered, one row each."""

from __future__ import annotations

from scraper.archive.statements import insert
from scraper.archive.write.context import CrawlContext
from scraper.archive.write.store.templates import NO_TEMPLATE
from scraper.items import Visit


def save_capture(
    crawl: CrawlContext, visit: Visit, post_id: int | None, body_id: int | None
) -> int:
    """Write the capture of a visit, whose body is stored under `body_id`; returns its id."""
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
        dated_by=capture.dated_by,
        etag=capture.etag,
        last_modified=capture.last_modified,
        body_hash=capture.body_hash,
        body_bytes=capture.body_bytes,
        body_id=body_id,
        resource_type=visit.resource_type,
        template=(visit.post.template if visit.post else "") or NO_TEMPLATE,
    )
