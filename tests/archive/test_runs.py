"""Runs of the schedule, and the past that the archive tells of a store."""

from __future__ import annotations

import pytest
from sqlite_utils import Database

from scraper.archive.store_history import read_store_history, store_at
from scraper.archive.write.incidents import close_incidents, set_incident
from scraper.archive.write.schedule_runs import begin_run, crawl_of_run, end_run, open_runs
from scraper.archive.write.writer import Writer
from scraper.crawl_evidence import StoreSeen
from scraper.history.crawl_health import CrawlEnd
from scraper.schedule.timetable.history import Attempt, StoreHistory
from tests.archive.shop import RULES, Shop, listing
from tests.factories import ORIGIN, answered, at, make_post, seen, url_of

REASON = "no usable answer from http://tea.example"
HOST = "shop.example"
LATER = at(31)


def test_store_that_was_never_tried_has_no_past(db: Database) -> None:
    assert read_store_history(db, HOST, LATER) == StoreHistory()


def test_complete_crawls_serve_and_healthy_ones_are_good(shop: Shop) -> None:
    posts = [make_post(f"post-{number}") for number in range(10)]
    shop.crawl(1, *posts)
    assert read_store_history(shop.db, HOST, LATER) == StoreHistory(
        complete_at=at(1), good_at=at(1), good_finished_at=at(1, 59)
    )
    assert shop.crawl(2, listed=[], gone=[post.url for post in posts]).health == "suspicious"
    assert read_store_history(shop.db, HOST, LATER) == StoreHistory(
        complete_at=at(2), good_at=at(1), good_finished_at=at(1, 59)
    )
    shop.crawl(3, *posts, finished=False)
    assert read_store_history(shop.db, HOST, LATER).complete_at == at(2)


@pytest.mark.parametrize("origin", ["http://shop.example", "https://www.shop.example"])
def test_store_is_found_under_its_twins(db: Database, origin: str) -> None:
    Shop(db, origin=origin).crawl(1, make_post())
    assert read_store_history(db, HOST, LATER).complete_at == at(1)
    assert store_at(db, HOST) == 1
    assert store_at(db, "op.example") is None


def test_crawl_that_was_gone_on_with_serves_from_then_on(db: Database) -> None:
    store = StoreSeen(origin=ORIGIN)

    def write(minute: int) -> Writer:
        return Writer(
            db,
            store,
            kind="crawl",
            origin="observed",
            extractor=RULES,
            at=at(1, minute),
            resume_within_s=3600,
        )

    write(0).record(listing(url_of("slow-tea")), at(1))
    again = write(30)
    again.record(listing(url_of("slow-tea")), at(1, 30))
    again.record_visit(seen(make_post(), at(1, 31)))
    again.finish_crawl(CrawlEnd(finished=True), at=at(1, 40))
    assert again.resumed
    assert read_store_history(db, HOST, LATER).complete_at == at(1, 30)
    found = crawl_of_run(db, HOST, at(1, 20))
    assert (found and (found.id, found.outcome, found.health)) == (1, "complete", "healthy")


def test_what_was_written_while_the_clock_was_wrong_does_not_count(shop: Shop) -> None:
    shop.crawl(1, make_post())
    shop.crawl(20, make_post())
    assert read_store_history(shop.db, HOST, at(10)).complete_at == at(1)


def test_refusal_says_when_to_come_back(shop: Shop) -> None:
    writer = shop.begin(1)
    writer.record_visit(answered(url_of("a"), at(1, 1), "rate_limited"))
    writer.finish_crawl(CrawlEnd(finished=False, retry_at=at(1, 50)), at=at(1, 5))
    assert shop.rows("SELECT retry_at FROM crawls") == [at(1, 50)]
    assert read_store_history(shop.db, HOST, LATER).retry_at == at(1, 50)
    shop.crawl(2, make_post())
    assert read_store_history(shop.db, HOST, LATER).retry_at == ""


def test_attempts_are_those_since_the_last_crawl_that_served(shop: Shop) -> None:
    db = shop.db
    for day in (1, 2, 3, 4):
        run = begin_run(db, store="tea", host=HOST, due_at=at(day), at=at(day))
        if day == 2:
            shop.crawl(2, make_post())
            end_run(db, run, outcome="complete", at=at(2, 59), exit_code=0, crawl_id=1)
        elif day == 3:
            end_run(db, run, outcome="failed", at=at(3, 10), exit_code=1, detail=REASON)
    assert read_store_history(db, HOST, LATER) == StoreHistory(
        complete_at=at(2),
        good_at=at(2),
        good_finished_at=at(2, 59),
        attempts=(
            Attempt(started_at=at(3), ended_at=at(3, 10), outcome="failed", detail=REASON),
            Attempt(started_at=at(4), ended_at="", outcome="running"),
        ),
        first_attempt_at=at(1),
    )
    assert [(run.store, run.started_at) for run in open_runs(db)] == [
        ("tea", at(1)),
        ("tea", at(4)),
    ]


def test_runs_of_one_second_have_names_of_their_own(db: Database) -> None:
    for _ in range(2):
        begin_run(db, store="tea", host=HOST, due_at=at(1), at=at(1))
    assert [label for (label,) in db.execute("SELECT label FROM schedule_runs")] == [
        f"tea, {at(1)}",
        f"tea, {at(1)} (2)",
    ]


def test_incidents_of_no_store_are_distinguished_by_their_subject(db: Database) -> None:
    told = [
        set_incident(db.conn, None, "overdue", detail, at(1, minute), subject=subject)
        for minute, (subject, detail) in enumerate(
            [("tea", "late"), ("tea", "late still"), ("coffee", "late"), ("tea", ""), ("tea", "")]
        )
    ]
    assert told == [True, False, True, True, False]
    rows = db.execute(
        "SELECT store_id, subject, opened_at, closed_at, detail FROM incidents"
    ).fetchall()
    assert rows == [
        (None, "tea", at(1), at(1, 3), "late"),
        (None, "coffee", at(1, 2), None, "late"),
    ]
    assert (
        close_incidents(db.conn, None, kinds=["overdue", "disk_space"], at=at(2), subject="coffee")
        == 1
    )
