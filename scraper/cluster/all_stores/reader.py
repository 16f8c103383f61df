"""What the web interface asks of a cluster: the catalogue of all stores, and the archive of one."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from scraper.archive.maintenance.catalogue import (
    CatalogueOverview,
    ListedChange,
    ListedIncident,
    ListedStore,
)
from scraper.cluster.database import ClusterDatabase
from scraper.cluster.depot import ObjectDepot

MOST_STORES: Final = 100
MOST_INCIDENTS: Final = 50
MOST_CHANGES: Final = 20


class ClusterReader:
    """Reads the catalogue, and fetches from the depot; each method raises ClusterUnavailable,
    DepotUnavailable, or NoArchive where the depot lacks a key."""

    def __init__(self, database: ClusterDatabase, depot: ObjectDepot) -> None:
        self._database, self._depot = database, depot

    def read_overview(self, words: str) -> CatalogueOverview:
        """What the catalogue says of all stores, and of those whose name or host holds `words`."""
        with self._database.transaction() as connection:
            counts = connection.execute(_COUNTS, {"words": words}).fetchone()
            assert counts is not None
            stores = connection.execute(_STORES, {"words": words, "most": MOST_STORES})
            incidents = connection.execute(_INCIDENTS, {"most": MOST_INCIDENTS})
            changes = connection.execute(_CHANGES, {"most": MOST_CHANGES})
            return CatalogueOverview(
                **counts,
                stores=tuple(ListedStore(**row) for row in stores.fetchall()),
                incidents=tuple(ListedIncident(**row) for row in incidents.fetchall()),
                changes=tuple(ListedChange(**row) for row in changes.fetchall()),
            )

    def newest_key(self, store: str) -> str:
        """Where the depot has the newest archive of a store; empty for a store without one, or
        none."""
        with self._database.transaction() as connection:
            row = connection.execute(_KEY, [store]).fetchone()
        return str(row["key"]) if row else ""

    def fetch_archive(self, key: str, into: Path) -> None:
        """Write the archive of a key."""
        self._depot.fetch_archive(key, into)

    def fetch_captures(self, key: str, into: Path) -> None:
        """Write the captures of a key, an empty file where there are none."""
        self._depot.fetch_captures(key, into)


_KEY = "SELECT key FROM archives WHERE store = %s"
_FOUND = "position(%(words)s in name) > 0 OR position(%(words)s in host) > 0"
_COUNTS = f"""
    SELECT count(*) AS n_stores, count(*) FILTER (WHERE key != '') AS n_archives,
        count(*) FILTER (WHERE {_FOUND}) AS n_found
    FROM stores JOIN archives ON store = name
""".encode()
_STORES = f"""
    SELECT name, host, key != '' AS has_archive, coalesce(finished_at, '') AS finished_at,
        coalesce(outcome, '') AS outcome, coalesce(health, '') AS health,
        coalesce(reason, '') AS reason
    FROM stores JOIN archives ON archives.store = name
    LEFT JOIN LATERAL (
        SELECT finished_at, outcome, health, reason FROM crawls WHERE crawls.store = name
        ORDER BY crawl_id DESC LIMIT 1
    ) AS last ON true
    WHERE {_FOUND}
    ORDER BY coalesce(health, 'healthy') = 'healthy', name LIMIT %(most)s
""".encode()
_INCIDENTS = """
    SELECT store, kind, opened_at, detail FROM incidents WHERE closed_at IS NULL
    ORDER BY opened_at, store LIMIT %(most)s
"""
# The posts that the first crawl of a store found are no changes of the store.
_CHANGES = """
    SELECT store, change_id, post_title, kind, severity, not_before, not_after FROM changes
    WHERE origin = 'observed' AND NOT (kind = 'created' AND not_before = '')
    ORDER BY not_after DESC, store, change_id DESC LIMIT %(most)s
"""
