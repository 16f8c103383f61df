"""Archives of stores as the depot has them, for reading elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from scraper.archive.captures.schema import captures_path
from scraper.archive.file_hashes import remove_remains
from scraper.cluster.database import ClusterDatabase
from scraper.cluster.depot import ArchivePair, ObjectDepot
from scraper.exceptions import ClusterError, NoArchive, NotOurs


def fetch_archive(database: ClusterDatabase, depot: ObjectDepot, store: str, into: Path) -> Path:
    """Write the newest archive of a store and its captures into a folder; returns the archive's
    path. Raises ClusterError, NotOurs where there is an archive already."""
    key = _newest_key(database, store)
    if not key:
        raise ClusterError(f"{store} has no archive yet: it was not crawled")
    archive = into / "archive.db"
    if archive.exists():
        raise NotOurs(f"{archive} exists: name another folder")
    into.mkdir(parents=True, exist_ok=True)
    pair = ArchivePair(archive=into / "archive.db.new", captures=captures_path(archive, ""))
    for path in (archive, pair.captures):
        remove_remains(path)
    depot.fetch(key, pair)
    os.replace(pair.archive, archive)
    return archive


def list_archives(database: ClusterDatabase) -> list[str]:
    """The stores that have an archive, retired ones too, in order of their hosts."""
    return list(list_keys(database))


def list_keys(database: ClusterDatabase) -> dict[str, str]:
    """Where the depot has the newest archive of each of these stores."""
    with database.transaction() as connection:
        rows = connection.execute(_ARCHIVED).fetchall()
    return {row["name"]: row["key"] for row in rows}


def fetched_pairs(database: ClusterDatabase, depot: ObjectDepot) -> Iterator[tuple[Path, Path]]:
    """Yield the newest archive of every store with its captures, each in a temporary folder until
    the next one. Raises ClusterError, NoArchive."""
    for store in list_archives(database):
        with TemporaryDirectory(prefix="blogkeep-") as folder:
            archive = fetch_archive(database, depot, store, Path(folder))
            yield archive, captures_path(archive, "")


@contextmanager
def fetched_archive(database: ClusterDatabase, depot: ObjectDepot, store: str) -> Iterator[Path]:
    """The newest archive of a store without its captures, in a temporary folder. Raises
    ClusterError, NoArchive where the depot lacks it."""
    with TemporaryDirectory(prefix="blogkeep-") as folder:
        into = Path(folder) / "archive.db"
        key = _newest_key(database, store)
        try:
            depot.fetch_archive(key, into)
        except NoArchive:
            newer = _newest_key(database, store)
            if newer == key:
                raise
            # A worker published a newer one meanwhile, and deleted this one.
            depot.fetch_archive(newer, into)
        yield into


def _newest_key(database: ClusterDatabase, store: str) -> str:
    """The key of a store's newest archive in the depot, empty before its first crawl. Raises
    ClusterError."""
    with database.transaction() as connection:
        row = connection.execute("SELECT key FROM archives WHERE store = %s", [store]).fetchone()
    if row is None:
        raise ClusterError(f"there is no store {store!r} in this cluster")
    return str(row["key"])


_ARCHIVED = """
    SELECT name, key FROM stores JOIN archives ON store = name WHERE key != '' ORDER BY host, name
"""
