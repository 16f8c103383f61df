"""Pruning: old answers go, and nothing that stands on them."""

from __future__ import annotations

import hashlib
import json
from contextlib import closing
from pathlib import Path

import pytest

from scraper.archive.captures.check import check_captures
from scraper.archive.captures.schema import captures_path
from scraper.archive.captures.writer import capture_writer, open_capture_writer
from scraper.archive.database import open_for_reading, open_for_writing
from scraper.archive.locks import lock_store
from scraper.archive.maintenance.prune import preview, prune
from scraper.archive.verify import verify
from scraper.exceptions import AlreadyCrawling, ArchiveError
from scraper.history.crawl_health import CrawlEnd
from scraper.items import Post, Visit
from tests.archive.shop import Shop, listing
from tests.archive.stored_answers import answers
from tests.conftest import FURTHER, Command, rows
from tests.factories import ORIGIN, at, make_capture, make_post

TABLES = ("posts", "revisions", "contents", "observations", "changes", "crawls")


def visit(post: Post, day: int, number: int) -> Visit:
    body = (
        f"<h1>{post.title}</h1><p>{post.text}</p><p>token {day}</p>"
        + "".join(f"<i>{n * 7919}</i>" for n in range(400))
    ).encode()
    digest = hashlib.sha256(body).hexdigest()
    headers = (("Content-Type", "text/html"),)
    return Visit(
        capture=make_capture(
            post.url,
            at(day, number),
            body=body,
            body_hash=digest,
            body_bytes=len(body),
            headers=headers,
        ),
        resource_type="post",
        post=post,
    )


@pytest.fixture
def archive(db_path: Path) -> Path:
    """Three posts seen on six days; one of them was edited on the third."""
    db = open_for_writing(db_path)
    with capture_writer(db_path.with_name("captures.db"), db.conn) as keeper:
        for day in range(1, 7):
            posts = [
                make_post("a"),
                make_post("b", text="Once.\nMore." if day < 3 else "Twice.\nMore."),
                make_post("c"),
            ]
            writer = Shop(db).begin(day, captures=keeper)
            writer.record(listing(*(post.url for post in posts)), at(day))
            for number, post in enumerate(posts, start=1):
                writer.record_visit(visit(post, day, number))
            writer.finish_crawl(CrawlEnd(finished=True), at=at(day, 59))
    db.close()
    return db_path


def state(path: Path) -> list[list[tuple[object, ...]]]:
    return [rows(path, f"SELECT * FROM {table} ORDER BY id") for table in TABLES]


def test_dry_run_says_what_a_run_does_and_writes_nothing(archive: Path) -> None:
    captures = archive.with_name("captures.db")
    before = archive.read_bytes(), captures.read_bytes()
    told = preview(archive, captures, at(5))
    assert (archive.read_bytes(), captures.read_bytes()) == before
    assert prune(archive, captures, at(5)) == told
    assert (
        told.dropped
        + told.needed_by_revisions
        + told.latest_of_post
        + told.images
        + told.used_as_dictionaries
        == 12
    )
    assert told.dropped > 4
    assert told.needed_by_revisions == 4  # the first of each, and the edit
    assert preview(archive, captures, at(5)).dropped == 0


@pytest.mark.parametrize("day", [2, *(pytest.param(day, marks=FURTHER) for day in (4, 6)), 30])
def test_what_is_left_can_be_read_and_the_archive_is_sound(archive: Path, day: int) -> None:
    captures = archive.with_name("captures.db")
    before = state(archive)
    all_of_them = {answer.body: resource_type for resource_type, answer in answers(archive)}
    told = prune(archive, captures, at(day))
    assert state(archive) == before
    left = list(answers(archive))
    assert len(left) == 18 - told.dropped
    assert all(answer.body in all_of_them for _, answer in left)
    with closing(open_for_reading(archive)) as db:
        found = verify(db, [("captures are stored", check_captures(captures))])
        assert [problem for result in found for problem in result.problems] == []
    latest = rows(
        archive,
        "SELECT count(DISTINCT post_id) FROM captures "
        "WHERE body_id IS NOT NULL AND id IN (SELECT max(id) FROM captures GROUP BY post_id)",
    )
    assert latest == [(3,)]
    assert rows(
        archive,
        "SELECT count(*) FROM revisions JOIN captures ON captures.id = capture_id "
        "WHERE body_id IS NULL",
    ) == [(0,)]


def test_crawls_go_on_after_it(archive: Path) -> None:
    captures = archive.with_name("captures.db")
    prune(archive, captures, at(30))
    db = open_for_writing(archive)
    with capture_writer(captures, db.conn) as keeper:
        writer = Shop(db).begin(8, captures=keeper)
        for number, handle in enumerate("abc"):
            writer.record_visit(visit(make_post(handle), 8, number))
        writer.finish_crawl(CrawlEnd(finished=True), at=at(8, 59))
        assert [problem for problem in check_captures(captures)(db.conn) if problem] == []
    db.close()


def test_not_while_a_crawl_is_under_way(archive: Path) -> None:
    with lock_store(archive, ORIGIN), pytest.raises(AlreadyCrawling):
        prune(archive, archive.with_name("captures.db"), at(5))


def test_command(blogkeep: Command, archive: Path) -> None:
    words = ("prune", "--before", "2026-03-05", "--db", str(archive))
    told = blogkeep(*words).stdout
    assert "would be deleted" in told
    assert "nothing was deleted" in told
    dry = json.loads(blogkeep(*words, "--json").stdout)
    done = json.loads(blogkeep(*words, "--yes", "--json").stdout)
    assert (dry["done"], done["done"], dry["pruning"]) == (False, True, done["pruning"])
    assert done["pruning"]["dropped"] > 0
    assert json.loads(blogkeep(*words, "--json").stdout)["pruning"]["dropped"] == 0
    assert blogkeep("prune", "--db", str(archive)).returncode == 2


def test_the_captures_of_another_archive_are_refused(archive: Path, tmp_path: Path) -> None:
    """Two archives in one folder once shared one file: pruning one deleted all of the other's."""
    captures, other = archive.with_name("captures.db"), tmp_path / "other.db"
    before = captures.read_bytes()
    with closing(open_for_writing(other)) as db:
        for open_ in (
            lambda: open_capture_writer(captures, db.conn),
            lambda: prune(other, captures, at(9)),
            lambda: preview(other, captures, at(9)),
        ):
            with pytest.raises(ArchiveError, match="the answers of another archive"):
                open_()
    assert captures.read_bytes() == before


def test_archives_in_one_folder_have_captures_of_their_own() -> None:
    folder = Path("data")
    assert [captures_path(folder / name, "") for name in ("archive.db", "b.db")] == [
        folder / "captures.db",
        folder / "b.captures.db",
    ]
