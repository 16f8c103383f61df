"""Trouble with single addresses of a store vetoes nothing about the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ANEW, Command, rows
from tests.storefront import ROBOTS, Page, index, post, serving, sitemap

APP = (
    '<!doctype html><html><head><title>Tea</title></head><body><div id="app"></div>'
    '<script src="/app.js"></script></body></html>'
)
ODD: dict[str, Page] = {
    "/blogs/news/broken": (500, "Internal error"),
    "/blogs/news/forbidden": (403, "Forbidden"),
    "/blogs/news/locked": (302, "/password"),
    "/blogs/news/elsewhere": (301, "http://elsewhere.example/tea"),
    "/blogs/news/drawn": APP,
    "/blogs/news/ring": (301, "/blogs/news/circle"),
    "/blogs/news/circle": (301, "/blogs/news/ring"),
}
PLAIN = [f"/blogs/news/plain-{number}" for number in range(32)]
GONE = PLAIN[-2:]
FEED = "/blogs/news.atom"
BROKEN_FEED = "<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'><title>\x0b</feed>"


def _page(number: int, path: str) -> str:
    return post(path, title=path.rpartition("/")[2], rid=1000 + number)


def _pages() -> dict[str, Page]:
    paths = [*PLAIN, *ODD]
    return {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": sitemap(*paths),
        "/blogs/news": index(*paths),
        **{path: _page(number, path) for number, path in enumerate(paths)},
    }


def _states(db: Path) -> list[str]:
    found = rows(
        db,
        "SELECT DISTINCT state FROM posts WHERE url LIKE ? OR url LIKE ?",
        *(f"%{path}" for path in GONE),
    )
    return [str(state) for (state,) in found]


def test_odd_posts_and_a_broken_feed_delay_no_removal(crawl: Command, db_path: Path) -> None:
    good = _pages()
    with serving(good) as store:
        codes, states = [crawl(store.url, db_path).returncode], []
        store.pages |= {**ODD, FEED: BROKEN_FEED}
        for path in GONE:
            del store.pages[path]
        left = [path for path in [*PLAIN, *ODD] if path not in GONE]
        store.pages |= {"/sitemap.xml": sitemap(*left), "/blogs/news": index(*left)}
        for _ in range(3):
            codes.append(crawl(store.url, db_path, *ANEW).returncode)
            states.append(_states(db_path))
        opened = rows(
            db_path,
            "SELECT kind, replace(subject, ?, '') FROM incidents "
            "WHERE closed_at IS NULL ORDER BY kind, subject",
            store.url,
        )
        store.pages |= {path: good[path] for path in ODD}
        del store.pages[FEED]
        codes.append(crawl(store.url, db_path, *ANEW).returncode)
    assert codes == [0, 3, 0, 0, 0]
    assert states == [["missing"], ["removed"], ["removed"]]
    assert opened == [
        ("listing_failing", FEED),
        *(("post_failing", path) for path in sorted(ODD)),
    ]
    assert rows(db_path, "SELECT outcome, health, reason FROM crawls WHERE id IN (3, 5)") == [
        (
            "complete",
            "healthy",
            "7 addresses still cannot be read; 1 listing still cannot be read",
        ),
        ("complete", "healthy", ""),
    ]
    assert rows(db_path, "SELECT count(*) FROM incidents WHERE closed_at IS NULL") == [(0,)]
    assert rows(db_path, "SELECT kind, count(*) FROM changes WHERE crawl_id > 1 GROUP BY kind") == [
        ("removed", 2)
    ]


@pytest.mark.parametrize("keeps_index", [True, False], ids=["index stays", "index goes too"])
@pytest.mark.parametrize(
    ("posts", "left"),
    [pytest.param(12, 5, id="half a blog"), pytest.param(1, 0, id="the only post")],
)
def test_a_large_removal_is_asked_about_first(
    crawl: Command, db_path: Path, posts: int, left: int, *, keeps_index: bool
) -> None:
    with serving({"/robots.txt": ROBOTS}) as store:
        codes = []
        for number in (posts, left, left, left, left, left):
            paths = PLAIN[:number]
            store.pages = {"/robots.txt": ROBOTS, "/sitemap.xml": sitemap(*paths)}
            if keeps_index or number == posts:
                store.pages |= {"/blogs/news": index(*paths)}
            store.pages |= {path: _page(number, path) for number, path in enumerate(paths)}
            codes.append(crawl(store.url, db_path, *ANEW).returncode)
    assert codes == [0, 3, 3, 3, 0, 0]
    assert rows(db_path, "SELECT kind, count(*) FROM changes WHERE kind != 'created'") == [
        ("removed", posts - left)
    ]
    assert rows(db_path, "SELECT closed_at IS NULL FROM incidents WHERE kind = 'suspicious'") == [
        (0,)
    ]


@pytest.mark.parametrize("status", [404, 410])
def test_a_listed_post_that_stays_gone_is_an_incident_of_its_own(
    crawl: Command, db_path: Path, status: int
) -> None:
    """The sitemap and the index name it all the while; what they name no more is removed beside
    it. Once it has failed it is fetched by each crawl."""
    lost, gone = PLAIN[0], PLAIN[1]
    with serving(_pages()) as store:
        codes, states = [crawl(store.url, db_path).returncode], []
        left = [path for path in [*PLAIN, *ODD] if path != gone]
        store.pages |= {"/sitemap.xml": sitemap(*left), "/blogs/news": index(*left)}
        store.pages |= dict.fromkeys((lost, gone), (status, "<h1>Nothing is here</h1>"))
        for more in (ANEW, (), ()):
            codes.append(crawl(store.url, db_path, *more).returncode)
            states.append(
                rows(db_path, "SELECT state FROM posts WHERE handle IN ('plain-0', 'plain-1')")
            )
        opened = rows(
            db_path,
            "SELECT kind, replace(subject, ?, ''), replace(detail, subject, ''), closed_at IS NULL "
            "FROM incidents",
            store.url,
        )
        reasons = rows(db_path, "SELECT health, reason FROM crawls WHERE id > 1 ORDER BY id")
        store.pages[lost] = _page(0, lost)
        codes.append(crawl(store.url, db_path).returncode)
    assert codes == [0, 0, 0, 0, 0]
    assert states == [[("live",), ("missing",)], *[[("live",), ("removed",)]] * 2]
    words = "not found" if status == 404 else "gone"
    detail = f" cannot be read: {words} (the store still lists it)"
    assert opened == [("post_failing", lost, detail, 1)]
    named = ("healthy", "1 address still cannot be read")
    assert reasons == [("healthy", ""), named, named]
    assert rows(db_path, "SELECT count(*) FROM incidents WHERE closed_at IS NULL") == [(0,)]
    assert rows(db_path, "SELECT kind, count(*) FROM changes WHERE kind != 'created'") == [
        ("removed", 1)
    ]
