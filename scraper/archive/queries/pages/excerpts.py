"""The changed sentences of many changes at once, for lists and feeds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final

from scraper.archive.queries.changes import read_texts
from scraper.history.changes import Change
from scraper.history.diff.passages import as_plain_text, in_context, opening
from scraper.history.diff.words import Run, diff_texts

EXCERPT_CHARS: Final = 600
"""Characters of one excerpt."""

MAX_COMPARED_CHARS: Final = 1_000_000
"""Characters of the texts that one list compares; a change that has more than are left has no
excerpt."""

MAX_SQL_CHARS: Final = 200_000
"""Characters of two texts that SQL may compare."""


def read_excerpts(
    connection: sqlite3.Connection, changes: Iterable[Change]
) -> dict[int, tuple[Run, ...]]:
    """Return for each change of a text, by its id, the changed words with a few words around each;
    of a post that came or went, its first words. A group has none."""
    excerpts: dict[int, tuple[Run, ...]] = {}
    left = MAX_COMPARED_CHARS
    for change in changes:
        if not change.group_id and _changes_text(change):
            texts = read_texts(connection, change.id)
            n_chars = len(texts.old) + len(texts.new)
            if n_chars > left:
                continue
            left -= n_chars
            excerpt = _excerpt(texts.old, texts.new)
            if excerpt:
                excerpts[change.id] = excerpt
    return excerpts


def change_excerpt(old: object, new: object) -> str | None:
    """Return the changed words of two texts with a few words around each, as one line: a function
    for SQL, which gives NULL for what is no text or too long to compare there."""
    if not isinstance(old, str) or not isinstance(new, str) or len(old) + len(new) > MAX_SQL_CHARS:
        return None
    return as_plain_text(_excerpt(old, new))


def _changes_text(change: Change) -> bool:
    if not change.is_compared:
        return change.kind in {"created", "removed", "restored"}
    return any(field.field == "text" for field in change.fields)


def _excerpt(old: str, new: str) -> tuple[Run, ...]:
    if old and new:
        return in_context(diff_texts(old, new), EXCERPT_CHARS) if old != new else ()
    if old:
        return (Run(operation="removed", text=opening(old, EXCERPT_CHARS // 2)),)
    return (Run(operation="added", text=opening(new, EXCERPT_CHARS // 2)),) if new else ()
