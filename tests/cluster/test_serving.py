"""`blogkeep serve --cluster`: the catalogue, the merged index, and each store's archive on
demand."""

from __future__ import annotations

import asyncio
import base64
import re
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from datasette.app import Datasette

from scraper.archive.maintenance.catalogue import CatalogueOverview
from scraper.cli.main import main
from scraper.cluster.all_stores.reader import ClusterReader
from scraper.cluster.database import ClusterDatabase
from scraper.cluster.depot import ArchivePair, ObjectDepot
from scraper.exceptions import ClusterUnavailable
from scraper.web.cluster.archives import StoreArchives
from scraper.web.server import make_datasette
from tests.cluster.running import Cluster
from tests.cluster.test_reading import CLOVE, write_archive
from tests.conftest import ENDS_S, rows
from tests.warm import Warm
from tests.web.serving import get, serving


@pytest.fixture
def published(cluster: Cluster) -> Cluster:
    """Two stores in the depot and in the index."""
    path = cluster.folder / "archive.db"
    write_archive(path)
    cluster.use({"clove": CLOVE, "anise": "https://anise.example"})
    settings = cluster.settings(ARCHIVE_INDEX=cluster.folder / "index.db")
    assert main(["archive", "split", "--cluster", "--db", str(path), *settings]) == 0
    assert main(["cluster", "index", *settings]) == 0
    return cluster


def test_every_store_is_read_from_one_server(published: Cluster, warm: Warm) -> None:
    secret = published.folder / "password"
    secret.write_text("slow-tea\n")
    secret.chmod(0o600)
    settings = published.settings(ARCHIVE_INDEX=published.folder / "index.db")
    words = ["--cluster", "--password-file", str(secret), *settings]
    with serving(*words, warm=warm) as url:
        assert_refused(url)
        headers = {"Authorization": "Basic " + base64.b64encode(b":slow-tea").decode()}

        def page(path: str, *, status: int = 200) -> httpx.Response:
            answer = get(url + path, headers=headers, follow_redirects=True)
            assert answer.status_code == status, answer.text
            policy = answer.headers["content-security-policy"]
            assert status == 404 or "unsafe-inline" not in policy
            return answer

        front = page("/").text
        assert "2 stores, 2 of them archived" in front
        assert 'href="/stores/clove/"' in front
        assert re.findall(r'href="(/stores/anise/-/evidence/[0-9]+)"', front)
        assert "No changes" not in page("/-/changes").text
        assert "1 store;" in page("/?store=clov%00").text
        said = page("/-/phrase?q=warm+the+pot&first=1").text
        assert said.index("www.anise.example") < said.index("clove.example")
        for link in sorted(set(re.findall(r'href="(/-/(?:post|evidence)/[^"]+)"', said))):
            followed = page(link)
            assert followed.url.path.startswith(("/stores/anise/-/", "/stores/clove/-/"))
            assert "Slow Tea" in followed.text
        own = page("/stores/clove/").text
        assert 'href="/stores/clove/-/changes"' in own
        assert 'href="/">All stores' in own
        # The pages are tested with an archive alone; here, that links lead below the store.
        for kind in ("changes", "blogkeep/blogkeep.css", "store/", "related"):
            (link, *_) = re.findall(rf'(?:href|src|action)="(/stores/clove/-/{kind}[^"]*)"', own)
            page(link)
        assert re.findall(r'aria-current="page">([^<]+)', page("/stores/clove/-/changes").text) == [
            "Changes"
        ]
        page("/-/blogkeep/blogkeep.css")
        page("/stores/none/", status=404)
        page("/-/changes.atom", status=404)
        page("/-/post/999", status=404)


def assert_refused(url: str) -> None:
    """What any archive refuses, this does for every store."""
    for path in ("/", "/stores/clove/", "/stores/none/"):
        assert get(url + path).status_code == 401
        assert get(url + path, headers={"Host": "evil.example"}).status_code == 421
        other = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
        assert get(url + path, headers=other).status_code == 403


class Interrupted(ClusterReader):
    """A cluster that can be away, and counts what is fetched. It answers for the store `held` once
    `released` is set."""

    is_away = False
    held = ""

    def __init__(self, database: ClusterDatabase, depot: ObjectDepot) -> None:
        super().__init__(database, depot)
        self.fetched: list[str] = []
        self.asked, self.released = threading.Event(), threading.Event()

    def read_overview(self, words: str) -> CatalogueOverview:
        self._check()
        return super().read_overview(words)

    def newest_key(self, store: str) -> str:
        if store == self.held:
            self.asked.set()
            self.released.wait(ENDS_S)
        self._check()
        return super().newest_key(store)

    def _check(self) -> None:
        if self.is_away:
            raise ClusterUnavailable("PostgreSQL cannot be reached")

    def fetch_archive(self, key: str, into: Path) -> None:
        self.fetched.append(key)
        super().fetch_archive(key, into)


@pytest.fixture
def reader(published: Cluster) -> Iterator[Interrupted]:
    with closing(ClusterDatabase(published.conninfo)) as database:
        yield Interrupted(database, ObjectDepot.at(str(published.depot)))


def test_archives_are_opened_on_demand_and_closed(published: Cluster, reader: Interrupted) -> None:
    folder = published.folder / "open"

    def make(archive: Path, base_url: str) -> Datasette:
        return make_datasette(archive, base_url=base_url)

    cluster = StoreArchives(reader, folder, make=make, most_open=1, check_s=0)
    datasette = make_datasette(published.folder / "index.db", cluster=cluster)

    async def ask() -> None:
        transport = httpx.ASGITransport(datasette.app())
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:

            async def status(path: str) -> int:
                return (await client.get(path)).status_code

            both = await asyncio.gather(status("/stores/clove/"), status("/stores/clove/-/changes"))
            assert (both, reader.fetched) == ([200, 200], ["clove/000000001-1"])
            assert list(folder.glob("*/captures.db")) == []
            assert await status("/stores/clove/-/capture/1") == 404  # another store's
            assert len(list(folder.glob("*/captures.db"))) == 1
            assert await status("/stores/anise/") == 200
            assert len(list(folder.iterdir())) == 1
            publish_again(published, "anise")
            assert await status("/stores/anise/") == 200
            assert reader.fetched[1:] == ["anise/000000001-1", "anise/000000002-1"]
            assert len(list(folder.iterdir())) == 1
            published.use({"clove": CLOVE, '"thé"': "https://the.example"})
            set_key(published, "thé", "thé/000000001-1")
            front = (await client.get("/")).text
            assert ">thé</th>" in front
            assert 'href="/stores/clove/"' in front
            assert 'href="/stores/th' not in front
            reader.held = "anise"
            asked = asyncio.create_task(status("/stores/anise/"))
            await asyncio.to_thread(reader.asked.wait, ENDS_S)
            assert await status("/stores/clove/") == 200  # it closes the archive that was open
            reader.released.set()
            assert await asked == 200
            reader.is_away = True
            assert await status("/") == 503
            assert await status("/stores/anise/") == 200
            assert await status("/stores/clove/") == 503

    asyncio.run(ask())


def publish_again(cluster: Cluster, store: str) -> None:
    """The same archive under a new key, as a worker leaves it."""
    archive = cluster.fetch(store)
    key = f"{store}/000000002-1"
    pair = ArchivePair(archive=archive, captures=archive.with_name("captures.db"))
    depot = ObjectDepot.at(str(cluster.depot))
    depot.store(key, pair)
    depot.delete(f"{store}/000000001-1")
    set_key(cluster, store, key)
    assert rows(archive, "SELECT count(*) FROM posts") == [(1,)]


def set_key(cluster: Cluster, store: str, key: str) -> None:
    with closing(ClusterDatabase(cluster.conninfo)) as database, database.transaction() as session:
        session.execute("UPDATE archives SET key = %s WHERE store = %s", [key, store])
