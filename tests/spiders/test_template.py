"""The store's template in a crawl: learned from the first pages, kept while it fits, learned anew
after a change of theme."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from scrapy import signals
from scrapy.crawler import Crawler

from scraper import settings
from scraper.demo import DemoServer
from tests.conftest import ANEW, Command, rows
from tests.small_store import small_store

BEFORE, AFTER = "palo_alto", "dawn"
"""Both print the posts alike, but for their tags, which the second leaves out."""


def test_the_demo_store_has_one_template_on_all_its_days(three_days):
    assert rows(
        three_days.db, "SELECT learned_from, first_seen_at < last_seen_at FROM templates"
    ) == [("feed", 1)]


def test_all_posts_that_the_feed_holds_read_as_it_says(three_days):
    assert rows(
        three_days.db,
        "SELECT n_feed_checked > 40, n_feed_checked > 0, n_feed_checked = n_feed_matched "
        "FROM crawls",
    ) == [
        (1, 1, 1),
        (0, 1, 1),
        (0, 1, 1),
    ]


@pytest.fixture(scope="module")
def redesigned(blogkeep: Command, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store crawled twice on one day of it, before and after a change of its theme."""
    db = tmp_path_factory.mktemp("redesigned") / "archive.db"
    for theme in (BEFORE, AFTER):
        store = small_store(theme=theme)
        with DemoServer(store, day=1) as server:
            through = ("-s", f"ARCHIVE_PROXY={server.url}", "-s", "ARCHIVE_RATE=0")
            done = blogkeep(
                "crawl",
                "blog",
                "-a",
                f"store=http://{store.shop.host}",
                "--db",
                str(db),
                *through,
                *ANEW,
            )
            assert done.returncode == 0, done.stdout + done.stderr
    return db


def test_a_change_of_theme_is_a_new_template(redesigned):
    found = rows(redesigned, "SELECT number, fingerprint, bodies FROM templates ORDER BY number")
    assert [number for number, _, _ in found] == [1, 2]
    assert len({fingerprint for _, fingerprint, _ in found}) == 2
    assert all(json.loads(bodies) for _, _, bodies in found)


def test_a_change_of_theme_changes_no_word_and_nothing_that_the_store_did(redesigned):
    assert rows(redesigned, "SELECT count(*) FROM contents") == rows(
        redesigned, "SELECT count(*) FROM posts"
    )
    assert rows(redesigned, "SELECT DISTINCT origin FROM changes WHERE kind != 'created'") in (
        [],
        [("technical",)],
    )


def test_a_change_of_theme_is_reported_in_one_line(redesigned, blogkeep: Command):
    (posts,) = rows(redesigned, "SELECT count(*) FROM posts")[0]
    assert rows(redesigned, "SELECT origin, cause, n_posts, summary FROM change_groups") == [
        ("technical", "theme", posts, f"theme changed on {posts} posts")
    ]
    assert rows(
        redesigned, "SELECT count(*) FROM changes WHERE kind != 'created' AND group_id IS NULL"
    ) == [(0,)]
    assert "theme changed on" in blogkeep("changes", "--db", str(redesigned)).stdout.splitlines()[1]


def test_an_archive_across_a_change_of_theme_is_sound(redesigned, blogkeep: Command):
    done = blogkeep("verify", "--db", str(redesigned))
    assert done.returncode == 0, done.stdout


class WaitingPages:
    """Reports, as the spider opens and of each item that is done, how many bytes of pages Scrapy
    lets wait then."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        crawler.signals.connect(self.report, signals.item_scraped)
        crawler.signals.connect(self.report, signals.spider_opened)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> WaitingPages:
        return cls(crawler)

    def report(self) -> None:
        sys.stderr.write(f"limit {self.crawler.engine.scraper.slot.max_active_size}\n")


def test_pages_wait_in_any_number_only_for_the_template(
    demo: DemoServer, crawl: Command, db_path: Path
) -> None:
    extensions = {**settings.EXTENSIONS, f"{__name__}.{WaitingPages.__name__}": 600}
    done = crawl(demo.url, db_path, "-s", f"EXTENSIONS={json.dumps(extensions)}")
    (posts,) = rows(db_path, "SELECT count(*) FROM posts")[0]
    assert re.findall(r"limit (\d+)", done.stderr) == ["1073741824"] + ["5000000"] * posts
