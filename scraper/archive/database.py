"""Open the archive or the captures' file, and refuse any other file before writing to it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

from sqlite_utils import Database, Migrations

from scraper.archive.file_hashes import HashedConnection
from scraper.archive.locks import file_identity, file_lock
from scraper.archive.schema import APPLICATION_ID, FIRST_MIGRATION, MIGRATIONS, schema_text
from scraper.exceptions import (
    ArchiveBusy,
    ArchiveError,
    ArchiveTooNew,
    ArchiveTooOld,
    NoArchive,
    NotAnArchive,
)

BUSY_S = 30.0
"""How long one writer waits for another."""

MOST_BODY: Final = 64 * 1024 * 1024
"""Bytes of the largest answer or page that is archived; a larger one is no page."""

MAX_VALUE_BYTES: Final = 2 * MOST_BODY
"""Bytes of a value or a row that is read: the largest answer with its headers, however it packs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """A kind of database: `application_id` is in its header, `name` is for people, a page has
    `page_size` bytes.

    `synchronous` is SQLite's setting: a power loss may undo the last transactions with NORMAL, none
    with FULL. Neither harms the file. `is_hashed`: closed, it gets hashes of its bytes.
    """

    name: str
    application_id: int
    migrations: Migrations
    synchronous: Literal["NORMAL", "FULL"]
    page_size: int = 4096
    is_hashed: bool = True


# A power loss may undo the last transactions: their pages are fetched again.
ARCHIVE = FileKind(
    name="Blogkeep archive",
    application_id=APPLICATION_ID,
    migrations=MIGRATIONS,
    synchronous="NORMAL",
)


def open_for_writing(path: Path, kind: FileKind = ARCHIVE) -> Database:
    """Open the file at `path`, create or migrate it if needed, in write-ahead mode with foreign
    keys on.

    Raises NotAnArchive, ArchiveTooNew or ArchiveTooOld with nothing written, ArchiveError where the
    file or its folder cannot be used.
    """
    if path.exists() and path.stat().st_size:
        _check(path, kind)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Two crawls that find a file new or old at once would both create its tables, and SQLite
        # does not wait when it turns to write-ahead mode.
        with file_lock(path, timeout_s=BUSY_S):
            db = database_of(_connect(path, kind))
            db.execute(f"PRAGMA page_size = {kind.page_size}")
            db.execute("PRAGMA journal_mode = WAL")
            prepare(db, kind)
    except (sqlite3.Error, OSError) as error:
        raise _unwritable(path, error) from error
    return db


def _connect(path: Path, kind: FileKind) -> sqlite3.Connection:
    if kind.is_hashed:
        return HashedConnection(path, timeout_s=BUSY_S)
    return sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)


def check_writable(path: Path, kind: FileKind = ARCHIVE) -> None:
    """Check, before the first request to a store, that the file can be written. Creates no file.

    Raises NotAnArchive, ArchiveTooNew, ArchiveTooOld, or ArchiveError if another program locks the
    file or it cannot be written.
    """
    # Where links go round in a ring, one of them is left of the path.
    if (path.exists() and not path.is_file()) or os.path.islink(os.path.realpath(path)):
        raise ArchiveError(f"cannot write {path}: it is no file")
    if path.exists() and _check(path, kind):
        with (
            write_errors(path),
            closing(sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)) as connection,
        ):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        return
    folder = next(parent for parent in path.absolute().parents if os.path.lexists(parent))
    if not os.access(path if path.exists() else folder, os.W_OK) or not folder.is_dir():
        raise ArchiveError(
            f"cannot write {path}: no permission to write {path if path.exists() else folder}"
        )


def open_for_reading(path: Path, kind: FileKind = ARCHIVE) -> Database:
    """Open the file at `path` for reading; migrate it first if it is of an older version.

    Raises NoArchive, NotAnArchive, ArchiveTooNew, ArchiveTooOld; ArchiveError if it cannot be
    migrated or read.
    """
    _require_archive(path, kind)
    db = database_of(_connect_read_only(path, _immutable_flag(path)))
    try:
        is_older = bool(_pending(db, path, kind))
    except ArchiveError:
        db.close()
        raise
    if not is_older:
        return db
    db.close()
    open_for_writing(path, kind).close()
    return database_of(_connect_read_only(path, _immutable_flag(path)))


def pending_migrations(path: Path, kind: FileKind = ARCHIVE) -> list[str]:
    """Return the migrations that the file at `path` lacks, in their order. Writes nothing.

    Raises NoArchive, NotAnArchive, ArchiveTooNew as `open_for_reading` does.
    """
    _require_archive(path, kind)
    with closing(_connect_read_only(path, _immutable_flag(path))) as connection:
        return _pending(database_of(connection), path, kind)


def _require_archive(path: Path, kind: FileKind) -> None:
    if not path.exists():
        raise NoArchive(f"no archive at {path}: crawl a store or import files first")
    if not _check(path, kind):
        raise NoArchive(f"{path} is empty: crawl a store or import files first")


def _pending(db: Database, path: Path, kind: FileKind) -> list[str]:
    try:
        return [migration.name for migration in kind.migrations.pending(db)]
    except sqlite3.OperationalError as error:
        raise _unreadable(path, error) from error


def database_of(connection: sqlite3.Connection) -> Database:
    """Return an open archive as sqlite-utils has it. Plugins of sqlite-utils that happen to be
    installed have no business in it, and looking for them takes longer than opening it."""
    return Database(connection, execute_plugins=False)


def prepare(db: Database, kind: FileKind = ARCHIVE) -> None:
    """Migrate a database, and set what every writing connection needs."""
    db.execute("PRAGMA foreign_keys = ON")
    db.execute(f"PRAGMA synchronous = {kind.synchronous}")
    if kind.migrations.pending(db):
        db.execute(f"PRAGMA application_id = {kind.application_id}")
        kind.migrations.apply(db)


def check_in_place(path: Path, opened: tuple[int, int] | None) -> None:
    """Raise ArchiveError if the file at `path` is no longer the opened one: whatever is written
    would be lost."""
    if file_identity(path) != opened:
        raise ArchiveError(f"{path} was moved, replaced or deleted while it was being written")


@contextmanager
def write_errors(path: Path) -> Iterator[None]:
    """Turn errors of SQLite (a full disk, a lock timeout, a damaged file) into an ArchiveError that
    names the file."""
    try:
        yield
    except sqlite3.Error as error:
        raise _unwritable(path, error) from error


def _check(path: Path, kind: FileKind) -> bool:
    """Whether `path` is a file of this kind; False for an empty file. Raises ArchiveError for
    anything else."""
    # Without a write-ahead log the file is complete. Opened as immutable, SQLite creates no files
    # beside it.
    complete = not Path(f"{path.resolve()}-wal").exists()
    try:
        connection = _connect_read_only(path, "&immutable=1" if complete else "")
    except sqlite3.Error as error:
        raise ArchiveError(f"cannot open {path}: {error}") from error
    try:
        # In one transaction: another crawl may be making the archive right now.
        connection.execute("BEGIN")
        (application_id,) = connection.execute("PRAGMA application_id").fetchone()
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if application_id != kind.application_id and tables:
            raise NotAnArchive(f"{path} is a database of something else, not a {kind.name}")
        _refuse_altered_views(connection, path, kind)
        applied = _applied_migrations(connection, kind.migrations) if tables else []
    except sqlite3.OperationalError as error:
        raise _unreadable(path, error) from error
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        if "malformed" in str(error):
            raise ArchiveError(f"{path} is damaged: {error}") from error
        raise NotAnArchive(f"{path} is not an SQLite database") from error
    finally:
        connection.close()
    _check_version(path, applied, kind)
    return bool(tables)


def _refuse_altered_views(connection: sqlite3.Connection, path: Path, kind: FileKind) -> None:
    """Refuse a view under a name of ours that we did not make, before anything is read through it:
    it may go on for ever. Raises ArchiveError."""
    views = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'view'")
    for name, statement in views:
        if str(statement) in schema_text():
            continue
        if todays_schema(kind.migrations).get(str(name).lower(), statement) != statement:
            raise ArchiveError(
                f"{path} is damaged or altered: {name} is a view that Blogkeep did not make"
            )


@cache
def todays_schema(migrations: Migrations) -> dict[str, str]:
    """Return the statement that makes each table, index, view and trigger, by its name."""
    made = database_of(sqlite3.connect(":memory:"))
    migrations.apply(made)
    return dict(made.execute(DEFINITIONS))


DEFINITIONS: Final = "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%'"
"""SQLite's own tables of statistics come and go."""


def _applied_migrations(connection: sqlite3.Connection, migrations: Migrations) -> list[str]:
    rows = connection.execute(
        "SELECT name FROM _sqlite_migrations WHERE migration_set = ? ORDER BY id",
        [migrations.name],
    )
    return [name for (name,) in rows]


def _check_version(path: Path, applied: list[str], kind: FileKind) -> None:
    """Refuse a file from before version 1 or of a newer version. Raises ArchiveTooOld,
    ArchiveTooNew."""
    if applied and FIRST_MIGRATION not in applied:
        raise ArchiveTooOld(
            f"{path} is a {kind.name} from before version 1: move it away, and crawl again"
        )
    known = _known_migrations(kind.migrations)
    if unknown := [name for name in applied if name not in known]:
        raise ArchiveTooNew(
            f"{path} was written by a newer Blogkeep ({', '.join(unknown)}): "
            "update Blogkeep to read it"
        )


@cache
def _known_migrations(migrations: Migrations) -> frozenset[str]:
    """Return the names of all migrations: an empty database lacks each."""
    empty = database_of(sqlite3.connect(":memory:"))
    return frozenset(migration.name for migration in migrations.pending(empty))


def _unwritable(path: Path, error: Exception) -> ArchiveError:
    kind = ArchiveError
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
        kind = ArchiveBusy
    return kind(f"cannot write {path}: {error}")


def _unreadable(path: Path, error: sqlite3.Error) -> ArchiveError:
    hint = ""
    if not _can_write_beside(path):
        hint = (
            "; a reader must be able to write its folder too, where SQLite keeps the files by "
            "which readers and writers share it"
        )
    return ArchiveError(f"cannot read {path}: {error}{hint}")


def _can_write_beside(path: Path) -> bool:
    return os.access(
        path.resolve().parent, os.W_OK, effective_ids=os.access in os.supports_effective_ids
    )


def _immutable_flag(path: Path) -> str:
    """Return the flag for a file on a read-only disk, where SQLite cannot create the files that
    readers share with writers. Elsewhere another process may write at any time."""
    target = path.resolve()
    log = target.with_name(f"{target.name}-wal")
    return "&immutable=1" if os.statvfs(target).f_flag & os.ST_RDONLY and not log.exists() else ""


def _connect_read_only(path: Path, more: str = "") -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro{more}", uri=True, timeout=BUSY_S, isolation_level=None
    )
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
    return connection
