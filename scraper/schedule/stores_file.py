"""The file of stores: read, and written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from scraper.exceptions import StoresProblem
from scraper.schedule.timetable.stores import StoresFile, parse_stores

LOCK_S = 10.0


def stores_path(archive: Path, setting: str) -> Path:
    """Where the file of stores is: as the setting ARCHIVE_STORES says, else beside the archive."""
    return Path(setting) if setting else archive.with_name("stores.toml")


def read_stores(path: Path) -> StoresFile:
    """The stores in the file at `path`. Raises StoresProblem, whose lines begin with the file's
    name."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise StoresProblem(
            [f"there is no file {path}: add a store with scrapy stores add URL"]
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise StoresProblem(
            [f"{path} cannot be read: {getattr(error, 'strerror', '') or 'it is not UTF-8'}"]
        ) from None
    try:
        return parse_stores(text)
    except StoresProblem as problem:
        raise problem.of_file(str(path)) from None


def edit_stores(path: Path, edit: Callable[[str], str]) -> None:
    """Write the file anew as `edit` makes it from what stands there, if anything does. A kill
    leaves the old one or the new.

    Raises StoresProblem, with the file as it was.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock", timeout=LOCK_S):
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
