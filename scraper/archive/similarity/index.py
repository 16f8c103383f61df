"""The file of the similarity index: where it stands, what it holds, and when it is built again.

The index holds nothing that the archive does not: it can be deleted at any time. It is attached to
the connection of the archive under the name `similarity`, so one transaction covers both files.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from scraper.archive.locks import beside, file_lock
from scraper.archive.statements import transaction
from scraper.exceptions import ArchiveError, NotAnArchive

logger = logging.getLogger(__name__)

APPLICATION_ID: Final = 0x424B5349
"""Written into the file's header ("BKSI"), so that a database of another program is not deleted."""

VERSION: Final = 3
"""Of the tables and of how texts are compared. An index of another version is built again."""

IN_MEMORY: Final = Path(":memory:")
"""An index that lasts as long as the connection has it attached."""


def similarity_path(archive: Path) -> Path:
    """Where the index of an archive stands."""
    return beside(archive, "similarity")


@contextmanager
def attached_index(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Attach the index at `path` to the connection of its archive, as an empty one where it is
    missing, damaged, of another version or of another archive.

    One process at a time has it; others wait. Raises NotAnArchive where the file is a database of
    another program, ArchiveError where it cannot be used.
    """
    try:
        with ExitStack() as stack:
            if path != IN_MEMORY:
                stack.enter_context(file_lock(path, timeout_s=-1))
            stack.callback(_detach, connection)
            _attach(connection, path)
            stack.enter_context(_durable(connection))
            yield
    except OSError as error:
        raise ArchiveError(f"cannot write {path}: {error}") from error


@contextmanager
def _durable(connection: sqlite3.Connection) -> Iterator[None]:
    """Write every transaction of the archive to the disk. SQLite commits the archive before the
    index, so what the index calls compared is in the archive after a power loss too."""
    (synchronous,) = connection.execute("PRAGMA main.synchronous").fetchone()
    connection.execute("PRAGMA main.synchronous = FULL")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA main.synchronous = {synchronous}")


def _detach(connection: sqlite3.Connection) -> None:
    if any(name == "similarity" for _, name, _ in connection.execute("PRAGMA database_list")):
        connection.execute("DETACH similarity")


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether SQLite found a file damaged. A lock, a full disk or a broken rule is none."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
    # The low byte is the primary code of an extended one.
    return code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def delete_index(path: Path) -> None:
    """Delete an index with the files that SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)


def is_complete(connection: sqlite3.Connection) -> bool:
    """Whether every post of the archive has been indexed at least once."""
    return _read_meta(connection).get("complete") == 1


def mark_complete(connection: sqlite3.Connection) -> None:
    """Record that every post is indexed, and the newest revision by which to know the archive."""
    if _read_meta(connection) != _meta(connection, complete=1):
        with transaction(connection):
            _save_meta(connection, complete=1)


def _attach(connection: sqlite3.Connection, path: Path) -> None:
    if path != IN_MEMORY and _fits(connection, path):
        return
    _detach(connection)
    if path != IN_MEMORY:
        delete_index(path)
    connection.execute("ATTACH ? AS similarity", [str(path)])
    connection.execute("PRAGMA similarity.journal_mode = WAL")
    _create(connection)


def _fits(connection: sqlite3.Connection, path: Path) -> bool:
    """Attach the file and report whether it is an index of this archive that can be used."""
    if not path.exists() or not path.stat().st_size:
        return False
    try:
        connection.execute("ATTACH ? AS similarity", [str(path)])
        (application_id,) = connection.execute("PRAGMA similarity.application_id").fetchone()
        (version,) = connection.execute("PRAGMA similarity.user_version").fetchone()
        (n_tables,) = connection.execute("SELECT count(*) FROM similarity.sqlite_master").fetchone()
        # One without tables was killed when it had just been created.
        if application_id != APPLICATION_ID and n_tables:
            raise NotAnArchive(f"{path} is a database of something else, not a similarity index")
        return version == VERSION and _is_of_archive(connection)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        logger.warning("%s is damaged (%s): it is built again", path, error)
        return False


def _is_of_archive(connection: sqlite3.Connection) -> bool:
    """Whether the revisions by which the index recognises its archive are there, unchanged."""
    known = _read_meta(connection)
    marks = [mark for mark in (known["first"], known["latest"]) if isinstance(mark, list)]
    return all(_fingerprint(connection, "WHERE id = ?", mark[:1]) == mark for mark in marks)


def _read_meta(connection: sqlite3.Connection) -> dict[str, object]:
    row = connection.execute("SELECT value FROM similarity.meta").fetchone()
    if row is None:
        return {}
    (value,) = row
    return dict(json.loads(value))


def _meta(connection: sqlite3.Connection, complete: int) -> dict[str, object]:
    return {
        "complete": complete,
        "first": _fingerprint(connection, "ORDER BY id LIMIT 1"),
        "latest": _fingerprint(connection, "ORDER BY id DESC LIMIT 1"),
    }


def _save_meta(connection: sqlite3.Connection, complete: int) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO similarity.meta VALUES (1, ?)",
        [json.dumps(_meta(connection, complete))],
    )


def _fingerprint(
    connection: sqlite3.Connection, condition: str, values: list[object] | None = None
) -> list[object] | None:
    """What distinguishes a revision from one with the same number in another archive."""
    row = connection.execute(
        f"SELECT id, post_id, fields_hash, first_seen_at FROM main.revisions {condition}",
        values or [],
    ).fetchone()
    return list(row) if row else None


def _create(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA similarity.application_id = {APPLICATION_ID}")
    with transaction(connection):
        for statement in _TABLES:
            connection.execute(statement)
        _save_meta(connection, complete=0)
        connection.execute(f"PRAGMA similarity.user_version = {VERSION}")


_TABLES = (
    "CREATE TABLE similarity.meta (id INTEGER PRIMARY KEY, value TEXT NOT NULL) STRICT",
    # The posts of a store in one language, among which terms are counted. `applied_posts` is the
    # number by which it was last decided which terms are common.
    """
    CREATE TABLE similarity.corpora (
        id INTEGER PRIMARY KEY,
        store_id INTEGER NOT NULL,
        language TEXT NOT NULL,
        n_posts INTEGER NOT NULL DEFAULT 0,
        applied_posts INTEGER NOT NULL DEFAULT 0,
        UNIQUE (store_id, language)
    ) STRICT
    """,
    """
    CREATE TABLE similarity.terms (
        id INTEGER PRIMARY KEY,
        corpus_id INTEGER NOT NULL REFERENCES corpora(id),
        term TEXT NOT NULL,
        n_posts INTEGER NOT NULL,
        UNIQUE (corpus_id, term)
    ) STRICT
    """,
    # A post as it was indexed, and how many of its tags count; `pending` is 0, or else why it is to
    # be compared. No similar post that is missing in `neighbours` has a higher score than
    # `last_score`: 0 where none is missing.
    """
    CREATE TABLE similarity.documents (
        id INTEGER PRIMARY KEY,
        corpus_id INTEGER NOT NULL REFERENCES corpora(id),
        revision_id INTEGER NOT NULL,
        language TEXT NOT NULL,
        url TEXT NOT NULL,
        post_key TEXT NOT NULL,
        pending INTEGER NOT NULL,
        last_score REAL NOT NULL DEFAULT 0,
        n_tags INTEGER NOT NULL DEFAULT 0,
        sketch TEXT NOT NULL,
        max_bearers INTEGER NOT NULL
    ) STRICT
    """,
    "CREATE INDEX similarity.documents_pending ON documents(id) WHERE pending",
    # Only tags have the weight 0.
    """
    CREATE TABLE similarity.document_terms (
        post_id INTEGER NOT NULL REFERENCES documents(id),
        term_id INTEGER NOT NULL REFERENCES terms(id),
        weight INTEGER NOT NULL,
        max_share INTEGER NOT NULL,
        PRIMARY KEY (post_id, term_id)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE INDEX similarity.document_terms_term
        ON document_terms(term_id, max_share, post_id, weight)
    """,
    """
    CREATE TABLE similarity.neighbours (
        post_id INTEGER NOT NULL REFERENCES documents(id),
        other_id INTEGER NOT NULL,
        score REAL NOT NULL,
        PRIMARY KEY (post_id, other_id)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX similarity.neighbours_other ON neighbours(other_id)",
    """
    CREATE TABLE similarity.shingles (
        hash INTEGER NOT NULL,
        max_bearers INTEGER NOT NULL,
        post_id INTEGER NOT NULL REFERENCES documents(id),
        PRIMARY KEY (hash, max_bearers, post_id)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE similarity.shingle_counts (
        hash INTEGER PRIMARY KEY,
        n_posts INTEGER NOT NULL
    ) STRICT
    """,
)
