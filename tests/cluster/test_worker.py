"""Workers of a cluster, with a real PostgreSQL, a depot in a folder, and real crawls."""

from __future__ import annotations

from contextlib import closing

from scraper.archive.database import open_for_reading
from scraper.archive.verify import verify
from tests.cluster.running import Cluster
from tests.conftest import rows
from tests.spiders.test_pace import many
from tests.storefront import serving


def test_stores_are_crawled_once_published_and_planned_again(cluster: Cluster) -> None:
    stores = {f"shop-{number}": f"http://shop-{number}.example" for number in range(2)}
    cluster.use(stores)
    with serving(many(3)) as shop:
        cluster.start_worker("one", proxy=shop.url)
        cluster.wait_for_runs(2)
    cluster.stop_workers()
    assert cluster.rows("SELECT store, try, outcome, fence FROM runs ORDER BY store") == [
        (name, 0, "complete", 1) for name in stores
    ]
    assert cluster.rows("SELECT count(*) FROM stores WHERE next_at > now()") == [(2,)]
    assert cluster.rows("SELECT store, outcome, health, n_new FROM crawls ORDER BY store") == [
        (name, "complete", "healthy", 3) for name in stores
    ]
    assert cluster.rows("SELECT count(*) FROM changes WHERE kind = 'created'") == [(6,)]
    assert cluster.rows("SELECT count(*) FROM procrastinate_jobs") == [(0,)]
    archive = cluster.fetch("shop-1")
    assert rows(archive, "SELECT count(*) FROM posts") == [(3,)]
    with closing(open_for_reading(archive)) as db:
        assert sum(check.found for check in verify(db)) == 0
