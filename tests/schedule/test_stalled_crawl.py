"""A crawl whose event loop hangs at a page: it is killed, the page rejected, and the crawl resumed
to its end without it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from scraper.archive.current_page import (
    CurrentPage,
    CurrentPageFile,
    current_page_path,
    take_current_page,
)
from scraper.archive.database import open_for_writing
from scraper.archive.file_hashes import hashes_path
from scraper.schedule.crawl_process import ForkServer
from scraper.schedule.monitor import Monitor
from scraper.schedule.processes import CrawlProcesses
from scraper.schedule.runner import Runner
from scraper.schedule.stores_file import read_stores
from tests.conftest import QUICK, Command, rows
from tests.storefront import ROBOTS, Page, index, post, serving, sitemap

GOOD, HANGS, LATER = (f"/blogs/news/{name}" for name in ("good", "hangs", "later"))
STALL_S = 10_000.0
PAGE = CurrentPage(url="https://tea.example/blogs/news/a", body_hash="0" * 64, step="judging")

HANG = f"""
    CREATE TRIGGER hang BEFORE INSERT ON captures
    WHEN NEW.url LIKE '%{HANGS}' AND NEW.verdict = 'ok'
    BEGIN
        SELECT (
            WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers)
            SELECT max(n) FROM numbers
        );
    END
"""
"""What hangs here for ever is SQLite, which no signal but SIGKILL ends."""


def store(*paths: str) -> dict[str, Page]:
    return {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": sitemap("/blogs/news", *paths),
        "/blogs/news": index(*paths),
        **{path: post(path, title=path, rid=555_000 + len(path)) for path in paths},
    }


class StallClock:
    """The wall clock, which is past the timeout from when a crawl begins to save the page, which it
    does for ever, to when the crawl is killed."""

    def __init__(self, page_file: Path, reported: list[str]) -> None:
        self.page_file, self.reported = page_file, reported

    def now(self) -> datetime:
        text = self.page_file.read_text() if self.page_file.exists() else ""
        line, _, _ = text.partition("\n")
        killed = any("killed" in line for line in self.reported)
        hangs = HANGS in line and "saving" in line and not killed
        return datetime.now(UTC) + timedelta(seconds=2 * STALL_S if hangs else 0)

    def wait(self, seconds: float) -> None:
        time.sleep(min(seconds, 0.05))


def make_runner(
    db: Path,
    url: str,
    forks: ForkServer,
    reported: list[str],
    report: Callable[[str], None] | None = None,
) -> Runner:
    """A schedule of one store."""
    file = db.with_name("stores.toml")
    hour = (datetime.now(UTC).hour + 12) % 24  # far enough: no second run becomes due meanwhile
    file.write_text(f'[stores.tea]\nurl = "{url}"\nschedule = "0 {hour} * * *"\n', "utf-8")
    return Runner(
        db,
        stores=partial(read_stores, file),
        clock=StallClock(current_page_path(db, url), reported),
        crawls=CrawlProcesses(db, QUICK, file.parent, server=forks),
        monitor=Monitor(free_mb=lambda: 1e6, least_free_mb=0),
        ping=lambda _: None,
        report=report or reported.append,
        max_crawls=1,
        stop_timeout_s=1,
        stall_timeout_s=STALL_S,
    )


def test_page_that_hangs_a_crawl_is_rejected(
    blogkeep: Command, db_path: Path, forks: ForkServer
) -> None:
    with closing(open_for_writing(db_path)) as db:
        db.execute(HANG)
    with serving(store(GOOD, HANGS, LATER)) as shop:
        reported: list[str] = []
        make_runner(db_path, shop.url, forks, reported).run(once=True)
        hanging = shop.url + HANGS
    found = rows(
        db_path,
        "SELECT url, verdict, substr(detail, 1, 12), body_id IS NOT NULL FROM captures "
        "WHERE url LIKE '%/hangs' ORDER BY id",
    )
    # The first says who was killed, the second holds the answer, which was not read again.
    assert found == [(hanging, "rejected", "hung: killed", stored) for stored in (0, 1)], reported
    assert f"killed, no heartbeat for 10000 s while saving {hanging}" in reported[1]
    assert "complete, healthy" in reported[-1], reported
    assert rows(db_path, "SELECT count(*) FROM posts") == [(2,)]
    assert rows(db_path, "SELECT outcome, health FROM crawls") == [("complete", "healthy")]
    assert not list(db_path.parent.glob("*.page"))
    with closing(sqlite3.connect(db_path)) as db, db:
        db.execute("DROP TRIGGER hang")
    hashes_path(db_path).unlink()  # another program wrote
    assert blogkeep("verify", "--db", str(db_path)).returncode == 0


def test_schedule_goes_on_when_the_archive_is_busy(
    db_path: Path, forks: ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_for_writing(db_path).close()
    monkeypatch.setattr("scraper.archive.database.BUSY_S", 0.01)
    reported: list[str] = []
    with serving(store(GOOD)) as shop, closing(sqlite3.connect(db_path)) as other:
        other.execute("BEGIN IMMEDIATE")

        def report(line: str) -> None:
            reported.append(line)
            other.rollback()

        make_runner(db_path, shop.url, forks, reported, report).run(once=True)
    assert "database is locked; trying again" in reported[0]
    assert reported[-1] == "tea: complete, healthy"


def test_only_the_page_in_work_is_named(tmp_path: Path) -> None:
    path = current_page_path(tmp_path / "archive.db", "https://www.tea.example")
    with CurrentPageFile(path).working_on(PAGE):
        assert take_current_page(tmp_path / "archive.db", "http://tea.example") == PAGE
    file = CurrentPageFile(path)
    with file.working_on(PAGE):
        pass
    assert path.exists()
    assert take_current_page(tmp_path / "archive.db", "https://tea.example") is None
    file.remove()


@pytest.mark.parametrize("text", ["", "\n", '{"url"', "[]", "{}", "null\n", "\x00" * 300])
def test_file_that_names_no_page_is_no_trouble(tmp_path: Path, text: str) -> None:
    archive = tmp_path / "archive.db"
    assert take_current_page(archive, "https://tea.example") is None
    current_page_path(archive, "https://tea.example").write_text(text)
    assert take_current_page(archive, "https://tea.example") is None
