"""The merged index of a cluster, filled from the archives in its depot."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scraper.archive.maintenance.merged_index import index_archive, indexed_keys, open_index
from scraper.cluster.database import ClusterDatabase
from scraper.cluster.depot import ObjectDepot
from scraper.cluster.fetching import fetched_archive, list_keys
from scraper.exceptions import ArchiveError


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexCount:
    """How many archives were read into the index, how many it had as they are, and what is wrong
    with those that could not be read, by store."""

    read: int
    same: int
    lacking: dict[str, str]


def fill_index(database: ClusterDatabase, depot: ObjectDepot, path: Path) -> IndexCount:
    """Bring the merged index at a path up to date with the newest archive of every store. Raises
    ClusterError, ArchiveError."""
    read, lacking = 0, {}
    keys = list_keys(database)
    with open_index(path) as index:
        known = indexed_keys(index)
        differing = {name: key for name, key in keys.items() if known.get(name) != key}
        for name, key in differing.items():
            try:
                with fetched_archive(database, depot, name) as archive:
                    index_archive(index, name, key, archive)
            except ArchiveError as error:
                lacking[name] = str(error)
                continue
            read += 1
    return IndexCount(read=read, same=len(keys) - len(differing), lacking=lacking)
