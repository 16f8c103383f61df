"""What a schedule of many stores costs where nothing has changed: crawls a second, CPU, and
the runner's own share."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.bench.children import PROJECT, ClientFailed, own_environment
from tests.storefront import ROBOTS, Page, index, post, serving, sitemap

POSTS = 20
LONGEST_S = 3600.0

_TIMES = {
    "crawls": ("started_at", "heartbeat_at", "finished_at"),
    "schedule_runs": ("due_at", "started_at", "ended_at"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleCost:
    """One round of the schedule: `runner_cpu_s` is a part of `cpu_s`, which is that of all
    processes."""

    name: str
    stores: int
    wall_s: float
    cpu_s: float
    runner_cpu_s: float


def measure_schedule(folder: Path, stores: int) -> list[ScheduleCost]:
    """Crawl so many stores of 20 posts by `schedule --once`, and again. Raises ClientFailed."""
    folder.mkdir(parents=True, exist_ok=True)
    with serving(_pages()) as served:
        options = ["-s", f"ARCHIVE_PROXY={served.url}", "-s", "ARCHIVE_RATE=0"]
        _write_stores(folder / "stores.toml", stores)
        first = _run("first crawl", folder / "archive.db", stores, options)
        _make_due(folder / "archive.db")
        return [first, _run("nothing changed", folder / "archive.db", stores, options)]


def _run(name: str, archive: Path, stores: int, options: list[str]) -> ScheduleCost:
    words = ["scraper", "schedule", "--once", "--db", str(archive), *options]
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=own_environment(),
    )
    runner_cpu_s = 0.0
    while time.monotonic() < begun + LONGEST_S:
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            break
        runner_cpu_s = _own_cpu_s(process.pid) or runner_cpu_s
        time.sleep(0.2)
    else:
        process.kill()
        raise ClientFailed(f"schedule of {stores} stores took more than {LONGEST_S:.0f} s")
    if process.returncode:
        raise ClientFailed(f"schedule of {stores} stores exited with {process.returncode}")
    return ScheduleCost(
        name=name,
        stores=stores,
        wall_s=time.monotonic() - begun,
        cpu_s=used.ru_utime + used.ru_stime,
        runner_cpu_s=runner_cpu_s,
    )


def _own_cpu_s(pid: int) -> float:
    """The CPU of a process without its children, up to now; 0 where it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    user, system = fields[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _write_stores(path: Path, stores: int) -> None:
    # Half an hour from now, so that no store becomes due a second time in one round.
    schedule = f"{(time.gmtime().tm_min + 30) % 60} * * * *"
    path.write_text(
        "".join(
            f'[stores.shop-{at}]\nurl = "http://shop-{at}.example"\nschedule = "{schedule}"\n'
            for at in range(stores)
        )
    )


def _make_due(archive: Path) -> None:
    """Let all runs have been two hours earlier than they were."""
    with closing(sqlite3.connect(archive)) as db, db:
        for table, columns in _TIMES.items():
            shifted = ", ".join(
                f"{column} = strftime('%Y-%m-%dT%H:%M:%SZ', {column}, '-2 hours')"
                for column in columns
            )
            db.execute(f"UPDATE {table} SET {shifted}")


def _pages() -> dict[str, Page]:
    paths = [f"/blogs/news/post-{at}" for at in range(POSTS)]
    return {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": sitemap("/blogs/news", *paths),
        "/blogs/news": index(*paths),
        **{path: post(path, title=path, rid=555_000 + at) for at, path in enumerate(paths)},
    }
