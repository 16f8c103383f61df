"""A cluster of a test or the campaign: its database, its depot, and workers as processes."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from scraper.cluster.database import ClusterDatabase
from scraper.cluster.depot import ObjectDepot
from scraper.cluster.fetching import fetch_archive
from scraper.cluster.stores import import_stores
from tests.conftest import ENDS_S, QUICK, Start
from tests.warm import Running


@dataclass
class Cluster:
    """A cluster of a test: a database, a depot, and the workers that were started, each with a
    folder of its own."""

    conninfo: str
    begin: Start
    folder: Path
    workers: list[Running] = field(default_factory=list)

    @property
    def depot(self) -> Path:
        return self.folder / "depot"

    def settings(self, **more: object) -> list[str]:
        values = {"ARCHIVE_CLUSTER": self.conninfo, "ARCHIVE_DEPOT": self.depot, **more}
        return [word for name, value in values.items() for word in ("-s", f"{name}={value}")]

    def use(self, urls: dict[str, str]) -> None:
        """Make these the stores of the cluster: name to URL. Each is due at once, then in half a
        year."""

        schedule = f"0 5 1 {(datetime.now(UTC).month + 5) % 12 + 1} *"
        text = "".join(
            f'[stores.{name}]\nurl = "{url}"\nschedule = "{schedule}"\n'
            for name, url in urls.items()
        )
        with closing(ClusterDatabase(self.conninfo)) as database:
            import_stores(database, text)

    def start_worker(
        self, name: str, *, crawls: int = 2, proxy: str = "", **settings: object
    ) -> Running:
        """Start a worker with the folder of its name."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        values = {"ARCHIVE_PROXY": proxy, "ARCHIVE_RATE": 0, "ARCHIVE_TAKEOVER": 2, **settings}
        words = ["worker", "--crawls", str(crawls), "--db", str(folder / "archive.db")]
        words += [*QUICK, *self.settings(**values)]
        worker = self.begin(*words, log=folder / "worker.log")
        self.workers.append(worker)
        return worker

    def log(self, name: str) -> str:
        return (self.folder / name / "worker.log").read_text()

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with closing(psycopg.connect(self.conninfo)) as connection:
            connection.execute("SET search_path = blogkeep, procrastinate")
            return connection.execute(sql, values).fetchall()

    def write(self, sql: str, *values: Any) -> None:
        """Change the database."""
        with closing(psycopg.connect(self.conninfo, autocommit=True)) as connection:
            connection.execute(sql, values)

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

        into = self.folder / folder / store
        with closing(ClusterDatabase(self.conninfo)) as database:
            return fetch_archive(database, ObjectDepot.at(str(self.depot)), store, into)

    def stop_workers(self) -> None:
        """Stop all workers, and wait for them."""
        for worker in self.workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGCONT)
                worker.send_signal(signal.SIGTERM)
        for worker in self.workers:
            worker.wait(ENDS_S)
