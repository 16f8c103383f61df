"""`blogkeep schedule` with real crawls of the demo store, as processes: killed, stopped, side by
side."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scraper.demo import DemoServer, Fault
from tests.conftest import ENDS_S, QUICK, Command, Start, rows, wait_for_posts, wait_until
from tests.storefront import serving
from tests.warm import Running

DAILY = f'schedule = "0 {(datetime.now(UTC).hour + 12) % 24} * * *"\n'
"""Once a day, about twelve hours from now: no second run becomes due during a test."""

HELD = Fault(kind="hold", path="/blogs/recipes/*")
"""Recipes are asked for last. The template settles on the first pages of the journal, whichever of
them a busy machine lets through first."""

RUNS = "SELECT store, outcome, exit_code, crawl_id FROM schedule_runs ORDER BY id"
CRAWLS = "SELECT outcome, health, n_new, resumed_at != '' FROM crawls ORDER BY id"


Schedule = Callable[..., str]


def words(db: Path, *more: str) -> list[str]:
    return ["schedule", "--db", str(db), *QUICK, *more]


@pytest.fixture(scope="session")
def schedule(blogkeep: Command) -> Schedule:
    """Run the schedule to its end, and return its output: ``schedule(db, *more, code=0)``."""

    def run(db: Path, *more: str, code: int = 0) -> str:
        done = blogkeep(*words(db, *more), alone=True)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    return run


def write_stores(db: Path, *tables: str) -> None:
    db.with_name("stores.toml").write_text("\n".join(tables), encoding="utf-8")


@pytest.fixture
def begun(start: Start, db_path: Path, demo: DemoServer) -> Iterator[Running]:
    """A runner during a crawl of the demo store, which stops answering until its faults are
    cleared."""
    demo.fault(HELD)
    write_stores(db_path, f'[stores.demo]\nurl = "{demo.url}"\n{DAILY}')
    process = start(*words(db_path, "-s", "ARCHIVE_STOP_TIMEOUT=0.2"))
    wait_for_posts(process, db_path, 5)
    yield process
    process.kill()
    process.wait()


def test_due_once_and_then_no_more(schedule: Schedule, db_path: Path) -> None:
    write_stores(
        db_path,
        '[stores.demo]\nurl = "demo"\n' + DAILY,
        '[stores.off]\nurl = "http://127.0.0.1:9"\npaused = true\n' + DAILY,
    )
    output = schedule(db_path, "--once")
    assert [line.partition("Z ")[2].partition(", due")[0] for line in output.splitlines()] == [
        "demo: started",
        "demo: complete, healthy",
    ]
    assert rows(db_path, RUNS) == [("demo", "complete", 0, 1)]
    assert schedule(db_path, "--once") == ""
    assert rows(db_path, CRAWLS) == [("complete", "healthy", 71, 0)]
    assert "complete, healthy" in (db_path.parent / "logs" / "demo.log").read_text("utf-8")


def test_crawl_of_a_killed_runner_continues_without_a_second_one(
    schedule: Schedule, db_path: Path, begun: Running, demo: DemoServer
) -> None:
    begun.kill()
    begun.wait()
    assert "started" not in schedule(db_path, "--once")
    demo.clear_faults()
    while children_left(db_path):
        time.sleep(0.1)
    schedule(db_path, "--once")
    assert rows(db_path, RUNS) == [("demo", "complete", None, 1)]
    assert rows(db_path, CRAWLS) == [("complete", "healthy", len(demo.store.posts(1)), 0)]


def test_killed_crawl_is_resumed(
    schedule: Schedule, db_path: Path, begun: Running, demo: DemoServer
) -> None:
    begun.kill()
    begun.wait()
    (crawl,) = children_left(db_path)
    os.kill(crawl, signal.SIGKILL)
    wait_until(lambda: children_left(db_path) == [])
    demo.clear_faults()
    output = schedule(db_path, "--once")
    assert output.splitlines()[0].endswith("demo: lost, will be resumed")
    assert rows(db_path, RUNS) == [("demo", "lost", None, 1), ("demo", "complete", 0, 1)]
    assert rows(db_path, CRAWLS) == [("complete", "healthy", len(demo.store.posts(1)), 1)]


def test_stopped_crawl_is_resumed(
    schedule: Schedule, db_path: Path, begun: Running, demo: DemoServer
) -> None:
    begun.send_signal(signal.SIGTERM)
    out, _ = begun.communicate(timeout=ENDS_S)
    demo.clear_faults()
    assert begun.returncode == 0
    assert out.splitlines()[-1].endswith("demo: stopped, will be resumed")
    assert children_left(db_path) == []
    schedule(db_path, "--once")
    assert rows(db_path, RUNS) == [("demo", "stopped", None, 1), ("demo", "complete", 0, 1)]
    assert rows(db_path, CRAWLS) == [("complete", "healthy", len(demo.store.posts(1)), 1)]


def test_second_runner_stays_away(
    schedule: Schedule, blogkeep: Command, db_path: Path, begun: Running
) -> None:
    assert schedule(db_path, "--once") == ""
    done = blogkeep(*words(db_path), alone=True)
    assert (done.returncode, done.stderr) == (
        3,
        f"blogkeep: another blogkeep schedule is running on {db_path}\n",
    )


def children_left(db: Path) -> list[int]:
    """Crawls into this archive that are alive: each holds a lock beside it."""
    found: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        try:
            files = list((entry / "fd").iterdir()) if entry.name.isdigit() else []
            held = {os.readlink(file) for file in files}
            if any(name.startswith(str(db)) and name.endswith(".run.lock") for name in held):
                parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
                found[int(entry.name)] = int(parent)
        except OSError:
            continue
    return [pid for pid, parent in found.items() if parent not in found]


def test_failing_store_backs_off_and_delays_no_other(
    schedule: Schedule, db_path: Path, demo: DemoServer
) -> None:
    with serving({"/secret": ""}) as listener:
        write_stores(
            db_path,
            '[stores.dead]\nurl = "http://127.0.0.1:9"\n'
            f'heartbeat = "{listener.url}/dead"\n{DAILY}',
            f'[stores.demo]\nurl = "{demo.url}"\nheartbeat = "{listener.url}/secret"\n{DAILY}',
        )
        output = schedule(db_path, "--once", "-s", "ARCHIVE_CRAWLS_AT_ONCE=1", code=3)
        assert schedule(db_path, "--once") == ""  # a quarter of an hour has to pass
    assert "secret" not in output
    assert rows(db_path, RUNS) == [("dead", "failed", 1, None), ("demo", "complete", 0, 1)]
    assert rows(db_path, "SELECT detail FROM schedule_runs WHERE id = 1")[0][0].startswith(
        "no usable answer from http://127.0.0.1:9"
    )  # type: ignore[attr-defined]
    assert listener.paths == ["/secret"]


def test_a_crawl_without_heartbeat_is_killed_and_resumed(
    start: Start, db_path: Path, demo: DemoServer
) -> None:
    """A stopped process stands for one that hangs: its event loop prints nothing any more."""
    demo.fault(HELD)
    write_stores(db_path, f'[stores.demo]\nurl = "{demo.url}"\n{DAILY}')
    limits = ("-s", "ARCHIVE_STALL_TIMEOUT=10", "-s", "ARCHIVE_HEARTBEAT=0.2")
    process = start(*words(db_path, *limits))
    try:
        wait_for_posts(process, db_path, 5)
        (crawl,) = children_left(db_path)
        os.kill(crawl, signal.SIGSTOP)
        # Opened once: what would be opened at each look took more CPU than the runner.
        with closing(sqlite3.connect(f"{db_path.as_uri()}?mode=ro", uri=True)) as archive:
            wait_until(lambda: archive.execute(RUNS).fetchall()[0][1] == "lost")
            demo.clear_faults()
            wait_until(lambda: archive.execute(RUNS).fetchall()[-1][1] == "complete")
    finally:
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate()
    assert "demo: killed, no heartbeat for 10 s" in output
    # Where the stop fell into the saving of a page, that page counts as the one that hung.
    hung = "SELECT count(DISTINCT url) FROM captures WHERE verdict = 'rejected'"
    ((rejected,),) = rows(db_path, hung)
    assert rejected in {0, 1}
    assert rows(db_path, CRAWLS) == [
        ("complete", "healthy", len(demo.store.posts(1)) - int(str(rejected)), 1)
    ]
