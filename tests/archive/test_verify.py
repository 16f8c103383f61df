"""What `verify` finds in an archive that something spoiled, and that it finds nothing in a sound
one."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_utils import Database

from scraper.alerts.notices import Alert, Message
from scraper.alerts.outbox import OutboxMessage
from scraper.archive.database import open_for_writing, prepare
from scraper.archive.queries.notices import notices_of_crawl
from scraper.archive.verify import MOST_PROBLEMS, Problem, open_to_verify, verify
from scraper.archive.verify.rules import RULES
from scraper.archive.write.outbox import record_processed_crawl
from scraper.exceptions import ArchiveError
from scraper.items import Post
from tests.archive.shop import Shop
from tests.factories import TEXT, at, make_code, make_link, make_post, reading, seen, url_of

BLOG = [
    make_post(
        f"p{n}", article_id=str(n), text=f"{TEXT}\nNumber {n}.", links=(make_link(f"p{n % 5 + 1}"),)
    )
    for n in range(1, 6)
]
LABEL = "shop.example: news/p1"
SEALED = "seals cover the rows of their crawls"
STAMPED = "stamps cover the seals"


def _fill(db: Database) -> Shop:
    """Five posts, one edited and put back, one removed and restored, all reworded as one group, one
    renamed at last."""
    shop = Shop(db)
    edited = make_post("p1", article_id="1", text="Wait five minutes for £4.", codes=(make_code(),))
    shop.crawl(1, *BLOG)
    for day in (2, 3):
        shop.crawl(day, edited, *BLOG[2:], gone=[BLOG[1].url])
    shop.crawl(4, *BLOG)
    reworded = [
        make_post(
            post.handle,
            article_id=post.article_id,
            text=post.text.replace("four", "six"),
            links=post.links,
        )
        for post in BLOG
    ]
    shop.crawl(5, *reworded)
    (first, *_) = notices_of_crawl(db, 5)
    alert = Alert(channel="ann", rule="alert 1", timing="at_once", change=first)
    letter = OutboxMessage(
        channel="ann",
        timing="at_once",
        key="1",
        message=Message(subject="Edited", text="Edited", html="Edited"),
    )
    record_processed_crawl(db, 5, [(letter, [alert])], at(5, 59))
    # One difference is confirmed by the third look, another waits.
    for day, found in ((6, reworded[:1]), (7, reworded[:1]), (8, reworded[:2])):
        undated = [
            make_post(
                post.handle,
                article_id=post.article_id,
                text=post.text.replace("six", "ten"),
                links=post.links,
            )
            for post in found
        ]
        if day == 8:
            reworded[3] = replace(reworded[3], url=url_of("p4-now"), handle="p4-now")
        shop.crawl(day, *undated, *reworded[len(found) :], lastmod=at(5))
    _add_images(db)
    return shop


def _add_images(db: Database) -> None:
    """An image that the first post shows, and other bytes that wait."""
    db.execute(
        "INSERT INTO images (hash, media_type, n_bytes, capture_id) "
        "SELECT body_hash, 'image/png', body_bytes, id FROM captures WHERE id = 1"
    )
    for standing, day in (("confirmed", 1), ("confirmed", 2), ("pending", 3)):
        db.execute(
            "INSERT INTO post_images (post_id, image_id, place, url, capture_id, standing, "
            "first_seen_at, last_seen_at) VALUES (1, 1, 'pot', 'pot', 1, ?, ?, ?)",
            [standing, at(day), at(day)],
        )


def _problems(db: Database) -> list[Problem]:
    return [problem for result in verify(db) for problem in result.problems]


@pytest.fixture(scope="module")
def filled() -> bytes:
    """What every test begins with."""
    database = Database(sqlite3.connect(":memory:", isolation_level=None))
    prepare(database)
    _fill(database)
    return database.conn.serialize()


@pytest.fixture
def spoilt(filled: bytes) -> Database:
    """An archive that nothing guards."""
    database = Database(sqlite3.connect(":memory:", isolation_level=None))
    database.conn.deserialize(filled)
    prepare(database)
    database.execute("PRAGMA foreign_keys = OFF")
    return database


def test_nothing_is_wrong_with_a_sound_archive(spoilt: Database):
    results = list(verify(spoilt))
    assert [(result.name, result.problems) for result in results if result.found] == []
    assert {result.name for result in results if not result.rows_checked} == {STAMPED}


def test_nothing_is_left_behind(spoilt: Database):
    for _ in range(2):
        assert _problems(spoilt) == []
    assert spoilt.execute("SELECT count(*) FROM sqlite_temp_master").fetchall() == [(0,)]
    assert "scratch" not in {name for _, name, _ in spoilt.execute("PRAGMA database_list")}


SPOILED = [
    (
        "UPDATE pending_changes SET to_revision_id = from_revision_id WHERE standing = 'pending'",
        "differences wait at the current revision",
        f"{LABEL.replace('p1', 'p2')} pending 1",
    ),
    (
        "UPDATE pending_changes SET first_seen_at = '2025' WHERE standing = 'confirmed'",
        "confirmed differences became changes",
        f"{LABEL} pending 1",
    ),
    (
        "UPDATE images SET hash = 'x'",
        "images are the bytes of their capture",
        "images 1",
    ),
    (
        "UPDATE post_images SET last_seen_at = '2027' WHERE id = 1",
        "an image of a post is one at a time",
        "post_images 2",
    ),
    (
        "UPDATE post_images SET standing = 'pending' WHERE id = 2",
        "an image of a post is one at a time",
        "post_images 2",
    ),
    ("UPDATE contents SET text = text || ' ' WHERE id = 1", "hashes of bodies", "contents 1 ("),
    ("UPDATE contents SET html = '' WHERE id = 2", "hashes of bodies", "contents 2 ("),
    ("UPDATE revisions SET title = 'Other' WHERE id = 1", "hashes of revisions", f"{LABEL} v1"),
    ("UPDATE revisions SET tags = 'none' WHERE id = 1", "hashes of revisions", f"{LABEL} v1"),
    ("DELETE FROM captures WHERE id = 1", "references are valid", "revisions 1"),
    (
        "UPDATE changes SET group_id = 99 WHERE id = 1",
        "references are valid",
        "changes 1",
    ),
    (
        "UPDATE observations SET last_seen_at = '2025' WHERE id = 1",
        "periods run forward",
        "observations 1",
    ),
    (
        "UPDATE changes SET not_before = '2027' WHERE id = 6",
        "brackets run forward",
        f"{LABEL} change 2, edited",
    ),
    ("UPDATE links SET gone_at = '2025' WHERE id = 1", "links run forward", "links 1"),
    ("UPDATE links SET anchor = 'elsewhere' WHERE id = 1", "links match the revisions", LABEL),
    (
        "UPDATE links SET last_seen_at = '2026-03-01T06:30:00Z' WHERE from_post_id = 3",
        "links match the revisions",
        "shop.example: news/p3",
    ),
    ("DELETE FROM links WHERE id = 2", "links match the revisions", "shop.example: news/p2"),
    (
        "UPDATE revisions SET links = '[]' WHERE id = 3",
        "links match the revisions",
        "shop.example: news/p3",
    ),
    ("UPDATE listings SET gone_at = '2025' WHERE id = 1", "listings run forward", "listings 1"),
    (
        "UPDATE crawls SET finished_at = '2025' WHERE id = 1",
        "crawls, runs and incidents end after their start",
        "shop.example: crawl 1,",
    ),
    (
        "UPDATE stores SET origin = 'https://x.example'",
        "the origin of a store is its last one",
        "shop.example",
    ),
    (
        "UPDATE store_urls SET gone_at = '2027'",
        "the origin of a store is its last one",
        "shop.example",
    ),
    (
        "UPDATE store_urls SET gone_at = '2025'",
        "the origin of a store is its last one",
        "store_urls 1",
    ),
    (
        "UPDATE posts SET revision_id = 2 WHERE id = 1",
        "the current revision belongs to the post",
        LABEL,
    ),
    ("UPDATE posts SET title = 'Other' WHERE id = 1", "posts match their current revision", LABEL),
    (
        "UPDATE posts SET revision_id = 1 WHERE id = 1",
        "the current revision is the last one observed",
        LABEL,
    ),
    ("DELETE FROM post_urls WHERE post_id = 1", "the address of a post is in post_urls", LABEL),
    ("UPDATE revisions SET number = 9 WHERE id = 1", "revisions are numbered without a gap", LABEL),
    (
        "UPDATE revisions SET label = label || '9' WHERE id = 1",
        "revisions are numbered as they were found",
        f"{LABEL} v19",
    ),
    (
        "UPDATE posts SET revision_count = 9 WHERE id = 1",
        "revisions are numbered without a gap",
        LABEL,
    ),
    (
        (
            "UPDATE revisions SET content_id = 1, fields_hash = (SELECT fields_hash "
            "FROM revisions WHERE id = 1) WHERE id = 6"
        ),
        "no two revisions of a post are equal",
        LABEL,
    ),
    (
        "UPDATE observations SET revision_id = 2 WHERE id = 1",
        "observations are of the post's own revisions",
        "observations 1",
    ),
    (
        "UPDATE observations SET count = 0 WHERE id = 1",
        "observations are of the post's own revisions",
        "observations 1",
    ),
    (
        "INSERT INTO observations "
        "(post_id, crawl_id, revision_id, verdict, first_seen_at, last_seen_at) "
        "SELECT post_id, crawl_id, revision_id, verdict,"
        " '2027', '2027' FROM observations WHERE id = (SELECT max(id) FROM observations WHERE "
        "post_id = "
        "1)",
        "consecutive observations differ and do not overlap",
        "observations ",
    ),
    (
        "UPDATE observations SET last_seen_at = '2027' WHERE id = 1",
        "consecutive observations differ and do not overlap",
        "observations ",
    ),
    (
        "UPDATE posts SET state = 'removed' WHERE id = 1",
        "the state of a post matches its removals",
        LABEL,
    ),
    (
        "DELETE FROM changes WHERE kind = 'restored'",
        "the state of a post matches its removals",
        "shop.example: news/p2",
    ),
    ("UPDATE changes SET kind = 'created' WHERE id = 6", "a post is created once", LABEL),
    (
        "UPDATE changes SET to_revision_id = 2 WHERE id = 1",
        "changes are between revisions of their post",
        f"{LABEL} change 1, created",
    ),
    (
        "DELETE FROM change_fields WHERE change_id = 6",
        "changes of a post's content have fields",
        f"{LABEL} change 2, edited",
    ),
    (
        "UPDATE changes SET origin = 'technical' WHERE group_id IS NOT NULL",
        "changes have the origin and cause of their group",
        "shop.example: ",
    ),
    (
        "UPDATE changes SET cause = 'theme' WHERE group_id IS NOT NULL",
        "changes have the origin and cause of their group",
        "shop.example: ",
    ),
    (
        "UPDATE change_groups SET n_posts = 9",
        "groups match their changes",
        "shop.example: crawl 5,",
    ),
    ("UPDATE changes SET group_id = NULL", "groups match their changes", "shop.example: crawl 5,"),
    (
        "UPDATE changes SET kind = 'retitled' WHERE id = 6",
        "changes match their revisions",
        f"{LABEL} change 2, edited",
    ),
    (
        "UPDATE changes SET severity = 'trivial' WHERE id = 6",
        "changes match their revisions",
        f"{LABEL} change 2, edited",
    ),
    (
        "UPDATE changes SET words_added = 99 WHERE id = 6",
        "changes match their revisions",
        f"{LABEL} change 2, edited",
    ),
    (
        "UPDATE change_fields SET new_value = 'x' WHERE change_id = 6",
        "changes match their revisions",
        f"{LABEL} change 2, edited",
    ),
    (
        "UPDATE changes SET to_revision_id = from_revision_id WHERE id = 6",
        "changes match their revisions",
        f"{LABEL} change 2, edited",
    ),
    (
        "UPDATE alert_messages SET state = 'lost'",
        "the state of a message matches its content",
        "ann: message 1",
    ),
    (
        "UPDATE alert_messages SET content = ''",
        "the state of a message matches its content",
        "ann: message 1",
    ),
    (
        "UPDATE alert_messages SET state = 'sent'",
        "the state of a message matches its content",
        "ann: message 1",
    ),
    (
        "UPDATE alert_messages SET state = 'sent', content = ''",
        "the state of a message matches its content",
        "ann: message 1",
    ),
    (
        "UPDATE alerts SET message_id = NULL",
        "alerts are in a message or wait for a digest",
        "alerts 1",
    ),
    (
        "UPDATE alerts SET channel = 'bob'",
        "alerts are in a message or wait for a digest",
        "alerts 1",
    ),
    (
        "DELETE FROM alert_processed_crawls",
        "alerts are in a message or wait for a digest",
        "alerts 1",
    ),
    (
        "UPDATE alerts SET message_id = NULL, timing = 'daily'",
        "messages have an alert or an incident",
        "ann: message 1",
    ),
    (
        "INSERT INTO revisions_fts (revisions_fts, rowid, title, author, tags, text) "
        "SELECT 'delete', id, title, author, tags, text FROM"
        " revision_texts WHERE id = 1",
        "the search index",
        "revisions 1",
    ),
    (
        "INSERT INTO revisions_fts (rowid, title) VALUES (999, 'stray')",
        "the search index",
        "the term 'stray'",
    ),
    (
        "UPDATE contents SET text = replace(text, 'leaves', 'bricks') WHERE id = 1",
        "the search index",
        "the term 'leaves'",
    ),
    (
        "DELETE FROM revisions_fts_docsize WHERE id = (SELECT max(id) FROM revisions)",
        "the search index",
        "shop.example: news/p2 v3",
    ),
]


TIMELINE = "timelines follow from the sights"
REPLAYED = {
    "a change is deleted": ("DELETE FROM changes WHERE id = 6", "p1", "not stored: revised v1"),
    "a rename is deleted": (
        "DELETE FROM changes WHERE kind = 'renamed' AND post_id = 4",
        "p4",
        "not stored: renamed v2 to v2",
    ),
    "a rename is made up": (
        "UPDATE changes SET kind = 'renamed' WHERE kind = 'edited' AND post_id = 3",
        "p3",
        "its renamed v1 to v2",
    ),
    "a bracket begins elsewhere": (
        "UPDATE changes SET not_before = '2026-03-01T06:00:30Z' WHERE id = 6",
        "p1",
        "its revised v1 to v2 between 2026-03-01T06:00:30Z",
    ),
    "a bracket ends elsewhere": (
        "UPDATE changes SET not_after = '2026-03-01T06:30:00Z' WHERE id = 6",
        "p1",
        "and 2026-03-01T06:30:00Z, by lastmod does not follow from its sights",
    ),
    "another witness": (
        "UPDATE changes SET witness = 'feed' WHERE id = 6",
        "p1",
        "by feed does not follow",
    ),
    "a return that is none": (
        "UPDATE changes SET is_revert = 1 WHERE id = 6",
        "p1",
        "its revised v1 to v2",
    ),
    "another cause": (
        "UPDATE changes SET cause = 'theme', origin = 'technical' WHERE id = 6",
        "p1",
        "is stored as confirmed, technical, theme",
    ),
    "another standing": (
        "UPDATE changes SET standing = 'pending' WHERE id = 6",
        "p1",
        "is stored as pending, observed, store",
    ),
    "a change made up": (
        "UPDATE changes SET kind = 'edited' WHERE kind = 'restored'",
        "p2",
        "its revised v1 to v1 between",
    ),
    "a removal is later": (
        "UPDATE changes SET not_after = '2026-03-03T06:30:00Z' WHERE kind = 'removed'",
        "p2",
        "its removed v1 between",
    ),
    "a creation is earlier": (
        "UPDATE changes SET not_after = '2026-02-01T06:01:00Z' WHERE id = 3",
        "p3",
        "its created v1 between",
    ),
    "a waiting difference is deleted": (
        "DELETE FROM pending_changes WHERE standing = 'pending'",
        "p2",
        "its pending difference 1",
    ),
    "a confirmed difference was seen less often": (
        "UPDATE pending_changes SET sights = 1 WHERE standing = 'confirmed'",
        "p1",
        "its pending difference 1",
    ),
    "a period is cut": (
        "UPDATE observations SET last_seen_at = '2026-03-02T06:01:30Z' WHERE revision_id = 6",
        "p1",
        "its observation of v2",
    ),
    "a period is deleted": (
        "DELETE FROM observations WHERE revision_id = 6",
        "p1",
        "is in no observation",
    ),
    "a post is missing": (
        "UPDATE posts SET state = 'missing' WHERE id = 3",
        "p3",
        "its state is missing",
    ),
    "a post was seen later": (
        "UPDATE posts SET last_seen_at = '2027' WHERE id = 3",
        "p3",
        "it was last seen at 2026-03-08",
    ),
    "a date is another": (
        "UPDATE captures SET lastmod = '' WHERE revision_id = 6 AND crawl_id = 2",
        "p1",
        "v1 to v2",
    ),
    "a page shows another revision": (
        "UPDATE captures SET revision_id = 1 WHERE revision_id = 6 AND crawl_id = 2",
        "p1",
        "v1",
    ),
}


@pytest.mark.parametrize(("statement", "post", "what"), REPLAYED.values(), ids=REPLAYED)
def test_a_timeline_that_its_sights_do_not_give_is_found(
    spoilt: Database, statement: str, post: str, what: str
):
    assert spoilt.execute(statement).rowcount > 0
    found = {p.row: p.what for p in _problems(spoilt) if p.check == TIMELINE}
    assert list(found) == [f"shop.example: news/{post}"]
    assert what in found[f"shop.example: news/{post}"]


THEME = {
    "cut": "UPDATE links SET last_seen_at = '2026-03-01T06:01:00Z' WHERE id = 2",
    "ended early": "UPDATE links SET gone_at = '2026-03-03T06:01:00Z' WHERE id = 2",
    "begun late": "UPDATE links SET first_seen_at = '2026-03-01T06:02:00Z' WHERE id = 3",
    "gone before its end": (
        "UPDATE links SET last_seen_at = '2026-03-01T06:01:00Z', "
        "gone_at = '2026-03-03T06:01:00Z' WHERE id = 1"
    ),
    "not ended": "UPDATE links SET gone_at = NULL WHERE id = 1",
}


@pytest.mark.parametrize("statement", THEME.values(), ids=THEME)
def test_the_period_of_a_link_of_the_theme_is_that_of_its_sights(db: Database, statement: str):
    shop = Shop(db)
    for day, shown in ((1, "ab"), (2, "abc"), (3, "bc"), (4, "bc")):
        links = tuple(make_link(name, kind="related_widget") for name in shown)
        shop.crawl(day, make_post("p1", article_id="1", links=links))
    copy = Database(sqlite3.connect(":memory:", isolation_level=None))
    copy.conn.deserialize(db.conn.serialize())
    assert copy.execute(statement).rowcount == 1
    (found,) = [problem.what for problem in _problems(copy) if problem.check == TIMELINE]
    assert found.startswith("its link related_widget https://shop.example/blogs/news/")


PAST = {
    "its end": ("UPDATE changes SET not_after = '2026-03-04T06:00:00Z' WHERE id = 3", "v1 to v3"),
    "deleted": ("DELETE FROM changes WHERE id = 4", "not stored: revised v3 to v2"),
    "its witness": ("UPDATE changes SET witness = 'none' WHERE id = 4", "does not follow"),
}


@pytest.mark.parametrize(("statement", "what"), PAST.values(), ids=PAST)
def test_a_change_of_an_earlier_time_is_replayed_too(db: Database, statement: str, what: str):
    shop = Shop(db)

    def dated(word: str, day: int) -> Post:
        post = make_post("p1", article_id="1", text=TEXT.replace("four", word))
        modified = reading("modified_at", "jsonld", at(day, 30))
        return replace(post, readings=(*post.readings, modified))

    for day, post in ((1, dated("four", 1)), (5, dated("five", 4))):
        shop.crawl(day, post)
    shop.imported(8, dated("six", 2), captured=3)
    copy = Database(sqlite3.connect(":memory:", isolation_level=None))
    copy.conn.deserialize(db.conn.serialize())
    assert copy.execute(statement).rowcount == 1
    found = [problem.what for problem in _problems(copy) if problem.check == TIMELINE]
    assert len(found) == 1
    assert what in found[0]


def test_the_numbers_of_two_revisions_are_swapped(spoilt: Database):
    for old, new in ((1, 99), (2, 1), (99, 2)):
        spoilt.execute(
            "UPDATE revisions SET number = ?, label = ? WHERE post_id = 1 AND number = ?",
            [new, f"{LABEL} v{new}", old],
        )
    found = {problem.check for problem in _problems(spoilt)}
    assert {"revisions are numbered as they were found", TIMELINE} <= found


def test_what_other_rules_of_history_wrote_is_counted_and_not_replayed(spoilt: Database):
    spoilt.execute("UPDATE crawls SET timeline_version = 0 WHERE id = 1")
    spoilt.execute("DELETE FROM changes WHERE id = 6")
    (result,) = [result for result in verify(spoilt) if result.name == TIMELINE]
    assert (result.skipped, result.rows_checked, result.problems) == (len(BLOG), 0, ())


@pytest.mark.parametrize(
    ("statement", "check", "row"),
    SPOILED,
    ids=[f"{check}: {sql[:40]}" for sql, check, _ in SPOILED],
)
def test_what_is_wrong_is_reported_with_its_row(
    spoilt: Database, statement: str, check: str, row: str
):
    spoilt.execute(statement)
    found = [problem.row for problem in _problems(spoilt) if problem.check == check]
    assert any(name.startswith(row) for name in found), found


def test_every_rule_is_shown_to_find_something():
    # The schema's own constraints keep labels unique: only a damaged index lets two through, which
    # no statement makes.
    assert {rule.name for rule in RULES} - {check for _, check, _ in SPOILED} == {
        "labels are unique"
    }


def test_problems_of_one_check_are_listed_so_far_and_counted_on(spoilt: Database):
    spoilt.execute("DELETE FROM change_fields")
    spoilt.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150)"
        " INSERT INTO incidents (store_id, kind, opened_at, closed_at) "
        "SELECT 1, 'outage', '2026', '2025' FROM n"
    )
    (result,) = [
        result
        for result in verify(spoilt)
        if result.name == "crawls, runs and incidents end after their start"
    ]
    assert (result.found, len(result.problems)) == (150, MOST_PROBLEMS)


def test_a_value_that_is_nested_without_end_is_found(spoilt: Database):
    spoilt.execute("UPDATE revisions SET tags = ?, readings = tags", ["[" * 100_000])
    assert "hashes of revisions" in {problem.check for problem in _problems(spoilt)}


def test_a_change_that_earlier_rules_recorded_is_not_compared_with_todays(spoilt: Database):
    spoilt.execute("UPDATE changes SET kind = 'retitled', rules_version = 1 WHERE id = 6")
    assert {problem.check for problem in _problems(spoilt)} == {SEALED}


def test_revisions_of_a_crawl_that_still_runs_are_indexed_later(spoilt: Database):
    shop = Shop(spoilt)
    writer = shop.begin(9)
    writer.record_visit(seen(make_post("p6", article_id="6"), at(9, 1)))
    assert _problems(spoilt) == []


def test_more_checks_may_be_handed_in(spoilt: Database):
    results = list(
        verify(
            spoilt, [("another file", lambda connection: iter([None, ("capture 1", "it is gone")]))]
        )
    )
    assert (results[-1].rows_checked, results[-1].problems) == (
        2,
        (Problem(check="another file", row="capture 1", what="it is gone"),),
    )


def _lines(path: Path) -> list[str]:
    """What is reported of a file, a line each: its problems, or why it cannot be opened."""
    try:
        with closing(open_to_verify(path)) as db:
            return [f"{problem.row}: {problem.what}" for problem in _problems(db)]
    except ArchiveError as error:
        return str(error).splitlines()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "archive.db"
    db = open_for_writing(path)
    _fill(db)
    db.close()
    return path


@pytest.fixture
def archived(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(whole, tmp_path))


def test_it_writes_nothing(archived: Path):
    before = archived.read_bytes()
    with closing(open_to_verify(archived)) as db:
        assert _problems(db) == []
    assert archived.read_bytes() == before


@pytest.mark.parametrize("page", [1, 2, 3, 5, 8, 13, 21, 34, 50])
def test_bytes_overwritten_in_any_page_are_found_and_never_a_surprise(archived: Path, page: int):
    raw = bytearray(archived.read_bytes())
    start = page * 4096 % len(raw)
    raw[start : start + 600] = b"\xff" * 600
    archived.write_bytes(raw)
    assert _lines(archived)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
def test_a_file_cut_short_is_found_and_never_a_surprise(archived: Path, kept: float):
    raw = archived.read_bytes()
    archived.write_bytes(raw[: int(len(raw) * kept)])
    assert _lines(archived)


def test_a_body_overwritten_in_the_file_is_named_by_its_row(archived: Path):
    raw = archived.read_bytes()
    assert raw.count(b"Number 3.") >= 1
    archived.write_bytes(raw.replace(b"Number 3.", b"Number \xff."))
    with closing(open_to_verify(archived)) as db:
        assert [
            problem.row.split(" (")[0]
            for problem in _problems(db)
            if problem.check == "hashes of bodies"
        ] == [
            "contents 3",
            "contents 9",
        ]
