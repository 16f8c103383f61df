"""Crawls that are forked from a process with the program loaded: real crawls of a small store."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from scraper.archive.locks import store_file
from scraper.schedule.crawl_process import LOST, CrawlProcess, ForkServer
from scraper.schedule.fork_server import run_to_end
from scraper.schedule.processes import CrawlProcesses
from scraper.schedule.timetable.stores import StoreConfig, parse_stores
from tests.conftest import ENDS_S, QUICK, rows
from tests.storefront import ROBOTS, Page, Storefront, index, post, serving, sitemap

pytestmark = pytest.mark.usefixtures("integration")

PATHS = [f"/blogs/news/post-{at}" for at in range(3)]


@contextmanager
def shop(**pages: Page) -> Iterator[tuple[Storefront, StoreConfig]]:
    served: dict[str, Page] = {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": sitemap("/blogs/news", *PATHS),
        "/blogs/news": index(*PATHS),
        **{path: post(path, title=path, rid=555_000 + at) for at, path in enumerate(PATHS)},
    }
    with serving(served | pages) as store:
        text = f'[stores.tea]\nurl = "{store.url}"\nschedule = "0 6 * * *"\n'
        yield store, parse_stores(text).stores["tea"]


HELD = [*QUICK, "-s", "DOWNLOAD_DELAY=1000"]


def start_held(crawls: CrawlProcesses, served: Storefront, store: StoreConfig) -> CrawlProcess:
    """Start a crawl that asks once, and waits."""
    child = crawls.start(store)
    wait_for(lambda: len(served.asked) or None)
    assert child.poll() is None
    return child


def end_of(child: CrawlProcess) -> int:
    return wait_for(child.poll)


def wait_for(look: Callable[[], int | None]) -> int:
    end = time.monotonic() + ENDS_S
    while time.monotonic() < end:
        if (found := look()) is not None:
            return found
        time.sleep(0.02)
    raise TimeoutError


def test_forked_crawl_is_as_one_that_was_started(db_path: Path, forks: ForkServer):
    crawls = CrawlProcesses(db_path, QUICK, db_path.parent, server=forks)
    with shop() as (_, store):
        child = crawls.start(store)
        assert crawls.is_running(store.host)
        assert end_of(child) == 0, child.log.read_text()
        assert not crawls.is_running(store.host)
        assert "complete, healthy" in child.log.read_text()
        assert rows(db_path, "SELECT count(*) FROM posts") == [(3,)]
        # Nothing of the first crawl is left behind in the process that both are forked from.
        assert end_of(crawls.start(store)) == 0
    assert rows(db_path, "SELECT outcome FROM crawls") == [("complete",)] * 2


def _say_late() -> int:
    """Return before a thread has written what it has to."""
    is_returned = threading.Event()
    threading.Thread(target=lambda: is_returned.wait() and sys.stdout.write("said late")).start()
    threading.Timer(0.05, is_returned.set).start()
    return 0


def test_a_forked_process_ends_as_any_program_does(capfd: pytest.CaptureFixture[str]):
    ends: list[tuple[Callable[[], int], int, str]] = [
        (lambda: sys.stdout.write("said"), 4, "said"),
        (_say_late, 0, "said late"),
        (sys.exit, 0, ""),
        (partial(sys.exit, 2), 2, ""),
        (partial(divmod, 1, 0), 1, "ZeroDivisionError"),  # type: ignore[list-item]
    ]
    for run, code, said in ends:
        capfd.readouterr()
        pid = os.fork()
        if not pid:
            atexit.register(sys.stdout.write, "at the exit\n")
            run_to_end(run)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == code
        out, err = capfd.readouterr()
        assert said in out + err
        assert out.endswith("at the exit\n")


def test_error_of_a_forked_crawl_is_known(db_path: Path, forks: ForkServer):
    db_path.write_text("no archive")
    crawls = CrawlProcesses(db_path, QUICK, db_path.parent, server=forks)
    with shop() as (_, store):
        child = crawls.start(store)
        assert end_of(child) == 1
    assert child.last_error() == f"{db_path} is not an SQLite database"


def test_a_crawl_that_has_ended_leaves_no_lock(db_path: Path, forks: ForkServer):
    crawls = CrawlProcesses(db_path, HELD, db_path.parent, server=forks)
    with shop() as (served, store):
        child = start_held(crawls, served, store)
        crawls.server = None
        crawls.close()
        assert crawls.is_running(store.host)
        assert len(list(db_path.parent.glob("*.run.lock"))) == 1
        child.kill()
        end_of(child)
        crawls.close()
    assert list(db_path.parent.glob("*.run.lock")) == []


def test_a_lock_that_cannot_be_opened_fails_its_store_alone(db_path: Path):
    crawls = CrawlProcesses(db_path, QUICK, db_path.parent)
    with shop() as (_, store):
        Path(f"{db_path}.{store.host.replace(':', '_')}.run.lock").mkdir(parents=True)
        assert not crawls.is_running(store.host)
        with pytest.raises(IsADirectoryError):
            crawls.start(store)
        Path(f"{store_file(db_path, f'https://{store.host}')}.lock").mkdir()
        assert not crawls.is_running(store.host)


def test_crawl_is_killed(db_path: Path, forks: ForkServer):
    crawls = CrawlProcesses(db_path, HELD, db_path.parent, server=forks)
    with shop() as (served, store):
        child = start_held(crawls, served, store)
        child.kill()
        assert child.poll() == -signal.SIGKILL
        assert not crawls.is_running(store.host)


def test_crawls_end_with_a_worker_and_see_its_environment(db_path: Path):
    """As the worker of a cluster begins the process that they are forked from."""
    contact = "ann@shop.example"
    server = ForkServer(environment={"ARCHIVE_CONTACT": contact}, kill_crawls=True)
    crawls = CrawlProcesses(db_path, HELD, db_path.parent, server=server)
    with shop() as (served, store):
        child = start_held(crawls, served, store)
        crawls.close()
        assert end_of(child) == LOST
        assert not crawls.is_running(store.host)
        assert contact in served.asked[0][1]["User-Agent"]


def test_crawls_outlive_the_process_that_forked_them(db_path: Path):
    crawls = CrawlProcesses(db_path, QUICK, db_path.parent)
    with shop() as (served, store):
        first = crawls.start(store)
        wait_for(lambda: len(served.asked) or None)
        assert crawls.server is not None
        os.kill(crawls.server.pid, signal.SIGKILL)
        assert end_of(first) == LOST
        assert rows(db_path, "SELECT outcome, health FROM crawls") == [("complete", "healthy")]
        assert end_of(crawls.start(store)) == 0
