"""A store that moves to another address is the same store there; who only looks like it is
another."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ANEW, Command, rows
from tests.storefront import ROBOTS, Page, Storefront, index, post, serving, sitemap

SHOP = (
    '<script>Shopify.shop = "hollow-fern.myshopify.com";</script><script id="__st">'
    'var __st={"a":77777777,"offset":0,"p":"home"};</script>'
)
HOME = (
    f"<!doctype html><html><head><title>Shop</title>{SHOP}</head><body><main><h1>Hollow Fern</h1>"
    "<p>Tea, and pots for it.</p></main></body>"
)
PATHS = ("/blogs/news/tea", "/blogs/news/pots", "/blogs/news/cups")
BODY = (
    'All of {name}, <a href="/blogs/news/pots">the pots</a> too. <img src="/cdn/{name}.jpg"> '
    "Enough words that it reads like a post."
)
PAGES: dict[str, Page] = {
    "/robots.txt": ROBOTS,
    "/": f"{HOME}</html>",
    "/sitemap.xml": sitemap("/blogs/news", *PATHS),
    "/blogs/news": index(*PATHS).replace("</head>", f"{SHOP}</head>"),
    **{
        path: post(
            path, title=path[-4:], text=BODY.replace("{name}", path[-4:]), rid=5550001 + number
        )
        for number, path in enumerate(PATHS)
    },
}
ADDRESSES = "SELECT name, stores.origin FROM stores ORDER BY id"


@pytest.fixture(scope="module")
def stores() -> Iterator[tuple[Storefront, Storefront]]:
    with serving(PAGES) as one, serving(PAGES) as other:
        yield one, other


@pytest.fixture(scope="module")
def first_crawl(
    stores: tuple[Storefront, Storefront], crawl: Command, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    db = tmp_path_factory.mktemp("first") / "archive.db"
    assert crawl(stores[0].url, db).returncode == 0
    return db


@pytest.fixture
def known(first_crawl: Path, tmp_path: Path) -> Path:
    """An archive of one crawl at the old address, with its captures."""
    shutil.copy(first_crawl.with_name("captures.db"), tmp_path)
    return Path(shutil.copy(first_crawl, tmp_path))


@pytest.fixture
def old(stores: tuple[Storefront, Storefront]) -> Storefront:
    return _as_begun(stores[0])


@pytest.fixture
def new(stores: tuple[Storefront, Storefront]) -> Storefront:
    return _as_begun(stores[1])


def _as_begun(store: Storefront) -> Storefront:
    store.pages = dict(PAGES)
    store.asked.clear()
    return store


def move(old: Storefront, new: Storefront) -> None:
    """What a shop system does with a domain that is the store's no more."""
    old.pages = {path: (301, f"{new.url}{path}") for path in PAGES}
    for store in (old, new):
        store.asked.clear()


def test_a_moved_store_goes_on_as_one(
    old: Storefront, new: Storefront, crawl: Command, blogkeep: Command, known: Path
):
    move(old, new)

    refused = crawl(old.url, known)
    assert (refused.returncode, old.paths, new.paths) == (3, ["/robots.txt"], [])
    assert (
        f"the address leads to {new.url} now: if the same store is there, crawl it by that address"
        in refused.stdout
    )

    moved = crawl(new.url, known)
    assert moved.returncode == 0, moved.stdout + moved.stderr
    assert f"the store moved from {old.url} to {new.url}" in moved.stdout
    assert (old.paths[1:], new.paths) == (
        ["/robots.txt", "/"],
        ["/robots.txt", "/", "/sitemap.xml", "/blogs/news.atom"],
    )
    new.asked.clear()

    again = crawl(old.url, known, *ANEW)
    assert again.returncode == 0, again.stdout + again.stderr
    assert (
        f"{old.url} is a former address: the store was crawled at its present one" in again.stdout
    )
    assert set(PATHS) <= set(new.paths)

    assert rows(known, ADDRESSES) == [(old.url.removeprefix("http://"), new.url)]
    assert rows(known, "SELECT url, state, revision_count FROM posts ORDER BY url") == [
        (f"{new.url}{path}", "live", 1) for path in sorted(PATHS)
    ]
    assert rows(known, "SELECT DISTINCT kind FROM changes") == [("created",)]
    assert (
        rows(known, "SELECT outcome, n_new, n_changed, n_missing FROM crawls WHERE id > 2")
        == [("complete", 0, 0, 0)] * 2
    )
    assert rows(known, "SELECT kind, closed_at IS NULL FROM incidents") == [("degraded", 0)]
    assert rows(
        known, "SELECT count(*) FROM links WHERE gone_at IS NOT NULL OR to_post_id IS NULL"
    ) == [(0,)]
    assert (
        f"the store moved from {old.url}"
        in blogkeep("changes", "--crawl", "3", "--db", str(known)).stdout
    )
    assert blogkeep("verify", "--db", str(known)).returncode == 0
    assert "every text is the same" in blogkeep("reextract", "--db", str(known)).stdout
    for command in ("related", "diff"):
        told = blogkeep(command, f"{old.url}{PATHS[0]}", "--db", str(known))
        assert "news/tea" in told.stdout + told.stderr
    warc = known.with_name("tea.warc.gz")
    exported = blogkeep(
        "export",
        "--format",
        "warc",
        "--post",
        f"{old.url}{PATHS[0]}",
        "--db",
        str(known),
        str(warc),
    )
    assert "2 responses" in exported.stdout


def test_a_copy_of_a_store_that_stands_is_another_store(
    old: Storefront, new: Storefront, crawl: Command, known: Path
):
    assert crawl(new.url, known).returncode == 0
    assert old.paths == ["/robots.txt", "/"]
    assert [origin for _, origin in rows(known, ADDRESSES)] == [old.url, new.url]
    assert rows(known, "SELECT store_id, count(*) FROM posts GROUP BY store_id") == [(1, 3), (2, 3)]


def test_nothing_is_concluded_from_trouble_but_by_an_operator(
    old: Storefront, new: Storefront, crawl: Command, known: Path
):
    new.pages["/"] = (403, "<html><body>No</body></html>")
    assert crawl(new.url, known).returncode == 3
    new.pages["/"] = PAGES["/"]
    old.pages = dict.fromkeys(
        PAGES, (403, "<html><body>Parked, and not to be looked at</body></html>")
    )
    doubted = crawl(new.url, known)
    assert doubted.returncode == 3
    assert (
        f"{new.url} says that it is the store known at {old.url}, which shows no store now: where "
        "you see that it has moved" in doubted.stderr.splitlines()[-1]
    )
    assert rows(known, "SELECT (SELECT count(*) FROM stores), (SELECT count(*) FROM crawls)") == [
        (1, 1)
    ]
    assert crawl(new.url, known, "-s", "ARCHIVE_TRUST_CRAWL=1").returncode == 0
    assert [origin for _, origin in rows(known, ADDRESSES)] == [new.url]


def test_a_former_address_that_forbids_all_is_not_asked(
    old: Storefront, new: Storefront, crawl: Command, known: Path
):
    old.pages["/robots.txt"] = "User-agent: *\nDisallow: /\n"
    doubted = crawl(new.url, known)
    assert doubted.returncode == 3
    assert f"the store known at {old.url}, which shows no store now" in doubted.stderr
    assert old.paths == ["/robots.txt"]


def test_a_store_whose_old_name_leads_nowhere_is_known_by_all_its_signs(
    old: Storefront, new: Storefront, crawl: Command, db_path: Path
):
    assert (
        crawl(
            "http://gone.invalid", db_path, "-s", f"ARCHIVE_PROXY={old.url}", "-s", "ARCHIVE_RATE=0"
        ).returncode
        == 0
    )
    done = crawl(new.url, db_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert rows(db_path, ADDRESSES) == [("gone.invalid", new.url)]
    assert rows(db_path, "SELECT DISTINCT kind FROM changes") == [("created",)]


def test_pages_alone_do_not_move_a_store(
    old: Storefront, blogkeep: Command, known: Path, tmp_path: Path
):
    saved = tmp_path / "tea.html"
    saved.write_text(str(PAGES[PATHS[0]]).replace("{origin}", "https://new.example"))
    done = blogkeep("import", str(saved), "--store", "https://new.example", "--db", str(known))
    assert done.returncode == 1
    assert (
        f"the pages are those of the store known at {old.url}: import them with that address"
        in done.stderr
    )
    assert rows(known, "SELECT count(*) FROM stores") == [(1,)]
