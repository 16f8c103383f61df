"""A PostgreSQL for all tests of a process, a database of its own for each test, and workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ENDS_S, QUICK, ROOT, quiet_environment
from tests.postgres import NEEDED, PostgresServer, binaries

psycopg = pytest.importorskip("psycopg", reason="the libraries of a cluster are not installed")
pytest.importorskip("procrastinate")
pytest.importorskip("obstore")


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
    from scraper.cluster.database import create_tables  # noqa: PLC0415

    name = f"test{time.monotonic_ns()}"
    with closing(psycopg.connect(postgres.conninfo, autocommit=True)) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    assert create_tables(postgres.database(name))
    yield postgres.database(name)
    with closing(psycopg.connect(postgres.conninfo, autocommit=True)) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@dataclass
class Cluster:
    """A cluster of a test: a database, a depot, and the workers that were started, each with a
    folder of its own."""

    conninfo: str
    folder: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def depot(self) -> Path:
        return self.folder / "depot"

    def settings(self, **more: object) -> list[str]:
        values = {"ARCHIVE_CLUSTER": self.conninfo, "ARCHIVE_DEPOT": self.depot, **more}
        return [word for name, value in values.items() for word in ("-s", f"{name}={value}")]

    def run(self, *words: str) -> str:
        """Run a command of the cluster, which must succeed; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "scraper", *words, *self.settings()],
            cwd=ROOT,
            env=quiet_environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=ENDS_S,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def use(self, urls: dict[str, str]) -> None:
        """Make these the stores of the cluster: name to URL. Each is due at once, then in half a
        year."""
        from scraper.cluster.database import ClusterDatabase  # noqa: PLC0415
        from scraper.cluster.stores import import_stores  # noqa: PLC0415

        schedule = f"0 5 1 {(datetime.now(UTC).month + 5) % 12 + 1} *"
        text = "".join(
            f'[stores.{name}]\nurl = "{url}"\nschedule = "{schedule}"\n'
            for name, url in urls.items()
        )
        with closing(ClusterDatabase(self.conninfo)) as database:
            import_stores(database, text)

    def start_worker(
        self, name: str, *, crawls: int = 2, proxy: str = "", **settings: object
    ) -> subprocess.Popen[bytes]:
        """Start a worker with the folder of its name."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        values = {"ARCHIVE_PROXY": proxy, "ARCHIVE_RATE": 0, "ARCHIVE_TAKEOVER": 2, **settings}
        words = ["worker", "--crawls", str(crawls), "--db", str(folder / "archive.db")]
        with (folder / "worker.log").open("ab") as log:
            worker = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "scraper",
                    *words,
                    *QUICK,
                    *self.settings(**values),
                ],
                cwd=ROOT,
                env=quiet_environment(),
                stdout=log,
                stderr=log,
            )
        self.workers.append(worker)
        return worker

    def log(self, name: str) -> str:
        return (self.folder / name / "worker.log").read_text()

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with closing(psycopg.connect(self.conninfo)) as connection:
            connection.execute("SET search_path = blogkeep, procrastinate")
            return connection.execute(sql, values).fetchall()

    def wait_for(self, is_true: Callable[[], bool]) -> None:
        """Wait for an event; the workers' logs are shown where it does not come."""
        end = time.monotonic() + ENDS_S
        while not is_true():
            assert time.monotonic() < end, self.logs()
            assert any(worker.poll() is None for worker in self.workers), self.logs()
            time.sleep(0.1)

    def wait_for_runs(self, number: int) -> None:
        """Wait until so many runs are complete."""
        sql = "SELECT count(*) FROM runs WHERE outcome = 'complete'"
        self.wait_for(lambda: self.rows(sql) == [(number,)])

    def logs(self) -> str:
        return "\n".join(path.read_text() for path in self.folder.glob("*/worker.log"))

    def fetch(self, store: str, folder: str = "fetched") -> Path:
        """The archive of a store, fetched from the depot into a folder."""
        from scraper.cluster.database import ClusterDatabase  # noqa: PLC0415
        from scraper.cluster.depot import ObjectDepot  # noqa: PLC0415
        from scraper.cluster.fetching import fetch_archive  # noqa: PLC0415

        into = self.folder / folder / store
        with closing(ClusterDatabase(self.conninfo)) as database:
            return fetch_archive(database, ObjectDepot.at(str(self.depot)), store, into)

    def stop_workers(self) -> None:
        """Stop all workers, and wait for them."""
        for worker in self.workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGCONT)
                worker.terminate()
        for worker in self.workers:
            worker.wait(ENDS_S)


@pytest.fixture
def cluster(conninfo: str, tmp_path: Path) -> Iterator[Cluster]:
    """A cluster without stores and workers."""
    made = Cluster(conninfo, tmp_path)
    yield made
    for worker in made.workers:
        worker.kill()
        worker.wait()
