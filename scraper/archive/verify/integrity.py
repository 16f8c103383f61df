"""The file itself: its pages, its indexes, and keys that point from row to row."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator


def check_file(connection: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
    """SQLite's own check of pages, indexes and constraints."""
    for (line,) in connection.execute("PRAGMA integrity_check"):
        yield None if line == "ok" else ("the file", str(line))


def check_keys(connection: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
    """Every reference of every table, and that of a change to its group, which the schema does not
    know as one."""
    for table, row_id, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield f"{table} {row_id}", f"points at a row of {parent} that is not there"
    for label, group_id in connection.execute(_STRAY_GROUPS):
        yield str(label), f"points at group {group_id}, which is not there"
    for table in _tables(connection):
        (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        for _ in range(count):
            yield None


_STRAY_GROUPS = "SELECT label, group_id FROM changes WHERE group_id IS NOT NULL AND group_id NOT IN (SELECT id FROM change_groups)"


def _tables(connection: sqlite3.Connection) -> list[str]:
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'revisions_fts%' AND name NOT LIKE '%sqlite_%'"
    )
    # A damaged schema may name anything: only what is a plain name goes into a statement.
    return [name for (name,) in names.fetchall() if str(name).isidentifier()]
