"""Transactions, snapshots, and the two statements that every writer needs. Names of tables and
columns are constants, values are always bound."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple


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


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Read within the block what stood at its first statement, whatever others write meanwhile."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


class NextId(NamedTuple):
    """A value to insert: the id of the row that the transaction adds to a table next. It lets two
    rows refer to each other without a further statement; the reference must be deferred."""

    table: str


def insert(connection: sqlite3.Connection, table: str, **values: Any) -> int:
    """Insert a row and return its id."""
    bound = tuple(value for value in values.values() if not isinstance(value, NextId))
    if len(bound) == len(values):
        cursor = connection.execute(_insert_sql(table, tuple(values)), bound)
    else:
        later = tuple(
            (column, value) for column, value in values.items() if isinstance(value, NextId)
        )
        cursor = connection.execute(_insert_before_sql(table, tuple(values), later), bound)
    return int(cursor.lastrowid or 0)


def insert_rows(
    connection: sqlite3.Connection, table: str, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows that all have the same columns, with one statement for each hundred."""
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        some = rows[start : start + _ROWS_AT_ONCE]
        values = [value for row in some for value in row.values()]
        connection.execute(_insert_sql(table, tuple(some[0]), len(some)), values)


def update(connection: sqlite3.Connection, table: str, row_id: int, **values: Any) -> None:
    """Set columns of one row, by its id."""
    connection.execute(_update_sql(table, tuple(values)), (*values.values(), row_id))


def to_json(values: Iterable[Any]) -> str:
    """Return a list as JSON for a column, without escaping letters; a flat dataclass is an
    object."""
    return _JSON.encode(list(values))


def columns_of(value: Any) -> dict[str, Any]:
    """Return the fields of a flat dataclass by name. `dataclasses.asdict` copies every value too:
    a post's claims take 73 µs with it, 30 µs without, JSON included."""
    names, get = _fields(value.__class__)
    return dict(zip(names, get(value), strict=True))


def quoted(*words: str) -> str:
    """Return constants as an SQL list."""
    return ", ".join(f"'{word}'" for word in words)


_ROWS_AT_ONCE = 100
"""Of a dozen columns: SQLite binds at most 32,766 values."""

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=columns_of)
"""Created once: `json.dumps` creates an encoder for every call without its defaults."""


@lru_cache(maxsize=64)
def _fields(kind: Any) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    names = tuple(field.name for field in fields(kind))
    return names, attrgetter(*names)


@lru_cache(maxsize=128)
def _insert_sql(table: str, columns: tuple[str, ...], n_rows: int = 1) -> str:
    values = ", ".join([f"({', '.join('?' * len(columns))})"] * n_rows)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {values}"


@lru_cache(maxsize=16)
def _insert_before_sql(
    table: str, columns: tuple[str, ...], later: tuple[tuple[str, NextId], ...]
) -> str:
    ids = {
        column: f"(SELECT coalesce(max(id), 0) + 1 FROM {next_id.table})"
        for column, next_id in later
    }
    values = ", ".join(ids.get(column, "?") for column in columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})"


@lru_cache(maxsize=64)
def _update_sql(table: str, columns: tuple[str, ...]) -> str:
    return f"UPDATE {table} SET {', '.join(f'{column} = ?' for column in columns)} WHERE id = ?"
