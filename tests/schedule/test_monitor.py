"""What the runner checks between crawls: incidents opened once, closed once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlite_utils import Database

from scraper.archive.database import prepare
from scraper.schedule.monitor import Monitor
from scraper.schedule.timetable.stores import parse_stores
from tests.archive.shop import Shop
from tests.factories import at, make_post

FILE = parse_stores(
    """
    [stores.tea]
    url = "https://shop.example"
    schedule = "0 6 * * *"

    [stores.coffee]
    url = "https://coffee.example"
    schedule = "0 7 * * *"
    """
)
TEA, COFFEE = FILE.stores["tea"], FILE.stores["coffee"]


@pytest.fixture
def shop() -> Shop:
    db = Database(memory=True)
    prepare(db)
    return Shop(db)


def check(shop: Shop, monitor: Monitor, day: int, names: tuple[str, ...] = ("tea",)) -> list[str]:
    return monitor.check(
        shop.db,
        {store.name: store for store in (TEA, COFFEE) if store.name in names},
        lambda _: True,
        datetime.fromisoformat(at(day)) + timedelta(hours=8),
    )


def test_overdue_store_opens_one_incident_until_its_next_good_crawl(shop: Shop) -> None:
    monitor = Monitor(free_mb=lambda: 9000.0, least_free_mb=1000.0)
    shop.crawl(1, make_post())
    lines = [check(shop, monitor, day) for day in (1, 2, 3, 4)]
    shop.crawl(5, make_post())
    lines.append(check(shop, monitor, 5))
    assert lines == [
        [],
        [],
        [f"tea: no good crawl for twice its interval: the last one began {at(1)}"],
        [],
        ["tea: no longer overdue"],
    ]
    assert shop.rows("SELECT store_id, kind, subject, closed_at IS NULL FROM incidents") == [
        (1, "overdue", "tea", 0)
    ]


def test_incident_of_a_store_that_left_the_file_is_closed(shop: Shop) -> None:
    monitor = Monitor(free_mb=lambda: 9000.0, least_free_mb=1000.0)
    shop.crawl(1, make_post())
    check(shop, monitor, 4)
    check(shop, monitor, 5, names=())
    assert shop.rows("SELECT closed_at IS NULL FROM incidents") == [0]


def test_full_disk_opens_one_incident(shop: Shop) -> None:
    free = [900.0, 800.0, 2000.0]
    monitor = Monitor(free_mb=lambda: free[0], least_free_mb=1000.0)
    lines = []
    while free:
        lines.append(check(shop, monitor, 1, names=()))
        free.pop(0)
    assert lines == [
        ["900 MB are free on the archive's disk, fewer than 1,000"],
        [],
        ["enough disk space is free again"],
    ]
    assert shop.rows("SELECT store_id, kind, closed_at IS NULL FROM incidents") == [
        (None, "disk_space", 0)
    ]


def test_it_checks_every_ten_minutes_and_after_each_crawl(shop: Shop) -> None:
    monitor = Monitor(free_mb=lambda: 9000.0, least_free_mb=1000.0)
    now = datetime.fromisoformat(at(1)) + timedelta(hours=8)
    assert monitor.is_due(now)
    check(shop, monitor, 1)
    assert [monitor.is_due(now + timedelta(minutes=minutes)) for minutes in (0, 9, 10)] == [
        False,
        False,
        True,
    ]
    monitor.check_soon("tea")
    assert monitor.is_due(now)


def test_after_a_crawl_only_its_store_is_checked(shop: Shop) -> None:
    shop.crawl(1, make_post())
    monitor = Monitor(free_mb=lambda: 9000.0, least_free_mb=1000.0)
    check(shop, monitor, 1, names=("tea", "coffee"))
    statements: list[str] = []
    shop.db.conn.set_trace_callback(statements.append)
    monitor.check_soon("coffee")
    monitor.check(
        shop.db,
        {"tea": TEA, "coffee": COFFEE},
        lambda _: True,
        datetime.fromisoformat(at(1)) + timedelta(hours=8, minutes=1),
    )
    asked = "\n".join(statements)
    assert COFFEE.host in asked
    assert TEA.host not in asked
