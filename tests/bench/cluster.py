"""A day of many stores on a cluster's real queue, with jobs that only pretend to crawl: planned,
queued, claimed, finished, planned again.

``python -m tests.bench.cluster --stores 100000 --due 100000 --workers 2``: `due` of the stores are
due at once, the others within the next day.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from scraper.archive.maintenance.catalogue import CatalogueRows
from scraper.cluster.database import ClusterDatabase, create_tables
from scraper.cluster.queue import ClaimedRun, PostgresQueue, Publication, RunEnd
from scraper.cluster.stores import import_stores
from scraper.schedule.runs import RunResult
from scraper.schedule.timetable.history import StoreHistory
from scraper.timestamps import format_timestamp
from tests.postgres import PostgresServer

COUNTS = dict.fromkeys(
    ("listed", "fetched", "not_modified", "new", "changed", "missing", "blocked", "error"), 1
)
TABLES = """
    SELECT relnamespace::regnamespace || '.' || relname, reltuples::bigint,
        pg_total_relation_size(oid)
    FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text
        IN ('blogkeep', 'procrastinate') AND pg_total_relation_size(oid) > 100000
    ORDER BY 3 DESC
"""


def main() -> None:
    """Print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stores", type=int, default=100_000)
    parser.add_argument("--due", type=int, default=100_000, help="due at once (default: all)")
    parser.add_argument("--workers", type=int, default=2, help="processes that pretend to crawl")
    options = parser.parse_args()
    server = PostgresServer()
    try:
        measure(server, options.stores, options.due, options.workers)
    finally:
        server.remove()


def measure(server: PostgresServer, n_stores: int, n_due: int, n_workers: int) -> None:
    """Run the day on a server of which nobody else uses the database `postgres`, and print what it
    took."""
    create_tables(server.conninfo)
    with closing(ClusterDatabase(server.conninfo)) as database:
        began, cpu = time.monotonic(), _cpu_s()
        import_stores(database, _stores_file(n_stores))
        took, used = time.monotonic() - began, _cpu_s() - cpu
        _print(f"imported {n_stores:,} stores in {took:.0f} s, {used:.0f} s of CPU here")
        _spread(database, n_stores - n_due)
        began = time.monotonic()
        ends = _run_workers(server.conninfo, n_workers)
        took = time.monotonic() - began
        done = sum(number for number, _, _ in ends)
        _print(
            f"{done:,} runs queued, claimed, finished and planned again by {n_workers} "
            f"processes in {took:.0f} s: {done / took:.0f} a second; CPU of a run there "
            f"{1000 * sum(cpu for _, cpu, _ in ends) / max(done, 1):.1f} ms, of PostgreSQL "
            f"{1000 * _server_cpu_s(server) / max(done, 1):.1f} ms with the import"
        )
        _print(f"peak of a process {max(kb for _, _, kb in ends) / 1024:.0f} MB")
        _print(f"PostgreSQL {_server_memory_mb(server):.0f} MB")
    with closing(psycopg.connect(server.conninfo, autocommit=True)) as connection:
        connection.execute("ANALYZE")
        for name, rows, size in connection.execute(TABLES).fetchall():
            _print(f"{name}: {rows:,} rows, {size / 1e6:.0f} MB")
        found = connection.execute(
            "SELECT count(*) FILTER (WHERE next_at > now()), count(*) FROM blogkeep.stores"
        ).fetchone()
        again = connection.execute(
            "SELECT count(*) FROM (SELECT FROM blogkeep.runs GROUP BY store, due_at "
            "HAVING count(*) > 1) AS twice"
        ).fetchone()
    assert found == (n_stores, n_stores), found
    assert again == (0,), again
    assert done == n_due, done
    _print(f"each due run ended once, and {n_stores:,} stores are planned")


def _stores_file(number: int) -> str:
    lines = ['[defaults]\nschedule = "0 5 * * *"\njitter_minutes = 700\n']
    lines += [f'[stores.shop-{at}]\nurl = "https://shop-{at}.example"\n' for at in range(number)]
    return "".join(lines)


def _spread(database: ClusterDatabase, number: int) -> None:
    """Plan so many stores within the next day."""
    with database.transaction() as connection:
        connection.execute(
            "UPDATE stores SET next_at = now() + interval '1 hour' + random() * interval '23 hours'"
            " WHERE name IN (SELECT name FROM stores ORDER BY name LIMIT %s)",
            [number],
        )


def _run_workers(conninfo: str, number: int) -> list[tuple[int, float, int]]:
    with multiprocessing.get_context("spawn").Pool(number) as pool:
        return pool.map(_pretend, [conninfo] * number, chunksize=1)


def _pretend(conninfo: str) -> tuple[int, float, int]:
    """Take runs until none is due: how many, the CPU of this process in seconds, its peak in KB."""
    done = 0
    with closing(ClusterDatabase(conninfo, size=1)) as database:
        queue = PostgresQueue(database, str(os.getpid()))
        queue.register()
        while True:
            while claim := queue.claim():
                queue.finish(claim, _end(claim))
                done += 1
                if done % 500 == 0:
                    queue.beat()
            if not queue.enqueue_due():
                break
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return done, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def _end(claim: ClaimedRun) -> RunEnd:
    """As a crawl that found one change would end."""
    now = datetime.now(UTC)
    at = format_timestamp(now)
    crawl = {
        "crawl_id": 1,
        "label": f"{claim.run.store.name}, {at}",
        "started_at": at,
        "finished_at": at,
        "outcome": "complete",
        "health": "healthy",
        "reason": "",
        **{f"n_{name}": number for name, number in COUNTS.items()},
    }
    change = {
        "change_id": 1,
        "crawl_id": 1,
        "label": f"{claim.run.store.name}, change 1",
        "post_url": f"https://{claim.run.store.host}/blogs/news/slow-tea",
        "post_title": "Slow tea",
        "kind": "edited",
        "severity": "minor",
        "origin": "observed",
        "cause": "store",
        "standing": "confirmed",
        "not_before": format_timestamp(now - timedelta(days=1)),
        "not_after": at,
        "words_added": 3,
        "words_removed": 1,
    }
    key = f"{claim.run.store.name}/{claim.generation + 1:09d}-{claim.fence}"
    return RunEnd(
        result=RunResult("complete", 0),
        publication=Publication(key=key, generation=claim.generation + 1, size=500_000),
        history=StoreHistory(complete_at=at, good_at=at, good_finished_at=at),
        rows=CatalogueRows(crawls=[crawl], changes=[change]),
    )


def _server_processes(server: PostgresServer) -> list[Path]:
    parent = int((server.data / "postmaster.pid").read_text().split()[0])
    found = [Path(f"/proc/{parent}")]
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if int((path / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(path)
        except (OSError, ValueError):
            continue
    return found


def _server_cpu_s(server: PostgresServer) -> float:
    """Of its processes that run, and of those that have ended."""
    (main_process, *others), ticks = _server_processes(server), os.sysconf("SC_CLK_TCK")
    fields = (main_process / "stat").read_text().rpartition(")")[2].split()
    total = sum(int(field) for field in fields[11:15])
    for path in others:
        own = (path / "stat").read_text().rpartition(")")[2].split()
        total += int(own[11]) + int(own[12])
    return total / ticks


def _server_memory_mb(server: PostgresServer) -> float:
    """What its processes hold, shared pages counted once."""
    total = 0
    for path in _server_processes(server):
        for line in (path / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
