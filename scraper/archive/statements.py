"""Transactions, and the two statements that every writer needs. Table and column names are
constants of ours, values are always bound."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing. It begins as a writer: one that turned into one later would not wait for
    another writer, but fail at once."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def insert(connection: sqlite3.Connection, table: str, **values: Any) -> int:
    """Insert a row and return its id."""
    cursor = connection.execute(_insert_sql(table, tuple(values)), tuple(values.values()))
    return int(cursor.lastrowid or 0)


def update(connection: sqlite3.Connection, table: str, row_id: int, **values: Any) -> None:
    """Set columns of one row, by its id."""
    connection.execute(_update_sql(table, tuple(values)), (*values.values(), row_id))


def to_json(values: Iterable[Any]) -> str:
    """A list as it stands in a column: JSON, letters of all scripts as they are."""
    return _JSON.encode(list(values))


def quoted(*words: str) -> str:
    """Words of ours as a list in SQL."""
    return ", ".join(f"'{word}'" for word in words)


_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
"""Made once: `json.dumps` makes a new one for every call that wants other than its defaults."""


@lru_cache(maxsize=64)
def _insert_sql(table: str, columns: tuple[str, ...]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


@lru_cache(maxsize=64)
def _update_sql(table: str, columns: tuple[str, ...]) -> str:
    return f"UPDATE {table} SET {', '.join(f'{column} = ?' for column in columns)} WHERE id = ?"
