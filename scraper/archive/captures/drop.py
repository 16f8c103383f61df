"""Delete answers, also those against which others are packed."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from pathlib import Path

from scraper.archive.captures.packing import Dictionary, pack
from scraper.archive.captures.reader import CaptureReader
from scraper.archive.statements import transaction, update


def drop_answers(connection: sqlite3.Connection, path: Path, ids: Collection[int]) -> None:
    """Delete answers of the captures' file at `path` in one transaction. What is packed
    against them is packed again: the first of such answers alone, the others against it. Raises
    CaptureLost for one that is damaged."""
    reader, doomed = CaptureReader(connection, path), set(ids)
    with transaction(connection):
        for answer_id in sorted(doomed):
            _replace_dictionary(connection, reader, answer_id, doomed)
        rows = [(answer_id,) for answer_id in sorted(doomed)]
        connection.executemany("DELETE FROM dictionaries WHERE answer_id = ?", rows)
        # The youngest first: none is packed against a younger one.
        connection.executemany("DELETE FROM answers WHERE id = ?", reversed(rows))


def _replace_dictionary(
    connection: sqlite3.Connection, reader: CaptureReader, answer_id: int, doomed: Collection[int]
) -> None:
    packed = connection.execute(
        "SELECT id FROM answers WHERE dictionary_id = ? ORDER BY id", [answer_id]
    )
    first, *others = [row_id for (row_id,) in packed if row_id not in doomed] or [0]
    if not first:
        return
    raw = reader.raw(first)
    update(connection, "answers", first, data=pack(raw), dictionary_id=None, depth=0)
    dictionary = Dictionary(raw)
    for row_id in others:
        data = dictionary.pack(reader.raw(row_id))
        update(connection, "answers", row_id, data=data, dictionary_id=first, depth=1)
    connection.execute(
        "UPDATE dictionaries SET answer_id = ? WHERE answer_id = ?", [first, answer_id]
    )
