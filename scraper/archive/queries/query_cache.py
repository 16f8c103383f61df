"""Answers that cost more than a page may take, kept for as long as the archive stays as it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

_Answer = TypeVar("_Answer")

MOST: Final = 32
"""Answers that are kept; of a picture of 5,000 posts one takes a megabyte."""


class QueryCache:
    """The last answers to questions, each with the connection that brought it.

    The number by which SQLite tells that a file has changed
    (https://www.sqlite.org/pragma.html#pragma_data_version) means nothing on another connection, so
    each of them, and a reader has a few, finds its answers for itself.
    """

    def __init__(self) -> None:
        self._answers: dict[tuple[sqlite3.Connection, Hashable], tuple[int, Any]] = {}

    def answer(
        self, connection: sqlite3.Connection, key: Hashable, find: Callable[[], _Answer]
    ) -> _Answer:
        """What `find` gave under this key since the archive last changed, or what it gives now."""
        version: int = connection.execute("PRAGMA data_version").fetchone()[0]
        known = self._answers.pop((connection, key), None)
        if known is None or known[0] != version:
            known = (version, find())
        # Taken out and put in again, so that the one longest unused comes first.
        self._answers[connection, key] = known
        for oldest in list(self._answers)[:-MOST]:
            self._answers.pop(oldest, None)
        found: _Answer = known[1]
        return found
