"""What a page costs the archive, as counts that no machine changes: statements, and pages of the
database that are written."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from scraper.archive.database import open_for_writing
from scraper.items import Post
from tests.archive.shop import Shop, listing
from tests.factories import at, make_link, make_post, seen

POSTS = 40
LINKS = 6
FRAME = 4096 + 24
"""Bytes of one page in the write-ahead log."""


def posts(edit: str = "") -> list[Post]:
    """Posts of 300 words with links between them, a tag that all have and one that few have."""
    return [
        make_post(
            f"post-{number}",
            article_id=str(1000 + number),
            text=edit + " ".join(f"word{number * step % 977}" for step in range(300)),
            links=tuple(
                make_link(f"post-{(number + step) % POSTS}", position=step)
                for step in range(1, LINKS + 1)
            ),
            tags=("tea", f"topic {number % 9}"),
        )
        for number in range(POSTS)
    ]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    db = open_for_writing(tmp_path / "archive.db")
    db.conn.execute("PRAGMA wal_autocheckpoint = 0")
    yield Shop(db)
    db.close()


def costs(shop: Shop, log: Path, day: int, found: list[Post]) -> tuple[int, float]:
    """Crawl posts; the most statements of one visit, and the pages written for each in the mean."""
    writer = shop.begin(day)
    writer.record(listing(*(post.url for post in found)), at(day))
    most, written = 0, log.stat().st_size
    for minute, post in enumerate(found, start=1):
        statements: list[str] = []
        shop.db.conn.set_trace_callback(statements.append)
        writer.record_visit(seen(post, at(day, minute), lastmod=at(day)))
        shop.db.conn.set_trace_callback(None)
        # The first of a kind (a blog, a template) costs more. A trigger repeats its statement.
        if minute > 1:
            most = max(most, sum(1 for _ in groupby(statements)))
    written = log.stat().st_size - written
    shop.db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return most, written / FRAME / len(found)


def fits(cost: tuple[int, float], most: tuple[int, int]) -> bool:
    return cost[0] <= most[0] and cost[1] <= most[1]


def test_a_page_takes_few_statements_and_writes_few_pages(shop: Shop, tmp_path: Path) -> None:
    """Limits to lower when the costs fall: a rise is to be seen and decided on."""
    log = tmp_path / "archive.db-wal"
    found = {
        "new": costs(shop, log, 1, posts()),
        "seen again": costs(shop, log, 2, posts()),
        "edited": costs(shop, log, 3, posts("Our own words. ")),
    }
    # Every column is in an index, so that SQLite's own check finds a byte that was changed:
    # that costs a new page six pages of the database, one seen again or edited five. What its
    # store's lines read before, by which severity is judged, is a statement of an edited page.
    most = {"new": (20, 54), "seen again": (14, 16), "edited": (20, 43)}
    too_much = {kind: cost for kind, cost in found.items() if not fits(cost, most[kind])}
    assert too_much == {}, f"most: {most}"
    assert shop.counts("posts", "revisions") == (POSTS, 2 * POSTS)
