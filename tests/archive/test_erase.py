"""Erasing a post: nothing of it is left in any file, and the seals still prove the rest."""

from __future__ import annotations

import hashlib
import re
from contextlib import closing
from pathlib import Path

import pytest

from scraper.archive.captures.check import check_captures
from scraper.archive.captures.reader import open_reader
from scraper.archive.captures.writer import capture_writer
from scraper.archive.database import open_for_reading, open_for_writing
from scraper.archive.maintenance.erase import DOOMED, erase_post, preview_erasure
from scraper.archive.verify import verify
from scraper.archive.write.context import CrawlRules
from scraper.crawl_evidence import ImageAnswer
from scraper.history.crawl_health import CrawlEnd
from scraper.items import Visit
from tests.archive.shop import Shop, listing
from tests.conftest import rows
from tests.factories import TEXT, at, make_capture, make_code, make_link, make_post

SECRET = "Zebrafinch"
POSTS = [
    make_post("a", article_id="1", text=f"{TEXT}\nOf a.", links=(make_link("secret"),)),
    make_post(
        "secret",
        article_id="2",
        title=f"About {SECRET}",
        text=f"{SECRET} lives here.",
        codes=(make_code(),),
    ),
    make_post("c", article_id="3", text=f"{TEXT}\nOf c."),
]
SCHEMA = Path(__file__).parents[2] / "scraper" / "archive" / "schema.sql"


def page(url: str, text: str, day: int, minute: int, kind: str = "post") -> Visit:
    body = f"<p>{text} {SECRET if 'secret' in url or kind == 'feed' else ''}</p>".encode()
    body += "".join(f"<i>{n * 7919}</i>" for n in range(300)).encode() + b"/blogs/news/secret"
    capture = make_capture(
        url,
        at(day, minute),
        body=body,
        body_hash=hashlib.sha256(body).hexdigest(),
        body_bytes=len(body),
        headers=(("Content-Type", "text/html"),),
    )
    return Visit(capture=capture, resource_type=kind)


@pytest.fixture
def archive(db_path: Path) -> Path:
    """Three posts on four days, one of them edited, and the feed that shows them all."""
    db = open_for_writing(db_path)
    with capture_writer(db_path.with_name("captures.db"), db.conn) as keeper:
        for day in range(1, 5):
            posts = [POSTS[1], POSTS[0], POSTS[2]]
            if day > 2:
                posts[0] = make_post(
                    "secret", article_id="2", title=f"On {SECRET}", text=f"{SECRET} moved out."
                )
            writer = Shop(db).begin(day, captures=keeper)
            writer.record(listing(*(post.url for post in posts)), at(day))
            writer.record_visit(page("https://shop.example/feed", "All", day, 1, "feed"))
            for minute, post in enumerate(posts, start=2):
                visit = page(post.url, post.text, day, minute)
                writer.record_visit(
                    Visit(capture=visit.capture, resource_type="post", post=post, lastmod=at(day))
                )
            writer.finish_crawl(CrawlEnd(finished=True), at=at(day, 59))
    db.close()
    return db_path


def problems(archive: Path) -> list[object]:
    captures = check_captures(archive.with_name("captures.db"))
    with closing(open_for_reading(archive)) as db:
        results = list(verify(db, [("captures are stored", captures)]))
    return [problem for result in results for problem in result.problems]


def test_no_word_of_the_post_is_left_and_the_seals_hold(archive: Path) -> None:
    captures = archive.with_name("captures.db")
    assert problems(archive) == []
    assert SECRET.encode() in archive.read_bytes()
    ((post_id,),) = rows(archive, "SELECT id FROM posts WHERE handle = 'secret'")
    expected = preview_erasure(archive, captures, post_id)
    assert erase_post(archive, captures, post_id, at=at(9)) == expected
    assert (expected.rows["captures"], expected.answers, expected.shared_answers) == (4, 4, 4)
    assert problems(archive) == []
    for path in archive.parent.iterdir():
        assert not re.search(SECRET.encode(), path.read_bytes(), re.IGNORECASE), path
    left = rows(archive, "SELECT count(*) FROM tombstones")
    assert left == [(expected.tombstones,)]
    assert rows(archive, "SELECT handle FROM posts ORDER BY 1") == [("a",), ("c",)]
    assert rows(archive, "SELECT count(*) FROM revisions_fts WHERE revisions_fts MATCH 'here'") == [
        (0,)
    ]


def test_an_erasure_that_was_killed_is_completed(archive: Path) -> None:
    """As after a kill when the archive no longer refers to the answers, which are still stored."""
    captures = archive.with_name("captures.db")
    ((post_id,),) = rows(archive, "SELECT id FROM posts WHERE handle = 'secret'")
    with closing(open_for_writing(archive)) as db:
        db.execute(
            "UPDATE captures SET body_id = NULL WHERE post_id = ? OR resource_type = 'feed'",
            [post_id],
        )
    erase_post(archive, captures, post_id, at=at(9))
    with closing(open_reader(captures)) as reader:
        stored = [
            reader.raw(row_id) for (row_id,) in reader.connection.execute("SELECT id FROM answers")
        ]
    assert len(stored) == 8
    assert not any(SECRET.encode() in raw for raw in stored)
    assert problems(archive) == []


def test_the_archive_goes_on(archive: Path) -> None:
    captures = archive.with_name("captures.db")
    erase_post(archive, captures, 1, at=at(9))
    with closing(open_for_writing(archive)) as db, capture_writer(captures, db.conn) as keeper:
        writer = Shop(db).begin(10, captures=keeper)
        for minute, post in enumerate(POSTS, start=1):
            visit = page(post.url, post.text, 10, minute)
            writer.record_visit(Visit(capture=visit.capture, resource_type="post", post=post))
        writer.finish_crawl(CrawlEnd(finished=True), at=at(10, 59))
    assert problems(archive) == []
    assert rows(archive, "SELECT count(*) FROM posts") == [(3,)]


def test_an_altered_tombstone_is_found(archive: Path) -> None:
    erase_post(archive, archive.with_name("captures.db"), 1, at=at(9))
    with closing(open_for_writing(archive)) as db:
        db.execute("DELETE FROM tombstones WHERE id = 1")
    assert len(problems(archive)) == 1


def test_every_table_that_refers_to_a_post_is_known(tmp_path: Path) -> None:
    """A table that is added later must be erased too."""
    found, table = set(), ""
    for line in SCHEMA.read_text("utf-8").splitlines():
        if begin := re.match(r"CREATE TABLE (\w+)", line):
            table = begin[1]
        if re.search(r"REFERENCES (posts|revisions|changes|captures)\(", line):
            found.add(table)
    assert found <= DOOMED.keys()


def test_images_go_with_the_post_unless_another_shows_them(archive: Path) -> None:
    own, shared = "https://shop.example/secret.png", "https://shop.example/shared.png"
    shown = {
        "secret": (f"{SECRET} moved out.", own, shared),
        "a": (f"{TEXT}\nOf a.", shared),
    }
    db = open_for_writing(archive)
    with capture_writer(archive.with_name("captures.db"), db.conn) as keeper:
        writer = Shop(db).begin(5, captures=keeper, rules=CrawlRules(images=True))
        for minute, (handle, (text, *urls)) in enumerate(shown.items(), start=1):
            html = "".join(f'<p>Look: <img src="{url}"></p>' for url in urls)
            post = make_post(handle, article_id=str(1 + (handle == "secret")), text=text, html=html)
            visit = page(post.url, post.text, 5, minute)
            writer.record_visit(
                Visit(capture=visit.capture, resource_type="post", post=post, lastmod=at(5))
            )
        for image in writer.next_images(9):
            capture = page(image.url, image.url, 5, 30).capture
            writer.record_image(ImageAnswer(url=image.url, capture=capture, media_type="image/png"))
        writer.finish_crawl(CrawlEnd(finished=True), at=at(5, 59))
    db.close()
    assert rows(archive, "SELECT count(*) FROM post_images") == [(3,)]
    erase_post(archive, archive.with_name("captures.db"), 1, at=at(9))
    assert rows(archive, "SELECT url FROM post_images") == [(shared,)]
    assert rows(archive, "SELECT url, body_id > 0 FROM captures WHERE resource_type = 'image'") == [
        (shared, 1)
    ]
    assert rows(archive, "SELECT count(*) FROM images") == [(1,)]
    assert problems(archive) == []
