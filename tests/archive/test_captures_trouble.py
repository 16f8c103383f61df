"""What becomes of a crawl whose captures' file is lost, damaged, older than the archive or taken
away: reported once, and passed over."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from scraper.archive.captures.check import check_captures
from scraper.archive.captures.packing import Dictionary, join_answer, pack
from scraper.archive.captures.reader import open_reader
from scraper.archive.captures.schema import captures_path
from scraper.archive.captures.writer import CaptureWriter, open_capture_writer
from scraper.archive.database import MAX_VALUE_BYTES, open_for_reading, open_for_writing
from scraper.archive.verify import verify
from scraper.archive.write.session import ArchiveSession
from scraper.crawl_evidence import StoreSeen
from scraper.exceptions import AlreadyCrawling, ArchiveBusy, ArchiveError, CaptureLost
from scraper.history.crawl_health import CrawlEnd
from scraper.items import Visit
from tests.archive.shop import RULES, listing
from tests.conftest import ENDS_S, rows
from tests.factories import ORIGIN, at, make_capture, make_post, seen, url_of

HANDLES = ("a", "b", "c")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.db"


def _visit(handle: str, when: str) -> Visit:
    """A good answer with its bytes."""
    visit, body = (
        seen(make_post(handle), when),
        f"<html>{handle} as it came at {when}</html>".encode(),
    )
    told = {
        "body": body,
        "body_bytes": len(body),
        "body_hash": hashlib.sha256(body).hexdigest(),
        "headers": (("Server", "x"),),
    }
    return replace(visit, capture=replace(visit.capture, **told))


def _begin(path: Path, day: int = 1, minute: int = 0) -> ArchiveSession:
    session = ArchiveSession(
        path, captures=path.with_name("captures.db"), extractor=RULES, resume_within_s=600
    )
    session.save(StoreSeen(origin=ORIGIN), at(day, minute))
    session.save(listing(*map(url_of, HANDLES)), at(day, minute))
    return session


def _crawl(path: Path, day: int = 1) -> ArchiveSession:
    session = _begin(path, day)
    for minute, handle in enumerate(HANDLES):
        session.save(_visit(handle, at(day, minute)), at(day, minute))
    _finish(session, day)
    return session


def _finish(session: ArchiveSession, day: int = 1) -> None:
    assert session.finish(CrawlEnd(finished=True), at=at(day, 59)).health == "healthy"


def _problems(path: Path) -> list[str]:
    """What `scrapy verify` finds."""
    with closing(open_for_reading(path)) as db:
        results = list(verify(db, [("captures", check_captures(path.with_name("captures.db")))]))
    return [problem.what for result in results for problem in result.problems]


def _copy(path: Path, to: Path) -> None:
    """A file as a power loss would leave it: with its log, without what SQLite shares in memory."""
    to.parent.mkdir(exist_ok=True)
    for name in (path.name, f"{path.name}-wal"):
        if path.with_name(name).exists():
            shutil.copy(path.with_name(name), to.with_name(name.replace(path.name, to.name)))


def _run_down(path: Path) -> Path:
    """An archive of a crawl that was cut short after two posts, beside captures that know of the
    first only."""
    session, copy = _begin(path), path.parent / "copy" / "archive.db"
    session.save(_visit("a", at(1, 1)), at(1, 1))
    _copy(path.with_name("captures.db"), copy.with_name("captures.db"))
    session.save(_visit("b", at(1, 2)), at(1, 2))
    _copy(path, copy)
    return copy


def test_a_crawl_that_is_gone_on_with_asks_again_for_what_its_captures_lost(path: Path) -> None:
    copy = _run_down(path)
    assert _problems(copy) == [
        (f"{copy.with_name('captures.db')} has no answer 2: does it belong to this archive?")
    ]
    session = _begin(copy, minute=3)
    assert [(post.url, post.done) for post in session.known_store().posts] == [
        (url_of("a"), True),
        (url_of("b"), False),
    ]
    for minute, handle in enumerate(("b", "c"), start=4):
        session.save(_visit(handle, at(1, minute)), at(1, minute))
    assert all(post.done for post in session.known_store().posts)
    _finish(session)
    assert _problems(copy) == []
    assert rows(copy, "SELECT url, body_id, detail FROM captures ORDER BY id") == [
        (url_of("a"), 1, ""),
        (url_of("b"), None, "the stored answer was lost before the crawl resumed"),
        (url_of("b"), 3, ""),
        (url_of("c"), 4, ""),
    ]
    assert rows(copy, "SELECT kind, count(*) FROM changes GROUP BY kind") == [("created", 3)]
    assert rows(copy, "SELECT outcome FROM crawls") == [("complete",)]


def test_an_archive_that_lost_its_last_rows_goes_on_with_captures_that_did_not(path: Path) -> None:
    session, copy = _begin(path), path.parent / "copy" / "archive.db"
    session.save(_visit("a", at(1, 1)), at(1, 1))
    _copy(path, copy)
    session.save(_visit("b", at(1, 2)), at(1, 2))
    _copy(path.with_name("captures.db"), copy.with_name("captures.db"))
    assert _problems(copy) == []
    session = _begin(copy, minute=3)
    assert session.warnings() == []
    for minute, handle in enumerate(("b", "c"), start=4):
        session.save(_visit(handle, at(1, minute)), at(1, minute))
    _finish(session)
    assert _problems(copy) == []
    assert rows(copy, "SELECT body_id FROM captures ORDER BY id") == [(1,), (3,), (4,)]


@pytest.mark.parametrize("taken", ["archive.db", "captures.db"])
def test_a_file_that_is_taken_away_in_the_midst_ends_the_crawl_and_the_next_one_goes_on(
    path: Path, taken: str
) -> None:
    session = _begin(path)
    session.save(_visit("a", at(1, 1)), at(1, 1))
    gone = path.with_name(taken)
    for name in (taken, f"{taken}-wal", f"{taken}-shm"):
        path.with_name(name).unlink()
    told = f"{taken} was moved, replaced or deleted while it was being written"
    with pytest.raises(ArchiveError, match=told):
        session.save(_visit("b", at(1, 2)), at(1, 2))
    with pytest.raises(ArchiveError, match=told):
        session.finish(CrawlEnd(finished=True), at=at(1, 3))
    assert not gone.exists()
    del session
    _resume_and_end(path)


def _resume_and_end(path: Path) -> None:
    session = _begin(path, minute=4)
    done = {post.url for post in session.known_store().posts if post.done}
    for minute, handle in enumerate(HANDLES, start=5):
        if url_of(handle) not in done:
            session.save(_visit(handle, at(1, minute)), at(1, minute))
    _finish(session)
    assert _problems(path) == []
    assert rows(path, "SELECT count(*), max(revision_count) FROM posts") == [(3, 1)]


def test_a_file_of_another_archive_is_refused(path: Path) -> None:
    _crawl(path)
    captures, other = path.with_name("captures.db"), path.parent / "other" / "archive.db"
    other.parent.mkdir()
    _crawl(other, day=2)
    shutil.copy(other.with_name("captures.db"), captures)
    with pytest.raises(ArchiveError, match="the answers of another archive"):
        _begin(path, 3)


def test_a_file_that_holds_nothing_of_the_archive_is_reported_when_a_crawl_begins(
    path: Path,
) -> None:
    _crawl(path)
    captures = path.with_name("captures.db")
    captures.unlink()
    session = _begin(path, 3)
    (line,) = session.warnings()
    assert line.startswith(f"{captures} does not hold answer 3, to which the archive refers: ")
    assert session.warnings() == []


def test_a_sound_file_is_complained_of_by_nobody(path: Path) -> None:
    _crawl(path)
    session = _begin(path, 2)
    assert session.warnings() == []


def test_an_archive_that_cannot_be_opened_is_no_crawl_under_way(path: Path) -> None:
    path.with_name("captures.db").mkdir()
    session = ArchiveSession(path, captures=path.with_name("captures.db"), extractor=RULES)
    session.save(StoreSeen(origin=ORIGIN), at(1))
    for _ in range(2):
        with pytest.raises(ArchiveError, match=r"cannot open .*captures\.db") as error:
            session.save(listing(url_of("a")), at(1))
        assert not isinstance(error.value, AlreadyCrawling)


def _keep(keeper: CaptureWriter, handle: str, day: int) -> int | None:
    body = b"<html>" + b"a theme's markup " * 90 + handle.encode()
    capture = make_capture(
        url_of(handle),
        at(day),
        body=body,
        body_hash=hashlib.sha256(body).hexdigest(),
        headers=(("Server", "x"),),
    )
    return keeper.save(capture, store=ORIGIN, resource_type="post")


@pytest.mark.parametrize("number", [1, 2], ids=["the store's page", "the post's own page"])
def test_a_damaged_answer_keeps_no_new_one_out(keeper: CaptureWriter, number: int) -> None:
    for handle in ("a", "b"):
        _keep(keeper, handle, 1)
    keeper.connection.execute("UPDATE answers SET data = x'00112233' WHERE id = ?", [number])
    fresh = CaptureWriter(keeper.connection, keeper.path, after=2)
    kept = [_keep(fresh, handle, 2) for handle in ("b", "c", "b")]
    assert [line.partition(": ")[2][:19] for line in fresh.warnings] == [
        f"answer {number} is damaged"[:19]
    ]
    with closing(open_reader(keeper.path)) as reader:
        hashes = dict(keeper.connection.execute("SELECT id, body_hash FROM answers"))
        for answer_id in kept:
            assert answer_id is not None
            assert reader.read(answer_id, hashes[answer_id]).body


def _nested() -> tuple[bytes, int, int]:
    return b"[" * 100_000, 100_000, 0


def _shapeless() -> tuple[bytes, int, int]:
    return b"[5]", 3, 0


def _bomb() -> tuple[bytes, int, int]:
    return b"[]" + bytes(2 * MAX_VALUE_BYTES), 2, 2 * MAX_VALUE_BYTES


@pytest.mark.parametrize("make", [_nested, _shapeless, _bomb])
def test_an_answer_that_no_writer_of_ours_packed_is_lost(
    keeper: CaptureWriter, make: Callable[[], tuple[bytes, int, int]]
) -> None:
    _keep(keeper, "a", 1)
    raw, header_bytes, body_bytes = make()
    keeper.connection.execute(
        "UPDATE answers SET data = ?, header_bytes = ?, body_bytes = ?",
        [pack(raw), header_bytes, body_bytes],
    )
    body_hash = hashlib.sha256(raw[header_bytes:]).hexdigest()
    with closing(open_reader(keeper.path)) as reader, pytest.raises(CaptureLost, match="damaged"):
        reader.read(1, body_hash)


def test_an_answer_packed_against_a_thousand_others_is_lost(keeper: CaptureWriter) -> None:
    _keep(keeper, "a", 1)
    raw, _ = join_answer((), b"body")
    packed = Dictionary(raw).pack(raw)
    update = "UPDATE answers SET data = ?, header_bytes = 2, body_bytes = 4"
    keeper.connection.execute(update, [pack(raw)])
    keeper.connection.executemany(
        "INSERT INTO answers SELECT ?, url, fetched_at, http_status, body_hash, 4, 2, ?, 2, ? "
        "FROM answers WHERE id = 1",
        [(at, at - 1, packed) for at in range(2, 1002)],
    )
    body_hash = hashlib.sha256(b"body").hexdigest()
    with closing(open_reader(keeper.path)) as reader:
        assert reader.read(3, body_hash).body == b"body"
        with pytest.raises(CaptureLost, match="damaged"):
            reader.read(1001, body_hash)


def test_first_crawls_that_begin_at_once_share_the_answers_file(path: Path) -> None:
    crawls = 8
    waiting = threading.Semaphore(0)

    def trace(statement: str) -> None:
        if statement.startswith("BEGIN") or "user_version = " in statement:
            waiting.release()

    def claim() -> None:
        db = open_for_writing(path)
        db.conn.set_trace_callback(trace)
        with closing(db.conn), closing(open_capture_writer(captures_path(path, ""), db.conn)):
            pass

    with closing(open_for_writing(path).conn) as connection, ThreadPoolExecutor(crawls) as threads:
        connection.execute("BEGIN IMMEDIATE")
        claims = [threads.submit(claim) for _ in range(crawls)]
        for _ in range(crawls):
            assert waiting.acquire(timeout=ENDS_S)
        connection.execute("COMMIT")
        for ended in claims:
            ended.result()
        with closing(open_capture_writer(captures_path(path, ""), connection)):
            pass


def test_the_file_that_another_program_holds_is_named(path: Path) -> None:
    db = open_for_writing(path)
    db.conn.execute("PRAGMA busy_timeout = 0")
    with closing(db.conn), closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(ArchiveBusy, match=r"archive\.db: database is locked"):
            open_capture_writer(captures_path(path, ""), db.conn)
