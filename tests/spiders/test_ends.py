"""A crawl ends when it must, whatever it waits for, and says that it was interrupted."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from scrapy.crawler import Crawler

from scraper.extensions.crawl_run import CrawlRun
from scraper.settings import ITEM_PIPELINES
from tests.conftest import ENDS_S, Command, Start, crawl_words, rows, wait_until
from tests.storefront import POST, ROBOTS, Page, Raw, index, post, serving, sitemap

PATHS = [f"/blogs/news/post-{number}" for number in range(4)]
SLOW = {
    "/robots.txt": "User-agent: *\nCrawl-delay: 3600\n" + ROBOTS.partition("\n")[2],
    "/sitemap.xml": sitemap("/blogs/news", *PATHS),
    "/blogs/news": index(*PATHS),
    **{path: post(path, rid=900 + number) for number, path in enumerate(PATHS)},
}
"""A store that asks for an hour between two requests."""

QUICK = {**SLOW, "/robots.txt": ROBOTS}
ENDLESS = {**QUICK, PATHS[1]: Raw(POST.encode(), drip_s=0.05)}
"""A store that sends a post a byte at a time, for ever."""


@pytest.mark.parametrize(
    ("pages", "asked", "sign"),
    [
        pytest.param(SLOW, ["/robots.txt"], signal.SIGINT, id="in discovery, by Ctrl-C"),
        pytest.param(SLOW, ["/robots.txt"], signal.SIGTERM, id="in discovery, by SIGTERM"),
        pytest.param(ENDLESS, PATHS, signal.SIGTERM, id="under a download"),
    ],
)
def test_an_interruption_at_any_time_is_incomplete(
    start: Start,
    db_path: Path,
    pages: dict[str, Page],
    asked: list[str],
    sign: signal.Signals,
) -> None:
    with serving(pages) as store:
        running = start(*crawl_words(store.url, db_path, "-s", f"DOWNLOAD_TIMEOUT={2 * ENDS_S}"))
        wait_until(lambda: set(asked) <= set(store.paths))
        running.send_signal(sign)
        out, err = running.communicate(timeout=ENDS_S)
    assert (running.returncode, "Traceback" in err) == (3, False), err
    if asked == PATHS:
        assert "the crawl was interrupted" in out, err
        assert rows(db_path, "SELECT outcome, reason FROM crawls") == [
            ("incomplete", "the crawl was interrupted")
        ]
    else:
        assert store.paths == asked
        assert err.splitlines()[-1] == (f"blogkeep: {store.url}: interrupted; nothing was archived")
        assert not db_path.exists()


def test_the_longest_time_of_a_crawl_ends_a_wait(start: Start, db_path: Path) -> None:
    hours = ("-s", "ARCHIVE_MAX_HOURS=0.0001", "-s", "ARCHIVE_HEARTBEAT=0.1")
    with serving(SLOW) as store:
        running = start(*crawl_words(store.url, db_path), *hours)
        _, err = running.communicate(timeout=ENDS_S)
        assert store.paths in (["/robots.txt"], [])
    assert running.returncode == 3
    assert "ARCHIVE_MAX_HOURS: it ends here" in err
    assert "Traceback" not in err


def test_a_page_that_takes_too_long_to_read_is_evidence_and_the_crawl_goes_on(
    crawl: Command, db_path: Path
) -> None:
    """A page of fifty thousand links takes two seconds of CPU, the others a hundredth."""
    text = "<p>" + '<a href="/a">Word</a> and WORD20. ' * 50_000 + "</p>"
    with serving({**QUICK, PATHS[1]: post(PATHS[1], rid=901, text=text)}) as store:
        done = crawl(store.url, db_path, "-s", "ARCHIVE_PAGE_CPU=0.3")
    assert "Traceback" not in done.stderr
    assert done.returncode == 0
    assert rows(db_path, "SELECT handle FROM posts ORDER BY handle") == [
        ("post-0",),
        ("post-2",),
        ("post-3",),
    ]
    refused = "SELECT detail FROM captures WHERE verdict = 'rejected'"
    assert rows(db_path, refused) == [("too_slow: reading the page takes more than 0.3 s of CPU",)]


class SlowEnd:
    """A pipeline that closes only when the crawl has found that it ends."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> SlowEnd:
        pipeline = cls()
        pipeline.crawler = crawler
        return pipeline

    crawler: Crawler

    async def close_spider(self) -> None:
        has_ended = asyncio.Event()
        CrawlRun.of(self.crawler).on_end(has_ended.set)
        await has_ended.wait()


def test_a_crawl_that_takes_its_time_to_end_is_not_called_interrupted(
    crawl: Command, db_path: Path
) -> None:
    pipelines = {**ITEM_PIPELINES, f"{__name__}.{SlowEnd.__name__}": 900}
    with serving(QUICK) as store:
        done = crawl(store.url, db_path, "-s", f"ITEM_PIPELINES={json.dumps(pipelines)}")
    assert (done.returncode, "stopping …" in done.stderr) == (0, False), done.stderr


def test_a_clock_far_ahead_of_the_stores_is_refused_in_one_line(
    crawl: Command, db_path: Path
) -> None:
    then = datetime.now(UTC) - timedelta(days=90)
    with serving(QUICK) as store:
        assert crawl(store.url, db_path).returncode == 0
        with closing(sqlite3.connect(db_path)) as db, db:
            last = [f"{then - timedelta(days=1):%FT%TZ}"]
            db.execute("UPDATE crawls SET heartbeat_at = ?1, finished_at = ?1", last)
        store.date = format_datetime(then, usegmt=True)
        refused = crawl(store.url, db_path)
        lines = [line for line in refused.stderr.splitlines() if "the clock says" in line]
        assert (refused.returncode, len(lines)) == (1, 1), refused.stderr
    assert f"the store says {then:%FT%TZ}: set the clock" in lines[0]
