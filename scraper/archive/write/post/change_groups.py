"""Groups of identical changes, formed when a run over a store is closed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

from scraper.archive.statements import insert
from scraper.history.changes import FieldChange
from scraper.history.groups import SHOWN_FIELDS, StoredChange, form_groups


def group_changes(connection: sqlite3.Connection, crawl_id: int) -> None:
    """Group what a crawl, an import or a re-reading found changed and is in no group yet. The
    caller holds the transaction.

    A group's origin and cause are written into its changes: what was read as the store's edit post
    by post may be the theme's doing, and a reader of `changes` alone must see that.
    """
    label, store_id = connection.execute(
        "SELECT label, store_id FROM crawls WHERE id = ?", [crawl_id]
    ).fetchone()
    (read,) = connection.execute(
        "SELECT count(DISTINCT post_id) FROM captures WHERE crawl_id = ? AND verdict = 'ok' AND post_id IS NOT NULL",
        [crawl_id],
    ).fetchone()
    (before,) = connection.execute(
        "SELECT count(*) FROM change_groups WHERE crawl_id = ?", [crawl_id]
    ).fetchone()
    for number, group in enumerate(
        form_groups(_told(connection, crawl_id), posts_read=read), start=before + 1
    ):
        group_id = insert(
            connection,
            "change_groups",
            label=f"{label}, group {number}",
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
            "UPDATE changes SET group_id = ?, origin = ?, cause = ? WHERE id = ?",
            [(group_id, group.origin, group.cause, change_id) for change_id in group.change_ids],
        )


def _told(connection: sqlite3.Connection, crawl_id: int) -> Iterator[StoredChange]:
    for id_, post_id, kind, severity, origin, cause, fields, *values in connection.execute(
        _TOLD, [crawl_id]
    ):
        before, after = values[: len(SHOWN_FIELDS)], values[len(SHOWN_FIELDS) :]
        yield StoredChange(
            id=id_,
            post_id=post_id,
            kind=kind,
            severity=severity,
            origin=origin,
            cause=cause,
            fields=tuple(
                FieldChange(field=field, old=old, new=new) for field, old, new in json.loads(fields)
            ),
            emptied=_unsaid(after),
            filled=_unsaid(before),
        )


def _unsaid(values: list[str | None]) -> frozenset[str]:
    return frozenset(
        name for name, value in zip(SHOWN_FIELDS, values, strict=True) if value in ("", "[]")
    )


_SIDES = ", ".join(f"{side}.{name}" for side in ("old", "new") for name in SHOWN_FIELDS)
_TOLD = f"""
    SELECT changes.id, changes.post_id, kind, severity, changes.origin, cause,
        (SELECT json_group_array(json_array(field, old_value, new_value)) FROM change_fields WHERE change_id = changes.id),
        {_SIDES}
    FROM changes
    LEFT JOIN revisions AS old ON old.id = changes.from_revision_id
    LEFT JOIN revisions AS new ON new.id = changes.to_revision_id
    WHERE changes.crawl_id = ? AND group_id IS NULL AND kind != 'created'
    ORDER BY changes.id
"""
