"""The child of a `QueryProcess`: executes queries until the server closes the connection."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from scraper.archive.queries.run_query import limit_connection, limit_heap, run_bounded
from scraper.exceptions import BlogkeepError

NICE: Final = 10
"""Pages that a reader waits for come first."""

MOST_MEMORY: Final = 512 * 1024 * 1024
"""Bytes of memory of a child, most of them for parsing captured pages, of which some would take 4
GB; SQLite in it has a lower limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryOptions:
    """How a child opens the archive: the size of its cache (0: SQLite's own), the bytes that SQLite
    may use, and functions that queries may call: the number of their arguments, and where each is
    ("module:name"), for it is imported when a query calls it."""

    archive: Path
    cache_size_kb: int
    max_heap_bytes: int
    functions: Mapping[str, tuple[int, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """SQL with its parameters, the most rows it may return (None: all), its time until SQLite
    interrupts it, and its time until the process is killed."""

    sql: str
    parameters: Mapping[str, Any] | Sequence[Any]
    max_rows: int | None
    timeout_ms: float
    kill_after_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionCall:
    """A function of a module to call with the connection and more arguments, and its time until the
    process is killed."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    kill_after_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRows:
    """Rows, whether there are more, the names of their columns."""

    rows: list[tuple[Any, ...]]
    is_truncated: bool
    columns: list[str]


Answer = tuple[Any, Exception | None]
"""What a function returned, or the rows of a query; or an error."""


def main() -> None:
    """Answer queries and calls. The system kills this process where one takes too long, whatever
    code it is in (SIGALRM, which nothing handles)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends us
    os.nice(NICE)
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if soft == resource.RLIM_INFINITY or soft > MOST_MEMORY:
        resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, hard))
    connection = Connection(int(sys.argv[1]))
    with contextlib.suppress(EOFError, OSError):
        database = _open(connection.recv())
        while True:
            task = connection.recv()
            signal.setitimer(signal.ITIMER_REAL, task.kill_after_ms / 1000)
            answer = _answer(database, task)
            signal.setitimer(signal.ITIMER_REAL, 0)
            connection.send(answer)


def _open(options: QueryOptions) -> sqlite3.Connection:
    limit_heap(options.max_heap_bytes)
    database = sqlite3.connect(f"{options.archive.absolute().as_uri()}?mode=ro", uri=True)
    database.text_factory = lambda text: str(text, "utf-8", "replace")
    database.execute("PRAGMA query_only = 1")
    if options.cache_size_kb:
        database.execute(f"PRAGMA cache_size = -{options.cache_size_kb}")
    for name, (n_arguments, place) in options.functions.items():
        database.create_function(name, n_arguments, partial(_call, place), deterministic=True)
    limit_connection(database)
    database.set_authorizer(_hide_path)
    return database


def _hide_path(action: int, table: str | None, column: str | None, *_: str | None) -> int:
    """Have SQLite read NULL for where the archive stands on this machine, which is no business
    of a visitor's. It names a table of its own as this connection first typed it."""
    read = (action, (table or "").lower(), column)
    is_path = read == (sqlite3.SQLITE_READ, "pragma_database_list", "file")
    return sqlite3.SQLITE_IGNORE if is_path else sqlite3.SQLITE_OK


def _call(place: str, *arguments: Any) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)(*arguments)


def _answer(database: sqlite3.Connection, task: Query | FunctionCall) -> Answer:
    try:
        if isinstance(task, Query):
            return run_bounded(database, task.timeout_ms, partial(_fetch, task)), None
        return task.function(database, *task.arguments), None
    except (BlogkeepError, sqlite3.Error, ValueError, OverflowError, MemoryError) as error:
        return None, error
    except Exception as error:  # noqa: BLE001 - a defect is reported where the call was made
        error.add_note(traceback.format_exc())
        return None, error


def _fetch(query: Query, connection: sqlite3.Connection) -> FoundRows:
    cursor = connection.execute(query.sql, query.parameters)
    limit = query.max_rows
    rows = list(islice(cursor, limit if limit is None else limit + 1))
    return FoundRows(
        rows=list(map(tuple, rows[:limit])),
        is_truncated=limit is not None and len(rows) > limit,
        columns=[column[0] for column in cursor.description or ()],
    )
