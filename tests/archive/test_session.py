"""The archive of one running crawl: nothing is written for what turns out to be no store."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from scraper.archive.database import open_for_reading
from scraper.archive.write.session import ArchiveSession
from scraper.crawl_evidence import Listing, StoreSeen
from scraper.exceptions import ArchiveBusy, ArchiveError
from scraper.history.crawl_health import CrawlEnd
from tests.archive.shop import RULES, Shop, listing
from tests.factories import ORIGIN, answered, at, make_post, seen, url_of

STORE = StoreSeen(origin=ORIGIN)
ROBOTS = "https://shop.example/robots.txt"
HELD = r"archive\.db: database is locked"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.db"


def _session(path: Path, *items: Any, day: int = 1) -> ArchiveSession:
    session = ArchiveSession(path, captures=path.with_name("captures.db"), extractor=RULES)
    for minute, item in enumerate(items):
        session.save(item, at(day, minute))
    return session


def _finish(session: ArchiveSession, day: int = 1) -> tuple[str, str, str]:
    judgement = session.finish(CrawlEnd(finished=True, failed_sources=0), at=at(day, 59))
    return judgement.outcome, judgement.health, judgement.reason


@pytest.mark.parametrize(
    ("items", "judged"),
    [
        pytest.param([STORE], ("outage", "unknown", "nothing was asked"), id="nothing asked"),
        pytest.param(
            [STORE, answered(ROBOTS, at(1), "network_error", resource_type="robots")],
            ("outage", "unknown", ""),
            id="no answer",
        ),
        pytest.param(
            [STORE, answered(ROBOTS, at(1), "challenge", resource_type="robots")],
            ("blocked", "unknown", "refused: challenge"),
            id="refused",
        ),
        pytest.param(
            [STORE, answered(ROBOTS, at(1), "not_found", resource_type="robots")],
            ("complete", "unknown", "no blog found"),
            id="no blog",
        ),
        pytest.param(
            [STORE, Listing(source="index", source_url="s", posts=())],
            ("outage", "unknown", "nothing was asked"),
            id="an empty listing",
        ),
    ],
)
def test_an_address_that_shows_no_post_leaves_no_file(path: Path, items, judged):
    assert (_finish(_session(path, *items)), path.exists()) == (judged, False)


def test_the_first_listing_opens_the_archive_and_what_waited_is_written(path: Path):
    session = _session(
        path,
        STORE,
        answered(ROBOTS, at(1), "ok", resource_type="robots"),
        listing(url_of("a")),
        seen(make_post("a"), at(1, 3)),
    )
    assert _finish(session) == ("complete", "healthy", "")
    shop = Shop(open_for_reading(path))
    assert shop.rows("SELECT url FROM captures ORDER BY id") == [ROBOTS, url_of("a")]
    assert shop.rows("SELECT started_at, outcome FROM crawls") == [(at(1), "complete")]


def test_a_store_that_the_archive_knows_is_written_from_the_start(path: Path):
    _finish(_session(path, STORE, listing(url_of("a")), seen(make_post("a"), at(1, 3))))
    session = _session(
        path, STORE, answered(ROBOTS, at(2), "challenge", resource_type="robots"), day=2
    )
    assert [post.url for post in session.known_store().posts] == [url_of("a")]
    assert _finish(session, 2)[:2] == ("blocked", "blocked")
    assert Shop(open_for_reading(path)).rows("SELECT outcome FROM crawls") == [
        "complete",
        "blocked",
    ]


def test_a_store_that_the_archive_does_not_know_leaves_it_as_it_was(path: Path):
    _finish(_session(path, STORE, listing(url_of("a")), seen(make_post("a"), at(1, 3))))
    _finish(_session(path, StoreSeen(origin="https://none.example"), day=2), 2)
    assert Shop(open_for_reading(path)).counts("stores", "crawls") == (1, 1)


def test_an_empty_file_is_an_archive_yet_to_be_written(path: Path):
    path.touch()
    assert (
        _finish(_session(path, STORE, listing(url_of("a")), seen(make_post("a"), at(1, 3))))[1]
        == "healthy"
    )


def test_a_file_of_something_else_is_reported_on_the_first_item(path: Path):
    path.write_text("no database " * 400)
    with pytest.raises(ArchiveError):
        _session(path, STORE)


def test_a_session_has_its_crawl_and_its_counts(path: Path):
    session = _session(path, STORE)
    before = (session.crawl_id, dict(session.counts))
    for item in (listing(url_of("a")), seen(make_post("a"), at(1, 3))):
        session.save(item, at(1))
    session.heartbeat(at(1, 9))
    assert (before, session.crawl_id, dict(session.counts)) == ((0, {}), 1, {"new": 1})
    assert Shop(open_for_reading(path)).rows("SELECT heartbeat_at FROM crawls") == [at(1, 9)]


def test_nothing_of_a_crawl_lies_before_its_beginning_though_the_clock_is_set_back(path):
    session, post = _session(path, day=2), make_post()
    for item, then in (
        (STORE, at(2, 30)),
        (listing(post.url), at(2, 30)),
        (seen(post, at(1, 31)), at(1, 31)),
        (answered(url_of("other"), at(1, 32), "not_found"), at(1, 32)),
    ):
        session.save(item, then)
    session.heartbeat(at(1, 40))
    assert _finish(session) == ("complete", "healthy", "")
    db = open_for_reading(path)
    assert db.execute("SELECT started_at, heartbeat_at, finished_at FROM crawls").fetchall() == [
        (at(2, 30),) * 3
    ]
    assert db.execute("SELECT DISTINCT fetched_at FROM captures").fetchall() == [(at(2, 30),)]


def test_a_crawl_waits_once_for_an_archive_that_another_program_holds(path: Path) -> None:
    """Sixteen pages may be under way when a crawl ends: each would wait for half a minute."""
    session = _session(path, STORE, listing(url_of("tea")), seen(make_post(), at(1, 2)))
    session._writer.db.conn.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(ArchiveBusy, match=HELD):
            session.save(seen(make_post("b"), at(1, 3)), at(1, 3))
    for write in (
        lambda: session.save(seen(make_post("c"), at(1, 4)), at(1, 4)),
        lambda: session.heartbeat(at(1, 5)),
        lambda: session.next_images(1),
    ):
        with pytest.raises(ArchiveBusy, match=HELD):
            write()
    session.finish(CrawlEnd(finished=False, failed_sources=0), at=at(1, 59))
    with closing(open_for_reading(path).conn) as connection:
        assert connection.execute("SELECT outcome FROM crawls").fetchall() == [("incomplete",)]
