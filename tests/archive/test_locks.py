"""Locks beside the archive: one process at a time, and no file stays behind."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from scraper.archive.database import open_for_writing
from scraper.archive.locks import file_lock, is_locked, lock_store
from scraper.exceptions import AlreadyCrawling, ArchiveError
from tests.conftest import ENDS_S, ROOT, Command
from tests.storefront import post

COUNT = """
import pathlib, sys
from scraper.archive.locks import file_lock
path = pathlib.Path(sys.argv[1])
for _ in range(100):
    with file_lock(path, timeout_s=60):
        path.write_text(str(int(path.read_text()) + 1))
"""
HOLD = """
import pathlib, sys, time
from scraper.archive.locks import file_lock
with file_lock(pathlib.Path(sys.argv[1]), timeout_s=0):
    print("locked", flush=True)
    time.sleep(60)
"""


def _start(code: str, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def test_nothing_in_the_shared_folder_for_temporary_files_blocks_a_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared, path = tmp_path / "tmp", tmp_path / "data" / "archive.db"
    name = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:24]
    (shared / f"blogkeep-{os.getuid()}-{name}.lock").mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(shared))
    open_for_writing(path).close()
    assert {file.name for file in path.parent.iterdir()} == {"archive.db", "archive.db.hashes"}
    assert len(list(shared.iterdir())) == 1


def test_no_lock_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with lock_store(path, "https://shop.example", ["https://old.example"]):
        assert len(list(tmp_path.iterdir())) == 2
        with pytest.raises(AlreadyCrawling):
            lock_store(path, "https://www.old.example")
        assert is_locked(path, "https://shop.example")
        assert len(list(tmp_path.iterdir())) == 2
    assert not is_locked(path, "https://shop.example")
    assert not list(tmp_path.iterdir())


def test_a_lock_that_was_deleted_by_hand_is_not_deleted_twice(tmp_path: Path) -> None:
    lock = tmp_path / "archive.db.lock"
    with file_lock(tmp_path / "archive.db", timeout_s=0):
        lock.unlink()
        lock.write_text("the lock of another process")
    assert lock.exists()


def test_processes_at_once_have_it_one_after_the_other(integration: None, tmp_path: Path) -> None:
    """A file that is removed and created again must lock out the others at each moment."""
    path = tmp_path / "count"
    path.write_text("0")
    with ExitStack() as stack:
        started = [stack.enter_context(_start(COUNT, path)) for _ in range(4)]
        assert [process.wait(ENDS_S) for process in started] == [0] * 4
    assert path.read_text() == "400"
    assert [file.name for file in tmp_path.iterdir()] == ["count"]


def test_the_lock_of_a_killed_process_is_free(integration: None, tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with _start(HOLD, path) as process:
        assert process.stdout
        assert process.stdout.readline() == "locked\n"
        with pytest.raises(TimeoutError), file_lock(path, timeout_s=0):
            pass
        process.send_signal(signal.SIGKILL)
    assert (tmp_path / "archive.db.lock").exists()
    open_for_writing(path).close()
    assert {file.name for file in tmp_path.iterdir()} == {"archive.db", "archive.db.hashes"}


@pytest.mark.parametrize("command", ["crawl", "schedule", "import"])
@pytest.mark.parametrize("link", ["ring/a.db", "ring", "nowhere/a.db"])
def test_an_archive_behind_a_link_without_an_end_is_refused_in_one_line(
    blogkeep: Command, tmp_path: Path, command: str, link: str
) -> None:
    (tmp_path / "ring").symlink_to(tmp_path / "ring")
    (tmp_path / "nowhere").symlink_to(tmp_path / "not" / "there")
    page = post("/blogs/news/tea").replace("{origin}", "http://shop.example")
    (tmp_path / "tea.html").write_text(page, encoding="utf-8")
    words = {
        "crawl": ["crawl", "blog", "-a", "store=http://127.0.0.1:9"],
        "schedule": ["schedule", "--once"],
        "import": ["import", str(tmp_path / "tea.html"), "--store", "http://shop.example"],
    }[command]
    done = blogkeep(*words, "--db", str(tmp_path / link))
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert f"cannot write {tmp_path / link}" in done.stderr


def test_something_else_in_its_place_is_reported(tmp_path: Path) -> None:
    (tmp_path / "archive.db.lock").mkdir()
    with pytest.raises(ArchiveError, match=r"cannot write .*archive\.db: .*lock"):
        open_for_writing(tmp_path / "archive.db")
