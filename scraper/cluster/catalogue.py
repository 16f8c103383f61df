"""The catalogue: crawls, changes and incidents of all stores, as their archives have them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from scraper.archive.maintenance.catalogue import CatalogueRow, CatalogueRows
from scraper.cluster.database import Connection

_KEYS: Final = {"crawls": "crawl_id", "changes": "change_id", "incidents": "incident_id"}


def write_catalogue(connection: Connection, store: str, rows: CatalogueRows) -> None:
    """Write rows of a store's archive, over those of the same ids. The caller holds the
    transaction."""
    _write(connection, "crawls", store, rows.crawls)
    _write(connection, "changes", store, rows.changes)
    _write(connection, "incidents", store, rows.incidents)


def _write(connection: Connection, table: str, store: str, rows: Sequence[CatalogueRow]) -> None:
    if not rows:
        return
    columns = list(rows[0])
    updates = ", ".join(f"{name} = excluded.{name}" for name in columns if name != _KEYS[table])
    places = ", ".join(f"%({name})s" for name in columns)
    statement = (
        f"INSERT INTO {table} (store, {', '.join(columns)}) VALUES (%(store)s, {places}) "
        f"ON CONFLICT (store, {_KEYS[table]}) DO UPDATE SET {updates}"
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement.encode(), [{**row, "store": store} for row in rows])
