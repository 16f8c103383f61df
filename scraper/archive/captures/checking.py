"""Whether the captures' file still holds all that the archive refers to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlite_utils import Database

from scraper.archive.captures.reader import open_reader
from scraper.exceptions import ArchiveError, CaptureLost


def check_captures(archive: Database, path: Path) -> Iterator[str]:
    """Yield what is wrong with the captures at `path`, a line each: the file itself, then each answer that the archive refers to.

    Every answer is unpacked and hashed, which takes about half a millisecond for a page of 100 KB. An archive that refers to none needs
    no file.
    """
    rows = archive.execute("SELECT id, url, body_id, body_hash FROM captures WHERE body_id IS NOT NULL ORDER BY body_id")
    row = rows.fetchone()
    if row is None:
        return
    try:
        reader = open_reader(path)
    except ArchiveError as error:
        yield str(error)
        return
    try:
        yield from (f"{path}: {line}" for line in _structure(reader.connection))
        while row is not None:
            capture_id, url, body_id, body_hash = row
            try:
                reader.read(body_id, body_hash)
            except CaptureLost as error:
                yield f"capture {capture_id}, {url}: {error}"
            row = rows.fetchone()
    finally:
        reader.close()


def _structure(connection: sqlite3.Connection) -> list[str]:
    try:
        told = [str(line) for (line,) in connection.execute("PRAGMA quick_check(10)")]
        orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.DatabaseError as error:
        return [str(error)]
    lines = [] if told == ["ok"] else told
    return [*lines, *(f"row {row_id} of {table} points at an answer that is not there" for table, row_id, *_ in orphans)]
