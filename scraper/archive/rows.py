"""Rows of the database as dataclasses or dictionaries, matched by name."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from sqlite_utils import Database

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Row = TypeVar("_Row", bound="DataclassInstance")


def iterate_rows(
    connection: sqlite3.Connection | Database,
    row_type: type[_Row],
    sql: str,
    values: Sequence[object] | Mapping[str, object] = (),
) -> Iterator[_Row]:
    """Run a query and yield its rows one by one as dataclasses.

    Columns and fields are matched by name. Raises TypeError if a column has no field, or a field
    without default has no column.
    """
    cursor = connection.execute(sql, values)  # type: ignore[arg-type]
    names = [column[0] for column in cursor.description]
    return (row_type(**dict(zip(names, row, strict=True))) for row in cursor)


def read_rows(
    connection: sqlite3.Connection | Database,
    row_type: type[_Row],
    sql: str,
    values: Sequence[object] | Mapping[str, object] = (),
) -> list[_Row]:
    """Run a query and return all its rows, as `iterate_rows` does."""
    return list(iterate_rows(connection, row_type, sql, values))


def read_row(
    connection: sqlite3.Connection | Database,
    row_type: type[_Row],
    sql: str,
    values: Sequence[object] | Mapping[str, object] = (),
) -> _Row | None:
    """Run a query and return its first row, as `iterate_rows` does, or None."""
    return next(iterate_rows(connection, row_type, sql, values), None)


def named_rows(
    connection: sqlite3.Connection | Database,
    sql: str,
    values: Sequence[object] | Mapping[str, object] = (),
) -> Iterator[dict[str, Any]]:
    """Run a query and yield its rows one by one as dictionaries by column."""
    cursor = connection.execute(sql, values)  # type: ignore[arg-type]
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)
