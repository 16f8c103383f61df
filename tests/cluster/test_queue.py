"""The queue of a cluster: claims, ends, plans, takeovers, without a crawl."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from scraper.archive.database import open_for_writing
from scraper.cluster.all_stores.publishing import publish_archive
from scraper.cluster.database import ClusterDatabase, create_tables
from scraper.cluster.depot import ArchivePair, ObjectDepot
from scraper.cluster.generations import Generation, repair_keys
from scraper.cluster.queue import ClaimedRun, PostgresQueue, Publication, RunEnd
from scraper.cluster.status import read_status, write_cluster_metrics
from scraper.exceptions import ClusterError, StoreLost, StoresProblem
from scraper.schedule.runs import RunResult
from scraper.schedule.timetable.history import StoreHistory
from tests.bench.cluster import measure
from tests.cluster.running import Cluster
from tests.postgres import PostgresServer

SHOPS = {name: f"http://{name}.example" for name in ("ash", "birch")}


@pytest.fixture
def database(cluster: Cluster) -> Iterator[ClusterDatabase]:
    with closing(ClusterDatabase(cluster.conninfo)) as opened:
        yield opened


@pytest.fixture
def queue(cluster: Cluster, database: ClusterDatabase) -> PostgresQueue:
    """The queue of a worker, with two stores that are due."""
    cluster.use(SHOPS)
    queue = PostgresQueue(database, "one")
    queue.register()
    assert queue.enqueue_due() == 2
    assert queue.enqueue_due() == 0
    return queue


def take(queue: PostgresQueue) -> ClaimedRun:
    claim = queue.claim()
    assert claim is not None
    return claim


def end(outcome: str, generation: int = 1) -> RunEnd:
    publication = Publication(key=f"key-{generation}", generation=generation, size=10)
    return RunEnd(result=RunResult(outcome), publication=publication)  # type: ignore[arg-type]


def test_a_run_is_handed_to_one_worker(queue: PostgresQueue, database: ClusterDatabase) -> None:
    other = PostgresQueue(database, "two")
    other.register()
    taken = {take(queue).run.store.name, take(other).run.store.name}
    assert taken == set(SHOPS)
    assert queue.claim() is None
    assert other.claim() is None


def test_outcome_plan_and_publication_come_together(queue: PostgresQueue, cluster: Cluster) -> None:
    claim = take(queue)
    queue.finish(claim, end("complete"))
    queue.finish(claim, end("complete"))  # again, after a lost answer
    name = claim.run.store.name
    planned = "SELECT next_at > now(), due_at > now() FROM stores WHERE name = %s"
    assert cluster.rows(planned, name) == [(True, True)]
    found = cluster.rows("SELECT generation, key FROM archives WHERE store = %s", name)
    assert found == [(1, "key-1")]
    runs = cluster.rows("SELECT try, outcome FROM runs WHERE store = %s", name)
    assert runs == [(0, "complete")]


def test_an_end_waits_for_an_earlier_attempt_that_still_commits(
    queue: PostgresQueue, cluster: Cluster
) -> None:
    claim = take(queue)
    with closing(psycopg.connect(cluster.conninfo)) as earlier, ThreadPoolExecutor(1) as pool:
        store = claim.run.store.name
        earlier.execute("SELECT FROM blogkeep.archives WHERE store = %s FOR UPDATE", [store])
        ends = "UPDATE blogkeep.runs SET outcome = 'complete', ended_at = now() WHERE id = %s"
        earlier.execute(ends, [claim.run.id])
        again = pool.submit(queue.finish, claim, end("failed"))
        while not cluster.rows("SELECT FROM pg_locks WHERE NOT granted") and not again.done():
            time.sleep(0.01)
        earlier.commit()
        again.result()
    assert cluster.rows("SELECT outcome FROM runs WHERE id = %s", claim.run.id) == [("complete",)]


def test_failed_run_is_tried_again_later(queue: PostgresQueue, cluster: Cluster) -> None:
    claim = take(queue)
    queue.finish(claim, RunEnd(result=RunResult("failed", detail="no memory")))
    sql = """
        SELECT round(extract(epoch FROM next_at - ended_at) / 60), stores.failed_runs
        FROM stores JOIN runs ON store = name WHERE name = %s
    """
    assert cluster.rows(sql, claim.run.store.name) == [(15, 1)]


def test_lost_run_is_taken_over_at_once(
    queue: PostgresQueue, database: ClusterDatabase, cluster: Cluster
) -> None:
    claim = take(queue)
    assert queue.recover(60) == []
    assert queue.recover(0) == [claim.run.store.name]
    with pytest.raises(StoreLost):
        queue.beat()
    with pytest.raises(StoreLost):
        queue.finish(claim, end("complete"))
    with pytest.raises(StoreLost):
        queue.publish(claim, Publication(key="late", generation=1, size=10))
    queue.register()
    assert queue.enqueue_due() == 1
    again = {found.run.store.name: found for found in (take(queue), take(queue))}
    assert set(again) == set(SHOPS)
    runs = cluster.rows("SELECT try, outcome FROM runs WHERE store = %s", claim.run.store.name)
    assert sorted(runs) == [(0, "lost"), (1, "running")]
    status = read_status(database)
    assert (status.lost_runs, status.takeovers) == (1, 1)
    # A crawl that was killed on a worker that lives is lost too, but not taken over.
    queue.finish(again[claim.run.store.name], RunEnd(result=RunResult("lost", -9)))
    status = read_status(database)
    assert (status.lost_runs, status.takeovers) == (2, 1)


def test_due_time_is_not_repeated_where_a_worker_has_a_slow_clock(
    queue: PostgresQueue, cluster: Cluster
) -> None:
    """Its archive says that the crawl began before the run was due."""
    claim = take(queue)
    history = StoreHistory(complete_at="2020-01-01T00:00:00Z")
    queue.finish(claim, RunEnd(result=RunResult("complete"), history=history))
    later = "SELECT stores.due_at > runs.due_at FROM stores JOIN runs ON store = name"
    assert cluster.rows(f"{later} WHERE name = %s", claim.run.store.name) == [(True,)]


def test_store_that_cannot_be_read_holds_up_no_worker(
    queue: PostgresQueue, cluster: Cluster, database: ClusterDatabase
) -> None:
    with database.transaction() as connection:
        connection.execute("UPDATE stores SET config = 'nonsense' WHERE name = 'ash'")
    assert take(queue).run.store.name == "birch"
    assert queue.claim() is None
    failed = cluster.rows("SELECT outcome FROM runs WHERE store = 'ash'")
    assert failed == [("failed",)]


def test_retired_store_is_crawled_no_more(queue: PostgresQueue, cluster: Cluster) -> None:
    cluster.use({"birch": SHOPS["birch"]})
    assert take(queue).run.store.name == "birch"
    assert queue.claim() is None
    cluster.use(SHOPS)
    assert queue.enqueue_due() == 1
    assert take(queue).run.store.name == "ash"


def test_status_counts(
    queue: PostgresQueue, database: ClusterDatabase, cluster: Cluster, tmp_path: Path
) -> None:
    claim = take(queue)
    status = read_status(database)
    assert (status.stores, status.queued, status.running, status.workers) == (2, 1, 1, 1)
    queue.finish(claim, end("complete"))
    status = read_status(database)
    assert (status.planned, status.complete_runs, status.depot_bytes) == (1, 1, 10)
    write_cluster_metrics(status, tmp_path / "cluster.prom")
    metrics = (tmp_path / "cluster.prom").read_text()
    assert "blogkeep_cluster_depot_bytes 10.0\n" in metrics
    assert "blogkeep_cluster_overdue_seconds" in metrics
    assert not create_tables(cluster.conninfo)


def test_repair_names_what_the_depot_has(
    queue: PostgresQueue, database: ClusterDatabase, cluster: Cluster, tmp_path: Path
) -> None:
    depot = ObjectDepot.at(str(cluster.depot))
    pair = ArchivePair(archive=tmp_path / "archive.db", captures=tmp_path / "captures.db")
    pair.archive.write_bytes(b"an archive")
    for key in ("ash/000000002-9", "ash/000000010-3"):
        depot.store(key, pair)
    claims = {claim.run.store.name: claim for claim in (take(queue), take(queue))}
    queue.publish(claims["birch"], Publication(key="birch/000000001-1", generation=1, size=10))
    assert repair_keys(database, depot) == {"ash": "ash/000000010-3", "birch": ""}
    ash = cluster.rows("SELECT key, generation, fence FROM archives WHERE store = 'ash'")
    assert ash == [("ash/000000010-3", 10, 4)]
    with pytest.raises(StoreLost):
        queue.finish(claims["ash"], end("complete"))
    assert repair_keys(database, depot) == {"birch": ""}
    # The archive is there, but the database was restored to before a later claim.
    for key in ("birch/000000001-1", "birch/000000002-7"):
        depot.store(key, pair)
    assert repair_keys(database, depot) == {"birch": "birch/000000002-7"}
    assert repair_keys(database, depot) == {}


class Claiming(ObjectDepot):
    """A depot into which an archive takes so long that workers claim stores meanwhile."""

    queue: PostgresQueue

    def store(self, key: str, pair: ArchivePair) -> int:
        claims = take(self.queue), take(self.queue)
        self.fences = {claim.run.store.name: claim.fence for claim in claims}
        return super().store(key, pair)


def test_first_archive_has_a_key_that_no_worker_writes(
    queue: PostgresQueue, database: ClusterDatabase, cluster: Cluster, tmp_path: Path
) -> None:
    depot = Claiming.at(str(cluster.depot))
    depot.queue = queue
    pair = ArchivePair(archive=tmp_path / "archive.db", captures=tmp_path / "captures.db")
    open_for_writing(pair.archive).close()
    with pytest.raises(ClusterError, match="was being crawled meanwhile"):
        publish_archive(database, depot, "ash", pair)
    assert depot.keys("ash")
    assert Generation(number=1, fence=depot.fences["ash"]).key("ash") not in depot.keys("ash")


def test_store_keeps_its_archive_when_its_file_is_imported_again(
    queue: PostgresQueue, cluster: Cluster
) -> None:
    with pytest.raises(StoresProblem, match="elm is the store that the cluster has as ash"):
        cluster.use({"elm": SHOPS["ash"], "birch": SHOPS["birch"]})
    assert cluster.rows("SELECT count(*) FROM stores WHERE NOT is_retired") == [(2,)]
    # Addresses may change hands: an archive follows its store's name.
    cluster.use({"ash": SHOPS["birch"], "birch": SHOPS["ash"]})
    hosts = cluster.rows("SELECT name, host FROM stores ORDER BY name")
    assert hosts == [("ash", "birch.example"), ("birch", "ash.example")]


def test_simulated_day_runs_each_due_store_once(
    postgres: PostgresServer, capsys: pytest.CaptureFixture[str]
) -> None:
    measure(postgres, n_stores=12, n_due=8, n_workers=1)
    printed = capsys.readouterr().out
    assert "8 runs queued, claimed, finished and planned again by 1 processes" in printed
    assert "12 stores are planned" in printed
