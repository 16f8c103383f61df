"""Rows of the database as dataclasses or dictionaries, matched by name."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from sqlite_utils import Database

_Row = TypeVar("_Row")

MAX_NUMBER: Final = 10**18 - 1
"""The greatest number that is compared with a row's; those of SQLite end below 2^63."""


def row_number(text: str) -> int | None:
    """The number of a row, or of a revision, that somebody wrote; None for what SQLite cannot
    compare with one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def iterate_rows(
    connection: sqlite3.Connection | Database,
    make_row: Callable[..., _Row],
    sql: str,
    values: Sequence[object] | Mapping[str, object] = (),
) -> Iterator[_Row]:
    """Run a query and yield its rows one by one.

    `make_row` is a dataclass, or a function with keyword arguments, that gets each column under its
    name. Raises TypeError if a column has no argument, or an argument without default no column.
    """
    return (make_row(**row) for row in named_rows(connection, sql, values))


def read_rows(
    connection: sqlite3.Connection | Database,
    make_row: Callable[..., _Row],
    sql: str,
    values: Sequence[object] | Mapping[str, object] = (),
) -> list[_Row]:
    """Run a query and return all its rows, as `iterate_rows` does."""
    return list(iterate_rows(connection, make_row, sql, values))


def read_row(
    connection: sqlite3.Connection | Database,
    make_row: Callable[..., _Row],
    sql: str,
    values: Sequence[object] | Mapping[str, object] = (),
) -> _Row | None:
    """Run a query and return its first row, as `iterate_rows` does, or None."""
    return next(iterate_rows(connection, make_row, sql, values), None)


def named_rows(
    connection: sqlite3.Connection | Database,
    sql: str,
    values: Sequence[object] | Mapping[str, object] = (),
) -> Iterator[dict[str, Any]]:
    """Run a query and yield its rows one by one as dictionaries by column."""
    cursor = connection.execute(sql, values)  # type: ignore[arg-type]
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)
