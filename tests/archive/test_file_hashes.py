"""Hashes of a closed file's bytes: when there are any, and that they are those of the file."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from scraper.archive import file_hashes
from scraper.archive.captures.schema import CAPTURES
from scraper.archive.database import (
    ARCHIVE,
    FileKind,
    open_for_reading,
    open_for_writing,
    pending_migrations,
)
from scraper.archive.file_hashes import (
    PIECE,
    _hash_pieces,
    compare_hashes,
    hashes_path,
    write_hashes,
)
from tests.conftest import ROOT

ADD = "INSERT INTO contents (hash, html, markdown, text) VALUES (?, ?, '', '')"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An archive of some pieces."""
    path = tmp_path / "archive.db"
    with closing(open_for_writing(path)) as db:
        db.conn.executemany(ADD, [(str(number), "words " * 20_000) for number in range(20)])
    return path


def _is_hashed(path: Path) -> bool:
    raw = path.read_bytes()
    pieces = [raw[at : at + PIECE] for at in range(0, len(raw), PIECE)]
    lines = [f"{hashlib.sha256(piece).hexdigest()}  -\n" for piece in pieces]
    return hashes_path(path).read_text() == "".join(lines)


def _problems(path: Path) -> list[str]:
    return [found[1] for found in compare_hashes(path) if isinstance(found, tuple)]


def _reasons(path: Path) -> list[str]:
    return [found for found in compare_hashes(path) if isinstance(found, str)]


def _run(script: str) -> int:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-c", script], env=environment, check=False).returncode


def _flip(path: Path, at: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        (before,) = file.read(1)
        file.seek(at)
        file.write(bytes([before ^ 1]))


@pytest.mark.parametrize("kind", [ARCHIVE, CAPTURES], ids=["archive", "captures"])
@pytest.mark.parametrize("seed", range(4))
def test_after_any_writing_they_are_those_of_the_whole_file(
    tmp_path: Path, kind: FileKind, seed: int
) -> None:
    path, chance = tmp_path / "some.db", random.Random(seed)
    open_for_writing(path, kind).close()
    for _ in range(10):
        with closing(open_for_writing(path, kind)) as db:
            db.execute("CREATE TABLE IF NOT EXISTS blobs (id INTEGER PRIMARY KEY, data BLOB)")
            db.execute(f"PRAGMA wal_autocheckpoint = {chance.choice([0, 7, 1000])}")
            for _ in range(chance.choice([0, 1, 3, 40])):
                row, size = chance.randrange(60), chance.choice([9, 500, 90_000])
                if chance.random() < 0.3:
                    db.execute("DELETE FROM blobs WHERE id > ?", [row])
                else:
                    values = [row, chance.randbytes(size)]
                    db.execute("INSERT OR REPLACE INTO blobs VALUES (?, ?)", values)
            if chance.random() < 0.2:
                db.execute("VACUUM")
        assert _is_hashed(path)
        assert set(compare_hashes(path)) == {None}


def test_only_pieces_with_a_changed_page_are_read_again(path: Path) -> None:
    """Damage to the others is not hashed as if it belonged there."""
    _flip(path, 7 * PIECE + 2000)
    with closing(open_for_writing(path)) as db:
        db.execute("UPDATE contents SET hash = 'other' WHERE id = 1")
    assert _problems(path) == [
        "1 of its pieces of 262,144 bytes, the first from byte 1,835,008 on, are not as they were "
        "when Blogkeep closed it: it is damaged, another program changed or replaced it, or "
        "archive.db.hashes is of another file; if that was meant, delete archive.db.hashes"
    ]


@pytest.mark.parametrize("at", [0, 24, 40, 100, PIECE, 5 * PIECE - 1])
def test_a_flipped_bit_is_found(path: Path, at: int) -> None:
    _flip(path, at)
    assert len(_problems(path)) == 1


def test_a_file_cut_short_or_longer_is_found(path: Path) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw[: -2 * PIECE])
    assert len(_problems(path)) == 1
    path.write_bytes(raw + b"more")
    assert len(_problems(path)) == 1


@pytest.mark.usefixtures("integration")
def test_coreutils_print_the_same(path: Path) -> None:
    words = ["split", "-b", "256K", "--filter=sha256sum", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout == hashes_path(path).read_text()


@pytest.mark.usefixtures("integration")
def test_a_killed_command_leaves_none(path: Path) -> None:
    script = f"""
import os
from pathlib import Path
from scraper.archive.database import open_for_writing
db = open_for_writing(Path({str(path)!r}))
db.execute("UPDATE contents SET hash = 'killed' WHERE id = 1")
os._exit(9)
"""
    assert _run(script) == 9
    assert _reasons(path) == [
        "archive.db is without archive.db.hashes: a command has it open or was killed, or a reader "
        "closed it last"
    ]
    open_for_writing(path).close()
    assert _is_hashed(path)


def test_the_last_one_that_has_the_file_open_writes_them(path: Path) -> None:
    first, second = open_for_writing(path), open_for_writing(path)
    second.execute("UPDATE contents SET hash = 'second' WHERE id = 2")
    second.close()
    assert not hashes_path(path).exists()
    first.execute("UPDATE contents SET hash = 'first' WHERE id = 1")
    first.close()
    assert _is_hashed(path)


def test_while_a_reader_has_the_file_open_there_are_none(path: Path) -> None:
    with closing(open_for_reading(path)) as reader:
        reader.execute("SELECT count(*) FROM contents").fetchone()
        with closing(open_for_writing(path)) as db:
            db.execute("UPDATE contents SET hash = 'other' WHERE id = 1")
        assert not hashes_path(path).exists()
    open_for_writing(path).close()
    assert _is_hashed(path)


def test_the_first_opening_of_a_restored_backup_keeps_it_sound(path: Path) -> None:
    """SQLite writes into the file itself that it has a log from now on."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    write_hashes(path)
    for _ in range(2):
        open_for_writing(path).close()
        assert _is_hashed(path)


@pytest.mark.parametrize("after", [None, "2"], ids=["nothing-after", "more-after"])
@pytest.mark.parametrize("mode", ["PASSIVE", "RESTART", "TRUNCATE"])
def test_pages_that_another_program_took_from_the_log_are_hashed_too(
    path: Path, mode: str, after: str | None
) -> None:
    with closing(open_for_writing(path)) as db:
        db.execute("UPDATE contents SET html = html || '.' WHERE hash = '17'")
        with closing(sqlite3.connect(path)) as other:
            assert other.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()[0] == 0
        db.execute("UPDATE contents SET html = html || '.' WHERE hash = ?", [after])
    assert _is_hashed(path)


@pytest.mark.usefixtures("integration")
@pytest.mark.parametrize("ending", ["import os; os._exit(0)", "db.close()"], ids=["killed", ""])
def test_who_opens_a_file_while_it_is_hashed_does_not_wait(
    path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    """A large one takes longer than anybody waits. What was hashed of it then counts no more."""
    script = f"""
from pathlib import Path
from scraper.archive import database
database.BUSY_S = 0.0
db = database.open_for_writing(Path({str(path)!r}))
db.execute("UPDATE contents SET hash = 'other' WHERE id = 1")
{ending}
"""

    def hash_pieces(*args: Any) -> Iterator[str]:
        yield from _hash_pieces(*args)
        _run(script)

    monkeypatch.setattr(file_hashes, "_hash_pieces", hash_pieces)
    open_for_writing(path).close()
    assert hashes_path(path).exists() == (ending == "db.close()")
    assert set(_problems(path)) == set()
    with closing(open_for_reading(path)) as db:
        assert db.execute("SELECT count(*) FROM contents WHERE hash = 'other'").fetchone() == (1,)


def test_what_another_program_writes_while_a_file_is_hashed_is_no_damage(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hash_pieces(*args: Any) -> Iterator[str]:
        yield from _hash_pieces(*args)
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE contents SET hash = 'other' WHERE id = 1")

    monkeypatch.setattr(file_hashes, "_hash_pieces", hash_pieces)
    open_for_writing(path).close()
    assert _problems(path) == []


def test_readers_leave_them(path: Path) -> None:
    before = hashes_path(path).read_text()
    with closing(open_for_reading(path)) as db:
        db.execute("SELECT count(*) FROM contents").fetchone()
    assert pending_migrations(path) == []
    assert hashes_path(path).read_text() == before
    assert set(compare_hashes(path)) == {None}


def test_another_program_that_writes_is_named_as_a_cause(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE contents SET hash = 'other' WHERE id = 1")
    (problem,) = _problems(path)
    assert "another program changed or replaced it" in problem
    hashes_path(path).unlink()
    open_for_writing(path).close()
    assert set(compare_hashes(path)) == {None}


def test_a_copy_has_none_of_its_own(path: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(path, tmp_path / "copy.db"))
    assert _reasons(copy) == [
        "copy.db is without copy.db.hashes: it is a copy, or they could not be written"
    ]
    with closing(open_for_reading(copy)) as reader:
        reader.execute("SELECT count(*) FROM contents").fetchone()
    assert Path(f"{copy}-wal").stat().st_size == 0
    (reason,) = _reasons(copy)
    assert "killed" not in reason
    assert reason.endswith(": a command has it open, it is a copy, or they could not be written")
    assert _reasons(tmp_path / "none.db") == []


def test_a_file_that_was_replaced_gets_none(path: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(path, tmp_path / "copy.db"))
    with closing(open_for_writing(path)) as db:
        os.replace(copy, path)
        db.execute("UPDATE contents SET hash = 'lost' WHERE id = 1")
    assert not hashes_path(path).exists()


def test_where_they_cannot_be_written_the_file_is_closed_all_the_same(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    hashes_path(path).with_name("archive.db.hashes.new").mkdir()
    with closing(open_for_writing(path)) as db:
        db.execute("UPDATE contents SET hash = 'other' WHERE id = 1")
    assert not Path(f"{path}-wal").exists()
    (record,) = caplog.records
    assert "archive.db.hashes cannot be written: " in record.getMessage()
    assert "\n" not in record.getMessage()


def test_what_is_no_file_of_hashes_stops_neither_reader_nor_writer(path: Path) -> None:
    hashes_path(path).unlink()
    hashes_path(path).mkdir()
    hashes_path(path).with_name("archive.db.hashes.new").mkdir()
    with closing(open_for_writing(path)) as db:
        db.execute("UPDATE contents SET hash = 'other' WHERE id = 1")
    assert _reasons(path) == ["archive.db.hashes cannot be read: Is a directory"]


def test_hashes_that_may_not_be_read_are_made_again(path: Path) -> None:
    if not os.geteuid():
        pytest.skip("the superuser may read all")
    hashes_path(path).chmod(0)
    assert _reasons(path) == ["archive.db.hashes cannot be read: Permission denied"]
    open_for_writing(path).close()
    assert _is_hashed(path)
