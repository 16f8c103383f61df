"""`blogkeep status`: problems, for people, monitors and Prometheus."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from scraper.archive.database import open_for_writing
from scraper.archive.queries.status import StoreStatus
from scraper.archive.write.incidents import open_incident
from scraper.archive.write.writer import Writer
from scraper.crawl_evidence import StoreSeen
from scraper.history.crawl_health import CrawlEnd
from scraper.schedule.health import judge_store, read_health
from scraper.schedule.metrics import write_metrics
from scraper.schedule.timetable.history import Attempt, RunOutcome, StoreHistory
from scraper.schedule.timetable.stores import parse_stores
from scraper.timestamps import format_timestamp
from tests.archive.shop import RULES, listing
from tests.conftest import Command
from tests.factories import make_post, seen, url_of

TEA = '[stores.tea]\nurl = "https://shop.example"\nschedule = "0 5 * * *"\n'


@pytest.fixture
def archive(db_path: Path) -> Path:
    """A store whose last crawl was good, ten minutes ago."""
    db_path.with_name("stores.toml").write_text(TEA, encoding="utf-8")
    crawl(db_path, datetime.now(UTC) - timedelta(minutes=10))
    return db_path


def crawl(path: Path, began: datetime) -> None:
    """Save a good crawl that began and ended at a time."""
    at = format_timestamp(began)
    db = open_for_writing(path)
    writer = Writer(
        db,
        StoreSeen(origin="https://shop.example"),
        kind="crawl",
        origin="observed",
        extractor=RULES,
        at=at,
    )
    writer.record(listing(url_of("slow-tea")), at)
    writer.record_visit(seen(make_post(), at))
    writer.finish_crawl(CrawlEnd(finished=True), at=at)
    db.close()


def test_healthy(blogkeep: Command, archive: Path) -> None:
    done = blogkeep("status", "--db", str(archive))
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "healthy")
    status = json.loads(blogkeep("status", "--db", str(archive), "--json").stdout)
    assert (
        status["healthy"],
        status["problems"],
        [store["posts"] for store in status["stores"]],
    ) == (
        True,
        [],
        [1],
    )
    assert status["archive_bytes"] >= archive.stat().st_size > 0


@pytest.mark.parametrize(
    ("days", "words"),
    [(1.5, []), (3.0, ["tea: no good crawl for twice its interval: the last one began "])],
)
def test_store_is_overdue_at_any_hour(
    blogkeep: Command, db_path: Path, days: float, words: list[str]
) -> None:
    db_path.with_name("stores.toml").write_text(TEA, encoding="utf-8")
    crawl(db_path, datetime.now(UTC) - timedelta(days=days))
    done = blogkeep("status", "--db", str(db_path))
    assert done.returncode == len(words)
    assert all(word in done.stdout for word in words)


def test_incidents_and_stores_without_a_good_crawl_are_problems(
    blogkeep: Command, archive: Path
) -> None:
    archive.with_name("stores.toml").write_text(
        TEA + TEA.replace("tea", "new").replace("shop", "new"), encoding="utf-8"
    )
    db = open_for_writing(archive)
    open_incident(db.conn, 1, "credentials_ending", "they end soon", "2026-03-01T00:00:00Z")
    open_incident(
        db.conn,
        None,
        "overdue",
        "reported before",
        "2026-03-01T00:00:00Z",
        subject="gone from the file",
    )
    db.close()
    done = blogkeep("status", "--db", str(archive))
    assert done.returncode == 1
    assert done.stdout.splitlines()[-3:] == [
        "tea: credentials ending since 2026-03-01T00:00:00Z: they end soon",
        "new: no good crawl yet",
        "failing",
    ]


def test_full_disk_is_a_problem(blogkeep: Command, archive: Path) -> None:
    done = blogkeep("status", "--db", str(archive), "-s", "ARCHIVE_DISK_FREE_MB=1e10")
    assert done.returncode == 1
    assert "MB are free on the disk, fewer than 10,000,000,000" in done.stdout


def test_metrics_are_read_by_prometheus(db_path: Path, tmp_path: Path) -> None:
    now = datetime(2026, 3, 12, 8, tzinfo=UTC)
    crawl(db_path, now - timedelta(minutes=10))
    with closing(open_for_writing(db_path)) as db:
        open_incident(db.conn, 1, "degraded", "a page failed", "2026-03-01T00:00:00Z")
    stores = parse_stores(TEA).stores.values()
    health = read_health(stores, db_path, tmp_path / "none", now, least_free_mb=0)
    file = tmp_path / "blogkeep.prom"
    file.write_text("old")
    write_metrics(health, file)
    found = {
        (sample.name, *dict(sorted(sample.labels.items())).values()): sample.value
        for family in text_string_to_metric_families(file.read_text("utf-8"))
        for sample in family.samples
    }
    assert found["blogkeep_store_posts", "tea"] == 1
    assert found["blogkeep_store_overdue", "tea"] == 0
    assert found["blogkeep_store_last_crawl_posts", "fetched", "tea"] == 1
    assert found["blogkeep_incidents_open", "degraded", "tea"] == 1
    assert found["blogkeep_healthy",] == 0
    assert found["blogkeep_status_timestamp_seconds",] == now.timestamp()
    last_good = found["blogkeep_store_last_good_crawl_timestamp_seconds", "tea"]
    assert last_good == (now - timedelta(minutes=10)).timestamp()
    next_run = found["blogkeep_store_next_run_timestamp_seconds", "tea"]
    assert next_run == datetime(2026, 3, 13, 5, tzinfo=UTC).timestamp()
    assert [path.name for path in tmp_path.iterdir() if "prom" in path.name] == ["blogkeep.prom"]


def test_metrics_replace_what_is_printed(blogkeep: Command, archive: Path, tmp_path: Path) -> None:
    file = tmp_path / "blogkeep.prom"
    done = blogkeep("status", "--db", str(archive), "--metrics", str(file))
    assert (done.returncode, done.stdout) == (0, "")
    assert "blogkeep_healthy 1.0" in file.read_text("utf-8")


def test_metrics_that_cannot_be_written_are_an_error(
    blogkeep: Command, archive: Path, tmp_path: Path
) -> None:
    done = blogkeep(
        "status", "--db", str(archive), "--metrics", str(tmp_path / "none" / "blogkeep.prom")
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("blogkeep: ")


def test_no_archive_yet(blogkeep: Command, db_path: Path) -> None:
    done = blogkeep("status", "--db", str(db_path))
    assert done.returncode == 1
    assert "add a store with blogkeep stores add URL" in done.stderr
    db_path.with_name("stores.toml").write_text(TEA, encoding="utf-8")
    assert "tea: no good crawl yet" in blogkeep("status", "--db", str(db_path)).stdout


def test_crawl_under_way_gets_its_time(archive: Path) -> None:
    store = parse_stores(TEA).stores["tea"]
    now = datetime(2026, 3, 12, 8, tzinfo=UTC)

    def look(started_at: str) -> bool:
        attempts = (Attempt(started_at=started_at, ended_at="", outcome="running"),)
        past = StoreHistory(
            complete_at="2026-03-10T05:00:00Z",
            good_at="2026-03-10T05:00:00Z",
            good_finished_at="2026-03-10T05:05:00Z",
            attempts=attempts,
        )
        return judge_store(store, StoreStatus(past=past), now).overdue

    assert not look("2026-03-12T07:40:00Z")
    assert look("2026-03-12T07:20:00Z")


def test_the_last_failure_is_repeated_until_a_run_succeeds(archive: Path) -> None:
    store = parse_stores(TEA).stores["tea"]
    now = datetime(2026, 3, 10, 8, tzinfo=UTC)

    def problems(*outcomes: RunOutcome) -> tuple[str, ...]:
        attempts = tuple(
            Attempt(
                started_at="2026-03-10T06:00:00Z",
                ended_at="2026-03-10T06:01:00Z",
                outcome=one,
                detail="no answer",
            )
            for one in outcomes
        )
        past = StoreHistory(
            complete_at="2026-03-10T05:00:00Z",
            good_at="2026-03-10T05:00:00Z",
            good_finished_at="2026-03-10T05:05:00Z",
            attempts=attempts,
        )
        return judge_store(store, StoreStatus(past=past), now).problems

    failure = "the run that began 2026-03-10T06:00:00Z failed: no answer"
    assert problems("failed", "running") == (failure,)
    assert problems("failed", "incomplete") == problems() == ()
