"""The schema, as migrations: `schema.sql` is the first. A released migration is never edited; the
next change of the schema is a new one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from sqlite_utils import Database, Migrations

MIGRATIONS: Final = Migrations("blogkeep")

APPLICATION_ID: Final = 0x424B4550
"""Written into the file's header ("BKEP"), so that a database of another program is recognised
before anything is read or written."""

_SCHEMA = Path(__file__).with_name("schema.sql")

FIRST_MIGRATION: Final = "m001_schema"
"""The first migration of every kind of file. A file with other migrations but without this one is
from before version 1."""


@MIGRATIONS(name=FIRST_MIGRATION)
def create_schema(db: Database) -> None:
    """Create the tables, indexes and views of version 1."""
    execute_file(db, _SCHEMA)


@cache
def schema_text() -> str:
    """Return the statements of version 1."""
    return _SCHEMA.read_text(encoding="utf-8")


def execute_file(db: Database, path: Path) -> None:
    """Execute the statements of an SQL file in the transaction that is open.

    `executescript` would commit it first, and a failed migration could not be rolled back.
    """
    for statement in _statements(path.read_text(encoding="utf-8")):
        db.execute(statement)


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        raise ValueError(f"the last statement has no end: {statement.strip()[:80]}")
