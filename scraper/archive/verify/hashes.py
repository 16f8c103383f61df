"""Compute the hashes of bodies and revisions again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Final

from scraper.archive.revision_fields import FIELD_COLUMNS, fields_of
from scraper.archive.store_templates import load_template
from scraper.crawl_evidence import digests_of
from scraper.exceptions import ArchiveError
from scraper.history.fingerprints import content_hash, fields_hash

SKIPPED: Final = "written by other rules"
"""Stands for a row that cannot be checked."""

UNREADABLE = (
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    OverflowError,
    RecursionError,
)
"""What reading a value raises whose type, or whose JSON, damage has changed."""


def check_contents(connection: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
    """Check the hash of every body."""
    for row_id, stored, *forms in connection.execute(
        "SELECT id, hash, html, markdown, text FROM contents"
    ):
        try:
            right = content_hash(*forms) == stored
        except UNREADABLE:
            right = False
        label = f"contents {row_id} ({str(stored)[:12]})"
        yield None if right else (label, "its hash is not that of its body")


def check_revisions(connection: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
    """Check the hash of every revision's fields."""
    for label, stored, *columns in connection.execute(
        f"SELECT label, fields_hash, {FIELD_COLUMNS} FROM revisions"
    ):
        try:
            right = fields_hash(fields_of(columns)) == stored
        except UNREADABLE:
            right = False
        yield None if right else (str(label), "its hash is not that of its fields")


def check_templates(connection: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
    """Check version and fingerprint of every template, which are hashes of what was learned."""
    for label, store_id, version in connection.execute(
        "SELECT label, store_id, version FROM templates"
    ):
        try:
            template = load_template(connection, store_id, version)
            right = template is not None and digests_of(template) == (version, template.fingerprint)
        except (ArchiveError, *UNREADABLE):
            right = False
        yield None if right else (str(label), "its version is not that of what was learned")
