"""An archive that stays open while it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from scraper.archive.database import open_for_writing, write_errors
from scraper.archive.locks import file_identity


class ArchiveConnection:
    """One archive, opened once by `open_file` and used until `close`, or until another file takes
    its place, as that of a backup may."""

    def __init__(
        self, path: Path, open_file: Callable[[Path], Database] = open_for_writing
    ) -> None:
        self.path = path
        self._open_file = open_file
        self._db: Database | None = None
        self._file: tuple[int, int] | None = None

    def database(self) -> Database:
        """The archive. Raises ArchiveError."""
        if self._file != file_identity(self.path):
            self.close()
        if self._db is None:
            self._db = self._open_file(self.path)
            self._file = file_identity(self.path)
        return self._db

    @contextmanager
    def open(self) -> Iterator[Database]:
        """The archive, to be written. Raises ArchiveError, also for an error of SQLite."""
        with write_errors(self.path):
            yield self.database()

    def close(self) -> None:
        """Let go of the archive until it is asked for again."""
        if self._db is not None:
            self._db.close()
            self._db = None
