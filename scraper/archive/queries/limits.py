"""Limits of SQL that visitors write: the size of values and results, the time, the memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any, Final, TypeVar

from scraper.archive.queries.run_query import Connection, time_limit

MAX_VALUE_BYTES: Final = 64 * 1024 * 1024
"""Bytes of a value or a row, twice the largest page that is archived by default."""

MAX_RESULT_BYTES: Final = 16 * 1024 * 1024
"""Bytes of the texts and blobs in one result."""

MAX_HEAP_BYTES: Final = 256 * 1024 * 1024
"""Bytes that SQLite may use in this process, all connections together."""

MAX_SQL_BYTES: Final = 100_000
MAX_COLUMNS: Final = 200
MAX_PATTERN_BYTES: Final = 1000

_Result = TypeVar("_Result")


def limit_connection(connection: Connection) -> None:
    """Limit the sizes that SQLite accepts and makes (https://www.sqlite.org/limits.html)."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
    connection.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, MAX_SQL_BYTES)
    connection.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, MAX_COLUMNS)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, MAX_PATTERN_BYTES)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)


def limit_heap() -> None:
    """Limit the memory of SQLite in this process: beyond it, a query fails."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"PRAGMA hard_heap_limit = {MAX_HEAP_BYTES}")


def run_bounded(
    connection: Connection, timeout_ms: float, function: Callable[[Connection], _Result]
) -> _Result:
    """Run a function on a connection, with a limit of time and of the bytes of all rows it reads.

    Raises OperationalError of SQLite beyond a limit.
    """
    connection.row_factory = _BoundedRows()
    try:
        with time_limit(connection, timeout_ms):
            return function(connection)
    except (sqlite3.DataError, MemoryError) as error:
        raise sqlite3.OperationalError("the result is too large") from error
    finally:
        connection.row_factory = sqlite3.Row


class _BoundedRows:
    """A row factory that counts bytes and raises OperationalError beyond `MAX_RESULT_BYTES`."""

    def __init__(self) -> None:
        self._n_bytes = 0

    def __call__(self, cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> sqlite3.Row:
        self._n_bytes += sum(len(value) for value in values if isinstance(value, (str, bytes)))
        if self._n_bytes > MAX_RESULT_BYTES:
            raise sqlite3.OperationalError(
                f"the result has more than {MAX_RESULT_BYTES} bytes: select fewer or shorter values"
            )
        return sqlite3.Row(cursor, values)
