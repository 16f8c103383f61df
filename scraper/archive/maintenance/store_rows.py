"""The rows of one store and another in an archive, and how they are copied into another archive.

Ids move by as much as the other archive has already, so that their order stays; rows that stores
share are found there by what they hold.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from scraper.history.store_addresses import host_key

_STORES: Final = "(SELECT id FROM temp.chosen)"
_CRAWLS: Final = f"(SELECT id FROM source.crawls WHERE store_id IN {_STORES})"
_POSTS: Final = f"(SELECT id FROM source.posts WHERE store_id IN {_STORES})"
_SEALS: Final = f"(SELECT id FROM source.seals WHERE store_id IN {_STORES})"
_CHANGES: Final = f"(SELECT id FROM source.changes WHERE store_id IN {_STORES})"
_INCIDENTS: Final = f"(SELECT id FROM source.incidents WHERE store_id IN {_STORES})"
_HOSTS: Final = f"(SELECT host_key(origin) FROM source.store_urls WHERE store_id IN {_STORES})"
_OF_STORE: Final = f"store_id IN {_STORES}"
_OF_CRAWL: Final = f"crawl_id IN {_CRAWLS}"
_OF_POST: Final = f"post_id IN {_POSTS}"

OWNED: Final[dict[str, str]] = {
    "stores": f"id IN {_STORES}",
    "contents": f"id IN (SELECT content_id FROM source.revisions WHERE {_OF_POST})",
    "images": f"id IN (SELECT image_id FROM source.post_images WHERE {_OF_POST})",
    "timestamps": "id IN "
    f"(SELECT timestamp_id FROM source.stamped_seals WHERE seal_id IN {_SEALS})",
    "alert_messages": f"id IN (SELECT message_id FROM source.alerts WHERE {_OF_STORE} UNION "
    f"SELECT message_id FROM source.alert_incidents WHERE incident_id IN {_INCIDENTS})",
    "store_urls": _OF_STORE,
    "blogs": _OF_STORE,
    "crawls": _OF_STORE,
    "seals": _OF_STORE,
    "tombstones": _OF_CRAWL,
    "stamped_seals": f"seal_id IN {_SEALS}",
    "listings": _OF_STORE,
    "captures": _OF_CRAWL,
    "templates": _OF_STORE,
    "posts": _OF_STORE,
    "post_urls": _OF_POST,
    "revisions": _OF_POST,
    "observations": _OF_POST,
    "post_images": _OF_POST,
    "image_queue": _OF_STORE,
    "discount_codes": _OF_STORE,
    "code_mentions": _OF_POST,
    "change_groups": _OF_STORE,
    "changes": _OF_STORE,
    "pending_changes": _OF_POST,
    "reextractions": _OF_POST,
    "change_fields": f"change_id IN {_CHANGES}",
    "links": f"from_post_id IN {_POSTS} "
    f"AND (kind NOT IN ('similar', 'copy') OR to_post_id IN {_POSTS})",
    "non_post_links": f"from_post_id IN {_POSTS}",
    "schedule_runs": f"{_OF_CRAWL} OR crawl_id IS NULL AND host IN {_HOSTS}",
    "incidents": _OF_STORE,
    "alert_processed_crawls": _OF_CRAWL,
    "alerts": _OF_STORE,
    "alert_incidents": f"incident_id IN {_INCIDENTS}",
}
"""Which rows of each table are those of the chosen stores; shared tables come before what refers to
them."""

SHARED: Final = {
    "contents": "hash",
    "images": "hash",
    "timestamps": "token",
    "alert_messages": "key",
}
"""Tables whose rows serve several stores, and the column by which a row is known elsewhere."""

_ROOT_LABELS: Final = frozenset({"timestamps", "alert_messages", "schedule_runs"})
"""Tables whose labels do not begin with the name of an archived store, so that two archives may
have the same."""

_TITLE_TARGET: Final = """
    CASE WHEN url = '' AND target_key LIKE 'title:%' THEN
        'title:' || (CAST(substr(target_key, 7) AS INTEGER) + :stores)
        || substr(target_key, 6 + instr(substr(target_key, 7), ':'))
    ELSE target_key END
"""
"""A list without addresses names posts of its own store, by its id (`archive.write.post.links`)."""

_IMAGE_CAPTURE: Final = f"""
    coalesce(
        (SELECT id FROM source.captures AS own
            WHERE own.id = images.capture_id AND own.crawl_id IN {_CRAWLS}),
        (SELECT min(own.id) FROM source.captures AS own
            WHERE own.body_hash = images.hash AND own.crawl_id IN {_CRAWLS})
    ) + :captures
"""
"""Of an image that another store showed first, the first answer of one of the chosen stores."""

_COLUMNS: Final = {
    ("links", "to_post_id"): f"CASE WHEN to_post_id IN {_POSTS} THEN to_post_id + :posts END",
    ("links", "target_key"): _TITLE_TARGET,
    ("images", "capture_id"): _IMAGE_CAPTURE,
    ("captures", "body_id"): "body_id + :answers",
}


class CopiedRows(NamedTuple):
    """How many rows of each table were copied, and by how much the ids of each moved."""

    counts: dict[str, int]
    moved: dict[str, int]


def choose_stores(connection: sqlite3.Connection, store_ids: Iterable[int]) -> None:
    """Choose the stores whose rows are copied or deleted next."""
    connection.create_function("host_key", 1, host_key, deterministic=True)
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS chosen (id INTEGER PRIMARY KEY)")
    connection.execute("DELETE FROM temp.chosen")
    connection.executemany("INSERT INTO temp.chosen VALUES (?)", [(one,) for one in store_ids])


def copy_rows(
    connection: sqlite3.Connection,
    *,
    answers: int = 0,
    tables: Iterable[str] = OWNED,
    columns: Mapping[tuple[str, str], str] | None = None,
) -> CopiedRows:
    """Copy the rows of the chosen stores from the database `source` into the main one. The caller
    holds the transaction, with foreign keys deferred.

    The answers to which captures refer move by `answers`. `columns` are expressions for columns
    whose values are not taken over.
    """
    wanted = list(tables)
    moved = {table: _largest_id(connection, table) for table in OWNED}
    moved["answers"] = answers
    special = {**_COLUMNS, **(columns or {})}
    return CopiedRows({table: _copy(connection, table, moved, special) for table in wanted}, moved)


def delete_rows(connection: sqlite3.Connection, tables: Iterable[str]) -> None:
    """Delete the rows of the chosen stores from the main database, and shared rows to which no
    other refers. The caller holds the transaction, without foreign keys."""
    # All are looked up first: which rows go is asked of rows that go too.
    wanted = list(tables)
    for table in wanted:
        connection.execute(f"DROP TABLE IF EXISTS temp.gone_{table}")
        condition = OWNED[table].replace("source.", "main.")
        connection.execute(
            f"CREATE TEMP TABLE gone_{table} AS SELECT id FROM main.{table} WHERE {condition}"
        )
    for table in sorted(wanted, key=SHARED.__contains__):
        gone = f"id IN (SELECT id FROM temp.gone_{table})"
        unused = _UNUSED[table] if table in SHARED else ""
        connection.execute(f"DELETE FROM main.{table} WHERE {gone} {unused}")


_UNUSED: Final = {
    "contents": "AND NOT EXISTS (SELECT 1 FROM main.revisions WHERE content_id = contents.id)"
}


@contextmanager
def attached(connection: sqlite3.Connection, **files: Path) -> Iterator[None]:
    """Attach files to a connection, each under a name."""
    with ExitStack() as detached:
        for name, path in files.items():
            connection.execute(f"ATTACH ? AS {name}", [str(path)])
            detached.callback(connection.execute, f"DETACH {name}")
        yield


def _largest_id(connection: sqlite3.Connection, table: str) -> int:
    (largest,) = connection.execute(f"SELECT coalesce(max(id), 0) FROM main.{table}").fetchone()
    return int(largest)


def _copy(
    connection: sqlite3.Connection,
    table: str,
    moved: Mapping[str, int],
    special: Mapping[tuple[str, str], str],
) -> int:
    references = {
        column: parent
        for _, _, parent, column, *_ in connection.execute(f"PRAGMA main.foreign_key_list({table})")
    }
    names = [name for _, name, *_ in connection.execute(f"PRAGMA main.table_info({table})")]
    values = [
        special.get((table, name)) or _value(table, name, references.get(name)) for name in names
    ]
    condition = f"({OWNED[table]})"
    if key := SHARED.get(table):
        condition += (
            f" AND NOT EXISTS (SELECT 1 FROM main.{table} AS here WHERE here.{key} = {table}.{key})"
        )
    sql = (
        f"INSERT INTO main.{table} ({', '.join(names)}) SELECT {', '.join(values)} "
        f"FROM source.{table} AS {table} WHERE {condition} ORDER BY id"
    )
    return connection.execute(sql, moved).rowcount


def _value(table: str, name: str, parent: str | None) -> str:
    """The value of a column in the copy."""
    if name == "id":
        return f"id + :{table}"
    if name == "label" and table in _ROOT_LABELS:
        return (
            f"CASE WHEN label IN (SELECT label FROM main.{table}) "
            f"THEN label || ' (' || (id + :{table}) || ')' ELSE label END"
        )
    if parent in SHARED:
        key = SHARED[parent]
        return (
            f"(SELECT id FROM main.{parent} WHERE {key} = "
            f"(SELECT {key} FROM source.{parent} WHERE id = {table}.{name}))"
        )
    return f"{name} + :{parent}" if parent else name
