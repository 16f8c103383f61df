"""The archive of a store as the depot has it, for reading elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

from scraper.archive.captures.schema import captures_path
from scraper.cluster.database import ClusterDatabase
from scraper.cluster.depot import ObjectDepot
from scraper.exceptions import ClusterError, NotOurs
from scraper.schedule.depot import ArchivePair


def fetch_archive(database: ClusterDatabase, depot: ObjectDepot, store: str, into: Path) -> Path:
    """Write the newest archive of a store and its captures into a folder; returns the archive's
    path. Raises ClusterError, NotOurs where there is an archive already."""
    with database.transaction() as connection:
        row = connection.execute("SELECT key FROM archives WHERE store = %s", [store]).fetchone()
    if row is None:
        raise ClusterError(f"there is no store {store!r} in this cluster")
    if not row["key"]:
        raise ClusterError(f"{store} has no archive yet: it was not crawled")
    archive = into / "archive.db"
    if archive.exists():
        raise NotOurs(f"{archive} exists: name another folder")
    into.mkdir(parents=True, exist_ok=True)
    fresh = into / "archive.db.new"
    depot.fetch(row["key"], ArchivePair(archive=fresh, captures=captures_path(archive, "")))
    os.replace(fresh, archive)
    return archive
