"""What a cluster promises when machines, PostgreSQL and the depot fail: a due time is completed
once, no post is lost, no change invented, and a lost machine costs one checkpoint at most."""

from __future__ import annotations

import re
import shutil
import signal
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path

from scraper.archive.database import open_for_reading
from scraper.archive.verify import verify
from scraper.exceptions import BlogkeepError
from tests.cluster.running import Cluster
from tests.conftest import ENDS_S, rows
from tests.postgres import PostgresServer
from tests.spiders.test_pace import many
from tests.storefront import Storefront, serving

POSTS, MORE_POSTS = 32, 48
SLOW = {"DOWNLOAD_DELAY": 0.3, "ARCHIVE_CHECKPOINT": 0.5, "ARCHIVE_TAKEOVER": 6}
NO_DEPOT = re.compile("the depot cannot be used.*trying again")


def posts_asked(shop: Storefront) -> Counter[str]:
    return Counter(path for path in shop.paths if "/post-" in path)


def wait_for_checkpoint(cluster: Cluster) -> None:
    """Wait for one that begins from now on: one may be under way."""
    sql = "SELECT generation FROM archives"
    ((before,),) = cluster.rows(sql)
    cluster.wait_for(lambda: cluster.rows(sql)[0][0] >= before + 2)


def saved_posts(cluster: Cluster) -> int:
    """How many posts a worker has saved so far: none before the store's template is settled."""
    found = [0]
    for path in cluster.folder.glob("*/stores/shop/archive.db"):
        with suppress(BlogkeepError):  # it is being created
            found += [int(str(count)) for (count,) in rows(path, "SELECT count(*) FROM posts")]
    return max(found)


def check_runs(cluster: Cluster) -> None:
    """One due time: lost, perhaps more than once where the machine is busy, then complete once."""
    outcomes = [outcome for (outcome,) in cluster.rows("SELECT outcome FROM runs ORDER BY try")]
    assert outcomes[-1] == "complete"
    assert set(outcomes[:-1]) == {"lost"}


def check_archive(archive: Path, posts: int) -> None:
    assert rows(archive, "SELECT count(*) FROM posts") == [(posts,)]
    assert rows(archive, "SELECT count(*) FROM changes WHERE kind != 'created'") == [(0,)]
    with closing(open_for_reading(archive)) as db:
        assert sum(check.found for check in verify(db)) == 0


def test_lost_machine_costs_one_checkpoint(cluster: Cluster, postgres: PostgresServer) -> None:
    cluster.use({"shop": "http://shop.example"})
    with serving(many(MORE_POSTS)) as shop:
        names = ("first", "second")
        first, _ = (cluster.start_worker(name, proxy=shop.url, **SLOW) for name in names)
        cluster.wait_for(lambda: saved_posts(cluster) > 0)
        wait_for_checkpoint(cluster)
        ((holder,),) = cluster.rows("SELECT holder FROM archives")
        killed, alive = names if holder.endswith(f":{first.pid}") else names[::-1]
        cluster.workers[names.index(killed)].kill()
        shutil.rmtree(cluster.folder / killed, ignore_errors=True)
        ((stored,),) = rows(cluster.fetch("shop", "checkpoint"), "SELECT count(*) FROM posts")
        cluster.wait_for(lambda: "shop: started" in cluster.log(alive))
        before = posts_asked(shop)
        cluster.wait_for(lambda: posts_asked(shop) != before)
        postgres.stop(signal.SIGQUIT)
        cluster.wait_for(lambda: "PostgreSQL cannot be reached" in cluster.log(alive))
        # While the crawl waits for PostgreSQL, so that its end finds no depot.
        away = cluster.depot.rename(cluster.folder / "away")
        cluster.depot.touch()
        postgres.start()
        cluster.wait_for(lambda: bool(NO_DEPOT.search(cluster.log(alive))))
        cluster.depot.unlink()
        away.rename(cluster.depot)
        cluster.wait_for_runs(1)
    cluster.stop_workers()
    check_runs(cluster)
    check_archive(cluster.fetch("shop"), MORE_POSTS)
    again = sum(posts_asked(shop).values()) - MORE_POSTS
    assert 0 < stored <= MORE_POSTS
    assert again <= sum(before.values()) - stored, (again, stored, before)


def test_woken_worker_gets_no_turn_and_publishes_nothing(cluster: Cluster) -> None:
    cluster.use({"shop": "http://shop.example"})
    with serving(many(POSTS)) as shop:
        sleeper = cluster.start_worker("sleeper", proxy=shop.url, **SLOW)
        cluster.wait_for(lambda: len(posts_asked(shop)) > 4)
        sleeper.send_signal(signal.SIGSTOP)
        cluster.start_worker("other", proxy=shop.url, ARCHIVE_TAKEOVER=6)
        cluster.wait_for_runs(1)
        asked, published = len(shop.asked), cluster.rows("SELECT key, fence FROM archives")
        sleeper.send_signal(signal.SIGCONT)
        assert sleeper.wait(ENDS_S) == 3, cluster.log("sleeper")
        # A request that had its turn when it fell asleep may wait for its delay: it still goes out.
        assert len(shop.asked) <= asked + 1
    assert cluster.rows("SELECT key, fence FROM archives") == published
    assert "taken over" in cluster.log("sleeper")
    check_runs(cluster)
    check_archive(cluster.fetch("shop"), POSTS)
