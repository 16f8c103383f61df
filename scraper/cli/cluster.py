"""What the commands of a cluster share: its libraries, which only they need, and its settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from scraper.cli.settings import CommandSettings
from scraper.exceptions import ClusterError, UsageProblem

LIBRARIES = frozenset({"obstore", "procrastinate", "psycopg", "psycopg_pool"})


@contextmanager
def cluster_libraries() -> Iterator[None]:
    """Import `scraper.cluster` within this. Raises ClusterError where its libraries are missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in LIBRARIES:
            raise
        raise ClusterError(
            f"a cluster needs {error.name}: run pip install 'blogkeep[cluster]'"
        ) from None


def connection_string(settings: CommandSettings) -> str:
    """The setting ARCHIVE_CLUSTER. Raises UsageProblem without one."""
    conninfo = str(settings["ARCHIVE_CLUSTER"])
    if not conninfo:
        raise UsageProblem(
            "ARCHIVE_CLUSTER is not set: a connection string, such as "
            "postgresql://blogkeep@db.example/blogkeep"
        )
    return conninfo
