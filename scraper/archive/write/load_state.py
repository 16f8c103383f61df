"""What the archive holds of a store when a crawl of it begins."""

from __future__ import annotations

from scraper.archive.statements import quoted
from scraper.archive.write.context import CrawlContext
from scraper.archive.write.store.listings import pending_addresses
from scraper.archive.write.store.stores import UNKNOWN_BLOG
from scraper.archive.write.store.templates import load_template, template_of_crawl
from scraper.history.removal import ABSENT
from scraper.items import KnownPost, KnownStore

LOST = "what was answered was lost before the crawl went on"
"""The detail of a capture whose answer was kept and is not at hand any more."""


def load_store(crawl: CrawlContext, *, resumed: bool) -> KnownStore:
    """What is known of the store; `resumed` says that this crawl is gone on with."""
    full_discovery_at, title, heading, shop_id = crawl.connection.execute(
        "SELECT full_discovery_at, not_found_title, not_found_heading, nullif(shop_id, 'unknown') FROM stores WHERE id = ?",
        [crawl.store_id],
    ).fetchone()
    if resumed and full_discovery_at >= crawl.started_at:
        full_discovery_at = ""  # what only its index pages named may not have been asked for yet
    settled, template = template_of_crawl(crawl) if resumed else (False, None)
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
        addresses=crawl.addresses,
        template=template if settled else load_template(crawl.connection, crawl.store_id),
        settled=settled,
    )


def _load_posts(crawl: CrawlContext, *, resumed: bool) -> list[KnownPost]:
    """Every post of the store that has an address and is not removed, with the address it bore
    last."""
    rows = crawl.connection.execute(
        _POSTS, {"store": crawl.store_id, "here": f"{crawl.addresses[-1]}/"}
    ).fetchall()
    done = set(crawl.connection.execute(_DONE, [crawl.crawl_id])) if resumed else set()
    return [
        KnownPost(
            url=row[1],
            article_id=row[2],
            state=row[3],
            last_seen_at=row[4],
            lastmod=row[5],
            last_verdict=row[6],
            etag=row[7],
            last_modified=row[8],
            done=(row[0],) in done,
        )
        for row in rows
    ]


_POSTS = """
    SELECT posts.id, posts.url, posts.article_id, posts.state, posts.last_seen_at, posts.seen_lastmod,
        (SELECT verdict FROM observations WHERE observations.post_id = posts.id ORDER BY id DESC LIMIT 1),
        coalesce(good.etag, ''), coalesce(good.last_modified, '')
    FROM posts
    LEFT JOIN captures AS good ON posts.seen_lastmod = ''
        AND good.id = (SELECT max(id) FROM captures WHERE captures.post_id = posts.id AND captures.verdict = 'ok')
        AND substr(good.url, 1, length(:here)) = :here
    WHERE posts.store_id = :store AND posts.url != '' AND posts.state != 'removed' ORDER BY posts.id
"""
_DONE = f"""
    SELECT DISTINCT post_id FROM captures WHERE crawl_id = ? AND post_id IS NOT NULL
        AND (verdict = 'ok' AND detail != '{LOST}' OR verdict IN ({quoted(*sorted(ABSENT))}))
"""
