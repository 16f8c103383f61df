"""The merged index: the texts of many archives in one file, with their history and a full-text
index, for searches and phrases over all stores.

It has the tables of an archive, so that the same queries answer, and of their rows those that
searches need. It holds nothing that the archives do not: it can be deleted and filled again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from sqlite_utils import Database, Migrations

from scraper.archive import schema
from scraper.archive.database import FileKind, open_for_reading, open_for_writing, write_errors
from scraper.archive.maintenance.store_rows import (
    attached,
    choose_stores,
    copy_rows,
    delete_rows,
)
from scraper.archive.rows import read_row
from scraper.archive.statements import insert, transaction
from scraper.archive.write.search_index import index_new_revisions
from scraper.exceptions import ArchiveError

MIGRATIONS: Final = Migrations("blogkeep-merged-index")


@MIGRATIONS(name=schema.FIRST_MIGRATION)
def create_schema(db: Database) -> None:
    """Create the tables of version 1."""
    schema.create_schema(db)
    schema.execute_file(db, Path(__file__).with_suffix(".sql"))


MERGED_INDEX: Final = FileKind(
    name="Blogkeep merged index",
    application_id=0x424B4D49,
    migrations=MIGRATIONS,
    synchronous="NORMAL",
    is_hashed=False,
)

TABLES: Final = (
    "stores",
    "contents",
    "store_urls",
    "blogs",
    "crawls",
    "posts",
    "post_urls",
    "revisions",
    "observations",
    "change_groups",
    "changes",
    "change_fields",
)
"""What searches, phrases and the stream of changes ask."""

_LEFT_OUT: Final = {
    ("contents", "html"): "''",
    ("contents", "markdown"): "''",
    ("revisions", "readings"): "'[]'",
    ("revisions", "links"): "'[]'",
    ("posts", "readings"): "'[]'",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedArchive:
    """An archive in the index, of a store by its `name` in the cluster, in the state of `key`; ids
    of its stores, posts and changes are larger in the index by so much."""

    name: str
    key: str
    stores_moved: int
    posts_moved: int
    changes_moved: int


@contextmanager
def open_index(path: Path) -> Iterator[Database]:
    """Open the index for writing, a new one where there is none. Raises ArchiveError."""
    with write_errors(path), closing(open_for_writing(path, MERGED_INDEX)) as db:
        # Captures, to which revisions refer, are not in it.
        db.execute("PRAGMA foreign_keys = OFF")
        yield db


def index_archive(index: Database, name: str, key: str, archive: Path) -> None:
    """Put the archive of a store into the index, in place of what the index has under that name; a
    kill leaves one or the other. Raises ArchiveError where the archive cannot be read."""
    with closing(open_for_reading(archive)) as db:
        store_ids = [store_id for (store_id,) in db.execute("SELECT id FROM stores")]
    connection = index.conn
    with _damage(archive), attached(connection, source=archive), transaction(connection):
        _remove(connection, name)
        choose_stores(connection, store_ids)
        moved = copy_rows(connection, tables=TABLES, columns=_LEFT_OUT).moved
        index_new_revisions(connection)
        archive_id = insert(
            connection,
            "indexed_archives",
            name=name,
            key=key,
            **{f"{table}_moved": moved[table] for table in ("stores", "posts", "changes")},
        )
        for store_id in store_ids:
            own = store_id + moved["stores"]
            insert(connection, "indexed_stores", id=own, archive_id=archive_id)


@contextmanager
def _damage(archive: Path) -> Iterator[None]:
    """Turn what SQLite says of a damaged archive into an ArchiveError that names it."""
    try:
        yield
    except sqlite3.OperationalError:
        raise  # of the index: a full disk, a lock
    except sqlite3.DatabaseError as error:
        raise ArchiveError(f"{archive} is damaged: {error}") from error


def indexed_keys(index: Database) -> dict[str, str]:
    """The state of each archive in the index, by the name of its store."""
    return dict(index.execute("SELECT name, key FROM indexed_archives").fetchall())


def find_archive(
    connection: sqlite3.Connection, table: Literal["stores", "posts", "changes"], row_id: int
) -> IndexedArchive | None:
    """The archive from which the index has a row of a table, by its id in the index."""
    join = "" if table == "stores" else f"JOIN {table} ON {table}.store_id = stores.id"
    return read_row(connection, IndexedArchive, f"{_ARCHIVE} {join} WHERE {table}.id = ?", [row_id])


def _remove(connection: sqlite3.Connection, name: str) -> None:
    stores = [store_id for (store_id,) in connection.execute(_STORES, [name])]
    if not stores:
        return
    choose_stores(connection, stores)
    connection.execute(_FORGET_TEXTS)
    delete_rows(connection, TABLES)
    connection.execute("DELETE FROM indexed_stores WHERE id IN (SELECT id FROM temp.chosen)")
    connection.execute("DELETE FROM indexed_archives WHERE name = ?", [name])


_ARCHIVE = """
    SELECT indexed_archives.name, key, stores_moved, posts_moved, changes_moved
    FROM indexed_archives JOIN indexed_stores AS stores ON archive_id = indexed_archives.id
"""
_STORES = """
    SELECT indexed_stores.id FROM indexed_stores
    JOIN indexed_archives ON indexed_archives.id = archive_id WHERE name = ?
"""
# The full-text index has no texts of its own: what is taken out of it must be given.
_FORGET_TEXTS = """
    INSERT INTO revisions_fts (revisions_fts, rowid, title, author, tags, text)
    SELECT 'delete', id, title, author, tags, text FROM revision_texts WHERE id IN (
        SELECT revisions.id FROM revisions JOIN posts ON posts.id = post_id
        WHERE store_id IN (SELECT id FROM temp.chosen)
    )
"""
