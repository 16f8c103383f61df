"""robots.txt of every host that is asked is fetched first, and obeyed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import Scrapy, rows
from tests.storefront import ROBOTS, Page, Storefront, index, post, sitemap

GOOD, MOVED = "/blogs/news/good", "/blogs/news/moved"
FORBIDS_ALL = "User-agent: *\nDisallow: /\n"
PAGES: dict[str, Page] = {
    "/robots.txt": ROBOTS,
    "/sitemap.xml": sitemap("/blogs/news", GOOD, MOVED),
    "/": index("/blogs/news"),
    "/blogs/news": index(GOOD, MOVED),
    GOOD: post(GOOD),
}
OWN, TWIN = "http://shop.example", "http://www.shop.example"


class TwoHosts(Storefront):
    """A store that answers differently at ``www.``, as its own proxy."""

    def __init__(self, pages: Mapping[str, Page], twin: Mapping[str, Page]) -> None:
        super().__init__({})
        self.pages = _ByHost(self, pages, twin)

    def asked_of(self, origin: str) -> list[str]:
        """The paths that were requested of one host, in order."""
        urls = [url for url in self.paths if url.startswith(f"{origin}/")]
        return [url.removeprefix(origin) for url in urls]


class _ByHost(dict[str, Page]):
    def __init__(
        self, store: TwoHosts, pages: Mapping[str, Page], twin: Mapping[str, Page]
    ) -> None:
        super().__init__(pages)
        self._store, self._twin = store, twin

    def get(self, path: str, default: Page = "") -> Page:  # type: ignore[override]
        is_twin = self._store.paths[-1].startswith(TWIN)
        return self._twin.get(path, default) if is_twin else super().get(path, default)


def crawled(
    crawl: Scrapy, db: Path, pages: Mapping[str, Page], twin: Mapping[str, Page]
) -> tuple[int, TwoHosts]:
    store = TwoHosts(pages, twin)
    # One request at a time: the last that came is the one that is answered.
    one = ("-s", "CONCURRENT_REQUESTS=1", "-s", "RETRY_TIMES=0", "-s", "ARCHIVE_BACKOFF_TRIES=0")
    try:
        done = crawl(OWN, db, "-s", f"ARCHIVE_PROXY={store.url}", "-s", "ARCHIVE_RATE=0", *one)
    finally:
        store.stop()
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, store


def elsewhere(*paths: str) -> dict[str, Page]:
    return {path: (301, f"{TWIN}{path}") for path in paths}


def test_nothing_is_asked_of_a_host_that_forbids_all(crawl: Scrapy, db_path: Path) -> None:
    pages = {**PAGES, **elsewhere("/sitemap.xml", MOVED, "/blogs/news.atom")}
    twin = {**PAGES, "/robots.txt": FORBIDS_ALL, MOVED: post(MOVED, rid=2)}
    code, store = crawled(crawl, db_path, pages, twin)
    assert store.asked_of(TWIN) == ["/robots.txt"]
    assert code == 3
    assert rows(db_path, "SELECT url FROM posts") == [(OWN + GOOD,)]
    assert rows(
        db_path,
        "SELECT url, verdict, body_id IS NOT NULL FROM captures WHERE resource_type = 'robots'",
    ) == [(f"{OWN}/robots.txt", "ok", 1), (f"{TWIN}/robots.txt", "ok", 1)]
    assert rows(db_path, "SELECT detail FROM captures WHERE resource_type = 'sitemap'") == [
        (f"robots.txt forbids {TWIN}/sitemap.xml",)
    ]


@pytest.mark.parametrize(
    ("robots", "code", "asked"),
    [
        pytest.param(ROBOTS, 0, ["/robots.txt", MOVED], id="rules"),
        pytest.param((404, "Nothing here"), 0, ["/robots.txt", MOVED], id="none"),
        pytest.param((500, "Broken"), 3, ["/robots.txt"], id="broken"),
        pytest.param((429, "Slow down"), 3, ["/robots.txt"], id="refused"),
        pytest.param(ROBOTS + f"Disallow: {MOVED}\n", 0, ["/robots.txt"], id="one forbidden"),
        pytest.param((301, f"{OWN}/robots.txt"), 0, ["/robots.txt", MOVED], id="rules elsewhere"),
        pytest.param((301, f"{TWIN}/robots.txt"), 3, ["/robots.txt"] * 6, id="a ring"),
        pytest.param((301, "http://other.example/x"), 3, ["/robots.txt"], id="leads off"),
    ],
)
def test_robots_of_a_redirects_host_is_asked_before_it(
    crawl: Scrapy, db_path: Path, robots: Page, code: int, asked: list[str]
) -> None:
    pages = {**PAGES, **elsewhere(MOVED)}
    found, store = crawled(
        crawl, db_path, pages, {"/robots.txt": robots, MOVED: post(MOVED, rid=2)}
    )
    assert (found, store.asked_of(TWIN)) == (code, asked)
    # A post that could not be requested keeps the state that it has.
    assert rows(db_path, "SELECT count(*) FROM posts") == [(1 + (MOVED in asked),)]
    assert store.paths[0] == OWN + "/robots.txt"
    assert store.asked_of(OWN).count("/robots.txt") == 1


def test_rules_that_redirect_within_the_store_hold_for_both_hosts(
    crawl: Scrapy, db_path: Path
) -> None:
    pages = {**PAGES, **elsewhere("/robots.txt"), MOVED: post(MOVED, rid=2)}
    twin = {
        **PAGES,
        "/robots.txt": ROBOTS + f"Disallow: {GOOD}\n",
        MOVED: (301, f"{OWN}{MOVED}"),
    }
    code, store = crawled(crawl, db_path, pages, twin)
    assert code == 0
    assert (store.asked_of(OWN), store.paths.count(f"{TWIN}/robots.txt")) == (
        ["/robots.txt", MOVED],
        1,
    )
    assert GOOD not in store.asked_of(TWIN)
