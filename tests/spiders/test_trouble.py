"""Our trouble is never told as the store's doing: each fault of the demo store on a second crawl of
an unchanged store."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from scraper.archive.database import open_for_writing
from scraper.demo import DemoServer, Fault
from tests.conftest import (
    ANEW,
    DEMO_ORIGIN,
    ENDS_S,
    Command,
    Start,
    as_demo,
    crawl_words,
    rows,
)
from tests.small_store import small_store
from tests.storefront import ROBOTS, post, serving, sitemap

TAKES_ALL_MEMORY = """
    CREATE TRIGGER takes_all_memory BEFORE INSERT ON captures
    WHEN NEW.url LIKE '%/heavy' AND NEW.verdict = 'ok'
    BEGIN SELECT length(randomblob(900000000)); END
"""


@dataclass(frozen=True)
class Faulty:
    db: Path
    urls: dict[str, str]
    exit_code: int


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with DemoServer(small_store()) as running:
        yield running


@pytest.fixture
def archive(first_day: Path, tmp_path: Path, server: DemoServer) -> Iterator[Path]:
    """An archive of one good crawl; the store behaves again afterwards."""
    yield Path(shutil.copy(first_day, tmp_path / "archive.db"))
    server.clear_faults()


FAULTS: dict[str, Fault] = {
    "security_rejected": Fault(kind="security_rejected"),
    "server_error": Fault(kind="server_error"),
    "challenge": Fault(kind="challenge", status=200),
    "password_page": Fault(kind="password"),
    "truncated": Fault(kind="truncated"),
    "truncated, whole by its length": Fault(kind="cut"),
    "too_large": Fault(kind="huge"),
    "empty": Fault(kind="empty"),
    "not_html": Fault(kind="not_html"),
    "network_error": Fault(kind="drop"),
    "redirected_off": Fault(kind="redirect_off"),
    # The listings still name these: evidence, but nothing that moves a post.
    "gone": Fault(kind="gone"),
    "soft_404": Fault(kind="soft_404"),
    "redirected_home": Fault(kind="redirect_home"),
    "garbage": Fault(kind="garbage"),
}
"""A fault for each verdict; in one crawl each befalls a post of its own."""


@pytest.fixture(scope="module")
def faulty(
    server: DemoServer, crawl: Command, first_day: Path, tmp_path_factory: pytest.TempPathFactory
) -> Faulty:
    paths = [post.path for post in server.store.posts(1)][
        :: len(server.store.posts(1)) // len(FAULTS)
    ]
    befallen = dict(zip(FAULTS, paths, strict=False))
    for name, path in befallen.items():
        server.fault(replace(FAULTS[name], path=path))
    db = Path(shutil.copy(first_day, tmp_path_factory.mktemp("faulty") / "archive.db"))
    done = crawl(DEMO_ORIGIN, db, *as_demo(server), *ANEW)
    server.clear_faults()
    return Faulty(
        db, {name: DEMO_ORIGIN + path for name, path in befallen.items()}, done.returncode
    )


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_has_its_verdict(faulty: Faulty, name: str) -> None:
    verdicts = [
        str(verdict)
        for (verdict,) in rows(
            faulty.db,
            "SELECT verdict FROM captures WHERE crawl_id = 2 AND url = ?",
            faulty.urls[name],
        )
    ]
    expected = name.partition(",")[0]
    assert (
        verdicts == [expected]
        if expected != "garbage"
        else verdicts in (["unreadable"], ["not_html"], ["empty"], ["truncated"])
    )


def test_no_fault_changes_a_post(faulty: Faulty) -> None:
    assert rows(faulty.db, "SELECT kind FROM changes WHERE crawl_id = 2") == []
    assert rows(faulty.db, "SELECT state FROM posts WHERE state != 'live'") == []
    assert rows(faulty.db, "SELECT max(number) FROM revisions") == [(1,)]


def test_faults_make_the_crawl_incomplete(faulty: Faulty) -> None:
    assert faulty.exit_code == 3
    assert rows(
        faulty.db, "SELECT outcome, n_blocked > 0, n_error > 0, n_missing FROM crawls WHERE id = 2"
    ) == [("incomplete", 1, 1, 3)]


def test_a_failed_visit_is_a_gap_between_two_sights(
    faulty: Faulty, server: DemoServer, crawl: Command, tmp_path: Path
) -> None:
    db = Path(shutil.copy(faulty.db, tmp_path / "archive.db"))
    assert crawl(DEMO_ORIGIN, db, *as_demo(server)).returncode == 0
    seen = rows(
        db,
        "SELECT verdict FROM observations JOIN posts ON posts.id = post_id WHERE url = ? "
        "ORDER BY observations.id",
        faulty.urls["server_error"],
    )
    assert seen == [("ok",), ("server_error",), ("ok",)]
    assert rows(db, "SELECT kind FROM changes WHERE crawl_id > 1") == []


def test_what_can_be_waited_out_leaves_no_trace(
    server: DemoServer, crawl: Command, archive: Path
) -> None:
    begun = len(server.requests)
    slow, refused, told, broken, overloaded = [post.path for post in server.store.posts(1)][2:34:7]
    server.fault(Fault(kind="slow", path=slow, delay_s=0.3))
    server.fault(Fault(kind="rate_limited", path=refused, times=2))
    server.fault(Fault(kind="rate_limited", path=told, times=1, retry_after="1"))
    server.fault(Fault(kind="server_error", path=broken, times=1))
    server.fault(Fault(kind="unavailable", path=overloaded, times=1, retry_after="1"))
    done = crawl(DEMO_ORIGIN, archive, *as_demo(server), *ANEW)
    assert done.returncode == 0, done.stdout + done.stderr
    assert rows(archive, "SELECT outcome, health, n_blocked, n_error FROM crawls WHERE id = 2") == [
        ("complete", "healthy", 0, 0)
    ]
    assert rows(archive, "SELECT kind FROM changes WHERE crawl_id = 2") == []
    asked = [request.at_s for request in list(server.requests)[begun:] if request.path == told]
    assert len(asked) == 2
    assert asked[1] - asked[0] >= 1.0


def test_broken_markup_costs_no_word(server: DemoServer, crawl: Command, archive: Path) -> None:
    server.fault(Fault(kind="broken_html", path="/blogs/*"))
    assert crawl(DEMO_ORIGIN, archive, *as_demo(server), *ANEW).returncode == 0
    assert {
        kind for (kind,) in rows(archive, "SELECT DISTINCT kind FROM changes WHERE crawl_id = 2")
    } <= {"markup"}
    assert rows(
        archive, "SELECT sum(words_added + words_removed) FROM changes WHERE crawl_id = 2"
    ) in ([(0,)], [(None,)])


@pytest.mark.parametrize(
    ("fault", "outcome", "health"),
    [
        pytest.param(Fault(kind="rate_limited"), "blocked", "blocked", id="everything refused"),
        pytest.param(Fault(kind="server_error"), "outage", "outage", id="everything broken"),
        pytest.param(
            Fault(kind="password", path="/[!r]*"),
            "blocked",
            "blocked",
            id="the whole store behind a password",
        ),
    ],
)
def test_an_outage_removes_nothing_and_opens_one_incident(
    server: DemoServer, crawl: Command, archive: Path, fault: Fault, outcome: str, health: str
) -> None:
    server.fault(fault)
    for sweep in (ANEW, []):
        assert crawl(DEMO_ORIGIN, archive, *as_demo(server), *sweep).returncode == 3
    assert (
        rows(archive, "SELECT outcome, health FROM crawls WHERE id > 1") == [(outcome, health)] * 2
    )
    assert rows(archive, "SELECT count(*) FROM posts WHERE state = 'live'") == [
        (len(server.store.posts(1)),)
    ]
    assert rows(archive, "SELECT kind, closed_at IS NULL FROM incidents") == [(health, 1)]
    server.clear_faults()
    assert crawl(DEMO_ORIGIN, archive, *as_demo(server)).returncode == 0
    assert rows(archive, "SELECT kind, closed_at IS NULL FROM incidents") == [(health, 0)]


def test_a_store_that_refuses_in_the_middle_is_reported_as_incomplete(
    server: DemoServer, crawl: Command, archive: Path
) -> None:
    server.fault(Fault(kind="rate_limited", path="/blogs/recipes/*", after=5))
    done = crawl(DEMO_ORIGIN, archive, *as_demo(server), *ANEW)
    assert done.returncode == 3
    assert rows(archive, "SELECT health, n_blocked > 0 FROM crawls WHERE id = 2") == [
        ("blocked", 1)
    ]
    assert rows(archive, "SELECT kind FROM changes WHERE crawl_id = 2") == []


def test_a_vanished_blog_is_suspicious_and_removes_nothing(
    server: DemoServer, crawl: Command, archive: Path
) -> None:
    # Not found, and unlisted: the listings are gone with the posts.
    for path in ("/sitemap*", "/blogs/*"):
        server.fault(Fault(kind="gone", path=path))
    for _ in range(2):
        assert crawl(DEMO_ORIGIN, archive, *as_demo(server), *ANEW).returncode == 3
    assert rows(archive, "SELECT count(*) FROM posts WHERE state != 'live'") == [(0,)]


@pytest.mark.parametrize(
    "limit",
    [4096, 150_000, 900_000],
    ids=["while it is made", "while listings are read", "while posts are written"],
)
def test_a_full_disk_ends_the_crawl_with_one_line(
    server: DemoServer, start: Start, crawl: Command, db_path: Path, limit: int
) -> None:
    running = start(*crawl_words(server.url, db_path), limits=[(resource.RLIMIT_FSIZE, limit)])
    _, err = running.communicate(timeout=ENDS_S)
    assert running.returncode == 1
    assert f"cannot write {db_path}" in err.splitlines()[-1]
    assert "Traceback" not in err
    assert not list(db_path.parent.glob("*.lock"))
    assert crawl("demo", db_path).returncode == 0


def test_two_stores_are_crawled_into_one_archive_at_once(
    server: DemoServer, start: Start, db_path: Path
) -> None:
    with DemoServer(small_store()) as other:
        running = [start(*crawl_words(url, db_path)) for url in (server.url, other.url)]
        told = [process.communicate(timeout=ENDS_S)[1] for process in running]
    assert [process.returncode for process in running] == [0, 0], told
    assert (
        rows(db_path, "SELECT outcome, n_new FROM crawls")
        == [("complete", len(server.store.posts(1)))] * 2
    )


def test_a_loop_of_redirects_is_reported_as_failed(crawl: Command, db_path: Path) -> None:
    pages = {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": sitemap("/blogs/news/one", "/blogs/news/two"),
        "/blogs/news/one": (301, "/blogs/news/ring"),
        "/blogs/news/ring": (301, "/blogs/news/one"),
        "/blogs/news/two": post("/blogs/news/two"),
    }
    with serving(pages) as store:
        assert crawl(store.url, db_path).returncode == 3
    assert rows(db_path, "SELECT verdict, detail FROM captures WHERE url LIKE '%/one'")[-1] == (
        "unreadable",
        "a ring of redirects",
    )


def test_what_a_store_puts_into_its_titles_does_not_run_on_a_terminal(
    crawl: Command, blogkeep: Command, db_path: Path
) -> None:
    path = "/blogs/news/one"
    pages = {"/robots.txt": ROBOTS, "/sitemap.xml": sitemap(path), path: post(path, title="Plain")}
    with serving(pages) as store:
        crawl(store.url, db_path)
        store.pages[path] = post(
            path, title="&#27;]0;owned&#7;&#27;[31mRED [red]x[/red] \u202eolleh"
        )
        store.pages["/sitemap.xml"] = sitemap(path, day=2)
        told = crawl(store.url, db_path, *ANEW).stdout
    told += (
        blogkeep("changes", "--db", str(db_path)).stdout
        + blogkeep("diff", "one", "--db", str(db_path)).stdout
    )
    told += blogkeep("related", "one", "--db", str(db_path)).stdout
    assert "RED [red]x[/red]" in told
    assert not {"\x1b", "\x07", "\u202e"} & set(told)


@pytest.mark.parametrize("times", [1, 2])
def test_a_page_that_takes_all_memory_ends_two_crawls_at_most(
    start: Start, crawl: Command, db_path: Path, times: int
) -> None:
    """After one it is read again: another program may have had the memory."""
    paths = [f"/blogs/news/{name}" for name in ("good", "heavy", "later")]
    pages = {path: post(path, title=path, rid=at) for at, path in enumerate(paths, 555_000)}
    listing = {"/robots.txt": ROBOTS, "/sitemap.xml": sitemap("/blogs/news", *paths)}
    with closing(open_for_writing(db_path)) as db:
        db.execute(TAKES_ALL_MEMORY)
    with serving(listing | pages) as shop:
        for _ in range(times):
            limits = [(resource.RLIMIT_AS, 900 << 20)]
            ended = start(*crawl_words(shop.url, db_path), limits=limits)
            _, err = ended.communicate(timeout=ENDS_S)
            assert ended.returncode == 1, err
            assert err.splitlines()[-1].endswith("out of memory")
        again = crawl(shop.url, db_path)
    assert again.returncode == 0, again.stderr
    found = rows(
        db_path,
        "SELECT verdict, detail, body_id IS NOT NULL FROM captures "
        "WHERE url LIKE '%/heavy' ORDER BY id",
    )
    exhausted = ("rejected", "hung: out of memory while saving the page")
    last = (*exhausted, 1) if times == 2 else ("ok", "", 1)
    assert found == [*[(*exhausted, 0)] * times, last]
    assert rows(db_path, "SELECT count(*) FROM posts WHERE state = 'live'") == [(4 - times,)]
    assert not list(db_path.parent.glob("*.page"))
