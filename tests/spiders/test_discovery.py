"""Where posts are looked for, what is asked for, and what is not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from scraper.demo import DemoServer, DemoStore
from scraper.spiders.discovery import NO_SUCH_HANDLE
from tests.conftest import Command, rows
from tests.storefront import ROBOTS, post, serving, sitemap

NO_SUCH = f"/blogs/journal/{NO_SUCH_HANDLE}"


@dataclass
class Crawled:
    store: DemoStore
    url: str
    db: Path
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture(scope="module")
def crawled(crawl: Command, tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    db = tmp_path_factory.mktemp("discovery") / "archive.db"
    with DemoServer(DemoStore()) as server:
        done = crawl(server.url, db)
        assert done.returncode == 0, done.stderr
        asked = list(server.requests)
        return Crawled(
            server.store,
            server.url,
            db,
            [r.path for r in asked],
            [{k.lower(): v for k, v in dict(r.headers).items()} for r in asked],
        )


def test_every_address_is_asked_for_once(crawled: Crawled) -> None:
    assert [path for path, times in Counter(crawled.paths).items() if times > 1] == []


def test_every_post_is_asked_for_and_no_tag_or_comment_page(crawled: Crawled) -> None:
    asked = {path for path in crawled.paths if path.startswith("/blogs/")}
    articles = {path for path in asked if urlsplit(path).path.count("/") == 3}
    assert articles - {NO_SUCH} == {post.path for post in crawled.store.posts(1)}
    assert not [path for path in asked if "/tagged/" in path or "utm_" in path]


@pytest.mark.parametrize("source", ["sitemap", "index", "pager", "feed"])
def test_each_source_is_recorded(crawled: Crawled, source: str) -> None:
    listed = {
        str(url) for (url,) in rows(crawled.db, "SELECT url FROM listings WHERE source = ?", source)
    }
    posts = {crawled.url + post.path for post in crawled.store.posts(1)}
    assert listed <= posts
    if source in {"sitemap", "index"}:
        assert listed == posts
    if source == "feed":
        assert len([url for url in listed if "/journal/" in url]) == 30
    assert listed


def test_locale_copies_are_addresses_of_the_same_post(crawled: Crawled) -> None:
    copies = rows(crawled.db, "SELECT url FROM post_urls WHERE kind = 'locale'")
    assert len(copies) == len(crawled.store.posts(1))
    assert all("/fr/blogs/" in str(url) for (url,) in copies)
    assert not [
        path for path in crawled.paths if path.startswith("/fr/blogs/") and path.count("/") == 4
    ]


def test_it_says_who_it_is_and_asks_for_html(crawled: Crawled) -> None:
    assert {headers["user-agent"].partition("/")[0] for headers in crawled.headers} == {"Blogkeep"}
    articles = [
        headers
        for path, headers in zip(crawled.paths, crawled.headers, strict=True)
        if path.count("/") == 3 and path.startswith("/blogs/")
    ]
    assert {headers["accept"] for headers in articles} == {"text/html,application/xhtml+xml"}


def test_the_store_and_its_blogs_are_known(crawled: Crawled) -> None:
    assert rows(crawled.db, "SELECT platform, myshopify_domain, utc_offset_s FROM stores") == [
        ("shopify", "hollow-fern.myshopify.com", 3600)
    ]
    blogs = rows(crawled.db, "SELECT handle, title FROM blogs ORDER BY handle")
    assert blogs == [
        (blog.handle, blog.title)
        for blog in sorted(crawled.store.shop.blogs, key=lambda blog: blog.handle)
    ]


def test_posts_are_found_without_a_sitemap(demo: DemoServer, crawl: Command, db_path: Path) -> None:
    from scraper.demo import Fault  # noqa: PLC0415

    demo.fault(Fault(kind="gone", path="/sitemap*"))
    done = crawl(demo.url, db_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert rows(db_path, "SELECT count(*) FROM posts") == [(len(demo.store.posts(1)),)]


def test_a_post_that_only_the_pager_names_is_found(crawl: Command, db_path: Path) -> None:
    pages = {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": sitemap("/blogs/news", "/blogs/news/one"),
        "/blogs/news": "<html><body><h1>News of the store, and nothing else</h1></body></html>",
        "/blogs/news/one": post("/blogs/news/one", rid=5550001).replace(
            "</main>", '<p><a href="/blogs/news/two">← Older Post</a></p></main>'
        ),
        "/blogs/news/two": post("/blogs/news/two", title="Two", rid=5550002),
    }
    with serving(pages) as store:
        done = crawl(store.url, db_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert rows(db_path, "SELECT handle FROM posts ORDER BY handle") == [("one",), ("two",)]
    assert rows(db_path, "SELECT source FROM listings WHERE page_url LIKE '%/two'") == [("pager",)]
    assert rows(
        db_path,
        "SELECT kind, to_post_id IS NOT NULL FROM links WHERE kind NOT IN ('similar', 'copy')",
    ) == [("older", 1)]


def test_robots_rules_with_wildcards_are_obeyed(crawl: Command, db_path: Path) -> None:
    pages = {
        "/robots.txt": ROBOTS + "Disallow: /blogs/*secret*\n",
        "/sitemap.xml": sitemap("/blogs/news", "/blogs/news/open", "/blogs/news/a-secret-one"),
        "/blogs/news/open": post("/blogs/news/open"),
        "/blogs/news/a-secret-one": post("/blogs/news/a-secret-one", rid=5550002),
    }
    with serving(pages) as store:
        crawl(store.url, db_path)
        assert "/blogs/news/a-secret-one" not in store.paths
    assert rows(db_path, "SELECT handle FROM posts") == [("open",)]


def test_crawl_delay_is_obeyed(crawl: Command, db_path: Path) -> None:
    pages = {
        "/robots.txt": ROBOTS + "Crawl-delay: 0.4\n",
        "/sitemap.xml": sitemap(*(f"/blogs/news/{n}" for n in range(4))),
        **{f"/blogs/news/{n}": post(f"/blogs/news/{n}", rid=5550000 + n) for n in range(4)},
    }
    with serving(pages) as store:
        crawl(store.url, db_path)
        gaps = [
            later - earlier
            for earlier, later in zip(store.asked_at[1:], store.asked_at[2:], strict=False)
        ]
    assert len(gaps) >= 5
    assert min(gaps) > 0.3


def test_a_tracking_parameter_makes_no_second_post(crawl: Command, db_path: Path) -> None:
    pages = {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": sitemap(
            "/blogs/news/one",
            "/blogs/news/one?utm_source=mail",
            "/blogs/news/one/",
            "/blogs/news/tagged/x",
        ),
        "/blogs/news/one": post("/blogs/news/one"),
    }
    with serving(pages) as store:
        crawl(store.url, db_path)
        assert [path for path in store.paths if "/one" in path or "tagged" in path] == [
            "/blogs/news/one"
        ]


@pytest.mark.parametrize(
    "target",
    [
        "http://elsewhere.example/blogs/news/one",
        "http://127.0.0.1:9/blogs/news/one",
        "//elsewhere.example/x",
    ],
)
def test_no_redirect_leads_off_the_store(crawl: Command, db_path: Path, target: str) -> None:
    pages = {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": sitemap(
            "/blogs/news/one", "/blogs/news/two", "http://elsewhere.example/blogs/news/three"
        ),
        "/blogs/news/one": (301, target),
        "/blogs/news/two": post("/blogs/news/two"),
    }
    with serving(pages) as store:
        done = crawl(store.url, db_path)
    assert done.returncode == 3
    assert rows(db_path, "SELECT verdict FROM captures WHERE url LIKE '%/one'") == [
        ("redirected_off",)
    ]
    assert rows(db_path, "SELECT handle FROM posts") == [("two",)]
    assert not rows(db_path, "SELECT 1 FROM captures WHERE url NOT LIKE ?", store.url + "%")


def test_a_renamed_post_without_ids_is_followed_by_its_redirect(
    crawl: Command, db_path: Path
) -> None:
    def without_id(path: str) -> str:
        return post(path).replace('"rid":5550001', '"rid":7').replace("__st", "__other")

    pages = {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": sitemap("/blogs/news/old"),
        "/blogs/news/old": without_id("/blogs/news/old"),
    }
    with serving(pages) as store:
        crawl(store.url, db_path)
        store.pages |= {
            "/blogs/news/old": (301, "/blogs/news/new"),
            "/blogs/news/new": without_id("/blogs/news/new"),
        }
        store.pages["/sitemap.xml"] = sitemap("/blogs/news/new")
        crawl(store.url, db_path)
    assert rows(db_path, "SELECT handle, state FROM posts") == [("new", "live")]
    assert rows(db_path, "SELECT kind FROM changes ORDER BY id") == [("created",), ("renamed",)]
    assert [
        (str(url)[-4:], kind)
        for url, kind in rows(db_path, "SELECT url, kind FROM post_urls ORDER BY url")
    ] == [
        ("/new", "canonical"),
        ("/old", "former"),
    ]
