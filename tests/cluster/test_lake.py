"""`blogkeep lake export --cluster`: every store of a cluster, from its depot."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from scraper.archive.database import open_for_writing
from scraper.cli.main import main
from scraper.cluster.database import ClusterDatabase
from scraper.cluster.depot import ArchivePair, ObjectDepot
from scraper.cluster.fetching import fetched_archive
from scraper.exceptions import NoArchive
from tests.archive.shop import Shop
from tests.cluster.running import Cluster
from tests.factories import make_post


def publish(cluster: Cluster, keys: Mapping[str, str]) -> None:
    """Archives of the stores in the depot, as workers would have left them."""
    depot = ObjectDepot.at(str(cluster.depot))
    with closing(ClusterDatabase(cluster.conninfo)) as database:
        for store, key in keys.items():
            pair = ArchivePair(
                archive=cluster.folder / f"{store}.db",
                captures=cluster.folder / f"{store}.captures",
            )
            with closing(open_for_writing(pair.archive)) as db:
                url = f"https://{store}.example/blogs/news/slow-tea"
                Shop(db, f"https://{store}.example").crawl(1, make_post(url=url))
            depot.store(key, pair)
            with database.transaction() as connection:
                connection.execute("UPDATE archives SET key = %s WHERE store = %s", [key, store])


def test_every_archived_store_is_exported_in_order(
    cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.use({name: f"https://{name}.example" for name in ("clove", "anise", "barley")})
    publish(cluster, {"clove": "clove/1-1", "anise": "anise/1-1"})
    out = cluster.folder / "lake"
    assert main(["lake", "export", str(out), "--cluster", *cluster.settings()]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"{out}: 2 stores, 2 posts, 2 revisions, 2 changes, ")
    posts = pq.read_table(out / "posts.parquet", columns=["store", "url"]).to_pylist()
    assert posts == [
        {"store": f"{name}.example", "url": f"https://{name}.example/blogs/news/slow-tea"}
        for name in ("anise", "clove")
    ]


def test_an_archive_that_the_depot_lacks_writes_nothing(
    cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.use({"clove": "https://clove.example"})
    publish(cluster, {"clove": "clove/1-1"})
    ObjectDepot.at(str(cluster.depot)).delete("clove/1-1")
    out = cluster.folder / "lake"
    assert main(["lake", "export", str(out), "--cluster", *cluster.settings()]) == 1
    assert capsys.readouterr().err.startswith("blogkeep: the depot has nothing under clove/1-1")
    assert not out.exists()


class Replaced(ObjectDepot):
    """A depot in which a worker publishes a newer archive just before one is fetched."""

    cluster: Cluster

    def fetch_archive(self, key: str, into: Path) -> None:
        if key == "clove/1-1":
            publish(self.cluster, {"clove": "clove/2-1"})
            self.delete(key)
        super().fetch_archive(key, into)


def test_an_archive_that_is_replaced_meanwhile_is_fetched_again(cluster: Cluster) -> None:
    cluster.use({"clove": "https://clove.example"})
    publish(cluster, {"clove": "clove/1-1"})
    depot = Replaced.at(str(cluster.depot))
    assert isinstance(depot, Replaced)
    depot.cluster = cluster
    with closing(ClusterDatabase(cluster.conninfo)) as database:
        (cluster.folder / "clove.db").unlink()
        with fetched_archive(database, depot, "clove") as path:
            assert path.stat().st_size
        depot.delete("clove/2-1")
        with pytest.raises(NoArchive), fetched_archive(database, depot, "clove"):
            pass
