"""A recrawl costs what changed: which posts are asked for, and what an unchanged store leaves in
the archive."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from scraper.demo import DemoServer, Fault
from scraper.spiders.discovery import NO_SUCH_HANDLE
from tests.bulk_store import BulkStore
from tests.conftest import ANEW, Command, rows
from tests.small_store import small_store
from tests.storefront import ROBOTS, Page, Raw, index, post, serving, sitemap

POSTS, EDITED = 40, 4
LISTINGS = [
    "/blogs/journal.atom",
    "/fr/sitemap_blogs_1.xml",
    "/robots.txt",
    "/sitemap.xml",
    "/sitemap_blogs_1.xml",
]
HISTORY = (
    "posts",
    "post_urls",
    "contents",
    "revisions",
    "observations",
    "changes",
    "change_fields",
    "links",
    "code_mentions",
    "listings",
)


@dataclass(frozen=True)
class Bulk:
    server: DemoServer
    db: Path


@pytest.fixture(scope="module")
def bulk(crawl: Command, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bulk]:
    """A store of 40 posts, of which four read differently on its second day, archived on the
    first."""
    db = tmp_path_factory.mktemp("bulk") / "archive.db"
    store = BulkStore(POSTS, page_bytes=20_000, edited_share=EDITED / POSTS)
    with DemoServer(store, fresh_tokens=True) as server:
        assert crawl(server.url, db).returncode == 0
        yield Bulk(server, db)


@pytest.fixture
def again(bulk: Bulk, tmp_path: Path) -> Iterator[Bulk]:
    """The same, to be crawled once more; the server forgets what it was asked for, and is back at
    its first day afterwards."""
    bulk.server.requests.clear()
    yield Bulk(bulk.server, Path(shutil.copy(bulk.db, tmp_path / "archive.db")))
    bulk.server.day = 1
    bulk.server.clear_faults()


def asked(server: DemoServer) -> list[str]:
    return sorted(request.path for request in server.requests)


def contents(db: Path) -> dict[str, list[tuple[object, ...]]]:
    return {table: rows(db, f"SELECT * FROM {table} ORDER BY id") for table in HISTORY}


def test_an_unchanged_store_is_asked_for_its_listings_alone(again: Bulk, crawl: Command):
    done = crawl(again.server.url, again.db)
    assert done.returncode == 0, done.stderr
    assert asked(again.server) == LISTINGS
    assert f"{POSTS} listed, {POSTS} unchanged, 0 fetched" in done.stdout


def test_an_unchanged_store_leaves_a_crawl_its_captures_and_a_seal_and_nothing_else(
    again: Bulk, crawl: Command
):
    before = contents(again.db)
    crawl(again.server.url, again.db)
    assert contents(again.db) == before
    assert rows(again.db, "SELECT count(*) FROM captures WHERE crawl_id = 2") == [(len(LISTINGS),)]
    assert rows(again.db, "SELECT number FROM seals ORDER BY id") == [(1,), (2,)]
    assert rows(
        again.db,
        "SELECT outcome, health, n_listed, n_fetched, n_not_modified FROM crawls WHERE id = 2",
    ) == [("complete", "healthy", POSTS, 0, POSTS)]


def test_what_was_edited_is_fetched_and_nothing_else(again: Bulk, crawl: Command):
    again.server.day = 2
    assert crawl(again.server.url, again.db).returncode == 0
    edited = sorted(change.post.path for change in again.server.store.changes(2))
    assert len(edited) == EDITED
    assert asked(again.server) == sorted((*LISTINGS, *edited))
    told = rows(
        again.db,
        "SELECT kind, origin, substr(posts.url, ?) FROM changes JOIN posts ON posts.id = post_id "
        "WHERE crawl_id = 2",
        len(again.server.url) + 1,
    )
    assert sorted(told) == [("edited", "observed", path) for path in edited]


def test_a_change_says_when_the_store_dates_it(again: Bulk, crawl: Command):
    again.server.day = 2
    crawl(again.server.url, again.db)
    assert rows(again.db, "SELECT DISTINCT lastmod FROM changes WHERE crawl_id = 2") == [
        ("2026-03-03T06:00:00Z",)
    ]


def test_the_sweep_fetches_what_was_seen_too_long_ago(again: Bulk, crawl: Command):
    assert crawl(again.server.url, again.db, *ANEW).returncode == 0
    assert {path for path in asked(again.server) if "/note-" in path} == {
        post.path for post in again.server.store.posts(1)
    }
    assert rows(again.db, "SELECT n_fetched, n_changed FROM crawls WHERE id = 2") == [(POSTS, 0)]


FEED = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Shop - News</title>\
<entry><id>{origin}/blogs/news/two</id>
<updated>2026-03-02T10:00:00Z</updated><link rel="alternate" href="{origin}/blogs/news/two"/>\
<title>Two</title>
<author><name>Mara</name></author></entry></feed>"""


def test_edits_that_the_store_does_not_date_are_found_by_sweep_and_feed_and_confirmed_by_looks(
    crawl: Command, db_path: Path
):
    pages = {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": sitemap("/blogs/news/one", "/blogs/news/two"),
        "/blogs/news.atom": FEED,
        "/blogs/news/two": post("/blogs/news/two", "Two", rid=5550002),
        "/blogs/news": "<html><body><h1>News of the store, and nothing else</h1></body></html>",
        "/blogs/news/one": post(
            "/blogs/news/one", text="Our tea may help you to sleep, some people say."
        ),
    }
    with serving(pages) as store:
        crawl(store.url, db_path)
        store.pages["/blogs/news/one"] = post(
            "/blogs/news/one", text="Our tea will make you sleep, as everybody says."
        )
        store.pages["/blogs/news/two"] = post("/blogs/news/two", "Zwei", rid=5550002)
        store.pages["/blogs/news.atom"] = FEED.replace("Two", "Zwei")
        store.asked.clear()
        crawl(store.url, db_path)
        assert store.paths.count("/blogs/news/one") == 0
        crawl(store.url, db_path, *ANEW)
        waiting = rows(db_path, "SELECT standing, sights FROM pending_changes ORDER BY post_id")
        for _ in range(2):  # no sweep: what waits is looked at in every crawl
            crawl(store.url, db_path)
    assert waiting == [("pending", 1), ("pending", 2)]
    assert rows(
        db_path,
        """
        SELECT kind, changes.witness, changes.not_before = revisions.first_seen_at,
            changes.not_after = pending_changes.first_seen_at, sights, pending_changes.standing
        FROM changes JOIN pending_changes USING (post_id)
        JOIN revisions ON revisions.id = changes.from_revision_id ORDER BY kind
        """,
    ) == [(kind, "sights", 1, 1, 3, "confirmed") for kind in ("edited", "retitled")]


def test_a_post_that_failed_is_asked_for_again_though_the_store_dates_it_as_before(
    again: Bulk, crawl: Command
):
    again.server.day = 2
    victim = again.server.store.changes(2)[0].post.path
    again.server.fault(Fault(kind="server_error", path=victim))
    assert crawl(again.server.url, again.db).returncode == 3
    again.server.clear_faults()
    again.server.requests.clear()
    assert crawl(again.server.url, again.db).returncode == 0
    assert asked(again.server) == sorted((*LISTINGS, victim))
    assert rows(
        again.db, "SELECT crawl_id, count(*) FROM changes WHERE kind = 'edited' GROUP BY crawl_id"
    ) == [(2, EDITED - 1), (3, 1)]


def test_a_feed_that_names_what_the_sitemap_does_not_has_the_index_walked(
    crawl: Command, db_path: Path
):
    pages = {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": sitemap("/blogs/news/one"),
        "/blogs/news": (
            '<html><body><h1>News of the store, and nothing else</h1><a href="/blogs/news/three">'
            "Three</a></body></html>"
        ),
        **{
            f"/blogs/news/{name}": post(f"/blogs/news/{name}", title=name, rid=rid)
            for rid, name in enumerate(("one", "two", "three"))
        },
    }
    with serving(pages) as store:
        crawl(store.url, db_path)
        store.asked.clear()
        crawl(store.url, db_path)
        quiet = "/blogs/news" in store.paths
        store.pages["/blogs/news.atom"] = FEED
        crawl(store.url, db_path)
        assert (quiet, "/blogs/news" in store.paths) == (False, True)
    assert rows(db_path, "SELECT count(*) FROM posts") == [(3,)]


def test_without_a_sitemap_the_index_is_walked_each_time(crawl: Command, db_path: Path):
    with DemoServer(small_store()) as demo:
        demo.fault(Fault(kind="gone", path="/sitemap*"))
        for _ in range(2):
            demo.requests.clear()
            assert crawl(demo.url, db_path).returncode == 0
        assert [path for path in asked(demo) if "?page=" in path]


def test_where_nothing_dates_a_post_validators_do(crawl: Command, db_path: Path):
    by_path = {
        "/blogs/news/one": ("ETag", "If-None-Match", 'W/"1"'),
        "/blogs/news/two": ("Last-Modified", "If-Modified-Since", "Sun, 01 Mar 2026 10:00:00 GMT"),
    }
    pages: dict[str, Page] = {"/robots.txt": ROBOTS, "/blogs/news": index(*by_path)}
    for rid, (path, (name, _, value)) in enumerate(by_path.items()):
        body = post(path, title=path, rid=rid).replace("{origin}", "").encode()
        pages[path] = Raw(body, 200, (("Content-Type", "text/html"), (name, value)))
    with serving(pages) as store:
        assert crawl(f"{store.url}/blogs/news", db_path).returncode == 0
        before = contents(db_path)
        store.asked.clear()
        store.pages |= dict.fromkeys(by_path, Raw(status=304))
        assert crawl(f"{store.url}/blogs/news", db_path).returncode == 0
    headers = dict(store.asked)
    for path, (_, condition, value) in by_path.items():
        assert headers[path][condition] == value
    assert rows(
        db_path, "SELECT n_listed, n_fetched, n_not_modified, health FROM crawls WHERE id = 2"
    ) == [(2, 0, 2, "healthy")]
    assert rows(
        db_path,
        "SELECT DISTINCT verdict FROM captures WHERE crawl_id = 2 AND post_id IS NOT NULL",
    ) == [("not_modified",)]
    assert contents(db_path) == before


def test_the_stores_own_page_for_what_is_not_there_is_learned_once(crawl: Command, db_path: Path):
    words = "<h1>Wo ist sie hin</h1><p>Hier war einmal etwas, vielleicht.</p>"
    lost = (200, f"<html><head><title>Nanu?</title></head><body><main>{words}</main></body></html>")
    pages: dict[str, str | tuple[int, str]] = {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": sitemap("/blogs/news/one", "/blogs/news/two"),
        "/blogs/news": "<html><body><h1>News of the store, and nothing else</h1></body></html>",
        "/blogs/news/one": post("/blogs/news/one"),
        "/blogs/news/two": post("/blogs/news/two", title="Two", rid=5550002),
        f"/blogs/news/{NO_SUCH_HANDLE}": lost,
    }
    with serving(pages) as store:
        assert crawl(store.url, db_path).returncode == 0
        store.pages |= {"/blogs/news/two": lost, "/sitemap.xml": sitemap("/blogs/news/one")}
        for _ in range(2):
            assert crawl(store.url, db_path).returncode == 0
        assert store.paths.count(f"/blogs/news/{NO_SUCH_HANDLE}") == 1
    assert (
        rows(db_path, "SELECT verdict FROM captures WHERE crawl_id > 1 AND url LIKE '%/two'")
        == [("soft_404",)] * 2
    )
    assert rows(db_path, "SELECT handle, state FROM posts ORDER BY handle") == [
        ("one", "live"),
        ("two", "removed"),
    ]
