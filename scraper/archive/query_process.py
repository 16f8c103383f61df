"""Executes the SQL of visitors, and what else may hang, in processes of their own, killed where its
time is over.

No limit inside the server holds: SQLite looks at its clock between two instructions, and a single
function, a JSON text or a search in a full-text index can take minutes within one. A parser of HTML
looks at none.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

from scraper.archive import query_worker
from scraper.archive.queries.run_query import MAX_HEAP_BYTES
from scraper.archive.query_worker import Answer, FoundRows, FunctionCall, Query, QueryOptions
from scraper.exceptions import QueryTimeout

PROCESSES: Final = 3
"""Processes of a server: so many queries of visitors and calls run at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryResult:
    """Rows, whether there are more of them, and the names of the columns."""

    rows: list[sqlite3.Row]
    is_truncated: bool
    columns: list[str]


class QueryProcess:
    """A child process with a read-only connection; it is started for the first query."""

    def __init__(self, options: QueryOptions) -> None:
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None

    def execute(self, task: Query | FunctionCall) -> Any:
        """Return the rows of a query, or what a function returns. Raises QueryTimeout, also where
        the process is lost, the error of SQLite, or any of the function."""
        if self._connection is None:
            self._connection = self._start()
        try:
            self._connection.send(task)
            answer = self._connection.recv()
        except (EOFError, OSError) as lost:
            self.close()
            raise QueryTimeout("interrupted") from lost
        return _result(answer)

    def kill(self) -> None:
        """Kill the process, from any thread: a query in it is interrupted."""
        if (process := self._process) is not None:
            process.kill()

    def close(self) -> None:
        """End the process, from the thread that waits for it."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self.kill()
        if self._process is not None:
            self._process.wait()
            self._process = None

    def _start(self) -> Connection:
        ours, theirs = socket.socketpair()
        # Not by -m: its classes would be those of a module called __main__. sqlite-utils imports
        # numpy, a third of the start, which no query needs.
        without_numpy = "import sys; sys.modules['numpy'] = None"
        program = f"{without_numpy}; from {query_worker.__name__} import main; main()"
        words = [sys.executable, "-c", program, str(theirs.fileno())]
        self._process = subprocess.Popen(words, pass_fds=[theirs.fileno()])
        theirs.close()
        connection = Connection(ours.detach())
        connection.send(self._options)
        return connection


class QueryProcessPool:
    """The query processes of a server. `functions` are those that queries may call besides SQLite's
    own: the number of their arguments, and where each is, as "module:name"."""

    def __init__(
        self,
        archive: Path,
        *,
        cache_size_kb: int,
        functions: Mapping[str, tuple[int, str]],
    ) -> None:
        options = QueryOptions(
            archive=archive,
            cache_size_kb=cache_size_kb,
            max_heap_bytes=MAX_HEAP_BYTES // PROCESSES,
            functions=functions,
        )
        self._threads = ThreadPoolExecutor(PROCESSES, "archive-sql")
        self._all = [QueryProcess(options) for _ in range(PROCESSES)]
        self._free = SimpleQueue[QueryProcess]()
        for process in self._all:
            self._free.put(process)

    async def execute(self, task: Query | FunctionCall) -> Any:
        """Execute a query, or call a function, in a process that is free. Raises QueryTimeout, the
        error of SQLite, or that of the function."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._execute, task)

    def kill(self) -> None:
        """Kill all processes: their queries are interrupted."""
        for process in self._all:
            process.kill()

    def end(self) -> None:
        """End all processes and threads; nothing may be executed any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for process in self._all:
            process.close()

    def _execute(self, task: Query | FunctionCall) -> Any:
        process = self._free.get()
        try:
            return process.execute(task)
        finally:
            self._free.put(process)


def _result(answer: Answer) -> Any:
    value, error = answer
    if error is not None:
        if error.args == ("interrupted",):
            raise QueryTimeout("interrupted") from error
        raise error
    if not isinstance(value, FoundRows):
        return value
    return QueryResult(
        rows=_with_names(value.columns, value.rows),
        is_truncated=value.is_truncated,
        columns=value.columns,
    )


def _with_names(columns: list[str], rows: list[tuple[Any, ...]]) -> list[sqlite3.Row]:
    """Rows as SQLite returns them: they take their names from a cursor."""
    if not columns:
        return []
    names = ", ".join('NULL AS "{}"'.format(name.replace('"', '""')) for name in columns)
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        cursor = connection.execute(f"SELECT {names}")
        return [sqlite3.Row(cursor, row) for row in rows]
