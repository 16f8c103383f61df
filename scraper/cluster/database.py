"""Connections to the cluster's PostgreSQL, and its tables."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.resources import files
from typing import Any, Final

import psycopg
from procrastinate.schema import SchemaManager
from psycopg.errors import ReadOnlySqlTransaction
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool

from scraper.exceptions import ClusterError, ClusterUnavailable

Connection = psycopg.Connection[DictRow]

QUEUE_SCHEMA: Final = "procrastinate"
"""The schema of the queue's own tables and functions."""

CONNECT_S: Final = 5
"""Seconds until an attempt to connect counts as failed."""

_OPTIONS: Final[dict[str, Any]] = {
    "autocommit": True,
    "row_factory": dict_row,
    "connect_timeout": CONNECT_S,
    # A server that vanishes without a word is noticed within these seconds.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "application_name": "blogkeep",
}
_SEARCH_PATH: Final = f"SET search_path = blogkeep, {QUEUE_SCHEMA}"

logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # it warns at each attempt


class ClusterDatabase:
    """The database at a connection string, through at most `size` connections; safe to use from
    several threads. Each method that reaches it raises ClusterUnavailable where it cannot."""

    def __init__(self, conninfo: str, *, size: int = 4) -> None:
        self._pool = ConnectionPool(
            conninfo,
            kwargs=_OPTIONS,
            connection_class=Connection,
            configure=_prepare,
            check=ConnectionPool.check_connection,
            min_size=0,
            max_size=size,
            timeout=CONNECT_S,
            open=True,
        )

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection within a transaction."""
        with unavailable(), self._pool.connection() as connection, connection.transaction():
            yield connection

    @contextmanager
    def pipeline(self) -> Iterator[Connection]:
        """As `transaction`, but statements are sent together until a result is fetched: on a busy
        machine each wait for the server costs more than the statement. A `rowcount` is known only
        after a fetch."""
        with (
            unavailable(),
            self._pool.connection() as connection,
            connection.pipeline(),
            connection.transaction(),
        ):
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


@contextmanager
def unavailable() -> Iterator[None]:
    """Turn a connection that cannot be made, that broke, or that leads to a server which only
    reads, into ClusterUnavailable."""
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError, ReadOnlySqlTransaction) as error:
        reason = str(error).partition("\n")[0]
        raise ClusterUnavailable(f"PostgreSQL cannot be reached: {reason}") from error


def connect(conninfo: str) -> Connection:
    """A single connection. Raises ClusterUnavailable."""
    with unavailable():
        connection: Connection = Connection.connect(conninfo, **_OPTIONS)
        _prepare(connection)
        return connection


def create_tables(conninfo: str) -> bool:
    """Create the tables of the queue and of the cluster in an empty database; False if they are
    there already. Raises ClusterUnavailable, ClusterError."""
    with connect(conninfo) as connection, unavailable(), connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('blogkeep init'))")
        if _has_tables(connection):
            return False
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {QUEUE_SCHEMA}".encode())
        connection.execute(f"SET LOCAL search_path = {QUEUE_SCHEMA}".encode())
        connection.execute(SchemaManager.get_schema())
        schema = files("scraper.cluster").joinpath("schema.sql").read_text("utf-8")
        connection.execute(schema.encode())
        return True


@contextmanager
def open_cluster(conninfo: str) -> Iterator[ClusterDatabase]:
    """The database of a cluster that is set up. Raises as `open_connection`."""
    with open_connection(conninfo):
        pass
    with closing(ClusterDatabase(conninfo)) as database:
        yield database


@contextmanager
def open_connection(conninfo: str) -> Iterator[Connection]:
    """A single connection to a cluster that is set up. Raises ClusterError where its tables are
    missing, ClusterUnavailable where the server is."""
    with connect(conninfo) as connection, unavailable():
        if not _has_tables(connection):
            raise ClusterError("this database has no tables yet: run blogkeep cluster init")
        yield connection


def _has_tables(connection: Connection) -> bool:
    row = connection.execute("SELECT to_regclass('blogkeep.stores') IS NOT NULL AS found")
    return bool(row.fetchone()["found"])  # type: ignore[index]


def _prepare(connection: Connection) -> None:
    connection.execute(_SEARCH_PATH.encode())
