"""What the archive holds of a store when a crawl of it begins."""

from __future__ import annotations

import json

from scraper.archive.rows import named_rows
from scraper.archive.statements import quoted
from scraper.archive.store_templates import load_template
from scraper.archive.write.context import CrawlContext
from scraper.archive.write.store.listings import pending_addresses
from scraper.archive.write.store.stores import UNKNOWN_BLOG
from scraper.archive.write.store.templates import template_of_crawl
from scraper.crawl_evidence import EXHAUSTED, KnownPost, KnownStore
from scraper.history.removal import ABSENT

LOST = "the stored answer was lost before the crawl resumed"
"""Detail of a capture whose answer was stored and is missing."""


def load_store(crawl: CrawlContext, *, resumed: bool) -> KnownStore:
    """Return what the archive holds of the store; `resumed`: this crawl continues a killed one."""
    full_discovery_at, title, heading, shop_id, platform = crawl.connection.execute(
        "SELECT full_discovery_at, not_found_title, not_found_heading, "
        "nullif(shop_id, 'unknown'), platform FROM stores WHERE id = ?",
        [crawl.store_id],
    ).fetchone()
    if resumed and full_discovery_at >= crawl.started_at:
        full_discovery_at = ""  # posts that only its index pages list may not be fetched yet
    settled, template = template_of_crawl(crawl) if resumed else (False, None)
    (dates_moved,) = crawl.connection.execute(
        _LAST_MOVED, [crawl.store_id, crawl.crawl_id]
    ).fetchone()
    all_controls, all_fetched, controls, varies = crawl.connection.execute(
        _CONTROLS, {"store": crawl.store_id}
    ).fetchone()
    blogs = crawl.connection.execute(
        "SELECT handle FROM blogs WHERE store_id = ? AND handle != ? ORDER BY id",
        [crawl.store_id, UNKNOWN_BLOG],
    )
    return KnownStore(
        posts=tuple(_load_posts(crawl, resumed=resumed)),
        pending=pending_addresses(crawl.connection, crawl.store_id),
        blogs=tuple(handle for (handle,) in blogs),
        full_discovery_at=full_discovery_at,
        not_found=(title, heading),
        shop_id=shop_id or "",
        platform=platform,
        addresses=crawl.addresses,
        template=template if settled else load_template(crawl.connection, crawl.store_id),
        settled=settled,
        rejected=dict(crawl.connection.execute(_REJECTED, [crawl.store_id, crawl.extractor])),
        dates_moved=dates_moved,
        all_controls=all_controls,
        all_fetched=all_fetched,
        controls=controls,
        varies=bool(varies),
    )


def _load_posts(crawl: CrawlContext, *, resumed: bool) -> list[KnownPost]:
    """Every post of the store that has an address and is not removed, with its last address."""
    done: set[int] = set()
    if resumed:
        done = {post_id for (post_id,) in crawl.connection.execute(_DONE, [crawl.crawl_id])}
    rows = named_rows(
        crawl.connection,
        _POSTS,
        {"store": crawl.store_id, "origin": f"{crawl.addresses[-1]}/"},
    )
    return [
        KnownPost(done=row.pop("id") in done, feed_claims=json.loads(row.pop("feed_claims")), **row)
        for row in rows
    ]


_REJECTED = f"""
    SELECT body_hash, detail FROM (
        SELECT captures.id, body_hash, detail, count(*) OVER (PARTITION BY body_hash) AS times
        FROM captures JOIN crawls ON crawls.id = captures.crawl_id
        WHERE crawls.store_id = ? AND crawls.extractor = ? AND captures.verdict = 'rejected'
    )
    WHERE times > 1 OR detail NOT LIKE '{EXHAUSTED}%'
    ORDER BY id
"""
_LAST_MOVED = """
    SELECT coalesce((
        SELECT dates_moved FROM crawls
        WHERE store_id = ? AND (kind = 'crawl' OR health != 'unknown') AND id < ?
        ORDER BY id DESC LIMIT 1
    ), 'singly')
"""
_CONTROLS = """
    WITH learned AS (
        SELECT coalesce(max(first_seen_at), '') AS at FROM templates WHERE store_id = :store
    )
    SELECT (
            SELECT count(*) FROM captures JOIN crawls ON crawls.id = captures.crawl_id
            WHERE store_id = :store AND resource_type = 'control'
        ), (
            SELECT coalesce(sum(n_fetched), 0) FROM crawls WHERE store_id = :store
        ), (
            SELECT count(*) FROM captures JOIN crawls ON crawls.id = captures.crawl_id
            WHERE store_id = :store AND resource_type = 'control' AND fetched_at > learned.at
        ), EXISTS (
            SELECT 1 FROM pending_changes JOIN crawls ON crawls.id = pending_changes.crawl_id
            WHERE store_id = :store AND pending_changes.first_seen_at > learned.at
            UNION ALL
            SELECT 1 FROM changes
            WHERE store_id = :store AND moving != '[]' AND not_after > learned.at
        )
    FROM learned
"""
_POSTS = """
    SELECT posts.id, posts.url, posts.article_id, posts.state, posts.last_seen_at,
        posts.seen_lastmod AS lastmod, pending_changes.id IS NOT NULL AS pending,
        (
            SELECT json_group_object(
                value ->> 'field',
                value ->> iif(value ->> 'field' IN ('body', 'published_at'), 'value', 'raw')
            )
            FROM json_each(posts.readings) WHERE value ->> 'source' = 'feed'
        ) AS feed_claims,
        (
            SELECT verdict FROM observations WHERE observations.post_id = posts.id
            ORDER BY last_seen_at DESC, id DESC LIMIT 1
        ) AS last_verdict,
        coalesce(good.etag, '') AS etag, coalesce(good.last_modified, '') AS last_modified
    FROM posts
    LEFT JOIN pending_changes
        ON pending_changes.post_id = posts.id AND pending_changes.standing = 'pending'
    LEFT JOIN captures AS good ON posts.seen_lastmod = ''
        AND good.id = (
            SELECT max(id) FROM captures
            WHERE captures.post_id = posts.id AND captures.verdict = 'ok'
        )
        AND substr(good.url, 1, length(:origin)) = :origin
    WHERE posts.store_id = :store AND posts.url != '' AND posts.state != 'removed'
    ORDER BY posts.id
"""
_DONE = f"""
    SELECT DISTINCT post_id FROM captures WHERE crawl_id = ? AND post_id IS NOT NULL
        AND (verdict = 'ok' AND detail != '{LOST}' OR verdict IN ({quoted(*sorted(ABSENT))}))
"""
