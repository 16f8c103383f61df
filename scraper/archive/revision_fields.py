"""What a revision says, read from its row: its fields, and all that is compared with another."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from scraper.history.snapshots import Fields, Snapshot

FIELD_COLUMNS = "title, author, published_at, excerpt, image_url, tags"
"""The columns of `revisions` with its fields, in the order in which `fields_of` takes them."""


def fields_of(columns: Sequence[str]) -> Fields:
    """Return the fields of a revision from its columns. Raises ValueError if tags are not JSON."""
    title, author, published_at, excerpt, image_url, tags = columns
    return Fields(
        title=title,
        author=author,
        published_at=published_at,
        excerpt=excerpt,
        image_url=image_url,
        tags=tuple(json.loads(tags)),
    )


def load_fields(connection: sqlite3.Connection, revision_id: int) -> Fields:
    """Read the fields of a revision."""
    return fields_of(
        connection.execute(
            f"SELECT {FIELD_COLUMNS} FROM revisions WHERE id = ?", [revision_id]
        ).fetchone()
    )


def load_snapshot(connection: sqlite3.Connection, revision_id: int) -> Snapshot:
    """Read a revision, to compare it with another."""
    *columns, codes = connection.execute(_SNAPSHOT, [revision_id]).fetchone()
    return snapshot_of_columns(*columns, json.loads(codes))


def snapshot_columns(revision: str, content: str) -> str:
    """The columns of a snapshot, codes as JSON last, of a revision and its content by the names
    that a statement gives the tables."""
    columns = ", ".join(f"{revision}.{column}" for column in FIELD_COLUMNS.split(", "))
    return f"""
        {columns}, {content}.html, {content}.markdown, {content}.text, json((
            SELECT json_group_array(label) FROM (
                SELECT DISTINCT discount_codes.label FROM code_mentions
                JOIN discount_codes ON discount_codes.id = code_mentions.code_id
                WHERE code_mentions.revision_id = {revision}.id ORDER BY discount_codes.label
            )
        ))
    """


def snapshot_of_columns(*columns: Any) -> Snapshot:
    """Return a snapshot from its columns, codes as a list. Raises ValueError if tags are not
    JSON."""
    *columns_of_fields, html, markdown, text, codes = columns
    return Snapshot(
        fields=fields_of(columns_of_fields),
        html=html,
        markdown=markdown,
        text=text,
        codes=tuple(codes),
    )


_SNAPSHOT = f"""
    SELECT {snapshot_columns("revisions", "contents")}
    FROM revisions JOIN contents ON contents.id = revisions.content_id WHERE revisions.id = ?
"""
