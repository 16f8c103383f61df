"""Hashes made anew from what they were made of."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

from scraper.history.fingerprints import content_hash, fields_hash
from scraper.history.snapshots import Fields

UNREADABLE = (ValueError, TypeError, AttributeError)
"""What a value raises that damage turned into one of another kind."""


def check_contents(connection: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
    """The hash of every body."""
    for row_id, kept, *forms in connection.execute("SELECT id, hash, html, markdown, text FROM contents"):
        try:
            right = content_hash(*forms) == kept
        except UNREADABLE:
            right = False
        yield None if right else (f"contents {row_id} ({str(kept)[:12]})", "its hash is not that of its body")


def check_revisions(connection: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
    """The hash of every revision's fields."""
    for label, kept, tags, *values in connection.execute(
        "SELECT label, fields_hash, tags, title, author, published_at, excerpt, image_url FROM revisions"
    ):
        title, author, published_at, excerpt, image_url = values
        try:
            fields = Fields(
                title=title, author=author, published_at=published_at, excerpt=excerpt, image_url=image_url, tags=tuple(json.loads(tags))
            )
            right = fields_hash(fields) == kept
        except UNREADABLE:
            right = False
        yield None if right else (str(label), "its hash is not that of its fields")
