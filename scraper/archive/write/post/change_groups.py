"""Group equal changes when a crawl, an import or a re-extraction ends."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from scraper.archive.rows import named_rows
from scraper.archive.statements import insert
from scraper.history.changes import FieldChange
from scraper.history.groups import SHOWN_FIELDS, ChangeGroup, StoredChange, form_groups


def group_changes(connection: sqlite3.Connection, crawl_id: int) -> None:
    """Group the changes of a crawl that are in no group yet. The caller holds the transaction.

    A group's origin and cause are written into its changes, and no change stays graver than its
    group: what looks like the store's edit on one post may turn out to be the theme's doing on all
    of them, and a reader of `changes` alone must see that.
    """
    label, store_id = connection.execute(
        "SELECT label, store_id FROM crawls WHERE id = ?", [crawl_id]
    ).fetchone()
    (posts_read,) = connection.execute(
        "SELECT count(DISTINCT post_id) FROM captures "
        "WHERE crawl_id = ? AND verdict = 'ok' AND post_id IS NOT NULL",
        [crawl_id],
    ).fetchone()
    (n_groups,) = connection.execute(
        "SELECT count(*) FROM change_groups WHERE crawl_id = ?", [crawl_id]
    ).fetchone()
    groups = form_groups(_ungrouped(connection, crawl_id), posts_read=posts_read)
    for number, group in enumerate(groups, start=n_groups + 1):
        _save(connection, group, f"{label}, group {number}", store_id=store_id, crawl_id=crawl_id)


def _save(
    connection: sqlite3.Connection, group: ChangeGroup, label: str, *, store_id: int, crawl_id: int
) -> None:
    group_id = insert(
        connection,
        "change_groups",
        label=label,
        store_id=store_id,
        crawl_id=crawl_id,
        kind=group.kind,
        severity=group.severity,
        origin=group.origin,
        cause=group.cause,
        n_posts=group.n_posts,
        summary=group.summary,
    )
    connection.executemany(
        "UPDATE changes SET group_id = ?, origin = ?, cause = ?, "
        "severity = CASE severity WHEN 'major' THEN ? ELSE severity END WHERE id = ?",
        [
            (group_id, group.origin, group.cause, group.severity, change_id)
            for change_id in group.change_ids
        ],
    )


def _ungrouped(connection: sqlite3.Connection, crawl_id: int) -> Iterator[StoredChange]:
    for row in named_rows(connection, _UNGROUPED, [crawl_id]):
        old, new = json.loads(row.pop("old")), json.loads(row.pop("new"))
        fields = tuple(FieldChange(**field) for field in json.loads(row.pop("fields")))
        yield StoredChange(fields=fields, emptied=_empty(new), filled=_empty(old), **row)


def _empty(values: dict[str, Any]) -> frozenset[str]:
    return frozenset(name for name, value in values.items() if value in ("", "[]"))


def _values(revision: str) -> str:
    return ", ".join(f"'{name}', {revision}.{name}" for name in SHOWN_FIELDS)


_UNGROUPED = f"""
    SELECT changes.id, changes.post_id, kind, severity, changes.origin, cause,
        (
            SELECT json_group_array(
                json_object('field', field, 'old', old_value, 'new', new_value)
            ) FROM change_fields WHERE change_id = changes.id
        ) AS fields,
        json_object({_values("old_revision")}) AS old,
        json_object({_values("new_revision")}) AS new
    FROM changes
    LEFT JOIN revisions AS old_revision ON old_revision.id = changes.from_revision_id
    LEFT JOIN revisions AS new_revision ON new_revision.id = changes.to_revision_id
    WHERE changes.crawl_id = ? AND group_id IS NULL AND kind != 'created'
    ORDER BY changes.id
"""
