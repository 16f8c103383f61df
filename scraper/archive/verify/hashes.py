"""Hashes made anew from what they were made of."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from scraper.archive.write.post.posts import FIELD_COLUMNS, fields_of
from scraper.history.fingerprints import content_hash, fields_hash

UNREADABLE = (ValueError, TypeError, AttributeError)
"""What a value raises that damage turned into one of another kind."""


def check_contents(connection: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
    """The hash of every body."""
    for row_id, kept, *forms in connection.execute(
        "SELECT id, hash, html, markdown, text FROM contents"
    ):
        try:
            right = content_hash(*forms) == kept
        except UNREADABLE:
            right = False
        yield (
            None
            if right
            else (f"contents {row_id} ({str(kept)[:12]})", "its hash is not that of its body")
        )


def check_revisions(connection: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
    """The hash of every revision's fields."""
    for label, kept, *columns in connection.execute(
        f"SELECT label, fields_hash, {FIELD_COLUMNS} FROM revisions"
    ):
        try:
            right = fields_hash(fields_of(columns)) == kept
        except UNREADABLE:
            right = False
        yield None if right else (str(label), "its hash is not that of its fields")
