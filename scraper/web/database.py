"""The archive as a database of Datasette: limited in time and size, on threads of its own."""

from __future__ import annotations

import asyncio
import csv
import math
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, get_args

from datasette.database import Database, QueryInterrupted, Results
from datasette.utils import escape_fts

from scraper.archive.database import MAX_VALUE_BYTES
from scraper.archive.queries.pages.excerpts import change_excerpt
from scraper.archive.queries.run_query import Connection, run_bounded
from scraper.archive.query_process import QueryProcessPool
from scraper.archive.query_worker import FunctionCall, Query
from scraper.exceptions import QueryTimeout

if TYPE_CHECKING:
    from datasette.app import Datasette

_Result = TypeVar("_Result")

Pool = Literal["pages", "tables", "searches"]

SQL_FUNCTIONS: Final[dict[Callable[..., Any], int]] = {change_excerpt: 2}
"""Functions of ours that SQL may call, with the number of their arguments."""

THREADS: Final = 3
"""Threads of each pool; each has its own connection."""

GRACE_MS: Final = 1000
"""Time that a query has beyond Datasette's own limit before it is interrupted."""

_PLAIN: Final = frozenset({"_next", "_nl", "_shape", "_size"})
"""Parameters of a table page that let nobody choose what it costs."""

_pool: ContextVar[Pool] = ContextVar("pool", default="pages")
_is_chosen: ContextVar[bool] = ContextVar("is_chosen", default=False)


def note_request(parameters: Iterable[str]) -> None:
    """Note for the queries of a request to one of Datasette's pages whether a visitor has chosen
    what they cost: by SQL, filters, facets, an order or a search."""
    _is_chosen.set(not _PLAIN.issuperset(parameters))


def add_archive(datasette: Datasette, name: str, archive: Path) -> None:
    """Give a Datasette the archive as its database of that name, within our limits."""
    # The limit of Python is 131,072 characters, which the text of a post can exceed.
    csv.field_size_limit(MAX_VALUE_BYTES)
    datasette.remove_database(name)
    datasette.add_database(ArchiveDatabase(datasette, archive), name=name)


class ArchiveDatabase(Database):  # type: ignore[misc]
    """The archive. Our pages, plain table pages and our searches have threads of their own; what a
    visitor can make as slow as the limits allow (SQL, filtered tables, facets) runs in processes of
    its own, as does what only a process can end. None waits for another."""

    def __init__(self, datasette: Datasette, archive: Path) -> None:
        super().__init__(datasette, path=str(archive), is_mutable=True)
        self._threads = {
            pool: ThreadPoolExecutor(THREADS, f"archive-{pool}") for pool in get_args(Pool)
        }
        self._processes = QueryProcessPool(
            archive,
            cache_size_kb=datasette.setting("cache_size_kb"),
            functions={
                function.__name__: (count, f"{function.__module__}:{function.__qualname__}")
                for function, count in {escape_fts: 1, **SQL_FUNCTIONS}.items()
            },
        )
        self._local = threading.local()
        self._version_lock = threading.Lock()
        self._version_connection: Connection | None = None

    def connect(self, write: bool = False) -> Connection:
        """Open the file for reading, whatever for Datasette asks: no route of it, and no visitor
        whom an operator lets in as root, writes into the archive."""
        connection: Connection = super().connect()
        return connection

    async def execute(
        self,
        sql: str,
        params: Any = None,
        truncate: bool = False,
        custom_time_limit: int | None = None,
        **options: Any,
    ) -> Any:
        """Execute SQL. Datasette truncates what visitors write, and rows of tables."""
        if _is_chosen.get():
            return await self._execute_chosen(sql, params, truncate, custom_time_limit)
        token = _pool.set("tables" if truncate else "pages")
        try:
            return await super().execute(sql, params, truncate, custom_time_limit, **options)
        finally:
            _pool.reset(token)

    async def _execute_chosen(
        self, sql: str, params: Any, truncate: bool, custom_time_limit: int | None
    ) -> Results:
        """Execute SQL of a visitor in another process. Raises QueryInterrupted."""
        limit_ms = min(custom_time_limit or math.inf, self.ds.sql_time_limit_ms)
        query = Query(
            sql=sql,
            parameters=_plain(params),
            max_rows=self.ds.max_returned_rows if truncate else None,
            timeout_ms=limit_ms,
            kill_after_ms=limit_ms + GRACE_MS,
        )
        try:
            found = await self._processes.execute(query)
        except QueryTimeout as error:
            raise QueryInterrupted(error, sql, params) from error
        description = [(name, *[None] * 6) for name in found.columns]
        return Results(found.rows, found.is_truncated, description)

    async def call_apart(
        self, function: Callable[..., _Result], *arguments: Any, timeout_ms: float
    ) -> _Result:
        """Call a function of a module with a connection of its own in another process, which is
        killed where it takes longer. Raises QueryTimeout, or what the function does."""
        call = FunctionCall(function=function, arguments=arguments, kill_after_ms=timeout_ms)
        result: _Result = await self._processes.execute(call)
        return result

    def end_queries(self) -> None:
        """End the queries of visitors, and calls, that are running."""
        self._processes.kill()

    def end(self) -> None:
        """End threads and processes; nothing may be asked any more."""
        self._processes.end()
        for threads in self._threads.values():
            threads.shutdown(wait=False, cancel_futures=True)
        self.close()

    async def execute_fn(self, fn: Callable[[Connection], _Result]) -> _Result:
        """Run a function of Datasette within the limits."""
        timeout_ms = self.ds.sql_time_limit_ms + GRACE_MS
        return await self.run(
            lambda connection: run_bounded(connection, timeout_ms, fn), pool=_pool.get()
        )

    async def run(
        self, function: Callable[[Connection], _Result], *, pool: Pool = "pages"
    ) -> _Result:
        """Run a function that limits its own time, such as the query of a page."""

        def run_in_thread() -> _Result:
            return function(self._connection())

        threads = self._threads[pool]
        return await asyncio.get_running_loop().run_in_executor(threads, run_in_thread)

    def data_version(self) -> int:
        """A number that differs after each change of the archive. SQLite's is meaningful only on
        one connection (https://www.sqlite.org/pragma.html#pragma_data_version), so it has its own.
        """
        with self._version_lock:
            if self._version_connection is None:
                self._version_connection = self.connect()
            (version,) = self._version_connection.execute("PRAGMA data_version").fetchone()
        return int(version)

    def _connection(self) -> Connection:
        """The connection of the current thread."""
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self.connect()
            self.ds._prepare_connection(connection, self.name)
            self._local.connection = connection
        return connection


def _plain(parameters: Any) -> Any:
    """Parameters that can be sent: those of Datasette's own queries know their request."""
    return dict(parameters) if isinstance(parameters, Mapping) else list(parameters or ())
