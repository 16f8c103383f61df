"""The stores of a cluster, as a file of stores lists them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import Any, Final

import tomlkit

from scraper.cluster.database import ClusterDatabase, Connection
from scraper.cluster.queue import plan_store
from scraper.schedule.timetable.stores import parse_stores

AT_ONCE: Final = 500
"""So many stores are written in one transaction."""

ALERT_KEYS: Final = frozenset({"channels", "alerts", "incidents"})
"""Keys that need the file's channels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCount:
    """How many stores an import added, changed, left as they were, and retired."""

    added: int = 0
    changed: int = 0
    same: int = 0
    retired: int = 0


def import_stores(database: ClusterDatabase, text: str) -> ImportCount:
    """Make the stores of a file those of the cluster, and plan them. A store that the file lacks is
    retired: it is crawled no more, and its archive stays. Raises StoresProblem, ClusterError."""
    names = parse_stores(text).stores.keys()
    read = tomllib.loads(text)
    with database.transaction() as connection:
        rows = connection.execute(_KNOWN).fetchall()
    known = {row["name"]: "" if row["is_retired"] else row["config"] for row in rows}
    configs = {name: _config(read, name) for name in names}
    differing = [(name, config) for name, config in configs.items() if known.get(name) != config]
    for start in range(0, len(differing), AT_ONCE):
        with database.transaction() as connection:
            for name, config in differing[start : start + AT_ONCE]:
                _write(connection, name, config)
    with database.transaction() as connection:
        retired = connection.execute(_RETIRE, [list(names)]).rowcount
    changed = sum(name in known for name, _ in differing)
    return ImportCount(
        added=len(differing) - changed,
        changed=changed,
        same=len(configs) - len(differing),
        retired=retired,
    )


def _config(file: dict[str, Any], name: str) -> str:
    """A file of stores with one store alone, the defaults filled in."""
    own = {**file.get("defaults", {}), **file["stores"][name]}
    table = {key: value for key, value in own.items() if key not in ALERT_KEYS}
    return tomlkit.dumps({"stores": {name: table}})


def _write(connection: Connection, name: str, config: str) -> None:
    (store,) = parse_stores(config).stores.values()
    connection.execute(_UPSERT, {"name": name, "host": store.host, "config": config})
    connection.execute("INSERT INTO archives (store) VALUES (%s) ON CONFLICT DO NOTHING", [name])
    plan_store(connection, name)


_KNOWN = "SELECT name, config, is_retired FROM stores"
_UPSERT = """
    INSERT INTO stores (name, host, config) VALUES (%(name)s, %(host)s, %(config)s)
    ON CONFLICT (name) DO UPDATE SET host = excluded.host, config = excluded.config,
        is_retired = false
"""
_RETIRE = """
    UPDATE stores SET is_retired = true, next_at = NULL
    WHERE NOT is_retired AND name NOT IN (SELECT unnest(%s::text[]))
"""
