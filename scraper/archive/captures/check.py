"""Check that the captures' file still holds everything that the archive refers to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from scraper.archive.captures.reader import CaptureReader, open_reader
from scraper.archive.verify import Check
from scraper.exceptions import ArchiveError, CaptureLost


def check_captures(path: Path) -> Check:
    """Return a check of the captures at `path`: the file itself, then each answer that the archive
    refers to.

    Every answer is unpacked and hashed, which takes about half a millisecond for a page of 100 KB.
    An archive that refers to none needs no file.
    """

    def check(archive: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
        rows = archive.execute(
            "SELECT id, url, body_id, body_hash FROM captures WHERE body_id IS NOT NULL "
            "ORDER BY body_id"
        )
        row = rows.fetchone()
        if row is None:
            return
        try:
            reader = open_reader(path)
        except ArchiveError as error:
            yield str(path), str(error)
            return
        with closing(reader):
            yield from ((str(path), line) for line in _structure(reader.connection))
            while row is not None:
                yield _check_answer(reader, *row)
                row = rows.fetchone()

    return check


def _check_answer(
    reader: CaptureReader, capture_id: int, url: str, body_id: int, body_hash: str
) -> tuple[str, str] | None:
    try:
        reader.read(body_id, body_hash)
    except CaptureLost as error:
        return f"captures {capture_id}, {url}", str(error)
    return None


def _structure(connection: sqlite3.Connection) -> list[str]:
    try:
        problems = [str(line) for (line,) in connection.execute("PRAGMA quick_check(10)")]
        orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.DatabaseError as error:
        return [str(error)]
    if problems == ["ok"]:
        problems = []
    return [
        *problems,
        *(f"row {row_id} of {table} refers to a missing answer" for table, row_id, *_ in orphans),
    ]
