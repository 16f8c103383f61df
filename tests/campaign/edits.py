"""A store of 2,000 posts, 20 of them edited: what a recrawl asks for, finds and writes, a day later
and on a day without news."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from scraper.demo import DemoServer
from scraper.pipelines.control_fetches import MAX_PER_REASON
from scraper.spiders.fetch_tasks import MOST_UNMOVED
from tests.bulk_store import BulkStore
from tests.campaign.runs import Bench, crawl, crawl_by_clock, verified
from tests.conftest import rows

POSTS, EDITED = 2000, 20
DAY_S = 24 * 3600
TABLES = (
    "posts",
    "post_urls",
    "contents",
    "revisions",
    "observations",
    "changes",
    "change_fields",
    "links",
    "code_mentions",
    "listings",
)


def run(bench: Bench) -> None:
    """Crawl by yesterday's clock, then the edited store by today's, and that once more."""
    db = bench.archive("edits")
    with DemoServer(
        BulkStore(POSTS, page_bytes=20_000, edited_share=EDITED / POSTS), fresh_tokens=True
    ) as server:
        crawl_by_clock(server.url, db, ahead=-DAY_S)
        server.requests.clear()
        server.day = 2
        bench.log.check(crawl(server.url, db)[0] == 0, "edits: the second day")
        edited = {change.post.path for change in server.store.changes(2)}
        asked = Counter(request.path for request in server.requests if "/note-" in request.path)
        recorded = {str(url).removeprefix(server.url) for (url,) in rows(db, _TOLD)}
        bench.log.check(
            recorded == edited and len(edited) == EDITED,
            f"edits: {len(recorded & edited)} found, {len(recorded - edited)} invented",
        )
        kinds = [_requested(db, server.url, kind) for kind in ("post", "control")]
        bench.log.check(sum(kinds, Counter()) == asked, "edits: each request for a post is saved")
        _check_asked(bench, *kinds, edited)
        _check_unchanged(bench, server, db)
    clean, said = verified(db)
    bench.log.check(clean, f"edits: verify says {said[-300:]}")


_TOLD = "SELECT posts.url FROM changes JOIN posts ON posts.id = post_id WHERE crawl_id = 2"


def _requested(db: Path, origin: str, resource_type: str) -> Counter[str]:
    urls = rows(db, _REQUESTED, resource_type)
    return Counter(str(url).removeprefix(origin) for (url,) in urls)


_REQUESTED = "SELECT url FROM captures WHERE crawl_id = 2 AND resource_type = ?"


def _check_asked(
    bench: Bench, visits: Counter[str], controls: Counter[str], edited: set[str]
) -> None:
    """Each post is visited once. What is about to be reported as edited is fetched again, with some
    posts whose dates stand still: what differs between two fetches is nobody's edit."""
    swept = visits.keys() - edited
    again = sum(controls[path] for path in edited)
    bench.log.report(
        f"second day: {len(edited & visits.keys())} edited posts asked for, {again} times again "
        f"beside {controls.total() - again} others; {len(swept)} more by the sweep of a day"
    )
    bench.log.check(visits.total() == len(visits), "edits: each post is visited once")
    bench.log.check(
        again <= MAX_PER_REASON and controls.total() - again <= MOST_UNMOVED,
        f"edits: {again} edited and {controls.total() - again} other posts are fetched again",
    )
    bench.log.check(len(swept) < POSTS / 10, f"edits: {len(swept)} posts swept in one day")


def _check_unchanged(bench: Bench, server: DemoServer, db: Path) -> None:
    before = {table: rows(db, f"SELECT * FROM {table} ORDER BY id") for table in TABLES}
    server.requests.clear()
    bench.log.check(crawl(server.url, db)[0] == 0, "edits: a day without news")
    moved = [
        table for table in TABLES if rows(db, f"SELECT * FROM {table} ORDER BY id") != before[table]
    ]
    bench.log.check(not moved, f"edits: a day without news writes to {', '.join(moved)}")
    bench.log.report(f"without news: {len(server.requests)} requests, {len(moved)} tables written")
