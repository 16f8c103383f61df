"""`blogkeep verify` as a person runs it: what it prints, and its exit code."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scraper.archive.database import open_for_writing
from tests.conftest import Command, ThreeDays


@pytest.fixture
def spoilt(three_days: ThreeDays, tmp_path: Path) -> Path:
    """The demo store's archive with a body that was meddled with."""
    path = tmp_path / "archive.db"
    shutil.copy(three_days.db, path)
    shutil.copy(three_days.db.with_name("captures.db"), tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE contents SET html = html || '!' WHERE id = 7")
        connection.commit()
    return path


def test_an_archive_that_was_crawled_is_sound(blogkeep: Command, three_days: ThreeDays) -> None:
    done = blogkeep("verify", "--db", str(three_days.db))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0].rstrip() == f"{three_days.db}: sound"


def test_each_problem_is_a_line_and_the_exit_code_says_so(blogkeep: Command, spoilt: Path) -> None:
    done = blogkeep("verify", "--db", str(spoilt))
    assert done.returncode == 1
    first, second, title, *_ = done.stdout.splitlines()
    assert first.startswith("hashes of bodies: contents 7 (")
    assert second.startswith(
        "bytes of the files: 2 not checked: archive.db is without archive.db.hashes: it is a"
    )
    assert title.rstrip() == f"{spoilt}: 1 problem"


def test_a_changed_byte_that_nothing_reads_is_a_problem(blogkeep: Command, spoilt: Path) -> None:
    open_for_writing(spoilt).close()
    with spoilt.open("r+b") as file:
        file.seek(40)  # a counter in the header
        (before,) = file.read(1)
        file.seek(40)
        file.write(bytes([before ^ 1]))
    done = blogkeep("verify", "--db", str(spoilt), "--json")
    assert done.returncode == 1
    checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    (problem,) = checks["bytes of the files"]["problems"]
    assert problem["row"] == str(spoilt)
    assert problem["what"].startswith("1 of its pieces of 262,144 bytes, the first from byte 0 on,")
    assert problem["what"].endswith("delete archive.db.hashes")


def test_a_machine_reads_the_same(blogkeep: Command, spoilt: Path) -> None:
    done = blogkeep("verify", "--db", str(spoilt), "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["sound"]) == (1, False)
    assert [problem["what"] for check in told["checks"] for problem in check["problems"]] == [
        "its hash is not that of its body"
    ]
    assert all(check["rows_checked"] >= check["found"] for check in told["checks"])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(None, "blogkeep: no archive at", id="none"),
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"no database at all" * 300, "is not an SQLite database", id="something else"),
    ],
)
def test_what_is_no_archive_is_refused_in_one_line(
    blogkeep: Command, tmp_path: Path, content: bytes | None, told: str
) -> None:
    path = tmp_path / "archive.db"
    if content is not None:
        path.write_bytes(content)
    done = blogkeep("verify", "--db", str(path))
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert told in done.stderr


def test_a_file_cut_short_is_reported_in_lines_and_not_as_a_traceback(
    blogkeep: Command, spoilt: Path
) -> None:
    raw = spoilt.read_bytes()
    spoilt.write_bytes(raw[: len(raw) * 2 // 3])
    done = blogkeep("verify", "--db", str(spoilt))
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert "the file" in done.stdout + done.stderr or "blogkeep: " in done.stderr


def test_it_takes_options_only(blogkeep: Command) -> None:
    assert blogkeep("verify", "more").returncode == 2
