"""The stores of a cluster, as a file of stores lists them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import tomlkit

from scraper.cluster.database import ClusterDatabase, Connection
from scraper.cluster.queue import plan_stores
from scraper.exceptions import StoresProblem
from scraper.schedule.timetable.stores import StoreConfig, parse_stores

AT_ONCE: Final = 500
"""So many stores are written in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCount:
    """How many stores an import added, changed, left as they were, and retired."""

    added: int = 0
    changed: int = 0
    same: int = 0
    retired: int = 0


def import_stores(database: ClusterDatabase, text: str) -> ImportCount:
    """Make the stores and channels of a file those of the cluster, and plan the stores. A store
    that the file lacks is retired: it is crawled no more, and its archive stays. Raises
    StoresProblem, ClusterError."""
    file = parse_stores(text)
    stores, read = file.stores, tomllib.loads(text)
    with database.transaction() as connection:
        rows = connection.execute(_KNOWN).fetchall()
        _refuse_new_names(stores, {row["host"]: row["name"] for row in rows})
        retired = connection.execute(_RETIRE, [list(stores)]).rowcount
        for name in file.channels:
            table = tomlkit.dumps({"channels": {name: read["channels"][name]}})
            connection.execute(_UPSERT_CHANNEL, [name, table, name in file.incidents])
    known = {row["name"]: "" if row["is_retired"] else row["config"] for row in rows}
    configs = {name: _config(read, name) for name in stores}
    differing = [(name, config) for name, config in configs.items() if known.get(name) != config]
    for start in range(0, len(differing), AT_ONCE):
        with database.transaction() as connection:
            batch = differing[start : start + AT_ONCE]
            _write(connection, {name: (stores[name], config) for name, config in batch})
    with database.transaction() as connection:  # last: no store names them any more
        connection.execute(_DELETE_CHANNELS, [list(file.channels)])
    changed = sum(name in known for name, _ in differing)
    added, same = len(differing) - changed, len(configs) - len(differing)
    return ImportCount(added=added, changed=changed, same=same, retired=retired)


def _refuse_new_names(stores: Mapping[str, StoreConfig], names: Mapping[str, str]) -> None:
    """Refuse a store that the cluster has under another name: its archive, which is found by name,
    would begin again. Raises StoresProblem."""
    known, problems = set(names.values()), []
    for name, store in stores.items():
        other = names.get(store.host, name)
        if name not in known and other not in stores:
            problems.append(f"{name} is the store that the cluster has as {other}: use that name")
    if problems:
        raise StoresProblem(problems)


def _config(file: dict[str, Any], name: str) -> str:
    """A file of stores with one store alone, the defaults filled in."""
    own = {**file.get("defaults", {}), **file["stores"][name]}
    return tomlkit.dumps({"stores": {name: own}})


def _write(connection: Connection, batch: Mapping[str, tuple[StoreConfig, str]]) -> None:
    """Write stores with their configs, and plan them."""
    with connection.cursor() as cursor:
        cursor.executemany(_UPSERT, [_values(store, config) for store, config in batch.values()])
        cursor.executemany(_ADD_ARCHIVE, [[name] for name in batch])
    plan_stores(connection, list(batch))


def _values(store: StoreConfig, config: str) -> dict[str, Any]:
    channels = {*store.channels, *store.incidents}
    channels.update(channel for rule in store.rules for channel in rule.channels)
    return {"name": store.name, "host": store.host, "config": config, "channels": sorted(channels)}


_KNOWN = "SELECT name, host, config, is_retired FROM stores"
_UPSERT = """
    INSERT INTO stores (name, host, config, channels)
    VALUES (%(name)s, %(host)s, %(config)s, %(channels)s)
    ON CONFLICT (name) DO UPDATE SET host = excluded.host, config = excluded.config,
        channels = excluded.channels, is_retired = false
"""
_UPSERT_CHANNEL = """
    INSERT INTO channels (name, config, takes_incidents) VALUES (%s, %s, %s)
    ON CONFLICT (name) DO UPDATE SET config = excluded.config,
        takes_incidents = excluded.takes_incidents
"""
_DELETE_CHANNELS = "DELETE FROM channels WHERE name != ALL(%s)"
_ADD_ARCHIVE = "INSERT INTO archives (store) VALUES (%s) ON CONFLICT DO NOTHING"
_RETIRE = """
    UPDATE stores SET is_retired = true, next_at = NULL
    WHERE NOT is_retired AND name NOT IN (SELECT unnest(%s::text[]))
"""
