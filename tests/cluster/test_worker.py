"""Workers of a cluster, with a real PostgreSQL, a depot in a folder, and real crawls."""

from __future__ import annotations

from contextlib import closing

from scraper.alerts.render import render_test
from scraper.archive.database import open_for_reading
from scraper.archive.verify import verify
from tests.alerts.receivers import webhook
from tests.cluster.running import Cluster
from tests.conftest import rows
from tests.spiders.test_pace import many
from tests.storefront import serving


def leave_message(cluster: Cluster, port: int) -> None:
    """A message in the outbox, for whichever worker comes."""
    config = f'[channels.hook]\nwebhook = "http://127.0.0.1:{port}/in"\n'
    cluster.write("INSERT INTO blogkeep.channels VALUES ('hook', %s, false)", config)
    message, at = render_test("hook"), "2026-01-01T00:00:00Z"
    cluster.write(
        "INSERT INTO blogkeep.alert_messages "
        "(channel, timing, key, subject, content, created_at, next_attempt_at) "
        "VALUES ('hook', 'at_once', 'waiting', %s, %s, %s, %s)",
        *(message.subject, message.content, at, at),
    )


def test_stores_are_crawled_once_published_and_planned_again(cluster: Cluster) -> None:
    stores = {f"shop-{number}": f"http://shop-{number}.example" for number in range(2)}
    cluster.use(stores)
    with serving(many(3)) as shop, webhook() as hook:
        leave_message(cluster, hook.port)
        cluster.start_worker("one", proxy=shop.url)
        cluster.wait_for_runs(2)
        cluster.wait_for(lambda: bool(hook.taken))
    assert [message["key"] for message in hook.taken] == ["waiting"]
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
