"""Many stores read at once: an archive split into the depot and merged from it."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from obstore.store import LocalStore, ObjectStore

from scraper.alerts.notices import Message
from scraper.alerts.outbox import OutboxMessage
from scraper.archive.database import open_for_reading, open_for_writing
from scraper.archive.maintenance.merged_index import MERGED_INDEX, indexed_keys, open_index
from scraper.archive.write.outbox import ArchiveOutbox, record_processed_crawl, skip_crawls
from scraper.cli.main import main
from scraper.cluster.all_stores.indexing import filled_index
from scraper.cluster.database import open_cluster
from scraper.cluster.depot import ArchivePair, ObjectDepot
from tests.archive.shop import Shop
from tests.cluster.running import Cluster
from tests.conftest import rows, wait_until
from tests.factories import make_post

CLAIM = "Slow tea cures insomnia."
CLOVE, ANISE = "https://clove.example", "https://www.anise.example"


def write_archive(path: Path) -> None:
    """Two stores that say the same, the second one first."""
    with closing(open_for_writing(path)) as db:
        for day, origin in ((1, ANISE), (2, CLOVE), (3, ANISE)):
            text = f"{'Boil it well' if day == 3 else 'Warm the pot'}.\n{CLAIM}"
            post = make_post(url=f"{origin}/blogs/news/slow-tea", text=text)
            Shop(db, origin).crawl(day, post)


def without_page_of(path: Path, table: str) -> bytes:
    """A file that opens, and of which a table cannot be read."""
    sql = "SELECT rootpage, page_size FROM sqlite_master, pragma_page_size() WHERE name = ?"
    with closing(sqlite3.connect(path)) as connection:
        page, size = connection.execute(sql, [table]).fetchone()
    sound = path.read_bytes()
    return sound[: (page - 1) * size] + b"\xff" * size + sound[page * size :]


def test_an_archive_is_split_into_the_depot_and_merged_from_it(
    cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    path = cluster.folder / "archive.db"
    write_archive(path)
    split = ["archive", "split", "--cluster", "--db", str(path), "--json", *cluster.settings()]
    cluster.use({"clove": CLOVE})
    assert main(split) == 1
    assert "no store at anise.example" in capsys.readouterr().err
    cluster.use({"clove": CLOVE, "anise": "https://anise.example"})
    # Workers send nothing that an archive's outbox holds, and process no crawl from before.
    with closing(open_for_writing(path)) as db:
        skip_crawls(db, [1], "2026-03-02T07:00:00Z")
        assert main(split) == 1
        assert "0 messages not sent yet, 1 crawl not processed" in capsys.readouterr().err
        message = OutboxMessage(
            channel="hook",
            timing="at_once",
            key="key",
            message=Message(subject="Edited", text="", html=""),
        )
        record_processed_crawl(db, 3, [(message, ())], "2026-03-03T07:00:00Z")
        assert main(split) == 1
        assert "1 message not sent yet, 0 crawls not processed" in capsys.readouterr().err
        at = "2026-03-03T08:00:00Z"
        assert ArchiveOutbox(db).set_state("hook", to="dropped", of=["waiting"], at=at) == 1
    assert main(split) == 0
    keys = {"anise": "anise/000000001-1", "clove": "clove/000000001-1"}
    assert json.loads(capsys.readouterr().out) == {"keys": keys, "left": {}}
    assert cluster.rows("SELECT store, key, fence FROM archives ORDER BY store") == [
        (store, key, 1) for store, key in keys.items()
    ]
    known = "SELECT store, kind, not_after FROM changes ORDER BY not_after"
    assert [store for store, *_ in cluster.rows(known)] == ["anise", "clove", "anise"]
    complete = cluster.rows("SELECT complete_at FROM stores ORDER BY name")
    assert complete == [("2026-03-03T06:00:00Z",), ("2026-03-02T06:00:00Z",)]
    assert main(split) == 0
    assert json.loads(capsys.readouterr().out)["keys"] == {"anise": "", "clove": ""}
    merged = cluster.folder / "merged"
    assert main(["archive", "merge", str(merged), "--cluster", *cluster.settings()]) == 0
    assert capsys.readouterr().out == f"{merged / 'archive.db'}: 2 stores\n"
    changes = "SELECT kind, not_after FROM changes ORDER BY not_after"
    assert rows(merged / "archive.db", changes) == rows(path, changes)


def test_the_index_says_who_said_it_first(
    cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    path = cluster.folder / "archive.db"
    write_archive(path)
    cluster.use({"clove": CLOVE, "anise": "https://anise.example"})
    settings = cluster.settings(ARCHIVE_INDEX=cluster.folder / "index.db")
    assert main(["archive", "split", "--cluster", "--db", str(path), *settings]) == 0
    said = ["said", "warm the pot", "--first", "--cluster", *settings]
    capsys.readouterr()
    assert main(said) == 1
    assert "blogkeep cluster index fills one" in capsys.readouterr().err
    assert main(["cluster", "index", *settings]) == 0
    assert main(["cluster", "index", *settings]) == 0
    assert capsys.readouterr().out == "2 archives read, 0 unchanged\n0 archives read, 2 unchanged\n"
    assert main([*said, "--json"]) == 0
    posts = json.loads(capsys.readouterr().out)["posts"]
    assert [(post["store"], post["is_now"]) for post in posts] == [
        ("www.anise.example", False),
        ("clove.example", True),
    ]
    assert main(["search", "boil", "--cluster", *settings]) == 0
    assert "www.anise.example: news/slow-tea" in capsys.readouterr().out
    assert main(["audit", "--cluster", "--json", *settings]) == 0
    claims = json.loads(capsys.readouterr().out)["claims"]
    assert {claim["label"]: claim["copy_of"] and claim["copy_of"]["label"] for claim in claims} == {
        "www.anise.example: news/slow-tea": None,
        "clove.example: news/slow-tea": "www.anise.example: news/slow-tea",
    }
    depot = ObjectDepot.at(str(cluster.depot))
    depot.delete("clove/000000001-1")
    damaged = ArchivePair(archive=cluster.folder / "d.db", captures=cluster.folder / "d.captures")
    damaged.archive.write_bytes(without_page_of(path, "contents"))
    depot.store("anise/000000001-1", damaged)
    index = cluster.folder / "index.db"
    index.write_bytes(without_page_of(index, "contents"))
    assert main(said) == 1
    assert f"{index} is damaged or altered" in (error := capsys.readouterr().err)
    assert "delete it, and blogkeep cluster index fills one" in error
    index.unlink()
    assert main(["cluster", "index", *settings]) == 3
    anise, clove, counts = capsys.readouterr().out.splitlines()
    assert anise.startswith("anise: ")  # it opens as an archive, and cannot be read
    assert clove.startswith("clove: the depot has nothing under clove/000000001-1")
    assert counts == "0 archives read, 0 unchanged"


class CountingDepot(ObjectDepot):
    """A depot that counts how often each archive is asked for."""

    def __init__(self, store: ObjectStore) -> None:
        super().__init__(store)
        self.asked: Counter[str] = Counter()

    def fetch_archive(self, key: str, into: Path) -> None:
        self.asked[key] += 1
        super().fetch_archive(key, into)


def test_the_index_follows_the_depot(cluster: Cluster) -> None:
    path, index = cluster.folder / "archive.db", cluster.folder / "index.db"
    write_archive(path)
    cluster.use({"clove": CLOVE, "anise": "https://anise.example"})
    depot, reported = CountingDepot(LocalStore(cluster.depot, mkdir=True)), []
    first = {"anise": "anise/000000001-1", "clove": "clove/000000001-1"}

    with open_index(index):
        pass

    def keys() -> dict[str, str]:
        with closing(open_for_reading(index, MERGED_INDEX)) as db:
            return indexed_keys(db)

    with (
        open_cluster(cluster.conninfo) as database,
        filled_index(database, depot, index, every_s=0.02, report=reported.append),
    ):
        words = ["archive", "split", "--cluster", "--db", str(path), *cluster.settings()]
        assert main(words) == 0
        wait_until(lambda: keys() == first)
        with database.transaction() as connection:
            connection.execute("UPDATE archives SET key = 'clove/gone' WHERE store = 'clove'")
        wait_until(lambda: depot.asked["clove/gone"] > 2)
    (problem,) = reported  # once, however often it was tried
    assert problem.startswith("clove: the depot has nothing under clove/gone")
    assert keys() == first


def test_a_fetched_archive_keeps_nothing_of_the_file_before_it(cluster: Cluster) -> None:
    path = cluster.folder / "archive.db"
    write_archive(path)
    cluster.use({"clove": CLOVE, "anise": "https://www.anise.example"})
    assert main(["archive", "split", "--cluster", "--db", str(path), *cluster.settings()]) == 0
    archive = cluster.fetch("clove")
    names = {file.name for file in archive.parent.iterdir()}
    archive.unlink()
    for name in ("archive.db", "captures.db"):
        for ending in (".hashes", "-wal", "-shm"):
            archive.with_name(f"{name}{ending}").write_bytes(b"of another file")
    assert {file.name for file in cluster.fetch("clove").parent.iterdir()} == names
    assert main(["verify", "--db", str(archive)]) == 0
