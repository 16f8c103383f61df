"""Opening the file: what is refused, in words, with nothing written."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database, Migrations

from scraper.archive.captures.schema import CAPTURES
from scraper.archive.database import (
    ARCHIVE,
    MOST_BODY,
    open_for_reading,
    open_for_writing,
    pending_migrations,
    prepare,
    write_errors,
)
from scraper.archive.schema import (
    APPLICATION_ID,
    FIRST_MIGRATION,
    MIGRATIONS,
    create_schema,
    execute_file,
)
from scraper.exceptions import ArchiveError, ArchiveTooNew, ArchiveTooOld, NoArchive, NotAnArchive
from scraper.middlewares.header_limit import MAX_BYTES
from tests.archive.conftest import assert_sound
from tests.archive.shop import Shop
from tests.conftest import ENDS_S, ROOT
from tests.each_row import each_row
from tests.factories import make_post

NOBODY = 65534
OPENERS = pytest.mark.parametrize(
    "opening", [open_for_reading, open_for_writing], ids=["reading", "writing"]
)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "archive.db"
    db = open_for_writing(path)
    Shop(db).crawl(1, make_post())
    db.close()
    return path


def _text(path: Path) -> None:
    path.write_text("This is a shopping list, and rather a long one at that.\n" * 40)


def _foreign(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recipes (id INTEGER PRIMARY KEY)")
    connection.close()


def _newer(path: Path) -> None:
    db = open_for_writing(path)
    db.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
        "VALUES ('blogkeep', 'm999_later', '2030-01-01')"
    )
    db.close()


def _before_version_1(path: Path) -> None:
    """An archive with the first of the thirteen migrations that were never released."""
    db = Database(str(path))
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    migrations = Migrations(MIGRATIONS.name)
    migrations(name="m001_tables")(lambda db: None)
    migrations.apply(db)
    db.close()


@OPENERS
@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        pytest.param(_text, NotAnArchive, "is not an SQLite database", id="not a database"),
        pytest.param(
            _foreign,
            NotAnArchive,
            "is a database of something else",
            id="a database of something else",
        ),
        pytest.param(
            _newer, ArchiveTooNew, "newer Blogkeep .m999_later.: update", id="a newer archive"
        ),
        pytest.param(
            _before_version_1, ArchiveTooOld, "from before version 1", id="before version 1"
        ),
        pytest.param(Path.mkdir, ArchiveError, "cannot", id="a directory"),
    ],
)
def test_a_file_that_is_no_archive_of_ours_is_refused(tmp_path: Path, opening, make, error, words):
    path = tmp_path / "some.db"
    make(path)
    with pytest.raises(error, match=words) as raised:
        opening(path)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


@OPENERS
@pytest.mark.parametrize(
    "make",
    [_text, _foreign, _before_version_1],
    ids=["not a database", "a database of something else", "before version 1"],
)
def test_a_refused_file_stays_as_it_was(tmp_path: Path, opening, make):
    path = tmp_path / "some.db"
    make(path)
    before = path.read_bytes()
    with pytest.raises((NotAnArchive, ArchiveTooOld)):
        opening(path)
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (before, [path])


ENDLESS = (
    "AS WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers) "
    "SELECT max(n) FROM numbers"
)
"""A query of such a view never ends."""

ALTERED = {
    "of a table, in other letters": ("POSTS", ARCHIVE),
    "of the migrations": ("_sqlite_migrations", ARCHIVE),
    "of a view": ("current_posts", ARCHIVE),
    "of the captures": ("answers", CAPTURES),
}


@each_row(("name", "kind"), ALTERED.values(), ids=ALTERED)
def test_a_view_in_a_place_of_ours_is_not_asked(name, kind):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "some.db"
        with contextlib.closing(open_for_writing(path, kind)) as db:
            db.execute("PRAGMA legacy_alter_table = ON")
            if name == "current_posts":
                db.execute(f"DROP VIEW {name}")
            else:
                db.execute(f"ALTER TABLE {name} RENAME TO old")
            db.execute(f"CREATE VIEW {name} {ENDLESS}")
        for opening in (open_for_reading, open_for_writing):
            with pytest.raises(ArchiveError, match=f"altered: {name} is a view that Blogkeep"):
                opening(path, kind)


def test_a_view_of_the_operator_is_left_alone(archive: Path):
    with contextlib.closing(open_for_writing(archive)) as db:
        db.execute(f"CREATE VIEW mine {ENDLESS}")
    open_for_reading(archive).close()


def test_reading_what_is_not_there_says_so_and_makes_nothing(tmp_path: Path):
    with pytest.raises(NoArchive, match="crawl a store or import files first"):
        open_for_reading(tmp_path / "archive.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(Path.touch, id="an empty file"),
        pytest.param(
            lambda path: Database(path).execute("VACUUM"), id="a database without a table"
        ),
    ],
)
def test_reading_what_holds_nothing_says_so(tmp_path: Path, make):
    path = tmp_path / "archive.db"
    make(path)
    with pytest.raises(NoArchive):
        open_for_reading(path)


def test_an_archive_that_another_process_makes_meanwhile_is_no_foreign_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "archive.db"

    class Interrupted(sqlite3.Connection):
        """A connection after whose first look at a file another process makes the archive."""

        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            found = super().execute(sql, *values)
            if "application_id" in sql:
                monkeypatch.undo()
                open_for_writing(path).close()
            return found

    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("SELECT count(*) FROM sqlite_master")  # from here on there is a log
        connect = partial(sqlite3.connect, factory=Interrupted)
        monkeypatch.setattr("scraper.archive.database.sqlite3.connect", connect)
        open_for_writing(path).close()
    assert pending_migrations(path) == []


def test_an_empty_file_can_be_written(tmp_path: Path):
    path = tmp_path / "archive.db"
    path.touch()
    Shop(open_for_writing(path)).crawl(1, make_post())
    assert Shop(open_for_reading(path)).counts("posts") == (1,)


def test_folders_are_made_on_the_way_to_a_new_archive(tmp_path: Path):
    open_for_writing(tmp_path / "a" / "b" / "archive.db")
    assert (tmp_path / "a" / "b" / "archive.db").exists()


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ArchiveError, match="cannot write"):
        open_for_writing(tmp_path / "file" / "archive.db")


def test_an_archive_keeps_what_was_written(archive: Path):
    db = open_for_writing(archive)
    assert Shop(db).counts("posts", "revisions") == (1, 1)
    assert_sound(db)


def test_the_largest_answer_is_read_with_its_headers(archive: Path):
    largest = MOST_BODY + MAX_BYTES
    found = open_for_reading(archive).execute("SELECT length(zeroblob(?))", [largest])
    assert found.fetchone() == (largest,)


def test_an_archive_opened_for_reading_cannot_be_written(archive: Path):
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        open_for_reading(archive).execute("UPDATE posts SET title = ''")


def test_a_name_with_signs_of_an_address_is_a_file(tmp_path: Path):
    path = tmp_path / "a?mode=rwc #1 %20.db"
    open_for_writing(path).close()
    open_for_reading(path).close()
    ours = {f"{path.name}{suffix}" for suffix in ("", "-wal", "-shm", ".hashes")}
    names = {file.name for file in tmp_path.iterdir()}
    assert {path.name} <= names <= ours


def test_what_every_writer_needs_is_set(archive: Path):
    db = open_for_writing(archive)
    settings = {
        name: db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "foreign_keys", "synchronous", "application_id")
    }
    assert settings == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "synchronous": 1,
        "application_id": APPLICATION_ID,
    }


def test_a_new_archive_has_exactly_the_schema_of_the_file(db: Database):
    plain = sqlite3.connect(":memory:")
    plain.executescript((ROOT / "scraper" / "archive" / "schema.sql").read_text())
    assert _schema(db.conn) == _schema(plain)
    assert [name for (name,) in db.execute("SELECT name FROM _sqlite_migrations")] == [
        "m001_schema"
    ]


def test_preparing_twice_changes_nothing(db: Database):
    before = db.schema
    prepare(db)
    assert db.schema == before


def _schema(connection: sqlite3.Connection) -> dict[tuple[str, str], str | None]:
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master")
    return {(kind, name): sql for kind, name, sql in rows if "_sqlite_migrations" not in name}


def test_a_later_migration_is_applied_when_an_archive_is_opened_for_reading(tmp_path: Path):
    path, migrations = tmp_path / "archive.db", Migrations(MIGRATIONS.name)
    migrations(name=FIRST_MIGRATION)(create_schema)
    first = replace(ARCHIVE, migrations=migrations)
    open_for_writing(path, first).close()
    migrations()(_m002_mood)
    assert pending_migrations(path, first) == ["_m002_mood"]
    assert open_for_reading(path, first).view("moods").columns_dict["mood"] is str
    assert pending_migrations(path, first) == []


def _m002_mood(db: Database) -> None:
    db.execute("ALTER TABLE stores ADD COLUMN mood TEXT NOT NULL DEFAULT ''")
    db.execute("CREATE VIEW moods AS SELECT mood FROM stores")


def test_a_migration_that_fails_leaves_no_table(tmp_path: Path):
    script = tmp_path / "schema.sql"
    script.write_text("CREATE TABLE a (id INTEGER);\nCREATE TABLE a (id INTEGER);\n")
    migrations = Migrations(MIGRATIONS.name)
    migrations()(lambda db: execute_file(db, script))
    with pytest.raises(ArchiveError, match="table a already exists"):
        open_for_writing(tmp_path / "archive.db", replace(ARCHIVE, migrations=migrations))
    assert "a" not in Database(str(tmp_path / "archive.db")).table_names()


def test_every_table_has_an_integer_primary_key_id(db: Database):
    tables = [
        name for name in db.table_names() if not name.startswith(("revisions_fts", "_sqlite"))
    ]
    assert {name: db.table(name).pks for name in tables} == {name: ["id"] for name in tables}


def test_a_reader_sees_what_a_running_crawl_wrote(archive: Path):
    shop = Shop(open_for_writing(archive))
    reader = Shop(open_for_reading(archive))
    shop.crawl(2, make_post("other"))
    assert reader.counts("posts") == (2,)


def test_trouble_while_writing_names_the_file(archive: Path):
    with pytest.raises(ArchiveError, match=f"cannot write {archive}"), write_errors(archive):
        open_for_reading(archive).execute("UPDATE posts SET title = ''")


def test_a_damaged_archive_is_reported_as_an_error_of_ours(archive: Path):
    whole = archive.read_bytes()
    archive.write_bytes(whole[:4096] + b"\xff" * 4096 * 3 + whole[4096 * 4 :])
    with pytest.raises(ArchiveError), write_errors(archive):
        Shop(open_for_writing(archive)).crawl(2, make_post("other"))


@pytest.fixture
def shelf() -> Iterator[Path]:
    """A folder with an archive, both to be looked at and not touched, and nobody's rights: the
    superuser may write anywhere."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.db"
        open_for_writing(path).close()
        path.chmod(0o444)
        path.parent.chmod(0o555)
        own = os.geteuid()
        if own == 0:
            os.seteuid(NOBODY)
        yield path
        os.seteuid(own)
        path.parent.chmod(0o755)


def test_a_file_that_may_not_be_written_is_reported(shelf: Path):
    with pytest.raises(ArchiveError, match="cannot write"):
        open_for_writing(shelf)


def test_a_file_whose_folder_may_not_be_written_is_reported(shelf: Path):
    """Read as it stands it would be reported as sound or damaged by what a writer does in the
    meantime."""
    with pytest.raises(
        ArchiveError, match=r"cannot read .*archive\.db: .* must be able to write its folder"
    ):
        open_for_reading(shelf)


def test_a_file_that_is_being_written_and_cannot_be_shared_is_reported(shelf: Path):
    os.seteuid(os.getuid())
    shelf.parent.chmod(0o755)
    shelf.with_name("archive.db-wal").touch(mode=0o444)
    shelf.parent.chmod(0o555)
    if os.getuid() == 0:
        os.seteuid(NOBODY)
    with pytest.raises(
        ArchiveError, match=r"cannot read .*archive\.db: .* must be able to write its folder"
    ):
        open_for_reading(shelf)


def test_a_new_file_in_a_folder_that_may_not_be_written_is_reported(shelf: Path):
    with pytest.raises(ArchiveError, match="cannot write"):
        open_for_writing(shelf.with_name("other.db"))


def test_processes_that_find_no_archive_at_once_make_one(integration: None, tmp_path: Path):
    """Each opens ten, all of them at the same moment."""
    code = """
import pathlib, sys
from scraper.archive.database import open_for_writing
for number in range(10):
    print("ready", flush=True)
    sys.stdin.readline()
    open_for_writing(pathlib.Path(sys.argv[1]) / f"{number}.db").close()
"""
    with contextlib.ExitStack() as stack:
        command, pipe = [sys.executable, "-c", code, str(tmp_path)], subprocess.PIPE
        running = [
            stack.enter_context(
                subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, bufsize=0)
            )
            for _ in range(3)
        ]
        for _ in range(10):
            assert [process.stdout.readline() for process in running] == [b"ready\n"] * 3
            for process in running:
                process.stdin.write(b"\n")
        assert [process.wait(ENDS_S) for process in running] == [0, 0, 0]
    assert len(list(tmp_path.glob("*.db"))) == 10


def test_an_archive_on_a_disk_mounted_for_reading_alone_is_read(
    integration: None, archive: Path, tmp_path: Path
):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "tmpfs", str(disk)], capture_output=True, check=False
    ).returncode:
        pytest.skip("only the superuser may mount")
    try:
        shutil.copy(archive, disk)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        db = open_for_reading(disk / archive.name)
        assert Shop(db).counts("posts") == (1,)
        db.close()
    finally:
        subprocess.run(["umount", str(disk)], check=True)
