"""Check that the captures' file still holds everything that the archive refers to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from scraper.archive.captures.owner import check_owner
from scraper.archive.captures.reader import CaptureReader, open_reader
from scraper.archive.captures.schema import MIGRATIONS
from scraper.archive.verify import Check
from scraper.archive.verify.hashes import UNREADABLE
from scraper.archive.verify.integrity import compare_definitions
from scraper.exceptions import ArchiveError, CaptureLost


def check_captures(path: Path) -> Check:
    """Return a check of the captures at `path`: the file itself, then each answer that the archive
    refers to.

    Every answer is unpacked and hashed, which takes about half a millisecond for a page of 100 KB.
    An archive that refers to none needs no file.
    """

    def check(archive: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
        rows = archive.execute(
            "SELECT id, url, final_url, http_status, fetched_at, body_id, body_hash FROM captures "
            "WHERE body_id IS NOT NULL ORDER BY body_id"
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
            try:
                check_owner(archive, reader.connection, path)
            except ArchiveError as error:
                yield str(path), str(error)
            while row is not None:
                yield _check_answer(reader, *row)
                row = rows.fetchone()

    return check


def _check_answer(reader: CaptureReader, capture_id: int, *stored: Any) -> tuple[str, str] | None:
    url, final_url, http_status, fetched_at, body_id, body_hash = stored
    label = f"captures {capture_id}, {url}"
    try:
        answer = reader.read(body_id, body_hash)
        found = reader.connection.execute(_ROW, [body_id]).fetchone()
    except (CaptureLost, *UNREADABLE) as error:
        return label, str(error)
    # A redirect between two others has an address of its own.
    is_named = answer.url in (url, final_url) or 300 <= answer.http_status < 400
    known = (answer.http_status, answer.fetched_at, *found)
    if not is_named or known != (http_status, fetched_at, body_hash, True):
        return label, f"answer {body_id} has another address, time, status, hash or depth"
    return None


_ROW = "SELECT body_hash, (depth = 0) = (dictionary_id IS NULL) FROM answers WHERE id = ?"


def _structure(connection: sqlite3.Connection) -> list[str]:
    try:
        problems = [str(line) for (line,) in connection.execute("PRAGMA integrity_check(10)")]
        problems += [
            f"{name} is not defined as this version defines it"
            for name, is_same in compare_definitions(connection, MIGRATIONS)
            if not is_same
        ]
        orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
    except (sqlite3.DatabaseError, *UNREADABLE) as error:
        return [str(error)]
    problems = [line for line in problems if line != "ok"]
    return [
        *problems,
        *(f"row {row_id} of {table} refers to a missing answer" for table, row_id, *_ in orphans),
    ]
