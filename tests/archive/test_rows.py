"""Rows are matched with dataclasses by name."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

import pytest

from scraper.archive.rows import read_row, read_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    first: int
    second: str = "default"


@pytest.fixture
def connection() -> sqlite3.Connection:
    return sqlite3.connect(":memory:")


def test_columns_are_matched_by_name(connection: sqlite3.Connection):
    sql = "SELECT 'b' AS second, 1 AS first UNION ALL SELECT 'c', 2 ORDER BY first"
    assert read_rows(connection, Pair, sql) == [
        Pair(first=1, second="b"),
        Pair(first=2, second="c"),
    ]


def test_a_field_with_a_default_needs_no_column(connection: sqlite3.Connection):
    assert read_row(connection, Pair, "SELECT 1 AS first") == Pair(first=1)


def test_no_row_is_none(connection: sqlite3.Connection):
    assert read_row(connection, Pair, "SELECT 1 AS first WHERE 0") is None


@pytest.mark.parametrize("columns", ["1 AS first, 2 AS third", "'b' AS second"])
def test_a_column_or_field_without_its_counterpart_raises(
    connection: sqlite3.Connection, columns: str
):
    with pytest.raises(TypeError):
        read_rows(connection, Pair, f"SELECT {columns}")
