"""Rows of the database as frozen dataclasses."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Row = TypeVar("_Row", bound="DataclassInstance")


def make_row(row_type: type[_Row], row: Sequence[Any]) -> _Row:
    """A row as a dataclass whose fields stand in the order of the columns."""
    return row_type(**dict(zip((field.name for field in fields(row_type)), row, strict=True)))


def read_rows(
    connection: sqlite3.Connection,
    row_type: type[_Row],
    sql: str,
    values: Sequence[object] | Mapping[str, object] = (),
) -> list[_Row]:
    """All rows that a question brings, each as a dataclass whose fields stand in the order of the
    columns."""
    return [make_row(row_type, row) for row in connection.execute(sql, values)]
