"""robots.txt of every host that is asked is fetched first, and obeyed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import ANEW, Command, rows
from tests.storefront import ROBOTS, Page, Storefront, index, post, serving, sitemap

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
    crawl: Command, db: Path, pages: Mapping[str, Page], twin: Mapping[str, Page]
) -> tuple[int, TwoHosts]:
    # One request at a time: the last that came is the one that is answered.
    one = ("-s", "CONCURRENT_REQUESTS=1", "-s", "RETRY_TIMES=0", "-s", "ARCHIVE_BACKOFF_TRIES=0")
    with TwoHosts(pages, twin).open() as store:
        done = crawl(OWN, db, "-s", f"ARCHIVE_PROXY={store.url}", "-s", "ARCHIVE_RATE=0", *one)
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, store


def elsewhere(*paths: str) -> dict[str, Page]:
    return {path: (301, f"{TWIN}{path}") for path in paths}


def test_nothing_is_asked_of_a_host_that_forbids_all(crawl: Command, db_path: Path) -> None:
    pages = {**PAGES, **elsewhere("/sitemap.xml", MOVED, "/blogs/news.atom")}
    twin = {**PAGES, "/robots.txt": FORBIDS_ALL, MOVED: post(MOVED, rid=2)}
    code, store = crawled(crawl, db_path, pages, twin)
    assert store.asked_of(TWIN) == ["/robots.txt"]
    assert code == 0
    assert rows(db_path, "SELECT health, reason FROM crawls") == [
        ("healthy", "robots.txt forbids 3 addresses")
    ]
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
    crawl: Command, db_path: Path, robots: Page, code: int, asked: list[str]
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
    crawl: Command, db_path: Path
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


@pytest.mark.parametrize(
    "location", ["http://[::1", f"/{'r' * 15_000}", "http://shop.example:99999/robots.txt"]
)
def test_rules_that_redirect_to_no_address_end_the_crawl_in_one_line(
    crawl: Command, db_path: Path, location: str
) -> None:
    pages = {**PAGES, "/robots.txt": (302, location)}
    with Storefront(pages).open() as store:
        done = crawl(store.url, db_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    assert "redirect without a web address" in done.stderr.splitlines()[-1]


PAGED = [f"/blogs/news/post-{number}" for number in range(6)]


def test_index_pages_that_are_forbidden_are_no_failure(crawl: Command, db_path: Path) -> None:
    first = index(*PAGED[:3]).replace(
        "</main>", '<a rel="next" href="/blogs/news?page=2">2</a></main>'
    )
    pages: dict[str, Page] = {
        "/robots.txt": ROBOTS + "Disallow: /*?*\n",
        "/sitemap.xml": sitemap(*PAGED),
        "/blogs/news": first,
        **{path: post(path, title=path, rid=100 + n) for n, path in enumerate(PAGED)},
    }
    gone = PAGED[-1]
    with serving(pages) as store:
        codes = [crawl(store.url, db_path, *ANEW).returncode]
        del store.pages[gone]
        store.pages["/sitemap.xml"] = sitemap(*PAGED[:-1])
        codes += [crawl(store.url, db_path, *ANEW).returncode for _ in range(2)]
        assert "/blogs/news?page=2" not in store.paths
    assert codes == [0, 0, 0]
    assert rows(db_path, "SELECT DISTINCT health, reason FROM crawls") == [
        ("healthy", "robots.txt forbids 1 address")
    ]
    assert rows(db_path, "SELECT url LIKE ? FROM posts WHERE state = 'removed'", f"%{gone}") == [
        (1,)
    ]


def test_a_store_that_forbids_all_is_reported_as_such(crawl: Command, db_path: Path) -> None:
    with serving({**PAGES, "/robots.txt": FORBIDS_ALL}) as store:
        done = crawl(store.url, db_path)
        assert store.paths == ["/robots.txt"]
    assert (done.returncode, db_path.exists()) == (3, False)
    assert f"{store.url}: robots.txt forbids it; nothing was archived" in done.stderr


def test_a_known_store_that_forbids_all_now_keeps_its_posts(crawl: Command, db_path: Path) -> None:
    with serving(PAGES | {MOVED: post(MOVED, rid=2)}) as store:
        assert crawl(store.url, db_path).returncode == 0
        store.pages["/robots.txt"] = FORBIDS_ALL
        assert crawl(store.url, db_path, *ANEW).returncode == 3
    assert rows(db_path, "SELECT outcome, health, reason FROM crawls WHERE id = 2") == [
        ("incomplete", "degraded", "robots.txt forbids it")
    ]
    assert rows(db_path, "SELECT state FROM posts") == [("live",), ("live",)]
