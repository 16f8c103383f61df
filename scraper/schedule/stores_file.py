"""The file of stores on disk: read, and replaced atomically."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

from scraper.archive.locks import file_lock
from scraper.exceptions import StoresProblem
from scraper.schedule.timetable.stores import StoresFile, parse_stores

LOCK_S = 10.0
"""How long an edit waits for another one to finish, in seconds."""


def read_stores(path: Path) -> StoresFile:
    """Parse the file at `path`. Raises StoresProblem, whose lines begin with the file's name."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise StoresProblem(
            [f"there is no file {path}: add a store with blogkeep stores add URL"]
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise StoresProblem(
            [f"{path} cannot be read: {getattr(error, 'strerror', '') or 'it is not UTF-8'}"]
        ) from None
    try:
        return parse_stores(text)
    except StoresProblem as problem:
        raise problem.of_file(str(path)) from None


class StoresReader:
    """Reads the file at `path`, and parses it only if it has changed since: the runner asks each
    second, and the thread that sends its alerts asks too."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int, int] | None = None
        self._file: StoresFile | None = None
        self._lock = threading.Lock()

    def __call__(self) -> StoresFile:
        """As `read_stores`; the same object for a file that has not changed."""
        with self._lock:
            seen = self._look()
            if self._file is None or seen is None or seen != self._seen:
                self._file = None
                self._file = read_stores(self.path)
                self._seen = seen
            return self._file

    def _look(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


def edit_stores(path: Path, edit: Callable[[str], str]) -> None:
    """Replace the file's text by what `edit` returns for it; the text of a missing file is empty.
    The replacement is atomic.

    Raises StoresProblem and leaves the file unchanged.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with file_lock(path, timeout_s=LOCK_S):
            before = path.read_bytes().decode("utf-8") if path.exists() else ""
            after = edit(before)
            fresh = path.with_name(f"{path.name}.new")
            fresh.write_bytes(after.encode("utf-8"))
            if path.exists():
                fresh.chmod(path.stat().st_mode & 0o777)
            os.replace(fresh, path)
    except StoresProblem as problem:
        raise problem.of_file(str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise StoresProblem(
            [f"{path} cannot be written: {getattr(error, 'strerror', '') or error}"]
        ) from None
