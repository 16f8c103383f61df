"""Transactions, and the two statements that every writer needs. Table and column names are
constants, values are always bound."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit the block, or roll it back on an exception. It locks for writing at once: a
    transaction that starts by reading fails instead of waiting when it begins to write."""
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
    """Return a list as JSON for a column, without escaping letters."""
    return _JSON.encode(list(values))


def quoted(*words: str) -> str:
    """Return constants as an SQL list."""
    return ", ".join(f"'{word}'" for word in words)


_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
"""Created once: `json.dumps` creates an encoder for every call without its defaults."""


@lru_cache(maxsize=64)
def _insert_sql(table: str, columns: tuple[str, ...]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


@lru_cache(maxsize=64)
def _update_sql(table: str, columns: tuple[str, ...]) -> str:
    return f"UPDATE {table} SET {', '.join(f'{column} = ?' for column in columns)} WHERE id = ?"
