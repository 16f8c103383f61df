"""`blogkeep reextract`: a history that equals itself under the same rules, and what better rules
bring, told as our own doing."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from scraper.archive.captures.writer import capture_writer
from scraper.archive.database import open_for_writing
from scraper.archive.file_hashes import hashes_path
from scraper.archive.write.writer import Writer
from scraper.crawl_evidence import StoreSeen
from scraper.demo import DemoServer
from scraper.extract import extract_post
from scraper.extract.version import EXTRACTOR
from scraper.history.crawl_health import CrawlEnd
from scraper.history.humanize import plural
from scraper.items import Capture, Post, Visit
from scraper.timestamps import utc_now
from tests.archive.conftest import assert_sound, wrong_checks
from tests.conftest import ENDS_S, ROOT, SHARED, Command, Start, ThreeDays, rows
from tests.older_rules import LOST, write_by_older_rules
from tests.small_store import small_store

BY_THESE_TESTS = {"seals cover the rows of their crawls"}
"""The check that finds what these tests wrote into an archive by hand."""

CURRENT = """
    SELECT posts.label, state, contents.hash, fields_hash, posts.title, posts.author,
        posts.published_at, readings
    FROM posts
    JOIN (SELECT id, content_id, fields_hash FROM revisions) AS now ON now.id = revision_id
    JOIN contents ON contents.id = content_id
    ORDER BY 1
"""


DONE_BEFORE_KILL = 20
HANG = f"""
    CREATE TRIGGER hang BEFORE INSERT ON changes
    WHEN (SELECT count(*) FROM changes WHERE origin = 'technical' AND words_removed = 9)
        = {DONE_BEFORE_KILL}
    BEGIN
        SELECT (
            WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers)
            SELECT max(n) FROM numbers
        );
    END
"""
"""What waits for the kill: after so many changes SQLite goes on for ever."""


@dataclass(frozen=True)
class ReadAgain:
    """An archive after a reextraction, and what that printed."""

    db: Path
    told: dict[str, Any]


def dump(path: Path) -> list[str]:
    """The whole database as SQL, its search index's own tables aside."""
    with closing(sqlite3.connect(path)) as connection:
        return [line for line in connection.iterdump() if "revisions_fts" not in line]


@pytest.fixture
def copied(three_days: ThreeDays, tmp_path: Path) -> Path:
    """The demo store's three days, to be written to."""
    return copy_archive(three_days.db, tmp_path / "copied")


@pytest.fixture(scope="module")
def by_older_rules(three_days: ThreeDays, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, written by older rules, for tests that only look."""
    folder = tmp_path_factory.mktemp("older") / "copied"
    return write_by_older_rules(copy_archive(three_days.db, folder))


@pytest.fixture
def older(by_older_rules: Path, tmp_path: Path) -> Path:
    """The same, to be written to."""
    return copy_archive(by_older_rules, tmp_path / "older")


@pytest.fixture(scope="module")
def read_again(
    blogkeep: Command, by_older_rules: Path, tmp_path_factory: pytest.TempPathFactory
) -> ReadAgain:
    """The same, read again by the rules of today, for tests that only look."""
    db = copy_archive(by_older_rules, tmp_path_factory.mktemp("again") / "copied")
    done = blogkeep("reextract", "--db", str(db), "--json")
    assert done.returncode == 0, done.stderr
    return ReadAgain(db, json.loads(done.stdout))


def copy_archive(db: Path, folder: Path) -> Path:
    shutil.copytree(db.parent, folder)
    return folder / db.name


def test_three_days_of_every_theme_equal_themselves(blogkeep: Command, copied: Path) -> None:
    before = dump(copied)
    pages = rows(
        copied, "SELECT count(*) FROM captures WHERE verdict = 'ok' AND resource_type = 'post'"
    )[0][0]
    done = blogkeep("reextract", "--db", str(copied), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert (told["pages"], told["changes"]) == (pages, [])
    assert dump(copied) == before
    kinds = {kind for (kind,) in rows(copied, "SELECT DISTINCT kind FROM changes")}
    assert {"created", "edited", "retitled", "renamed"} <= kinds


def test_one_theme_equals_itself_after_an_import_too(
    blogkeep: Command, crawl: Command, db_path: Path, tmp_path: Path
) -> None:
    with DemoServer(small_store(theme="debut"), fresh_tokens=True) as server:
        for day in (1, 2, 3):
            server.day = day
            assert crawl(server.url, db_path).returncode == 0
        saved = tmp_path / "saved"
        saved.mkdir()
        for number, (url,) in enumerate(
            rows(db_path, "SELECT url FROM posts WHERE state = 'live' ORDER BY url LIMIT 9")
        ):
            with urlopen(str(url)) as answer:
                (saved / f"{number}.html").write_bytes(answer.read())
        shutil.copy(ROOT / "tests" / "demo" / "data" / "lookalike.txt", saved)
        assert (
            blogkeep("import", str(saved), "--store", server.url, "--db", str(db_path)).returncode
            == 0
        )
    before = dump(db_path)
    dry = json.loads(blogkeep("reextract", "--dry-run", "--db", str(db_path), "--json").stdout)
    assert (dry["changes"], dry["pages"] > 0) == ([], True)
    assert dump(db_path) == before
    done = blogkeep("reextract", "--db", str(db_path))
    assert (done.returncode, done.stdout.splitlines()[1:]) == (
        0,
        ["every text is the same: nothing changed"],
    )
    assert dump(db_path) == before


@pytest.mark.skipif(
    not (SHARED / "pages").is_dir(), reason="the saved pages of real stores are not here"
)
@pytest.mark.parametrize("store", ["golfwang.com", "www.vangovapes.com", "toplcup.com"])
def test_imported_pages_of_real_stores_equal_themselves(
    blogkeep: Command, db_path: Path, store: str
) -> None:
    assert blogkeep(
        "import", str(SHARED / "pages" / store), "--store", f"https://{store}", "--db", str(db_path)
    ).returncode in {0, 3}
    before = dump(db_path)
    for words in (["--dry-run"], []):
        done = blogkeep("reextract", *words, "--db", str(db_path), "--json")
        assert (done.returncode, done.stderr) == (0, "")
        told = json.loads(done.stdout)
        assert (told["changes"], told["pages"] > 0) == ([], True)
        assert dump(db_path) == before


def test_better_rules_bring_technical_changes_and_nothing_else(
    blogkeep: Command,
    three_days: ThreeDays,
    by_older_rules: Path,
    read_again: ReadAgain,
    tmp_path: Path,
) -> None:
    good = rows(by_older_rules, "SELECT last_good_crawl_id FROM stores")
    kept = rows(by_older_rules, "SELECT id, hash FROM contents ORDER BY id")
    revisions = rows(three_days.db, "SELECT count(*) FROM revisions")[0][0]
    posts = rows(three_days.db, "SELECT count(*) FROM posts")[0][0]
    older, told = read_again.db, read_again.told
    assert (told["posts_changed"], told["revisions"]) == (posts, revisions)
    # Every post stands as the same rules left it in the first place, removed ones as removed.
    assert rows(older, CURRENT) == rows(three_days.db, CURRENT)
    assert rows(older, "SELECT id, hash FROM contents ORDER BY id")[: len(kept)] == kept
    assert rows(
        older, "SELECT DISTINCT origin, kind, words_removed FROM changes WHERE crawl_id = 4"
    ) == [("technical", "edited", 9)]
    assert rows(older, "SELECT count(*) FROM changes WHERE crawl_id = 4") == [(posts,)]
    assert rows(
        older,
        "SELECT count(*) FROM revisions WHERE origin = 'technical' AND extractor = ?",
        EXTRACTOR,
    ) == [(revisions,)]
    assert rows(older, "SELECT DISTINCT seen_extractor FROM posts") == [(EXTRACTOR,)]
    assert rows(
        older, "SELECT kind, outcome, health, n_changed, n_fetched FROM crawls WHERE id = 4"
    ) == [("reextract", "complete", "unknown", posts, 0)]
    assert rows(older, "SELECT last_good_crawl_id FROM stores") == good
    assert rows(older, "SELECT count(*) FROM changes WHERE not_before > not_after") == [(0,)]
    assert wrong_checks(older) == BY_THESE_TESTS
    again, before = copy_archive(older, tmp_path / "again"), dump(older)
    assert json.loads(blogkeep("reextract", "--db", str(again), "--json").stdout)["changes"] == []
    assert dump(again) == before


def test_what_a_reextraction_changed_is_shown(blogkeep: Command, read_again: ReadAgain) -> None:
    changes = blogkeep("changes", "--all", "--db", str(read_again.db)).stdout
    assert "reextract 4, " in changes.splitlines()[0]
    assert f"[-{LOST.strip()}-]" in changes
    diff = json.loads(blogkeep("diff", "teapot-care", "--db", str(read_again.db), "--json").stdout)
    assert (diff["old"]["origin"], diff["new"]["origin"]) == ("observed", "technical")
    assert diff["old"]["text"] == diff["new"]["text"] + LOST


def test_a_dry_run_says_what_would_change_and_writes_nothing(
    blogkeep: Command, older: Path
) -> None:
    before = dump(older)
    done = blogkeep("reextract", "--dry-run", "--db", str(older))
    assert done.returncode == 0, done.stderr
    assert "posts would get" in done.stdout
    assert (
        "hollow-fern.example: journal/teapot-care: as captured 20" in done.stdout
        or "more (--json names all)" in done.stdout
    )
    assert done.stdout.count(f"[-{LOST.strip()}-]") == 3
    assert dump(older) == before


def test_a_kill_in_the_midst_and_another_run_give_the_same(
    blogkeep: Command, start: Start, older: Path, read_again: ReadAgain
) -> None:
    with closing(sqlite3.connect(older)) as connection:
        connection.execute(HANG)
    running = start("reextract", "--db", str(older))
    deadline = time.monotonic() + ENDS_S
    while time.monotonic() < deadline and _technical(older) < DONE_BEFORE_KILL:
        time.sleep(0.01)
    running.kill()
    assert running.wait(ENDS_S) == -signal.SIGKILL
    with closing(sqlite3.connect(older)) as connection:
        connection.execute("DROP TRIGGER hang")
    assert DONE_BEFORE_KILL == _technical(older) < _technical(read_again.db)
    assert blogkeep("reextract", "--db", str(older)).returncode == 0
    for sql in (
        CURRENT,
        (
            "SELECT label, fields_hash, origin, capture_id, first_seen_at, last_seen_at "
            "FROM revisions ORDER BY label"
        ),
        (
            "SELECT label, kind, severity, origin, not_before, words_removed FROM changes "
            "ORDER BY label"
        ),
    ):
        assert rows(older, sql) == rows(read_again.db, sql)
    assert rows(older, "SELECT kind, outcome FROM crawls WHERE id > 3") == [
        ("reextract", "killed"),
        ("reextract", "complete"),
    ]
    assert wrong_checks(older) == BY_THESE_TESTS


def test_pages_that_are_not_at_hand_are_counted_and_change_nothing(
    blogkeep: Command, older: Path
) -> None:
    older.with_name("captures.db").unlink()
    before = dump(older)
    done = blogkeep("reextract", "--db", str(older))
    assert done.returncode == 3
    count = rows(
        older, "SELECT count(*) FROM captures WHERE verdict = 'ok' AND post_id IS NOT NULL"
    )[0][0]
    assert done.stderr.startswith(f"blogkeep: {count} captured pages not available")
    assert dump(older) == before


def test_history_goes_on_where_some_pages_are_lost(blogkeep: Command, copied: Path) -> None:
    # The first crawl as if its answers had been pruned.
    with closing(sqlite3.connect(copied)) as connection:
        connection.execute("UPDATE captures SET body_id = NULL WHERE crawl_id = 1")
        connection.commit()
    before = dump(copied)
    done = blogkeep("reextract", "--db", str(copied), "--json")
    assert (done.returncode, json.loads(done.stdout)["changes"]) == (3, [])
    assert dump(copied) == before


def _technical(path: Path) -> int:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as connection:
        return int(
            connection.execute(
                "SELECT count(*) FROM changes WHERE origin = 'technical' AND words_removed = 9"
            ).fetchone()[0]
        )


@pytest.fixture
def server() -> Iterator[DemoServer]:
    with DemoServer(small_store(theme="dawn")) as running:
        yield running


def _visit(url: str, at: str) -> Visit:
    """A page as rules read it that lost an author's last paragraph."""
    with urlopen(url) as answer:
        headers, body = tuple(answer.headers.items()), answer.read()
    post = extract_post(body, url=url)
    html, markdown, text = (
        post.html.rpartition("<p>")[0],
        post.markdown.rpartition("\n\n")[0],
        post.text.rpartition("\n")[0],
    )
    short: Post = replace(
        post, html=html, markdown=markdown, text=text, word_count=len(text.split())
    )
    capture = Capture(
        url=url, final_url=url, http_status=200, verdict="ok", detail="", fetched_at=at,
        etag="", last_modified="",
        body_hash=hashlib.sha256(body).hexdigest(), body_bytes=len(body),
        headers=headers, body=body,
    )  # fmt: skip
    return Visit(capture=capture, resource_type="post", post=short)


def test_what_was_written_by_older_rules_is_set_right_and_edits_stay_the_stores(
    blogkeep: Command, crawl: Command, server: DemoServer, db_path: Path
) -> None:
    at = utc_now()
    db = open_for_writing(db_path)
    with capture_writer(db_path.with_name("captures.db"), db.conn) as keeper:
        writer = Writer(
            db,
            StoreSeen(origin=server.url),
            kind="crawl",
            origin="observed",
            extractor="older",
            at=at,
            captures=keeper,
        )
        for demo_post in server.store.posts(1):
            writer.record_visit(
                _visit(f"{server.url}/blogs/{demo_post.blog}/{demo_post.handle}", at)
            )
        writer.finish_crawl(CrawlEnd(finished=True), at=at)
    db.close()
    posts = len(server.store.posts(1))
    done = blogkeep("reextract", "--db", str(db_path), "--json")
    assert (done.returncode, json.loads(done.stdout)["posts_changed"]) == (0, posts)
    whole = {
        url: extract_post(urlopen(str(url)).read(), url=str(url)).text
        for (url,) in rows(db_path, "SELECT url FROM posts")
    }
    stands = (
        "SELECT url, text FROM posts JOIN revisions ON revisions.id = revision_id "
        "JOIN contents ON contents.id = content_id"
    )
    assert dict(rows(db_path, stands)) == whole
    assert rows(
        db_path, "SELECT DISTINCT origin, words_removed FROM changes WHERE crawl_id = 2"
    ) == [("technical", 0)]
    db = open_for_writing(db_path)
    assert_sound(db)
    db.close()
    # The next crawls read by the same rules: what they find changed is the store's doing.
    assert crawl(server.url, db_path).returncode == 0
    assert rows(db_path, "SELECT count(*) FROM changes WHERE crawl_id = 3 AND kind = 'edited'") == [
        (0,)
    ]
    server.day = 2
    assert crawl(server.url, db_path).returncode == 0
    assert rows(
        db_path, "SELECT DISTINCT origin FROM changes WHERE crawl_id = 4 AND kind = 'edited'"
    ) == [("observed",)]


def test_links_that_older_rules_missed_or_made_up_are_set_right(
    blogkeep: Command, three_days: ThreeDays, copied: Path
) -> None:
    stands = (
        "SELECT from_post_id, to_post_id, url, kind, anchor, position FROM links "
        "WHERE gone_at IS NULL ORDER BY 1, 4, 6, 3"
    )
    with closing(sqlite3.connect(copied)) as connection:
        (post_id, url) = connection.execute(
            "SELECT from_post_id, links.url FROM links JOIN posts ON posts.id = from_post_id"
            " WHERE kind = 'inline' AND gone_at IS NULL AND state = 'live' ORDER BY links.url"
        ).fetchone()
        connection.execute(
            "DELETE FROM links WHERE from_post_id = ? AND url = ? AND kind = 'inline'",
            [post_id, url],
        )
        connection.execute(
            "UPDATE links SET anchor = 'made up' WHERE id = (SELECT min(id) FROM links "
            "WHERE kind = 'inline' AND gone_at IS NULL)"
        )
        connection.execute("UPDATE revisions SET extractor = 'older rules'")
        connection.commit()
    before = dump(copied)
    dry = json.loads(blogkeep("reextract", "--dry-run", "--db", str(copied), "--json").stdout)
    assert (dry["links"] >= 3, dry["revisions"], dry["changes"]) == (True, 0, [])
    assert dump(copied) == before
    done = blogkeep("reextract", "--db", str(copied))
    posts = plural(dry["posts_relinked"], "post")
    assert f"{dry['links']} links of {posts} started or ended" in done.stdout
    assert rows(copied, stands) == rows(three_days.db, stands)
    assert wrong_checks(copied) == BY_THESE_TESTS
    assert json.loads(blogkeep("reextract", "--db", str(copied), "--json").stdout)["links"] == 0


def test_bad_words_are_one_clear_line(blogkeep: Command, copied: Path, tmp_path: Path) -> None:
    for words, exit_code, message in (
        (["x"], 2, "takes options only"),
        (["--store", "none.example", "--db", str(copied)], 1, "no store 'none.example'"),
        (["--db", str(tmp_path / "none.db")], 1, "no archive at"),
    ):
        done = blogkeep("reextract", *words)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (exit_code, "", 1)
        assert message in done.stderr
    assert list(tmp_path.iterdir()) == [copied.parent]
    assert hashes_path(copied).exists()  # it was closed
