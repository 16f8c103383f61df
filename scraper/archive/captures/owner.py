"""A captures' file belongs to one archive: both have the same number, in the header of the file."""

from __future__ import annotations

import secrets
import sqlite3
from pathlib import Path
from typing import Final

from scraper.archive.captures.schema import captures_path
from scraper.archive.database import write_errors
from scraper.archive.statements import transaction
from scraper.exceptions import ArchiveError

_LARGEST: Final = 2**31 - 1


def claim_captures(archive: sqlite3.Connection, captures: sqlite3.Connection, path: Path) -> None:
    """Make the captures' file at `path` the archive's own, if it is new or without a number, or if
    its archive was lost and this one takes its place; both connections write.

    Raises ArchiveError if it is another archive's, or if one of both cannot be written.
    """
    if 0 < _number(archive) == _number(captures):
        return
    # Of several first crawls, one draws the number.
    with write_errors(_path(archive)), transaction(archive):
        check_owner(archive, captures, path)
        number = _number(archive) or _number(captures) or secrets.randbelow(_LARGEST) + 1
        for connection, file in ((archive, _path(archive)), (captures, path)):
            if not _number(connection):
                with write_errors(file):
                    connection.execute(f"PRAGMA user_version = {number}")


def check_owner(archive: sqlite3.Connection, captures: sqlite3.Connection, path: Path) -> None:
    """Raise ArchiveError if the captures' file at `path` is another archive's: what one archive
    does not refer to, the other may."""
    ours, theirs = _number(archive), _number(captures)
    if theirs and theirs != ours and (ours or not _is_successor(archive, captures, path)):
        raise ArchiveError(
            f"{path} holds the answers of another archive: move it away, or name another file"
            " (ARCHIVE_CAPTURES)"
        )


def _number(connection: sqlite3.Connection) -> int:
    (number,) = connection.execute("PRAGMA user_version").fetchone()
    return int(number)


def _path(connection: sqlite3.Connection) -> Path:
    (_, _, file), *_ = connection.execute("PRAGMA database_list").fetchall()
    return Path(file)


def _is_successor(archive: sqlite3.Connection, captures: sqlite3.Connection, path: Path) -> bool:
    """Whether an archive without a number stands where that of the captures must have stood, or
    refers to the answers."""
    file = _path(archive)
    if file.name and captures_path(file, "").absolute() == path.absolute():
        return True
    row = archive.execute(
        "SELECT body_id, body_hash FROM captures "
        "WHERE body_id IS NOT NULL ORDER BY body_id DESC LIMIT 1"
    ).fetchone()
    found = (
        row
        and captures.execute("SELECT 1 FROM answers WHERE id = ? AND body_hash = ?", row).fetchone()
    )
    return bool(found)
