"""Crawls and imports, and how much the archive holds of a store."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from sqlite_utils import Database

from scraper.archive.rows import read_row, read_rows
from scraper.archive.store_lookup import find_store_at
from scraper.exceptions import NoArchive
from scraper.history.humanize import plural


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlRow:
    """A crawl or an import, with its counts."""

    id: int
    store: str
    label: str
    kind: str
    started_at: str
    finished_at: str | None
    outcome: str
    health: str
    reason: str
    n_listed: int
    n_fetched: int
    n_not_modified: int
    n_new: int
    n_changed: int
    n_missing: int
    n_blocked: int
    n_error: int
    n_pending: int


def last_crawl(db: Database, store: str = "") -> CrawlRow:
    """Read the newest crawl, of one store (by name) or of any. Raises NoArchive without one."""
    crawls = read_recent_crawls(db, store, limit=1)
    if not crawls:
        raise NoArchive("nothing was crawled yet" + (f" of {store}" if store else ""))
    return crawls[0]


def read_recent_crawls(
    connection: sqlite3.Connection | Database, store: str = "", *, limit: int = 100
) -> list[CrawlRow]:
    """Read the last crawls and imports, of one store (by name) or of all, newest first."""
    sql = f"{_CRAWL} WHERE ?1 IN ('', stores.name) ORDER BY crawls.id DESC LIMIT ?2"
    return read_rows(connection, CrawlRow, sql, [store, limit])


def read_crawl(db: Database, crawl_id: int) -> CrawlRow:
    """Read a crawl by its id. Raises NoArchive if there is none."""
    crawl = read_row(db, CrawlRow, f"{_CRAWL} WHERE crawls.id = ?", [crawl_id])
    if crawl is None:
        raise NoArchive(f"there is no crawl {crawl_id}")
    return crawl


def count_complete_crawls(db: Database, origin: str) -> int:
    """Count the complete crawls of the store at an origin."""
    (count,) = db.execute(_COUNT_COMPLETE, [origin]).fetchone()
    return int(count)


def newest_answer(db: Database, origin: str) -> str:
    """Return when the store at `origin` last answered (UTC); empty if it is not known."""
    store = find_store_at(db.conn, origin)
    (at,) = db.execute(_NEWEST_ANSWER, [store.id if store else 0]).fetchone()
    return at or ""


def count_rows(db: Database, crawl: CrawlRow) -> list[str]:
    """Count what the archive holds of a crawl's store, each count in words."""
    counts = []
    for (one, many), sql in _COUNTS.items():
        (count,) = db.execute(sql, [crawl.store]).fetchone()
        counts.append(plural(count, one, many))
    return counts


_CRAWL = """
    SELECT crawls.id, stores.name AS store, crawls.label, crawls.kind, started_at, finished_at,
        outcome, health, reason, n_listed, n_fetched, n_not_modified, n_new, n_changed, n_missing,
        n_blocked, n_error, n_pending
    FROM crawls JOIN stores ON stores.id = crawls.store_id
"""
_COUNT_COMPLETE = """
    SELECT count(*) FROM crawls JOIN stores ON stores.id = crawls.store_id
    WHERE stores.origin = ? AND outcome = 'complete' AND kind = 'crawl'
"""
_OF_STORE = "store_id = (SELECT id FROM stores WHERE name = ?)"
_COUNTS = {
    ("blog", "blogs"): f"SELECT count(*) FROM blogs WHERE {_OF_STORE}",
    ("post", "posts"): f"SELECT count(*) FROM posts WHERE {_OF_STORE}",
    ("word", "words"): f"SELECT coalesce(sum(word_count), 0) FROM posts WHERE {_OF_STORE}",
    ("link between posts", "links between posts"): f"""
        SELECT count(*) FROM links JOIN posts ON posts.id = from_post_id
        WHERE {_OF_STORE} AND gone_at IS NULL AND kind NOT IN ('similar', 'copy')
    """,
    ("discount code", "discount codes"): f"SELECT count(*) FROM discount_codes WHERE {_OF_STORE}",
}
_NEWEST_ANSWER = """
    SELECT max(fetched_at) FROM captures JOIN crawls ON crawls.id = captures.crawl_id
    WHERE store_id = ? AND http_status != 0
"""
