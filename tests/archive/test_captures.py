"""Captures: every answer is kept as it came, small, and is found again or said to be lost."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import time
import tracemalloc
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from scraper.archive.captures.check import check_captures
from scraper.archive.captures.reader import LARGEST_CACHED, open_reader
from scraper.archive.captures.writer import POOR_IN_A_ROW, CaptureWriter, capture_writer
from scraper.archive.database import open_for_reading, open_for_writing
from scraper.demo import DemoServer, Fault
from scraper.demo.pages import article_page
from scraper.demo.views import Site
from scraper.exceptions import ArchiveError, CaptureLost, NotAnArchive
from tests.archive.shop import Shop
from tests.archive.stored_answers import answers
from tests.bulk_store import BulkStore, PaddedStore
from tests.conftest import ANEW, ENDS_S, Command, Start, crawl_words, rows
from tests.factories import ORIGIN, at, make_capture, make_post, seen, url_of
from tests.storefront import ROBOTS, post, serving, sitemap

STORE = {
    "/robots.txt": ROBOTS,
    "/sitemap.xml": sitemap("/blogs/news", "/blogs/news/a", "/blogs/news/old"),
    "/blogs/news": (
        '<html><body><h1>News of the store, and nothing else</h1><a href="/blogs/news/a">'
        "A post</a></body></html>"
    ),
    "/blogs/news/a": post("/blogs/news/a", title="Tea, “slowly” – é"),
    "/blogs/news/old": (301, "/blogs/news/a"),
}


def problems(db_path: Path, captures: Path) -> list[str]:
    """What `scrapy verify` finds wrong with the captures of an archive."""
    with closing(open_for_reading(db_path)) as db:
        return [": ".join(found) for found in check_captures(captures)(db.conn) if found]


def _answer(
    keeper: CaptureWriter,
    handle: str,
    body: bytes,
    *,
    resource_type: str = "post",
    day: int = 1,
    **more: object,
) -> int:
    capture = make_capture(
        url_of(handle),
        at(day),
        body=body,
        headers=(("Content-Type", "text/html"), ("X-Day", str(day))),
        **more,
    )
    kept = keeper.save(capture, store=ORIGIN, resource_type=resource_type)
    assert kept is not None
    return kept


def _rows(keeper: CaptureWriter) -> list[tuple[int, int | None, int]]:
    return keeper.connection.execute(
        "SELECT id, dictionary_id, depth FROM answers ORDER BY id"
    ).fetchall()


def _pages(theme: str, count: int, day: int = 1) -> list[bytes]:
    store = PaddedStore(theme=theme, page_bytes=60_000)
    site = Site(store=store, day=day, authority="hollow-fern.example")
    return [article_page(site, found).encode() for found in list(store.posts(day))[:count]]


def test_every_answer_is_saved_byte_for_byte_with_its_headers(
    crawl: Command, db_path: Path
) -> None:
    with serving(STORE) as store:
        assert crawl(store.url, db_path, "-s", "USER_AGENT=secret-token-7").returncode == 0
        served = {
            store.url + path: page if isinstance(page, str) else page[1]
            for path, page in STORE.items()
        }
        assert {headers["User-Agent"] for _, headers in store.asked} == {"secret-token-7"}
        url = store.url
    kept = list(answers(db_path))
    assert Counter(resource_type for resource_type, _ in kept) == {
        "robots": 1,
        "sitemap": 1,
        "feed": 1,
        "index": 1,
        "not_found": 1,
        "post": 2,
    }
    for _, answer in kept:
        told = served.get(
            answer.url, "<html><body><h1>Nothing here under this address</h1></body></html>"
        )
        assert answer.body == told.replace("{origin}", url).encode()
        headers = dict(answer.headers)
        assert headers["Content-Length"] == str(len(answer.body))
        assert headers["Server"].startswith("BaseHTTP")
        assert {"User-Agent", "Accept", "Host"}.isdisjoint(headers)
    assert [
        (answer.url, answer.http_status)
        for resource_type, answer in kept
        if answer.http_status == 301
    ] == [(f"{url}/blogs/news/old", 301)]
    for path in (db_path, db_path.with_name("captures.db")):
        assert b"secret-token-7" not in path.read_bytes()
    assert not any(
        "secret-token-7" in repr(answer.headers) or b"secret-token-7" in answer.body
        for _, answer in kept
    )


def test_pages_of_100_kb_take_little_and_later_ones_next_to_nothing(
    crawl: Command, db_path: Path
) -> None:
    with DemoServer(BulkStore(15), fresh_tokens=True) as store:
        for _ in range(3):
            assert crawl(store.url, db_path, *ANEW).returncode == 0
    captures = db_path.with_name("captures.db")
    with sqlite3.connect(captures) as connection:
        connection.execute("ATTACH ? AS archive", [str(db_path)])
        found = connection.execute(
            """
            SELECT crawl_id, depth, length(data), archive.captures.body_bytes FROM archive.captures
            JOIN answers ON answers.id = body_id
            WHERE resource_type = 'post' ORDER BY archive.captures.id
            """
        ).fetchall()
    connection.close()
    assert min(page for *_, page in found) > 95_000
    assert Counter((crawl_id, depth) for crawl_id, depth, *_ in found) == {
        (1, 0): 1,
        (1, 1): 14,
        (2, 1): 1,
        (2, 2): 14,
        (3, 1): 1,
        (3, 2): 14,
    }
    assert max(size for crawl_id, depth, size, _ in found if crawl_id == 1 and depth) < 4_500
    assert max(size for crawl_id, _, size, _ in found if crawl_id > 1) < 300
    assert (
        len({answer.body for resource_type, answer in answers(db_path) if resource_type == "post"})
        == 45
    )
    assert problems(db_path, captures) == []


def test_no_answer_is_packed_more_than_twice_over(keeper: CaptureWriter) -> None:
    first, second = _pages("dawn", 2)
    ids = [_answer(keeper, "a", first)]
    ids += [_answer(keeper, "b", second + b"<!-- %d -->" % day, day=day) for day in range(1, 5)]
    assert [depth for _, _, depth in _rows(keeper)] == [0, 1, 2, 2, 2]
    assert [base for _, base, _ in _rows(keeper)] == [None, ids[0], ids[1], ids[1], ids[1]]


def test_a_post_that_is_written_anew_is_packed_against_its_store_again(
    keeper: CaptureWriter,
) -> None:
    base, first, other = _pages("dawn", 3)
    _answer(keeper, "a", base)
    ids = [
        _answer(keeper, "b", body, day=day)
        for day, body in enumerate((first, first, other, other), start=1)
    ]
    assert _rows(keeper)[1:] == [
        (ids[0], 1, 1),
        (ids[1], ids[0], 2),
        (ids[2], 1, 1),
        (ids[3], ids[2], 2),
    ]


def test_a_new_theme_gives_the_store_a_new_page_and_one_odd_page_does_not(
    keeper: CaptureWriter,
) -> None:
    dawn, other = (
        _pages("dawn", 4),
        [page.replace(b"theme", b"other").upper() for page in _pages("debut", POOR_IN_A_ROW + 4)],
    )
    for number, page in enumerate([*dawn[:2], other[0], *dawn[2:]]):
        _answer(keeper, f"a{number}", page)
    assert [depth for _, _, depth in _rows(keeper)] == [0, 1, 1, 1, 1]
    ids = [_answer(keeper, f"b{number}", page) for number, page in enumerate(other[1:])]
    assert [base for _, base, _ in _rows(keeper)][5:] == [1, 1, None, *[ids[2]] * (len(ids) - 3)]


def test_a_feed_is_packed_against_its_own_earlier_answers_alone(keeper: CaptureWriter) -> None:
    page, feed = _pages("dawn", 2)
    _answer(keeper, "a", page)
    for day in range(1, 4):
        _answer(keeper, "feed", feed, resource_type="feed", day=day)
    assert _rows(keeper)[1:] == [(2, None, 0), (3, 2, 1), (4, 3, 2)]


def test_nothing_is_saved_where_nothing_came_and_headers_alone_are(keeper: CaptureWriter) -> None:
    nothing = make_capture(url_of("a"), at(1), verdict="network_error", body_hash="", body_bytes=0)
    assert keeper.save(nothing, store=ORIGIN, resource_type="post") is None
    moved = make_capture(
        url_of("a"),
        at(1),
        verdict="renamed",
        body_hash="",
        body_bytes=0,
        headers=(("Location", "/b"), ("Via", "x"), ("Via", "y")),
    )
    answer_id = keeper.save(moved, store=ORIGIN, resource_type="post")
    reader = open_reader(keeper.path)
    assert answer_id is not None
    assert reader.read(answer_id, "").headers == (("Location", "/b"), ("Via", "x"), ("Via", "y"))
    reader.close()


@pytest.fixture(scope="module")
def crawled(crawl: Command, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an archive with its captures, to be copied."""
    folder = tmp_path_factory.mktemp("crawled")
    with serving(STORE) as store:
        assert crawl(store.url, folder / "archive.db").returncode == 0
    return folder


def test_a_file_begun_anew_answers_for_none_that_it_did_not_see(
    crawl: Command, db_path: Path
) -> None:
    captures = db_path.with_name("captures.db")
    with serving(STORE) as store:
        assert crawl(store.url, db_path).returncode == 0
        (old,) = rows(db_path, "SELECT max(body_id) FROM captures")[0]
        captures.unlink()
        with pytest.raises(CaptureLost, match="no captures at"):
            list(answers(db_path))
        assert problems(db_path, captures) == [
            (
                f"{captures}: no captures at {captures}: answers are stored there, or "
                "where ARCHIVE_CAPTURES points"
            )
        ]
        assert crawl(store.url, db_path, *ANEW).returncode == 0
    assert rows(db_path, "SELECT min(body_id) FROM captures WHERE crawl_id = 2") == [
        (int(str(old)) + 1,)
    ]
    assert len(list(answers(db_path, "crawl_id = 2"))) == int(str(old))
    with pytest.raises(CaptureLost, match="has no answer 1: does it belong"):
        list(answers(db_path))
    told = problems(db_path, captures)
    assert len(told) == int(str(old))
    assert "captures 1, " in told[0]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        pytest.param(
            "UPDATE answers SET data = x'00112233445566778899' WHERE id = 2",
            "answer 2 is damaged",
            id="bytes",
        ),
        pytest.param(
            "UPDATE answers SET (data, header_bytes, body_bytes, dictionary_id) = (SELECT data, "
            "header_bytes, body_bytes, dictionary_id FROM answers AS a "
            "WHERE a.id = 1) WHERE id = 2",
            "answer 2 is not the one that the archive refers to",
            id="another's",
        ),
        pytest.param(
            "UPDATE answers SET header_bytes = 3, body_bytes = body_bytes + header_bytes - 3 "
            "WHERE id = 2",
            "headers cannot be read",
            id="headers",
        ),
        pytest.param(
            "UPDATE answers SET dictionary_id = 2 WHERE id = 2",
            "packed against 2, which is younger",
            id="a ring",
        ),
    ],
)
def test_damage_is_reported_by_name_and_for_that_answer_alone(
    crawled: Path, db_path: Path, damage: str, words: str
) -> None:
    shutil.copytree(crawled, db_path.parent, dirs_exist_ok=True)
    captures = db_path.with_name("captures.db")
    connection = sqlite3.connect(captures)
    connection.execute(damage)
    connection.commit()
    connection.close()
    with pytest.raises(CaptureLost, match=words):
        list(answers(db_path))
    told = problems(db_path, captures)
    assert len(told) == 1
    assert words in told[0]


def test_a_file_of_something_else_is_refused_before_anything_is_asked(
    crawl: Command, db_path: Path
) -> None:
    other = db_path.with_name("captures.db")
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE recipes (id INTEGER PRIMARY KEY)")
    connection.close()
    before = other.read_bytes()
    with serving(STORE) as store:
        done = crawl(store.url, db_path)
        assert store.asked == []
    assert done.returncode == 1
    assert (
        f"{other} is a database of something else, not a Blogkeep file of captures" in done.stderr
    )
    assert (db_path.exists(), other.read_bytes()) == (False, before)
    with pytest.raises(NotAnArchive):
        open_reader(other)


def test_the_setting_says_where_the_file_is(crawl: Command, db_path: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "far" / "bodies.db"
    with serving(STORE) as store:
        assert crawl(store.url, db_path, "-s", f"ARCHIVE_CAPTURES={elsewhere}").returncode == 0
    assert problems(db_path, elsewhere) == []
    assert not db_path.with_name("captures.db").exists()


def test_what_cannot_be_saved_leaves_the_archive_as_it_was(tmp_path: Path, db_path: Path) -> None:
    db = open_for_writing(db_path)
    with capture_writer(tmp_path / "captures.db", db.conn) as keeper:
        shop = Shop(db)
        writer = shop.begin(1, captures=keeper)
        keeper.connection.execute("PRAGMA max_page_count = 8")
        noise = random.Random(7).randbytes(20_000)
        for number in range(6):
            visit = seen(make_post(f"p{number}"), at(1, number))
            writer.record_visit(replace(visit, capture=replace(visit.capture, body=noise)))
        large = seen(make_post("large"), at(1, 30))
        with pytest.raises(ArchiveError, match=r"captures\.db: database or disk is full"):
            writer.record_visit(
                replace(
                    large,
                    capture=replace(
                        large.capture, body=noise + random.Random(8).randbytes(200_000)
                    ),
                )
            )
        assert shop.counts("posts", "captures") == (6, 6)
        assert not db.conn.in_transaction
    db.close()


def test_a_kill_leaves_no_reference_to_what_is_not_there(start: Start, db_path: Path) -> None:
    captures = db_path.with_name("captures.db")
    with DemoServer(BulkStore(200, page_bytes=20_000), fresh_tokens=True) as store:
        for already in (25, 55, 85):
            store.fault(Fault(kind="hold", path="/blogs/*/*", after=40))
            running = start(*crawl_words(store.url, db_path))
            while _count(db_path) < already:
                assert running.poll() is None, running.communicate()
                time.sleep(0.02)
            running.kill()
            assert running.wait(ENDS_S) == -signal.SIGKILL
            store.clear_faults()
    assert _count(db_path) >= 85
    assert rows(
        db_path, "SELECT count(*) FROM captures WHERE body_id IS NULL AND http_status != 0"
    ) == [(0,)]
    assert problems(db_path, captures) == []


def test_two_crawls_keep_into_one_file_at_once(start: Start, db_path: Path) -> None:
    with (
        DemoServer(BulkStore(40, page_bytes=20_000)) as one,
        DemoServer(BulkStore(40, page_bytes=20_000, seed=2)) as two,
    ):
        running = [start(*crawl_words(store.url, db_path)) for store in (one, two)]
        assert [crawl.wait(ENDS_S) for crawl in running] == [0, 0]
    assert rows(
        db_path,
        "SELECT count(*), count(DISTINCT body_id) FROM captures WHERE resource_type = 'post'",
    ) == [(80, 80)]
    assert problems(db_path, db_path.with_name("captures.db")) == []


def _count(db_path: Path) -> int:
    try:
        with sqlite3.connect(f"file:{db_path}?mode=ro", uri=True) as connection:
            return int(connection.execute("SELECT count(*) FROM captures").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def test_a_large_answer_is_packed_against_its_earlier_one_and_not_held(
    keeper: CaptureWriter,
) -> None:
    chance = random.Random(3)
    first = chance.randbytes(LARGEST_CACHED).hex().encode()
    sitemaps = [first, first + b" and one more", first + b" and two more"]
    tracemalloc.start()
    try:
        for day, body in enumerate(sitemaps, start=1):
            _answer(keeper, "sitemap", body, resource_type="sitemap", day=day)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < LARGEST_CACHED
    sizes = [
        size
        for (size,) in keeper.connection.execute("SELECT length(data) FROM answers ORDER BY id")
    ]
    assert max(sizes[1:]) < 500
