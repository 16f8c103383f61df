"""Check the file itself: its pages, its indexes and its foreign keys."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlite_utils import Migrations

from scraper.archive.database import DEFINITIONS, open_for_reading, todays_schema
from scraper.archive.schema import MIGRATIONS
from scraper.exceptions import ArchiveError


def check_file(connection: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
    """Run SQLite's own check of pages, indexes and constraints."""
    for (line,) in connection.execute("PRAGMA integrity_check"):
        yield None if line == "ok" else ("the file", str(line))


def check_schema(connection: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
    """Compare the statements that made every table, index, view and trigger with today's."""
    for name, is_same in compare_definitions(connection, MIGRATIONS):
        yield None if is_same else (name, "it is not defined as this version defines it")


_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_TOOBIG}
_NO_TEXT = "Could not decode to UTF-8"


def describe_damage(path: Path, error: Exception, advice: str = "see blogkeep verify") -> str:
    """Return why the archive at `path` cannot be asked: its file is damaged, or another program
    altered its tables; empty where neither explains the error. Ends with what to do."""
    if not isinstance(error, sqlite3.Error):
        return ""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # errors of Python's own module have none
    is_damage = code in _DAMAGE or _NO_TEXT in str(error)
    reason = str(error) if is_damage else ""
    if not reason:
        with suppress(ArchiveError, sqlite3.Error), closing(open_for_reading(path)) as db:
            found = compare_definitions(db.conn, MIGRATIONS)
            reason = next(
                (f"{name} is not defined as ours" for name, same in found if not same), ""
            )
    return f"{path} is damaged or altered: {reason}; {advice}" if reason else ""


@contextmanager
def damage_named(path: Path) -> Iterator[None]:
    """Raise ArchiveError, with the reason, where the archive at `path` cannot be read on."""
    try:
        yield
    except sqlite3.Error as error:
        problem = describe_damage(path, error)
        if not problem:
            raise
        raise ArchiveError(problem) from error


def compare_definitions(
    connection: sqlite3.Connection, migrations: Migrations
) -> Iterator[tuple[str, bool]]:
    """Yield the name of everything that is, or should be, in a file, and whether its statement is
    that of `migrations`."""
    stored, expected = dict(connection.execute(DEFINITIONS)), todays_schema(migrations)
    for name in sorted({*stored, *expected}, key=str):
        yield str(name), stored.get(name) == expected.get(name)


def check_keys(connection: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
    """Check every foreign key of every table."""
    for table, row_id, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield f"{table} {row_id}", f"refers to a row of {parent} that is missing"
    for table in _tables(connection):
        (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        for _ in range(count):
            yield None


def _tables(connection: sqlite3.Connection) -> list[str]:
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' "
        "AND name NOT LIKE 'revisions_fts%' AND name NOT LIKE '%sqlite_%'"
    )
    # A damaged schema may hold any name: only a plain identifier goes into a statement.
    return [name for (name,) in names.fetchall() if str(name).isidentifier()]
