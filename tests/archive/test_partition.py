"""An archive of several stores, split into one for each and merged again: nothing is lost."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from scraper.archive.captures.check import check_captures
from scraper.archive.captures.reader import open_reader
from scraper.archive.captures.writer import CaptureWriter, capture_writer
from scraper.archive.database import open_for_reading, open_for_writing
from scraper.archive.locks import lock_store
from scraper.archive.maintenance.erase import erase_post
from scraper.archive.maintenance.partition import merge_archives, split_archive
from scraper.archive.maintenance.store_rows import OWNED
from scraper.archive.seals.stamps import find_unstamped, save_timestamp
from scraper.archive.seals.tokens import CheckedToken
from scraper.archive.similarity.edges import set_edges
from scraper.archive.similarity.search import Neighbour
from scraper.archive.statements import insert
from scraper.archive.verify import verify
from scraper.archive.write.context import CrawlRules
from scraper.archive.write.incidents import set_incident
from scraper.archive.write.schedule_runs import begin_run, end_run
from scraper.crawl_evidence import ImageAnswer
from scraper.exceptions import AlreadyCrawling, ArchiveError, NotOurs
from scraper.history.crawl_health import CrawlEnd
from scraper.items import Post, Verdict
from tests.archive.shop import Shop, listing
from tests.conftest import ThreeDays, rows
from tests.factories import ORIGIN, at, make_capture, make_code, make_link, make_post, seen

OTHER = "https://other.example"
PICTURE = "https://cdn.shopify.com/s/files/1/0001/0002/pot.png"
POT = b"a picture of a pot"
HASH = hashlib.sha256(POT).hexdigest()


def page(origin: str, handle: str, text: str, *links: str) -> Post:
    """A post with a picture that both stores show."""
    html = f'<p>{text}</p><p><img src="{PICTURE}" alt="A pot"></p>'
    html += "".join(f'<p><a href="{link}">more</a></p>' for link in links)
    return make_post(
        handle,
        url=f"{origin}/blogs/news/{handle}",
        text=text,
        html=html,
        links=tuple(make_link(link, anchor="more") for link in links),
        codes=(make_code(),),
    )


def crawl(db: Database, stored: CaptureWriter, origin: str, day: int, *posts: Post) -> None:
    writer = Shop(db, origin).begin(day, captures=stored, rules=CrawlRules(images=True))
    writer.record(listing(*(post.url for post in posts)), at(day))
    for minute, post in enumerate(posts, start=1):
        body = f"<h1>{post.title}</h1>{post.html}{day}".encode() * 20
        visit = seen(post, at(day, minute))
        capture = replace(
            visit.capture,
            body=body,
            body_hash=hashlib.sha256(body).hexdigest(),
            body_bytes=len(body),
            headers=(("Content-Type", "text/html"),),
        )
        writer.record_visit(replace(visit, capture=capture))
    for image in writer.next_images(100):
        # A store's first request for a picture is without condition, whoever else shows it.
        verdict: Verdict = "not_modified" if image.etag else "ok"
        capture = make_capture(image.url, at(day, 40), verdict=verdict, body_hash="", etag='"1"')
        if verdict == "ok":
            capture = replace(capture, body=POT, body_hash=HASH)
        capture = replace(
            capture, body_bytes=len(capture.body), headers=(("Content-Type", "image/png"),)
        )
        writer.record_image(
            ImageAnswer(url=image.url, capture=capture, media_type="image/png", uploaded_at="")
        )
    writer.finish_crawl(CrawlEnd(finished=True), at=at(day, 59))


def write_stores(path: Path) -> None:
    """Two stores more: edited posts, links between them, the same words and picture in both, a
    schedule, incidents and messages."""
    with (
        closing(open_for_writing(path)) as db,
        capture_writer(path.with_name("captures.db"), db.conn) as stored,
    ):
        theirs = f"{OTHER}/blogs/news/copied"
        for day in (1, 2):
            text = f"Warm the pot.\nWait {day} minutes."
            gone = [page(ORIGIN, "gone", "Never pour.")] if day == 1 else []
            crawl(db, stored, ORIGIN, day, page(ORIGIN, "slow", text, theirs), *gone)
            crawl(db, stored, OTHER, day, page(OTHER, "copied", "Warm the pot.\nWait 1 minutes."))
        for store, host in (("tea", "shop.example"), ("tea", "other.example")):
            run = begin_run(db, store=store, host=host, due_at=at(3), at=at(3))
            end_run(db, run, outcome="failed", at=at(3, 1))
        begin_run(db, store="new", host="new.example", due_at=at(3), at=at(3))
        (store_id,) = db.execute("SELECT id FROM stores WHERE origin = ?", [OTHER]).fetchone()
        set_incident(db.conn, store_id, "overdue", "it waits", at(3))
        set_incident(db.conn, None, "disk", "it is full", at(3))
        alert(db)
        one, other = (post_id for (post_id,) in db.execute(POSTS))
        set_edges(db.conn, one, "copy", [Neighbour(other, 0.9, "")], at=at(3))
        stamped = CheckedToken(stamped_at=at(3), certificates="")
        save_timestamp(db.conn, find_unstamped(db.conn), b"stamp", stamped, authority="none")
    ((gone,),) = rows(path, "SELECT id FROM posts WHERE handle = 'gone'")
    erase_post(path, path.with_name("captures.db"), int(str(gone)), at=at(4))


POSTS = "SELECT id FROM posts WHERE handle IN ('slow', 'copied') ORDER BY id"


def alert(db: Database) -> None:
    """A digest of both stores, delivered."""
    message_id = insert(
        db.conn,
        "alert_messages",
        label="ops: message 1",
        channel="ops",
        timing="daily",
        state="sent",
        key="k1",
        subject="2 changes",
        content="",
        created_at=at(3),
        next_attempt_at=at(3),
        sent_at=at(3, 1),
    )
    (incident_id,) = db.execute("SELECT id FROM incidents WHERE kind = 'overdue'").fetchone()
    about = {"incident_id": incident_id, "message_id": message_id, "created_at": at(3)}
    insert(db.conn, "alert_incidents", channel="ops", event="opened", **about)
    changes = db.execute(
        "SELECT id, store_id, crawl_id FROM changes WHERE post_id IN "
        "(SELECT id FROM posts WHERE handle IN ('slow', 'copied'))"
    ).fetchall()
    for change_id, store_id, crawl_id in changes:
        values = {"store_id": store_id, "crawl_id": crawl_id, "change_id": change_id}
        insert(
            db.conn,
            "alerts",
            channel="ops",
            rule="all",
            timing="daily",
            created_at=at(3),
            message_id=message_id,
            **values,
        )
        db.execute(
            "INSERT OR IGNORE INTO alert_processed_crawls (crawl_id, processed_at) VALUES (?, ?)",
            [crawl_id, at(3)],
        )


@pytest.fixture(scope="module")
def three_stores(three_days: ThreeDays, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo store's three days and two stores more, in one archive."""
    folder = tmp_path_factory.mktemp("stores")
    for name in ("archive.db", "captures.db"):
        shutil.copy(three_days.db.with_name(name), folder / name)
    path = folder / "archive.db"
    write_stores(path)
    return path


@pytest.fixture(scope="module")
def parts(three_stores: Path) -> dict[str, Path]:
    """The archive of each store by its host."""
    into = three_stores.with_name("parts")
    split = split_archive(three_stores, three_stores.with_name("captures.db"), into)
    assert split.left == {"links": 1, "schedule_runs": 1, "incidents": 1}
    return {part.host: part.folder / "archive.db" for part in split.parts}


@pytest.fixture(scope="module")
def merged(parts: dict[str, Path]) -> Path:
    """The parts, merged in another order."""
    into = parts["shop.example"].parents[1].with_name("merged")
    names = merge_archives(pairs(reversed(list(parts.values()))), into)
    assert names == ["other.example", "shop.example", "hollow-fern.example"]
    return into / "archive.db"


def pairs(archives: Iterable[Path]) -> Iterator[tuple[Path, Path]]:
    return ((path, path.with_name("captures.db")) for path in archives)


def contents(path: Path, store: str = "") -> Counter[str]:
    """Every row of an archive, or of one of its stores, without numbers: what a row refers to
    stands for the number, an answer's headers and body for where they are stored."""
    with (
        closing(open_for_reading(path)) as db,
        closing(open_reader(path.with_name("captures.db"))) as reader,
    ):
        names: dict[tuple[str, Any], str] = {}
        found = {table: list(db.table(table).rows) for table in OWNED}
        references = {
            table: {key.column: key.other_table for key in db.table(table).foreign_keys}
            for table in OWNED
        }
        for table, table_rows in found.items():
            for row in table_rows:
                own = {name: row[name] for name in row if name not in references[table]}
                number = own.pop("id")
                if table == "captures":
                    del own["label"]
                    if own.pop("body_id"):
                        answer = reader.read(row["body_id"], row["body_hash"])
                        own["answer"] = (answer.headers, answer.url, answer.body)
                if table == "links":
                    own["target_key"] = re.sub(r"^title:\d+:", "title:", own["target_key"])
                names[table, number] = repr(own)
        return Counter(
            f"{table}: {names[table, row['id']]} "
            + str([names.get((of, row[name])) for name, of in sorted(references[table].items())])
            for table, table_rows in found.items()
            for row in table_rows
        )


def problems(path: Path) -> list[str]:
    with closing(open_for_reading(path)) as db:
        checks = verify(db, [("captures", check_captures(path.with_name("captures.db")))])
        return [str(problem) for check in checks for problem in check.problems]


def test_every_table_has_a_rule(three_stores: Path) -> None:
    tables = rows(
        three_stores,
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'revisions_fts%' "
        "AND name NOT LIKE '%sqlite_%'",
    )
    assert {name for (name,) in tables} == set(OWNED)
    empty = [table for table in OWNED if not rows(three_stores, f"SELECT 1 FROM {table} LIMIT 1")]
    assert set(empty) <= {"pending_changes", "image_queue", "reextractions", "change_groups"}


def test_parts_and_their_merger_are_sound(parts: dict[str, Path], merged: Path) -> None:
    found = [problem for path in (*parts.values(), merged) for problem in problems(path)]
    # The stamps are of no authority; that their roots cover the seals is checked before that.
    assert [problem for problem in found if "no time stamp (RFC 3161)" not in problem] == []
    assert len(found) == 6


def test_what_was_split_and_merged_is_the_archive(three_stores: Path, merged: Path) -> None:
    before, after = contents(three_stores), contents(merged)
    lost, added = before - after, after - before
    assert sorted(row.partition(":")[0] for row in lost.elements()) == [
        "captures",  # the picture that the second store's answer did not bring again
        "images",
        "incidents",
        "links",
        "schedule_runs",
    ]
    assert [row for row in added.elements() if not row.startswith(("captures", "images"))] == []


def test_parts_keep_ids_and_their_own_picture(three_stores: Path, parts: dict[str, Path]) -> None:
    posts = "SELECT id, label FROM posts WHERE label LIKE ?"
    for host, path in parts.items():
        assert rows(path, posts, "%") == rows(three_stores, posts, f"{host}: %")
    for path in parts.values():
        for hash_, number in rows(path, "SELECT hash, capture_id FROM images"):
            ((body_id,),) = rows(path, "SELECT body_id FROM captures WHERE id = ?", number)
            with closing(open_reader(path.with_name("captures.db"))) as reader:
                assert reader.read(int(str(body_id)), str(hash_)).body == POT


def test_links_between_stores_lead_there_again(
    three_stores: Path, parts: dict[str, Path], merged: Path
) -> None:
    sql = (
        "SELECT posts.label FROM links LEFT JOIN posts ON posts.id = to_post_id "
        "WHERE links.url LIKE 'https://other.example/%' AND links.kind = 'inline'"
    )
    assert rows(parts["shop.example"], sql) == [(None,)]
    assert rows(merged, sql) == rows(three_stores, sql) == [("other.example: news/copied",)]


def test_a_store_of_two_archives_and_captures_of_another_are_refused(
    parts: dict[str, Path], tmp_path: Path
) -> None:
    path = parts["shop.example"]
    with pytest.raises(ArchiveError, match=r"has the store shop\.example"):
        merge_archives(pairs([path, path]), tmp_path / "merged")
    captures = parts["other.example"].with_name("captures.db")
    with pytest.raises(ArchiveError, match="the answers of another archive"):
        merge_archives([(path, captures)], tmp_path / "merged")
    assert list(tmp_path.iterdir()) == []


def test_an_image_that_no_answer_of_its_store_brought_is_named(
    three_stores: Path, tmp_path: Path
) -> None:
    path = tmp_path / "archive.db"
    shutil.copy(three_stores, path)
    with closing(open_for_writing(path)) as db, db.conn:
        db.execute(
            "UPDATE captures SET verdict = 'not_modified', body_hash = '' WHERE body_hash = ? "
            "AND id NOT IN (SELECT capture_id FROM images)",
            [HASH],
        )
    with pytest.raises(ArchiveError, match=rf"no answer of other\.example .* image {HASH[:12]}"):
        split_archive(path, three_stores.with_name("captures.db"), tmp_path / "parts")
    assert not (tmp_path / "parts").exists()


def test_a_folder_that_exists_and_a_crawl_that_runs_are_refused(
    parts: dict[str, Path], three_stores: Path, tmp_path: Path
) -> None:
    captures = three_stores.with_name("captures.db")
    with pytest.raises(NotOurs, match="exists"):
        split_archive(three_stores, captures, parts["shop.example"].parents[1])
    with lock_store(three_stores, ORIGIN), pytest.raises(AlreadyCrawling):
        split_archive(three_stores, captures, tmp_path / "parts")
