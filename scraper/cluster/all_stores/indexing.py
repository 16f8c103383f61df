"""The merged index of a cluster, filled from the archives in its depot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Final

from scraper.archive.maintenance.merged_index import index_archive, indexed_keys, open_index
from scraper.cluster.database import ClusterDatabase
from scraper.cluster.depot import ObjectDepot
from scraper.cluster.fetching import fetched_archive, list_keys
from scraper.exceptions import ArchiveError, BlogkeepError

STOP_S: Final = 1.0
"""Seconds that the end of a program waits for the archive that is read; a kill leaves it out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexCount:
    """How many archives were read into the index, how many it had as they are, and what is wrong
    with those that could not be read, by store."""

    read: int
    same: int
    lacking: dict[str, str]


def fill_index(
    database: ClusterDatabase,
    depot: ObjectDepot,
    path: Path,
    is_stopped: Callable[[], bool] = lambda: False,
) -> IndexCount:
    """Bring the merged index at a path up to date with the newest archive of every store, until
    `is_stopped`. Raises ClusterError, ArchiveError."""
    read, lacking = 0, {}
    keys = list_keys(database)
    with open_index(path) as index:
        known = indexed_keys(index)
        differing = {name: key for name, key in keys.items() if known.get(name) != key}
        for name, key in differing.items():
            if is_stopped():
                break
            try:
                with fetched_archive(database, depot, name) as archive:
                    index_archive(index, name, key, archive)
            except ArchiveError as error:
                lacking[name] = str(error)
                continue
            read += 1
    return IndexCount(read=read, same=len(keys) - len(differing), lacking=lacking)


@contextmanager
def filled_index(
    database: ClusterDatabase,
    depot: ObjectDepot,
    path: Path,
    *,
    every_s: float,
    report: Callable[[str], None],
) -> Iterator[None]:
    """Bring the merged index up to date in a thread, at once and then every `every_s` seconds.
    `report` is called with what goes wrong, once for as long as it stays the same."""
    stopping = Event()

    def fill() -> None:
        reported: set[str] = set()
        while not stopping.is_set():
            problems = _try_fill(database, depot, path, stopping.is_set)
            if stopping.is_set():
                return  # what went wrong then is that the connections were closed
            for problem in sorted(problems - reported):
                report(problem)
            reported = problems
            stopping.wait(every_s)

    thread = Thread(target=fill, name="merged index", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(STOP_S)


def _try_fill(
    database: ClusterDatabase, depot: ObjectDepot, path: Path, is_stopped: Callable[[], bool]
) -> set[str]:
    """Fill the index; returns what went wrong."""
    try:
        count = fill_index(database, depot, path, is_stopped)
    except (BlogkeepError, OSError) as error:
        return {str(error)}
    return {f"{store}: {problem}" for store, problem in count.lacking.items()}
