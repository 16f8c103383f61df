"""The archive as a database of Datasette: limited in time and size, on threads of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from datasette.database import Database

from scraper.archive.queries.run_query import Connection, run_bounded

if TYPE_CHECKING:
    from datasette.app import Datasette

_Result = TypeVar("_Result")

THREADS: Final = 3
"""Threads for our pages, and as many for slow queries; each has its own connection."""

GRACE_MS: Final = 1000
"""Time that a query has beyond Datasette's own limit before it is interrupted."""

_is_slow: ContextVar[bool] = ContextVar("is_slow", default=False)


class ArchiveDatabase(Database):  # type: ignore[misc]
    """The archive. Slow queries have threads of their own, so that no page waits for them: SQL of
    visitors, table pages and searches."""

    def __init__(self, datasette: Datasette, archive: Path) -> None:
        super().__init__(datasette, path=str(archive), is_mutable=True)
        self._threads = ThreadPoolExecutor(THREADS, "archive")
        self._slow_threads = ThreadPoolExecutor(THREADS, "archive-slow")
        self._local = threading.local()

    async def execute(
        self, sql: str, params: Any = None, truncate: bool = False, **options: Any
    ) -> Any:
        """Execute SQL. Datasette truncates what visitors write, and rows of tables."""
        token = _is_slow.set(truncate)
        try:
            return await super().execute(sql, params, truncate, **options)
        finally:
            _is_slow.reset(token)

    async def execute_fn(self, fn: Callable[[Connection], _Result]) -> _Result:
        """Run a function of Datasette within the limits."""
        timeout_ms = self.ds.sql_time_limit_ms + GRACE_MS
        return await self.run(
            lambda connection: run_bounded(connection, timeout_ms, fn), is_slow=_is_slow.get()
        )

    async def run(
        self, function: Callable[[Connection], _Result], *, is_slow: bool = False
    ) -> _Result:
        """Run a function that limits its own time, such as the query of a page."""

        def run_in_thread() -> _Result:
            return function(self._connection())

        threads = self._slow_threads if is_slow else self._threads
        return await asyncio.get_running_loop().run_in_executor(threads, run_in_thread)

    def _connection(self) -> Connection:
        """The connection of the current thread."""
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self.connect()
            self.ds._prepare_connection(connection, self.name)
            self._local.connection = connection
        return connection
