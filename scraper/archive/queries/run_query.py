"""Run a query function within limits of time, size and memory, or return its cached result."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import closing, contextmanager
from typing import Any, Concatenate, Final, ParamSpec, TypeAlias, TypeVar
from weakref import WeakValueDictionary

from scraper.archive.database import MOST_BODY
from scraper.exceptions import QueryFailed

Connection: TypeAlias = sqlite3.Connection

_Args = ParamSpec("_Args")
_Result = TypeVar("_Result")

MAX_CACHE_ENTRIES: Final = 32
"""Entries in the cache. The largest, a graph picture of 5,000 posts, takes a megabyte."""

MAX_RESULT_BYTES: Final = 16 * 1024 * 1024
"""Bytes of the texts and blobs in one result."""

MISUSE: Final = (sqlite3.ProgrammingError, sqlite3.InterfaceError, sqlite3.DataError)
"""What is raised for SQL or values that SQLite cannot take, whatever the archive."""

MAX_HEAP_BYTES: Final = 256 * 1024 * 1024
"""Bytes that SQLite may use in this process, all connections together."""

MAX_SQL_BYTES: Final = 100_000
MAX_COLUMNS: Final = 200
MAX_PATTERN_BYTES: Final = 1000

_INSTRUCTIONS: Final = 10_000
"""Instructions of SQLite's virtual machine between two checks of the clock: a fraction of a
millisecond."""


_INTERRUPT_S: Final = 0.05
"""Seconds between two interrupts of a query whose time is over."""


@contextmanager
def time_limit(connection: Connection, timeout_ms: float) -> Iterator[None]:
    """Limit the time of the statements of a block. SQLite then raises OperationalError.

    SQLite calls its progress handler only in its own virtual machine, which a full-text index can
    leave for minutes. So a thread interrupts the connection as well, again and again, because an
    interrupt between two statements has no effect.
    """
    end = time.monotonic() + timeout_ms / 1000
    done, lock = threading.Event(), threading.Lock()

    def interrupt() -> None:
        done.wait(timeout_ms / 1000)
        while not done.wait(_INTERRUPT_S):
            with lock:
                if not done.is_set():
                    connection.interrupt()

    thread = threading.Thread(target=interrupt, name="query-timeout", daemon=True)
    thread.start()
    connection.set_progress_handler(lambda: time.monotonic() > end, _INSTRUCTIONS)
    try:
        yield
    finally:
        # Under the lock, so that no interrupt reaches the next query.
        with lock:
            done.set()
        connection.set_progress_handler(None, _INSTRUCTIONS)


def run_with_timeout(
    connection: Connection,
    timeout_ms: int,
    function: Callable[Concatenate[Connection, _Args], _Result],
    *args: _Args.args,
    **options: _Args.kwargs,
) -> _Result:
    """Run a query function. Raises QueryFailed if it takes longer or the archive is locked."""
    try:
        with time_limit(connection, timeout_ms):
            return function(connection, *args, **options)
    except sqlite3.OperationalError as error:
        raise QueryFailed(
            f"the query failed ({error}): the archive is busy or the query too large; "
            "use a narrower filter, or try again"
        ) from error


def limit_connection(connection: Connection) -> None:
    """Limit the sizes that SQLite accepts and makes (https://www.sqlite.org/limits.html)."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BODY)
    connection.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, MAX_SQL_BYTES)
    connection.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, MAX_COLUMNS)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, MAX_PATTERN_BYTES)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)


def limit_heap(max_bytes: int = MAX_HEAP_BYTES) -> None:
    """Limit the memory of SQLite in this process: beyond it, a query fails."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"PRAGMA hard_heap_limit = {max_bytes}")


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


class QueryCache:
    """The most recently used results, each valid until the archive changes."""

    def __init__(self) -> None:
        self._entries: dict[Hashable, tuple[int, Any]] = {}
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    def lock(self, key: Hashable) -> asyncio.Lock:
        """The lock of a key: whoever holds it runs the query, and the others find its result."""
        return self._locks.setdefault(key, asyncio.Lock())

    def get_or_run(
        self, read_version: Callable[[], int], key: Hashable, run: Callable[[], _Result]
    ) -> _Result:
        """Return the cached result of a key, or run the query if the archive changed since.

        `read_version` is read before the query, so a result is at least as new as its version.
        """
        version = read_version()
        entry = self._entries.pop(key, None)
        if entry is None or entry[0] != version:
            entry = (version, run())
        # Inserted again, so that the least recently used entry is the first of the dictionary.
        self._entries[key] = entry
        for oldest in list(self._entries)[:-MAX_CACHE_ENTRIES]:
            self._entries.pop(oldest, None)
        result: _Result = entry[1]
        return result
