"""Compare the two revisions of each change again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from scraper.archive.revision_fields import snapshot_columns, snapshot_of_columns
from scraper.archive.rows import iterate_rows
from scraper.archive.statements import quoted
from scraper.archive.store_lookup import addresses_of
from scraper.archive.verify.hashes import UNREADABLE
from scraper.archive.write.post.pending import varied_texts
from scraper.history.changes import (
    FIXED_SEVERITY,
    RULES_VERSION,
    Difference,
    FieldChange,
    compare,
    severity_of,
)
from scraper.history.images import IMAGE_BYTES
from scraper.items import Origin
from scraper.rulebooks import follower


@dataclass(frozen=True, slots=True, kw_only=True)
class _ChangeRow:
    """A change with its two revisions: `old` and `new` are the columns of a snapshot, as JSON."""

    label: str
    store_id: int
    post_id: int
    crawl_id: int
    kind: str
    severity: str
    origin: Origin
    not_after: str
    words_added: int
    words_removed: int
    moving: str
    fields: str
    same_extractor: int
    old: str
    new: str


def check_changes(connection: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
    """Check that comparing the two revisions of each change again gives the same change.

    Changes that an earlier version of the rules found are skipped. Two extractors may find
    different codes in the same text: where the extractors differ, codes are ignored, and so are
    kind and severity, which depend on them.
    """
    for row in iterate_rows(connection, _ChangeRow, _CHANGES, [RULES_VERSION]):
        problem = _problem(connection, row)
        yield (row.label, problem) if problem else None


def _problem(connection: sqlite3.Connection, row: _ChangeRow) -> str:
    """What is wrong with a change, or empty."""
    try:
        origins = addresses_of(connection, row.store_id, crawl_id=row.crawl_id)
        varied = varied_texts(connection, row.post_id, row.not_after, row.origin)
        follow = follower(row.origin)
        old, new = (snapshot_of_columns(*json.loads(side)) for side in (row.old, row.new))
        moving = frozenset(map(tuple, json.loads(row.moving)))
        difference = compare(old, new, origins, varied, follow, moving=moving)
        stored = tuple(
            FieldChange(field=field, old=old, new=new) for field, old, new in json.loads(row.fields)
        )
    except UNREADABLE:
        return "one of its revisions cannot be read"
    if difference is None:
        return "its two revisions are the same"
    return _mismatch(row, stored, difference)


def _mismatch(row: _ChangeRow, stored: tuple[FieldChange, ...], difference: Difference) -> str:
    if (row.words_added, row.words_removed) != (difference.words_added, difference.words_removed):
        return (
            f"it counts +{row.words_added} -{row.words_removed} words, its revisions "
            f"+{difference.words_added} -{difference.words_removed}"
        )
    with_codes = bool(row.same_extractor)
    if _values(stored, codes=with_codes) != _values(difference.fields, codes=with_codes):
        return "its fields are not those in which its revisions differ"
    severity = severity_of(difference.severity, row.origin)
    if with_codes and (row.kind, row.severity) != (difference.kind, severity):
        return (
            f"it is stored as {row.kind}, {row.severity}; its revisions give "
            f"{difference.kind}, {severity}"
        )
    return ""


def _values(fields: tuple[FieldChange, ...], *, codes: bool) -> list[FieldChange]:
    return [field for field in fields if codes or field.field != "codes"]


_CHANGES = f"""
    SELECT changes.label, changes.store_id, changes.post_id, changes.crawl_id, kind, severity,
        changes.origin, not_after, words_added, words_removed, moving,
        (
            SELECT json_group_array(json_array(field, old_value, new_value)) FROM (
                SELECT field, old_value, new_value FROM change_fields
                WHERE change_id = changes.id ORDER BY id
            )
        ) AS fields,
        old_revision.extractor = new_revision.extractor AS same_extractor,
        json_array({snapshot_columns("old_revision", "old_content")}) AS old,
        json_array({snapshot_columns("new_revision", "new_content")}) AS new
    FROM changes
    JOIN revisions AS old_revision ON old_revision.id = from_revision_id
    JOIN contents AS old_content ON old_content.id = old_revision.content_id
    JOIN revisions AS new_revision ON new_revision.id = to_revision_id
    JOIN contents AS new_content ON new_content.id = new_revision.content_id
    WHERE rules_version = ? AND kind NOT IN ({quoted(*FIXED_SEVERITY)})
        -- An image that has other bytes changes no revision.
        AND NOT EXISTS (
            SELECT 1 FROM change_fields WHERE change_id = changes.id AND field = '{IMAGE_BYTES}'
        )
"""
