"""A crawl that is killed, interrupted or kept waiting loses nothing and doubles nothing; a second
one of the same store leaves."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scraper.demo import DemoServer, Fault
from scraper.extract import LEARN_PAGES
from tests.bulk_store import BulkStore
from tests.conftest import (
    DEMO_ORIGIN,
    ENDS_S,
    Command,
    Start,
    as_demo,
    count_posts,
    crawl_words,
    rows,
    wait_for_posts,
)
from tests.histories import history
from tests.small_store import small_store


@pytest.fixture(scope="module")
def store() -> Iterator[DemoServer]:
    with DemoServer(small_store()) as running:
        yield running


@pytest.fixture
def server(store: DemoServer) -> Iterator[DemoServer]:
    """The store, which behaves again afterwards and forgets what it was asked for."""
    yield store
    store.clear_faults()
    store.requests.clear()


@pytest.fixture(scope="module")
def quiet(
    store: DemoServer, crawl: Command, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[str]]:
    """The history that a crawl of the store writes which nothing befalls."""
    db = tmp_path_factory.mktemp("quiet") / "archive.db"
    assert crawl(store.url, db).returncode == 0
    return history(db, store.url)


def hold_after(server: DemoServer, posts: int) -> None:
    """Let a crawl read so many posts, and hold the pages of others until faults are cleared.

    None is read before the template is learned, on the first pages of the journal: recipes are
    asked for last, so that what comes in which order does not matter.
    """
    after = max(0, posts - LEARN_PAGES)
    server.fault(Fault(kind="hold", path="/blogs/recipes/*", after=after))


@pytest.mark.parametrize(
    "seen", [1, 15, 27], ids=["as the first posts come", "in the middle", "near the end"]
)
def test_a_killed_crawl_is_gone_on_with(
    quiet: dict[str, list[str]],
    server: DemoServer,
    crawl: Command,
    start: Start,
    tmp_path: Path,
    seen: int,
):
    killed = tmp_path / "killed.db"
    hold_after(server, seen)
    running = start(*crawl_words(server.url, killed))
    wait_for_posts(running, killed, seen)
    running.kill()
    running.communicate()
    server.clear_faults()
    done = [path for (path,) in rows(killed, "SELECT url FROM posts")]
    server.requests.clear()
    assert crawl(server.url, killed).returncode == 0
    assert not {server.url + request.path for request in server.requests} & set(done)
    assert history(killed, server.url) == quiet


def test_crawls_killed_at_random_moments_add_up_to_one(
    crawl: Command, start: Start, tmp_path: Path
):
    """The first when some posts are archived, so that the others go on with these."""
    killed, whole = tmp_path / "killed.db", tmp_path / "whole.db"
    chance = random.Random(4)
    with DemoServer(BulkStore(32, page_bytes=10_000)) as server:
        hold_after(server, 1)
        running = start(*crawl_words(server.url, killed))
        wait_for_posts(running, killed, 1)
        running.kill()
        running.communicate()
        assert count_posts(killed) < 32
        server.clear_faults()
        server.fault(Fault(kind="slow", path="/blogs/*/*", delay_s=0.1))
        for _ in range(5):
            running = start(*crawl_words(server.url, killed))
            try:
                running.communicate(timeout=chance.uniform(0.1, 1.2))
            except subprocess.TimeoutExpired:
                running.kill()
                running.communicate()
        server.clear_faults()
        assert crawl(server.url, killed).returncode == 0
        assert crawl(server.url, whole).returncode == 0
        assert history(killed, server.url) == history(whole, server.url)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_an_interrupted_crawl_ends_incomplete_and_the_next_one_asks_for_the_rest(
    server: DemoServer, crawl: Command, start: Start, db_path: Path, sign: signal.Signals
):
    hold_after(server, 5)
    running = start(*crawl_words(server.url, db_path))
    wait_for_posts(running, db_path, 5)
    running.send_signal(sign)
    server.clear_faults()
    out, err = running.communicate(timeout=ENDS_S)
    assert (running.returncode, "the crawl was interrupted" in out) == (3, True), err
    assert "stopping …" in err
    # Comparing texts takes longest, and nobody waits for it after Ctrl-C.
    assert rows(db_path, "SELECT sum(is_compared) FROM posts") == [(0,)]
    seen = count_posts(db_path)
    assert crawl(server.url, db_path).returncode == 0
    total = len(server.store.posts(1))
    assert 5 <= seen < total
    assert rows(db_path, "SELECT outcome, reason, n_fetched FROM crawls ORDER BY id") == [
        ("incomplete", "the crawl was interrupted", seen),
        ("complete", "", total - seen),
    ]
    assert rows(db_path, "SELECT max(count), count(*) FROM observations") == [(1, total)]


def test_a_second_crawl_of_the_same_store_says_so_and_leaves(
    server: DemoServer, crawl: Command, start: Start, db_path: Path
):
    hold_after(server, 5)
    running = start(*crawl_words(server.url, db_path))
    wait_for_posts(running, db_path, 5)
    second = crawl(server.url, db_path)
    assert second.returncode == 3
    assert second.stderr.splitlines()[-1].startswith(
        f"blogkeep: {server.url} is being crawled into {db_path} already"
    )
    assert "Traceback" not in second.stderr
    server.clear_faults()
    running.communicate(timeout=ENDS_S)
    assert running.returncode == 0
    assert rows(db_path, "SELECT outcome, n_new FROM crawls") == [
        ("complete", len(server.store.posts(1)))
    ]
    assert crawl(server.url, db_path).returncode == 0


def test_blocked_in_the_middle_is_finished_later(server: DemoServer, crawl: Command, db_path: Path):
    posts = [post.path for post in server.store.posts(1)]
    for path in posts[::3]:
        server.fault(Fault(kind="challenge", path=path, status=403))
    assert crawl(server.url, db_path).returncode == 3
    assert rows(db_path, "SELECT outcome, health FROM crawls") == [("incomplete", "blocked")]
    server.clear_faults()
    server.requests.clear()
    assert crawl(server.url, db_path).returncode == 0
    assert {request.path for request in server.requests if request.path in posts} == set(posts[::3])
    assert rows(
        db_path, "SELECT count(*), max(revision_count) FROM posts WHERE state = 'live'"
    ) == [(len(posts), 1)]
    assert rows(db_path, "SELECT DISTINCT kind FROM changes") == [("created",)]
    assert rows(db_path, "SELECT kind, closed_at IS NULL FROM incidents") == [("blocked", 0)]


def test_an_archive_damaged_in_the_middle_ends_the_crawl_with_one_line(
    server: DemoServer, crawl: Command, first_day: Path, db_path: Path
):
    shutil.copy(first_day, db_path)
    with db_path.open("r+b") as file:
        for page in range(4, db_path.stat().st_size // 4096):
            file.seek(page * 4096)
            file.write(b"\xa5" * 512)
    done = crawl(DEMO_ORIGIN, db_path, *as_demo(server))
    assert done.returncode == 1
    assert str(db_path) in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
