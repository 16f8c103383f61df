"""The request budget of all workers: a row in PostgreSQL, changed by the functions of one machine's
budget, by the server's clock."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar, Final, Self

import psycopg
from psycopg.errors import LockNotAvailable, QueryCanceled
from psycopg.rows import DictRow

from scraper.cluster.database import Connection, connect, unavailable
from scraper.exceptions import ClusterUnavailable, StoreLost
from scraper.middlewares.budget_state import BudgetBusy, Change
from scraper.middlewares.rate_budget import Budget, parse_budget, write_budget

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

logger = logging.getLogger(__name__)

NAME: Final = "all"
"""The one row: all workers share one rate."""

LOCK_MS: Final = 2000
"""The longest wait for others that take their turn, in thousandths of a second."""

UNREACHABLE_S: Final = 1.0
BUSY_S: Final = 0.02


class PostgresBudget:
    """The budget as a row, for the crawl of one store under a fence.

    Each change checks that the store's fence is still that of the crawl, in the same transaction:
    a crawl whose store another worker has taken over gets no turn. Where PostgreSQL cannot be
    reached nobody gets one: crawls wait.
    """

    asked_without_rate: ClassVar[bool] = True

    def __init__(self, conninfo: str, store: str, fence: int) -> None:
        self.known = Budget()
        self.busy_s = BUSY_S
        self._conninfo, self._store, self._fence = conninfo, store, fence
        self._connection: Connection | None = None
        self._warned = False

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """For the store and fence that the worker set."""
        store, _, fence = settings["ARCHIVE_FENCE"].rpartition(":")
        return cls(settings["ARCHIVE_CLUSTER"], store, int(fence))

    def change(self, change: Change, *, lock_s: float) -> Budget:
        """As `BudgetState.change`. It waits for its turn whatever `lock_s` is: the server hands
        out turns in order, which asking again and again would not."""
        try:
            with unavailable():
                if self._connection is None or self._connection.closed:
                    self._connection = connect(self._conninfo)
                    self._connection.execute(f"SET lock_timeout = {LOCK_MS}".encode())
                self.known = self._change(self._connection, change)
        except ClusterUnavailable as error:
            self.close()
            self.busy_s = UNREACHABLE_S
            if not self._warned:
                logger.warning("%s: the crawl waits", error)
            self._warned = True
            raise BudgetBusy(str(error)) from error
        if self._warned:
            logger.warning("PostgreSQL answers again: the crawl goes on")
        self.busy_s, self._warned = BUSY_S, False
        return self.known

    def close(self) -> None:
        """As `BudgetState.close`."""
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
            self._connection = None

    def _change(self, connection: Connection, change: Change) -> Budget:
        row = connection.execute(_READ, [self._store, NAME]).fetchone()
        stored = self._stored(row)
        if row is not None and change(stored, float(row["now"])) == stored:
            return stored  # whoever only waits needs no lock, which would hold up the others
        try:
            with connection.transaction():
                return self._change_locked(connection, change)
        except (LockNotAvailable, QueryCanceled) as error:
            raise BudgetBusy("others have their turn") from error

    def _change_locked(self, connection: Connection, change: Change) -> Budget:
        row = connection.execute(_LOCK, [NAME]).fetchone()
        if row is None:
            connection.execute(_CREATE, [NAME, write_budget(Budget())])
            connection.execute(_LOCK, [NAME])
        # Another statement: clock and fence are read once nobody else can change the row.
        row = connection.execute(_READ, [self._store, NAME]).fetchone()
        assert row is not None
        stored = self._stored(row)
        changed = change(stored, float(row["now"]))
        if changed != stored:
            connection.execute(_WRITE, [write_budget(changed), NAME])
        return changed

    def _stored(self, row: DictRow | None) -> Budget:
        """The budget of a row. Raises StoreLost where the fence has moved."""
        if row is None:
            return Budget()
        if row["fence"] != self._fence:
            raise StoreLost(f"another worker has taken over {self._store}")
        return parse_budget(row["state"])


_READ = """
    SELECT state, extract(epoch FROM clock_timestamp()) AS now, (
        SELECT fence FROM archives WHERE store = %s
    ) AS fence
    FROM budget WHERE name = %s
"""
_LOCK = "SELECT name FROM budget WHERE name = %s FOR UPDATE"
_CREATE = "INSERT INTO budget (name, state) VALUES (%s, %s) ON CONFLICT DO NOTHING"
_WRITE = "UPDATE budget SET state = %s, changed_at = now() WHERE name = %s"
