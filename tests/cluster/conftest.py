"""A PostgreSQL for all tests of a process, a database of its own for each test, and workers."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import Start
from tests.postgres import NEEDED, PostgresServer, binaries

if TYPE_CHECKING:
    from tests.cluster.running import Cluster

LIBRARIES = ("obstore", "procrastinate", "psycopg")
collect_ignore_glob = [] if all(map(find_spec, LIBRARIES)) else ["test_*.py"]
"""Where the libraries of a cluster are not installed there is nothing to collect."""


@pytest.fixture(scope="session")
def postgres(integration: None) -> Iterator[PostgresServer]:
    """A server, started once in each process that tests."""
    if binaries() is None:
        assert NEEDED not in os.environ, "PostgreSQL is not installed"
        pytest.skip("PostgreSQL is not installed")
    server = PostgresServer()
    yield server
    server.remove()


@pytest.fixture
def conninfo(postgres: PostgresServer, request: pytest.FixtureRequest) -> Iterator[str]:
    """The connection string of a database with the cluster's tables, for one test."""
    import psycopg  # noqa: PLC0415

    from scraper.cluster.database import create_tables  # noqa: PLC0415

    name = f"test{time.monotonic_ns()}"
    create_tables(postgres.database("template1"))  # once: new databases are copies of it
    with closing(psycopg.connect(postgres.conninfo, autocommit=True)) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield postgres.database(name)
    with closing(psycopg.connect(postgres.conninfo, autocommit=True)) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def cluster(conninfo: str, start: Start, tmp_path: Path) -> Iterator[Cluster]:
    """A cluster without stores and workers."""
    from tests.cluster.running import Cluster  # noqa: PLC0415

    made = Cluster(conninfo, start, tmp_path)
    yield made
    for worker in made.workers:
        worker.kill()
        worker.wait()
