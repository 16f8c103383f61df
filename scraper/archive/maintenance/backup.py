"""Consistent copies of the archive and its captures, also while crawls write."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import Timeout

from scraper.archive.captures.check import check_captures
from scraper.archive.captures.schema import CAPTURES
from scraper.archive.database import ARCHIVE, FileKind, open_for_reading, write_errors
from scraper.archive.file_hashes import write_hashes
from scraper.archive.locks import file_lock
from scraper.archive.verify import INTACT, CheckResult, open_to_verify, verify
from scraper.exceptions import ArchiveError, BackupFailed

_NAME = re.compile(r"(\d{8}T\d{6}Z)(?:-(\d+))?")
_UNFINISHED = ".unfinished-"

MANIFEST = "manifest.json"
"""The file of a backup that holds the results of its checks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup: its folder, its size in bytes, the results of its checks, and the removed older
    ones."""

    folder: Path
    size: int
    checks: tuple[CheckResult, ...]
    removed: tuple[Path, ...]

    @property
    def problems(self) -> int:
        """How many problems the checks found."""
        return sum(check.found for check in self.checks)


def back_up(archive: Path, captures: Path, into: Path, *, at: str, keep: int) -> Backup:
    """Copy both files into a new folder of `into` named after the time `at` (UTC), check them, and
    remove all but the newest `keep` backups.

    A copy with problems is a backup too, and its manifest names them; it replaces no sound one.

    A second backup of the same time ends in "-2". The folder gets its name once all is copied,
    checked and on the disk: a kill leaves no incomplete backup under a name. Raises BackupFailed if
    a copy is a damaged file, ArchiveError if it cannot be made; then no older backup is removed.
    """
    try:
        into.mkdir(parents=True, exist_ok=True)
        with file_lock(into / "backup", timeout_s=0):
            _sweep(into)
            name = _free_name(into, at.replace("-", "").replace(":", ""))
            folder, unfinished = into / name, into / f"{_UNFINISHED}{name}"
            try:
                checks = _copy_both(archive, captures, unfinished)
                os.rename(unfinished, folder)
            except BaseException:
                shutil.rmtree(unfinished, ignore_errors=True)
                raise
            _flush(into)
            removed = _remove_old(into, keep, is_sound=_is_sound(folder))
    except Timeout as error:
        raise ArchiveError(f"another backup into {into} is under way") from error
    except (OSError, sqlite3.Error) as error:
        raise ArchiveError(f"cannot back up {archive} into {into}: {error}") from error
    return Backup(folder=folder, size=_size(folder), checks=checks, removed=removed)


def _copy_both(archive: Path, captures: Path, folder: Path) -> tuple[CheckResult, ...]:
    folder.mkdir()
    copy, captures_copy = folder / "archive.db", folder / "captures.db"
    copy_pair(archive, captures, copy, captures_copy)
    with closing(open_to_verify(copy)) as db:
        checks = tuple(verify(db, [("captures are stored", check_captures(captures_copy))]))
    intact = next(check for check in checks if check.name == INTACT)
    if intact.problems:
        raise BackupFailed(
            f"the copy of {archive} is damaged ({intact.problems[0].what}): see blogkeep verify"
        )
    _write_manifest(folder, checks)
    for path in (copy, captures_copy):
        if path.exists():
            write_hashes(path)
    for path in folder.iterdir():
        _flush(path)
    _flush(folder)
    return checks


def copy_pair(archive: Path, captures: Path, copy: Path, captures_copy: Path) -> None:
    """Copy both files as they are at a moment, also while a crawl writes; captures that are not
    there are not copied. Raises ArchiveError."""
    # The archive first: everything it refers to is in the captures already, which only grow.
    with write_errors(copy):
        _copy(archive, copy, ARCHIVE)
        if captures.exists() and captures.stat().st_size:
            _copy(captures, captures_copy, CAPTURES)


def _copy(source: Path, target: Path, kind: FileKind) -> None:
    """Copy by SQLite's backup in a single step, which blocks no writer, into one file without a
    log."""
    with closing(open_for_reading(source, kind)) as db, closing(sqlite3.connect(target)) as copy:
        db.conn.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode = DELETE")


def _free_name(into: Path, moment: str) -> str:
    """The time, with the next number if there are backups of the same time."""
    last = max((number for of, number, _ in _named(into) if of == moment), default=0)
    return f"{moment}-{last + 1}" if last else moment


def _write_manifest(folder: Path, checks: Iterable[CheckResult]) -> None:
    """Write what the checks of a backup found, and which rows are wrong."""
    results = list(checks)
    manifest = {
        "sound": not any(check.found for check in results),
        "checks": [
            {"name": check.name, "rows": check.rows_checked, "problems": check.found}
            for check in results
        ],
        "problems": [asdict(problem) for check in results for problem in check.problems],
    }
    text = json.dumps(manifest, ensure_ascii=True, indent=1)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def _is_sound(folder: Path) -> bool:
    """Whether the manifest of a backup names no problem."""
    path = folder / MANIFEST
    return not path.exists() or bool(json.loads(path.read_text(encoding="utf-8"))["sound"])


def _remove_old(into: Path, keep: int, *, is_sound: bool) -> tuple[Path, ...]:
    """Remove older backups; one with problems replaces none that is sound."""
    found = [path for _, _, path in sorted(_named(into)) if is_sound or not _is_sound(path)]
    old = found[:-keep]
    for path in old:
        # Renamed first: no incomplete backup is ever found under a name.
        removed_path = path.with_name(f"{_UNFINISHED}{path.name}")
        os.rename(path, removed_path)
        shutil.rmtree(removed_path)
    return tuple(old)


def _named(into: Path) -> list[tuple[str, int, Path]]:
    """The complete backups: the time of each, its number among those of that time, its folder."""
    return [
        (found[1], int(found[2] or 1), path)
        for path in into.iterdir()
        if path.is_dir() and (found := _NAME.fullmatch(path.name))
    ]


def _sweep(into: Path) -> None:
    """Remove the remains of backups that were killed or came to no end."""
    for path in into.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(path)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in _files(folder))


def _files(folder: Path) -> Iterable[Path]:
    return (path for path in folder.iterdir() if path.is_file())


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
