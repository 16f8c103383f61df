"""Backups: of one moment while a crawl writes, whole or not there."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from scraper.archive.captures.writer import capture_writer
from scraper.archive.database import open_for_reading, open_for_writing
from scraper.archive.file_hashes import compare_hashes
from scraper.archive.locks import file_lock
from scraper.archive.maintenance import backup
from scraper.archive.maintenance.backup import MANIFEST, back_up
from scraper.archive.similarity.update import update_similarity
from scraper.archive.verify import CheckResult, verify
from scraper.exceptions import ArchiveError, NoArchive
from scraper.history.crawl_health import CrawlEnd
from scraper.items import Visit
from tests.archive.shop import Shop, listing
from tests.conftest import ENDS_S, FURTHER, Command, Start, rows, wait_until
from tests.factories import at, make_capture, make_post, url_of

TABLES = (
    "captures",
    "posts",
    "contents",
    "revisions",
    "observations",
    "changes",
    "links",
    "code_mentions",
)
STATE = "SELECT " + ", ".join(
    f"(SELECT count(*) || ' ' || coalesce(max(id), 0) FROM {table})" for table in TABLES
)
STATE += ", (SELECT n_new || ' ' || n_fetched || ' ' || heartbeat_at FROM crawls)"
"""What moves with every post, all in one transaction."""


def visit(number: int) -> Visit:
    handle = f"post-{number}"
    text = f"Warm the pot, {number} times.\nWait {number} minutes, then pour."
    body = (f"<h1>{handle}</h1><p>{text}</p>" * 30).encode()
    when = f"2026-03-01T07:{number // 60 % 60:02}:{number % 60:02}Z"
    capture = make_capture(
        url_of(handle),
        when,
        body=body,
        body_hash=hashlib.sha256(body).hexdigest(),
        body_bytes=len(body),
        headers=(("Content-Type", "text/html"),),
    )
    return Visit(capture=capture, resource_type="post", post=make_post(handle, text=text))


def write(
    path: Path,
    posts: int,
    *,
    states: list[object] | None = None,
    stop: threading.Event | None = None,
) -> None:
    """A crawl of so many posts, or until told to stop; `states` are those that the archive was in
    after each."""
    db = open_for_writing(path)
    with capture_writer(path.with_name("captures.db"), db.conn) as keeper:
        writer = Shop(db).begin(1, captures=keeper)
        writer.record(listing(*(url_of(f"post-{number}") for number in range(posts))), at(1))
        for number in range(posts):
            writer.record_visit(visit(number))
            if states is not None:
                states.append(db.execute(STATE).fetchone())
            if stop and stop.is_set():
                break
        writer.finish_crawl(CrawlEnd(finished=True), at=at(1, 59))
    db.close()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    write(folder / "archive.db", 20)
    return folder


@pytest.fixture
def archive(written: Path, db_path: Path) -> Path:
    shutil.copytree(written, db_path.parent, dirs_exist_ok=True)
    return db_path


def into(archive: Path) -> Path:
    return archive.with_name("backups")


def copy(archive: Path, *, moment: str = "2026-03-02T06:00:00Z", keep: int = 3) -> Path:
    return back_up(
        archive, archive.with_name("captures.db"), into(archive), at=moment, keep=keep
    ).folder


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def test_copy_is_the_archive(archive: Path) -> None:
    folder = copy(archive)
    assert folder.name == "20260302T060000Z"
    assert {path.name for path in folder.iterdir()} == {
        "archive.db",
        "archive.db.hashes",
        "captures.db",
        "captures.db.hashes",
        "manifest.json",
    }
    for name in ("archive.db", "captures.db"):
        assert set(compare_hashes(folder / name)) == {None}
    assert dump(folder / "archive.db") == dump(archive)
    assert dump(folder / "captures.db") == dump(archive.with_name("captures.db"))


@FURTHER
def test_copies_taken_while_a_crawl_writes_are_each_of_one_moment(db_path: Path) -> None:
    open_for_writing(db_path).close()
    states: list[object] = []
    stop = threading.Event()
    writing = threading.Thread(
        target=write, args=(db_path, 5000), kwargs={"states": states, "stop": stop}
    )
    writing.start()
    folders = []
    for number in range(4):
        seen_before = len(states)
        while len(states) < seen_before + 25 and writing.is_alive():
            time.sleep(0.01)
        folders.append(copy(db_path, moment=f"2026-03-02T06:00:0{number}Z", keep=9))
    stop.set()
    writing.join(timeout=ENDS_S)
    found = [rows(folder / "archive.db", STATE)[0] for folder in folders]
    assert len(set(found)) == 4
    assert set(found) <= {tuple(state) for state in states}  # type: ignore[arg-type]


def test_newest_stay_and_what_a_kill_left_is_swept(archive: Path) -> None:
    (into(archive) / ".unfinished-20260301T000000Z").mkdir(parents=True)
    (into(archive) / "notes").mkdir()
    for day in (2, 3, 4, 5):
        copy(archive, moment=at(day), keep=2)
    assert sorted(path.name for path in into(archive).iterdir()) == [
        "20260304T060000Z",
        "20260305T060000Z",
        "notes",
    ]


def test_copy_with_problems_is_saved_and_replaces_no_sound_one(archive: Path) -> None:
    first = copy(archive)
    with closing(sqlite3.connect(archive)) as connection, connection:
        connection.execute("UPDATE contents SET text = 'spoilt' WHERE id = 1")
    second, third = (copy(archive, moment=at(day), keep=1) for day in (5, 6))
    assert sorted(path for path in into(archive).iterdir() if path.is_dir()) == [first, third]
    assert not second.exists()
    manifests = [json.loads((path / MANIFEST).read_text()) for path in (first, third)]
    assert [manifest["sound"] for manifest in manifests] == [True, False]
    assert manifests[1]["problems"][0]["check"] == "hashes of bodies"


def test_backup_without_its_captures_says_so(archive: Path) -> None:
    archive.with_name("captures.db").unlink()
    manifest = json.loads((copy(archive) / MANIFEST).read_text())
    assert {problem["check"] for problem in manifest["problems"]} == {"captures are stored"}


def test_periods_that_run_backwards_are_saved(archive: Path) -> None:
    with closing(sqlite3.connect(archive)) as connection, connection:
        connection.execute("UPDATE posts SET last_seen_at = '2020-01-01T00:00:00Z' WHERE id = 1")
    manifest = json.loads((copy(archive) / MANIFEST).read_text())
    assert "periods run forward" in {problem["check"] for problem in manifest["problems"]}


def test_no_archive(db_path: Path) -> None:
    with pytest.raises(NoArchive):
        copy(db_path)


def test_one_at_a_time(archive: Path) -> None:
    into(archive).mkdir()
    with file_lock(into(archive) / "backup", 0), pytest.raises(ArchiveError, match="another"):
        copy(archive)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_backup_leaves_nothing(
    archive: Path, start: Start, sign: signal.Signals
) -> None:
    running = start("backup", "--db", str(archive))
    wait_until(lambda: made_since(into(archive), ".unfinished-*/archive.db", 0))
    running.send_signal(sign)
    # It is whole where the signal came after all was copied.
    assert running.wait(ENDS_S) == (0 if list(into(archive).glob("2*")) else 130)
    assert [path.name for path in into(archive).iterdir() if path.name[0] != "2"] == []


def test_remains_that_cannot_be_removed_fail_no_complete_backup(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remains = into(archive) / ".unfinished-other"

    def verify_meanwhile(*args: Any) -> Iterable[CheckResult]:
        remains.write_text("a file, which is no folder")
        return verify(*args)

    monkeypatch.setattr(backup, "verify", verify_meanwhile)
    assert copy(archive).exists()
    assert remains.exists()


@FURTHER
def test_backups_of_one_second_stand_side_by_side(archive: Path) -> None:
    made = [copy(archive, keep=2).name for _ in range(12)]
    assert made == ["20260302T060000Z", *(f"20260302T060000Z-{number}" for number in range(2, 13))]
    assert {path.name for path in into(archive).iterdir() if path.is_dir()} == set(made[-2:])


def made_since(into: Path, pattern: str, began_ns: int) -> bool:
    """Whether a backup that began then has come as far as this file, or is whole; what an earlier
    one left does not count."""
    with contextlib.suppress(FileNotFoundError):  # swept while it was looked at
        return any(
            path.stat().st_mtime_ns >= began_ns for path in (*into.glob(pattern), *into.glob("2*"))
        )
    return False


def test_killed_backup_leaves_none_that_is_not_whole(
    archive: Path, blogkeep: Command, start: Start
) -> None:
    begun, copied = ".unfinished-*", ".unfinished-*/captures.db"
    for pattern, more_s in (
        (begun, 0),
        (".unfinished-*/archive.db", 0),
        (copied, 0),
        (copied, 0.03),
        (copied, 0.06),
    ):
        began_ns = time.time_ns()
        running = start("backup", "--db", str(archive))
        deadline = time.monotonic() + ENDS_S
        while time.monotonic() < deadline and not made_since(into(archive), pattern, began_ns):
            time.sleep(0.001)
        time.sleep(more_s)
        running.kill()
        running.wait(ENDS_S)
    done = blogkeep("backup", "--db", str(archive), "--keep", "9")
    assert done.returncode == 0, done.stderr
    assert "all sound" in done.stdout
    for folder in into(archive).iterdir():
        if folder.is_dir():
            assert dump(folder / "archive.db") == dump(archive)
    assert not list(into(archive).glob(".unfinished-*"))
    assert (
        not open_for_reading(archive)
        .execute("SELECT count(*) FROM crawls WHERE outcome = 'running'")
        .fetchone()[0]
    )


def test_a_backup_leaves_out_the_similarity_index_and_is_complete_without_it(tmp_path: Path):
    archive, index = tmp_path / "archive.db", tmp_path / "similarity.db"
    write(archive, 6)
    with closing(open_for_writing(archive)) as db:
        assert update_similarity(db.conn, index, at(2)) == 6
        edges = db.execute("SELECT * FROM links ORDER BY id").fetchall()
    assert index.exists()
    made = back_up(archive, tmp_path / "captures.db", tmp_path / "backups", at=at(3), keep=1)
    assert {path.name for path in made.folder.iterdir()} == {
        "archive.db",
        "archive.db.hashes",
        "captures.db",
        "captures.db.hashes",
        "manifest.json",
    }
    with closing(open_for_writing(made.folder / "archive.db")) as db:
        update_similarity(db.conn, made.folder / "similarity.db", at(4))
        assert db.execute("SELECT * FROM links ORDER BY id").fetchall() == edges
    assert edges
