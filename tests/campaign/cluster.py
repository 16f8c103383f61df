"""A cluster under all faults at once: three workers of which one is killed with its disk every 18
seconds, a worker that sleeps and wakes, PostgreSQL restarted, the depot away for a minute, and all
stores pushing back; then forty processes at one rate."""

from __future__ import annotations

import itertools
import shutil
import signal
import subprocess
import sys
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from scraper.archive.database import open_for_reading
from scraper.archive.verify import verify
from scraper.cluster.database import create_tables
from tests.campaign.runs import Bench, begin
from tests.cluster.running import Cluster
from tests.conftest import ROOT, rows
from tests.postgres import PostgresServer
from tests.spiders.test_pace import many
from tests.storefront import Page, Storefront, serving
from tests.warm import Running

STORES, POSTS = 20, 20
WORKERS = ("one", "two", "three")
KILL_EVERY_S = 18.0
MOST_KILLS = 6
AWAY_S = 60.0
REFUSE_S = 5.0
SETTINGS = {
    "DOWNLOAD_DELAY": 2,
    "ARCHIVE_CHECKPOINT": 5,
    "ARCHIVE_TAKEOVER": 5,
    "ARCHIVE_BACKOFF_FIRST": 1,
    "ARCHIVE_BACKOFF_MAX": 5,
    "ARCHIVE_BLOCKED_AFTER": 50,
}
PROCESSES, RATE_S = 40, 60.0

TAKES_TURNS = """
import asyncio, sys, time
from scraper.cluster.budget import PostgresBudget
from scraper.middlewares.shared_rate_limit import SharedRateLimit

async def main(conninfo: str, delay_s: float) -> None:
    limit = SharedRateLimit(PostgresBudget(conninfo, "shop-0", 0), delay_s=delay_s, most_s=60)
    print("ready", flush=True)
    until = float(sys.stdin.readline())
    while slot := await limit.take("shop.example", 0.0, lambda: time.time() > until):
        print(repr(slot), repr(time.time()))

asyncio.run(main(sys.argv[1], float(sys.argv[2])))
"""


def run(bench: Bench) -> None:
    """Both parts, each with a PostgreSQL of its own."""
    for part in (_faults, _rates):
        server = PostgresServer()
        try:
            part(bench, server)
        finally:
            server.remove()


def _faults(bench: Bench, server: PostgresServer) -> None:
    create_tables(server.conninfo)
    folder = bench.folder / "cluster"
    folder.mkdir(parents=True)
    cluster = Cluster(server.conninfo, begin, folder)
    cluster.use({f"shop-{at}": f"http://shop-{at}.example" for at in range(STORES)})
    refusing: list[bool] = []
    with serving(_refused_at_times(many(POSTS), refusing)) as shop:
        course = _Course(bench, cluster, server, shop, refusing)
        try:
            course.run()
        finally:
            cluster.stop_workers()
    _check(bench, cluster, shop, course.may_be_asked_again)


class _Course:
    """What befalls the cluster, in the order of time."""

    def __init__(
        self,
        bench: Bench,
        cluster: Cluster,
        server: PostgresServer,
        shop: Storefront,
        refusing: list[bool],
    ) -> None:
        self.bench, self.cluster, self.server = bench, cluster, server
        self.shop, self.refusing = shop, refusing
        self.workers: dict[str, Running] = {}
        self.may_be_asked_again = 0
        self.kills = 0

    def run(self) -> None:
        """Go on until all stores are complete; every event comes in its turn."""
        for name in WORKERS:
            self.start(name)
        events = iter([self.refuse, self.restart_postgres, self.sleep, self.take_depot_away])
        while self.complete() < STORES:
            self.wait(KILL_EVERY_S / 2)
            next(events, lambda: None)()
            self.wait(KILL_EVERY_S / 2)
            if self.kills < MOST_KILLS:
                self.kill()
            self.revive()

    def start(self, name: str) -> None:
        self.workers[name] = self.cluster.start_worker(
            name, crawls=3, proxy=self.shop.url, **SETTINGS
        )

    def revive(self) -> None:
        """Start again who has ended, as a supervisor does."""
        for name, worker in self.workers.items():
            if worker.poll() is not None:
                self.start(name)

    def complete(self) -> int:
        return int(self.cluster.rows("SELECT count(*) FROM runs WHERE outcome = 'complete'")[0][0])

    def wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.complete() < STORES:
            time.sleep(0.2)

    def kill(self) -> None:
        """Kill a worker, with its disk; what it asked since its checkpoints may be asked again."""
        name = self.bench.chance.choice(WORKERS)
        worker = self.workers[name]
        held = self.cluster.rows(
            "SELECT store FROM runs WHERE outcome = 'running' AND holder LIKE %s",
            f"%:{worker.pid}",
        )
        worker.kill()
        worker.wait()
        time.sleep(0.5)  # its crawls are killed by the process that they were forked from
        shutil.rmtree(self.cluster.folder / name, ignore_errors=True)
        self.kills += 1
        for (store,) in held:
            self.may_be_asked_again += self.asked(store) - self.stored(store)
        self.bench.log.report(f"killed {name} with {len(held)} crawls")

    def asked(self, store: str) -> int:
        return len({path for path in self.shop.paths if f"//{store}." in path and "/post-" in path})

    def stored(self, store: str) -> int:
        ((key,),) = self.cluster.rows("SELECT key FROM archives WHERE store = %s", store)
        if not key:
            return 0
        archive = self.cluster.fetch(store, f"kill-{self.kills}")
        return int(rows(archive, "SELECT count(*) FROM posts")[0][0])  # type: ignore[call-overload]

    def refuse(self) -> None:
        self.bench.log.report(f"all stores refuse for {REFUSE_S:g} s")
        self.refusing.append(True)
        time.sleep(REFUSE_S)
        self.refusing.clear()

    def restart_postgres(self) -> None:
        self.bench.log.report("PostgreSQL is restarted")
        self.server.stop(signal.SIGQUIT)
        time.sleep(3)
        self.server.start()

    def sleep(self) -> None:
        """A worker sleeps for longer than others wait for it."""
        name = self.bench.chance.choice(WORKERS)
        self.bench.log.report(f"{name} sleeps")
        self.workers[name].send_signal(signal.SIGSTOP)
        self.wait(3 * float(SETTINGS["ARCHIVE_TAKEOVER"]))
        self.workers[name].send_signal(signal.SIGCONT)

    def take_depot_away(self) -> None:
        self.bench.log.report(f"the depot is away for {AWAY_S:g} s")
        with _away(self.cluster.depot):
            time.sleep(AWAY_S)


@contextmanager
def _away(folder: Path) -> Iterator[None]:
    aside = folder.rename(folder.with_name("aside"))
    folder.touch()
    try:
        yield
    finally:
        folder.unlink()
        aside.rename(folder)


def _refused_at_times(pages: dict[str, Page], refusing: list[bool]) -> dict[str, Page]:
    def refused(page: Page) -> Callable[[int], Page]:
        return lambda _: (429, "Too many requests") if refusing else page

    return {path: refused(page) for path, page in pages.items()}


def _check(bench: Bench, cluster: Cluster, shop: Storefront, most: int) -> None:
    log = bench.log
    found = cluster.rows("SELECT outcome, count(*) FROM runs GROUP BY outcome ORDER BY outcome")
    log.report(f"runs: {dict(found)}")
    once = cluster.rows("SELECT count(*), count(DISTINCT store) FROM runs WHERE outcome='complete'")
    log.check(once == [(STORES, STORES)], f"each due time is completed once: {once}")
    invented = cluster.rows("SELECT count(*) FROM changes WHERE kind != 'created'")
    log.check(invented == [(0,)], f"no change is invented: {invented}")
    for at in range(STORES):
        archive = cluster.fetch(f"shop-{at}", "end")
        posts = rows(archive, "SELECT count(*) FROM posts")
        log.check(posts == [(POSTS,)], f"shop-{at} has all posts: {posts}")
        with closing(open_for_reading(archive)) as db:
            problems = sum(check.found for check in verify(db))
        log.check(not problems, f"shop-{at} is sound: {problems} problems")
    asked = Counter(path for path in shop.paths if "/post-" in path)
    again = sum(asked.values()) - len(asked)
    log.report(f"{again} of {sum(asked.values())} pages were asked again, {most} may be")
    refused = STORES * 3  # what was refused is asked again too
    log.check(again <= most + refused, f"{again} pages were asked again, more than {most}")


def _rates(bench: Bench, server: PostgresServer) -> None:
    create_tables(server.conninfo)
    cluster = Cluster(server.conninfo, begin, bench.folder)
    cluster.use({"shop-0": "http://shop-0.example"})
    for rate in (5, 20):
        words = [sys.executable, "-c", TAKES_TURNS, server.conninfo, str(1 / rate)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        asking = [subprocess.Popen(words, **pipes, text=True, cwd=ROOT) for _ in range(PROCESSES)]
        for one in asking:
            assert one.stdout.readline() == "ready\n"
        begun = time.time()
        for one in asking:
            one.stdin.write(f"{begun + RATE_S}\n")
            one.stdin.flush()
        pairs = [line.split() for one in asking for line in one.communicate()[0].splitlines()]
        slots, times = (sorted(map(float, column)) for column in zip(*pairs, strict=True))
        _check_rate(bench, rate, slots, times)


def _check_rate(bench: Bench, rate: int, slots: list[float], times: list[float]) -> None:
    """No two slots closer than the rate allows, none lost, and no second with much more requests,
    wherever it begins."""
    lasted = slots[-1] - slots[0]
    least = min(later - earlier for earlier, later in itertools.pairwise(slots))
    most = max(bisect_left(times, at + 1) - number for number, at in enumerate(times))
    late = sorted(at - slot for slot, at in zip(slots, times, strict=True))
    bench.log.report(
        f"{PROCESSES} processes at {rate} a second: {len(slots)} in {lasted:.1f} s, "
        f"{(len(slots) - 1) / lasted:.3f} a second, slots {1000 * least:.2f} ms apart at least, "
        f"at most {most} requests within one second, sent {1000 * late[-1]:.0f} ms late at most"
    )
    bench.log.check(least >= 1 / rate - 1e-5, f"{rate} a second is not exceeded")
    bench.log.check(len(slots) >= rate * RATE_S * 0.98, f"{rate} a second is reached")
    bench.log.check(most <= 1.5 * rate, f"no second has much more than {rate}")
