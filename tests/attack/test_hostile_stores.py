"""Crawls of stores whose pages mean harm: they end complete, and every good page is archived."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from tests.attack.pages import article, hostile_pages
from tests.conftest import ANEW, QUICK, Command, rows
from tests.storefront import ROBOTS, Page, Raw, index, post, serving, sitemap

HTML = (("Content-Type", "text/html; charset=utf-8"),)
GOOD = tuple(f"/blogs/news/good-{at}" for at in range(40))
SLOW = "/blogs/news/slow"
"""A page of 110,000 elements: 0.8 s of CPU; a good page takes a hundredth of a second."""

FLOOD = article(b"<!---->" * 121_000)
"""More elements than a page may have."""

DEADLINE = ("-s", "ARCHIVE_PAGE_CPU=0.2")
REJECTED = "SELECT url, detail FROM captures WHERE verdict = 'rejected' ORDER BY id"
ASSESSED = "SELECT outcome, health FROM crawls ORDER BY id DESC LIMIT 1"


def store_of(good: Sequence[str], hostile: Iterable[tuple[str, bytes]]) -> dict[str, Page]:
    """A store whose good and hostile posts come in turn."""
    bad = {f"/blogs/news/{name}": Raw(page, 200, HTML) for name, page in hostile}
    turns = [path for pair in zip(good, bad, strict=False) for path in pair]
    listed = list(dict.fromkeys((*turns, *good, *bad)))
    posts = {
        path: post(path, title=path[-7:], text=f"All of {path}: enough words for a post.", rid=rid)
        for rid, path in enumerate(good, 555_000)
    }
    return {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": sitemap("/blogs/news", *listed),
        "/blogs/news": index(*listed),
        **posts,
        **bad,
    }


def archived(db: Path) -> set[object]:
    return {url for (url,) in rows(db, "SELECT url FROM posts")}


def test_forty_good_posts_among_forty_hostile_ones(
    crawl: Command, blogkeep: Command, db_path: Path
) -> None:
    hostile = hostile_pages()
    assert len(hostile) == len(GOOD)
    with serving(store_of(GOOD, hostile.items())) as store:
        done = crawl(store.url, db_path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        assert archived(db_path) >= {store.url + path for path in GOOD}
        bad = [f"{store.url}/blogs/news/{name}" for name in hostile]
    assert rows(db_path, ASSESSED) == [("complete", "healthy")]
    answered = dict(rows(db_path, "SELECT url, verdict FROM captures WHERE body_id IS NOT NULL"))
    assert {answered[url] for url in bad} == {"ok", "rejected"}
    assert blogkeep("verify", "--db", str(db_path)).returncode == 0


def test_a_page_over_its_deadline_is_read_once(crawl: Command, db_path: Path) -> None:
    page = article(b"<b>a</b> " * 110_000)
    with serving(store_of(GOOD[:3], [("slow", page)])) as store:

        def crawled(*more: str) -> tuple[object, ...]:
            done = crawl(store.url, db_path, *ANEW, *more)
            assert done.returncode == 0, done.stdout + done.stderr
            assert rows(db_path, ASSESSED) == [("complete", "healthy")]
            return rows(db_path, REJECTED)[-1]

        too_slow = "too_slow: reading the page takes more than 0.2 s of CPU"
        assert crawled(*DEADLINE) == (store.url + SLOW, too_slow)
        # Where the reason is repeated, the page was not given to the parser again.
        _change(db_path, "UPDATE captures SET detail = 'crashed: x' WHERE verdict = 'rejected'")
        assert crawled(*DEADLINE) == (store.url + SLOW, "crashed: x")
        # Another version of the extraction reads it again; so does another page there, if it came.
        _change(db_path, "UPDATE crawls SET extractor = 'another'")
        assert crawled(*DEADLINE) == (store.url + SLOW, too_slow)
        assert len(archived(db_path)) == 3
        # So does this one with more time.
        crawled("-s", "ARCHIVE_PAGE_CPU=100")
    assert store.url + SLOW in archived(db_path)
    assert rows(db_path, "SELECT count(*) FROM captures WHERE body_id IS NULL") == [(0,)]


def test_pages_that_only_the_parser_finds_slow_hang_neither_crawl_nor_discovery(
    crawl: Command, db_path: Path
) -> None:
    """As a post each is rejected, and not parsed again; as a listing each could not be read."""
    fonts = b"".join(b"<font color=%d></i>word " % at for at in range(60_000))
    pages = store_of(GOOD[:3], [("slow", article(fonts))])
    pages["/blogs/news"] = f"{index(*GOOD[:3])}{fonts.decode()}"
    reason = "too_slow: parsing the page takes more than 1 s of CPU"
    with serving(pages) as store:
        assert crawl(store.url, db_path).returncode == 3
        assert rows(db_path, REJECTED) == [(store.url + SLOW, reason)]
        unreadable = "SELECT url, detail FROM captures WHERE verdict = 'unreadable' ORDER BY id"
        assert rows(db_path, unreadable)[0] == (f"{store.url}/blogs/news", reason)
        _change(db_path, "UPDATE captures SET detail = 'crashed: x' WHERE verdict = 'rejected'")
        assert crawl(store.url, db_path, *ANEW).returncode == 0
        assert rows(db_path, REJECTED)[-1] == (store.url + SLOW, "crashed: x")
    assert len(archived(db_path)) == 3


def test_a_home_page_that_the_parser_finds_slow_does_not_hang_a_trial(blogkeep: Command) -> None:
    listed = index(*GOOD[:3])
    fonts = "".join(f"<font color={at}></i>word " for at in range(20_000))
    with serving({"/robots.txt": ROBOTS, "/": listed, "/blogs/news": listed}) as store:
        quick = blogkeep("stores", "try", store.url, "--json", alone=True)
        assert json.loads(quick.stdout)["found"] == {"news": 3}, quick.stderr
        store.pages["/"] = listed + fonts
        slow = blogkeep("stores", "try", store.url, "--json", alone=True)
    assert (slow.returncode, slow.stdout) == (1, "")
    assert "no posts found" in slow.stderr


def test_a_post_whose_page_is_rejected_keeps_its_state(crawl: Command, db_path: Path) -> None:
    pages = store_of(GOOD[:3], ())
    with serving(pages) as store:
        assert crawl(store.url, db_path).returncode == 0
        for body in (FLOOD, FLOOD, FLOOD + b" "):
            store.pages[GOOD[0]] = Raw(body, 200, HTML)
            assert crawl(store.url, db_path, *ANEW).returncode == 0
        assert len(rows(db_path, REJECTED)) == 3
        failing = "SELECT kind, subject FROM incidents WHERE closed_at IS NULL"
        assert rows(db_path, failing) == [("post_failing", store.url + GOOD[0])]
        assert rows(db_path, "SELECT state, revision_count FROM posts") == [("live", 1)] * 3
        store.pages[GOOD[0]] = pages[GOOD[0]]
        assert crawl(store.url, db_path).returncode == 0
        assert rows(db_path, failing) == []
    assert rows(db_path, "SELECT DISTINCT kind FROM changes") == [("created",)]


def test_a_store_of_rejected_pages_alone_is_not_healthy(crawl: Command, db_path: Path) -> None:
    with serving(store_of(GOOD[:1], [("a", FLOOD), ("b", FLOOD + b" ")])) as store:
        assert crawl(store.url, db_path).returncode == 3
    assert rows(db_path, ASSESSED) == [("complete", "degraded")]


def test_a_schedule_of_four_hostile_stores_and_a_good_one(blogkeep: Command, db_path: Path) -> None:
    hostile = list(hostile_pages().items())
    with ExitStack() as stack:
        # Half of the pages, the largest among them: in one crawl all of them are read above.
        bad = [stack.enter_context(serving(store_of((), hostile[4 + at :: 8]))) for at in range(4)]
        good = stack.enter_context(serving(store_of(GOOD[:5], ())))
        names = [f"bad-{at}" for at in range(4)] + ["good"]
        tables = [
            f'[stores.{name}]\nurl = "{store.url}"\nschedule = "0 0 1 1 *"\n'
            for name, store in zip(names, [*bad, good], strict=True)
        ]
        db_path.with_name("stores.toml").write_text("\n".join(tables), encoding="utf-8")
        done = blogkeep("schedule", "--once", "--db", str(db_path), *QUICK, *DEADLINE, alone=True)
        assert archived(db_path) >= {good.url + path for path in GOOD[:5]}
    assert "good: complete, healthy" in done.stdout, done.stdout + done.stderr
    runs = dict(rows(db_path, "SELECT store, outcome FROM schedule_runs"))
    assert runs == dict.fromkeys(names, "complete")


def _change(db: Path, sql: str) -> None:
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute(sql)
