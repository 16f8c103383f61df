"""What the runner watches: opened once, closed once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlite_utils import Database

from scraper.archive.database import prepare
from scraper.schedule.monitor import Watch
from scraper.schedule.timetable.stores import parse_stores
from tests.archive.shop import Shop
from tests.factories import at, make_post

TEA = parse_stores('[stores.tea]\nurl = "https://shop.example"\nschedule = "0 6 * * *"\n').stores[
    "tea"
]


@pytest.fixture
def shop() -> Shop:
    db = Database(memory=True)
    prepare(db)
    return Shop(db)


def look(shop: Shop, watch: Watch, day: int, names: tuple[str, ...] = ("tea",)) -> list[str]:
    return watch.look(
        shop.db,
        [TEA] if "tea" in names else [],
        names,
        datetime.fromisoformat(at(day)) + timedelta(hours=8),
    )


def test_store_without_a_good_crawl_is_told_once_and_closed_by_the_next(shop: Shop) -> None:
    watch = Watch(free_mb=lambda: 9000.0, least_free_mb=1000.0)
    shop.crawl(1, make_post())
    told = [look(shop, watch, day) for day in (1, 2, 3, 4)]
    shop.crawl(5, make_post())
    told.append(look(shop, watch, 5))
    assert told == [
        [],
        [],
        [f"no good crawl of tea for twice its interval: the last one began {at(1)}"],
        [],
        ["tea is crawled well again"],
    ]
    assert shop.rows("SELECT store_id, kind, subject, closed_at IS NULL FROM incidents") == [
        (1, "overdue", "tea", 0)
    ]


def test_trouble_of_a_store_that_left_the_file_is_closed(shop: Shop) -> None:
    watch = Watch(free_mb=lambda: 9000.0, least_free_mb=1000.0)
    shop.crawl(1, make_post())
    look(shop, watch, 4)
    look(shop, watch, 5, names=())
    assert shop.rows("SELECT closed_at IS NULL FROM incidents") == [0]


def test_full_disk_is_told_once_and_closed(shop: Shop) -> None:
    free = [900.0, 800.0, 2000.0]
    watch = Watch(free_mb=lambda: free[0], least_free_mb=1000.0)
    told = []
    while free:
        told.append(look(shop, watch, 1, names=()))
        free.pop(0)
    assert told == [
        ["900 MB are free where the archive stands, fewer than 1,000"],
        [],
        ["there is room on the disk again"],
    ]
    assert shop.rows("SELECT store_id, kind, closed_at IS NULL FROM incidents") == [
        (None, "disk_space", 0)
    ]


def test_it_looks_every_ten_minutes_and_after_each_crawl(shop: Shop) -> None:
    watch = Watch(free_mb=lambda: 9000.0, least_free_mb=1000.0)
    now = datetime.fromisoformat(at(1)) + timedelta(hours=8)
    assert watch.is_time(now)
    look(shop, watch, 1)
    assert [watch.is_time(now + timedelta(minutes=minutes)) for minutes in (0, 9, 10)] == [
        False,
        False,
        True,
    ]
    watch.look_soon()
    assert watch.is_time(now)
