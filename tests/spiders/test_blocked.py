"""A store that keeps refusing is left alone, and the crawl says when to come back."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from scraper.demo import DemoServer, Fault
from tests.conftest import ANEW, DEMO_ORIGIN, Command, as_demo, rows
from tests.small_store import small_store
from tests.storefront import Raw, serving

IN_FLIGHT = 8
BLOCKED_AFTER = 5


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with DemoServer(small_store()) as running:
        yield running


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(
            Fault(kind="challenge", status=200, path="/blogs/*/*"), id="challenge told as 200"
        ),
        pytest.param(
            Fault(kind="challenge", status=403, path="/blogs/*/*"), id="challenge told as 403"
        ),
        pytest.param(Fault(kind="password", path="/blogs/*/*"), id="password page"),
        pytest.param(
            Fault(kind="rate_limited", path="/blogs/*/*", retry_after="600"),
            id="a wait longer than we may",
        ),
        pytest.param(Fault(kind="security_rejected", path="/blogs/*/*"), id="430"),
    ],
)
def test_a_crawl_that_is_refused_stops_asking(
    server: DemoServer, crawl: Command, first_day: Path, db_path: Path, fault: Fault
) -> None:
    shutil.copy(first_day, db_path)
    begun = len(server.requests)
    server.fault(fault)
    done = crawl(DEMO_ORIGIN, db_path, *as_demo(server), *ANEW)
    server.clear_faults()
    asked = [request.path for request in list(server.requests)[begun:]]
    refused = [path for path in asked if re.fullmatch(r"/blogs/[^/]+/[^/]+", path)]
    assert done.returncode == 3, done.stdout + done.stderr
    ((outcome, reason),) = rows(db_path, "SELECT outcome, reason FROM crawls WHERE id = 2")
    assert outcome == "blocked"
    assert len(set(refused)) <= BLOCKED_AFTER + IN_FLIGHT, (
        f"{len(set(refused))} posts of {len(asked)} requests asked for"
    )
    assert rows(db_path, "SELECT kind FROM changes WHERE crawl_id = 2") == []
    assert re.search(r"; try again after (\S+)$", str(reason))[1] in done.stdout.splitlines()[-1]  # type: ignore[index]


def test_it_says_when_to_come_back(crawl: Command, db_path: Path) -> None:
    told = datetime.now(UTC) + timedelta(hours=2)
    refusal = Raw(
        b"<html><body>Later</body></html>",
        429,
        (("Content-Type", "text/html"), ("Retry-After", format_datetime(told, usegmt=True))),
    )
    with serving({"/robots.txt": refusal}) as store:
        done = crawl(store.url, db_path)
        assert store.paths == ["/robots.txt"]
    assert done.returncode == 3
    found = re.search(r"try again after (\S+Z)", done.stderr)
    assert found is not None, done.stderr
    assert abs(datetime.fromisoformat(found[1]) - told) < timedelta(seconds=3)


def test_a_challenge_now_and_then_does_not_end_a_crawl(
    server: DemoServer, crawl: Command, db_path: Path
) -> None:
    server.clear_faults()
    server.fault(Fault(kind="challenge", status=200, path="/blogs/journal/*", every=4))
    crawl(server.url, db_path)
    server.clear_faults()
    assert rows(db_path, "SELECT outcome, health, n_blocked > 5 FROM crawls") == [
        ("incomplete", "blocked", 1)
    ]
