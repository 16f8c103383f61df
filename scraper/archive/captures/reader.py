"""Reading captures: each opens in constant time, for it is packed against another at most twice
over."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from scraper.archive.captures.packing import Damaged, Dictionary, Headers, split_answer, unpack
from scraper.archive.captures.schema import CAPTURES
from scraper.archive.database import open_for_reading
from scraper.exceptions import CaptureLost, NoArchive

KEPT_DICTIONARIES = 4
"""Answers that others were packed against, kept unpacked: those of one post and of its store come
again at once. Each takes about a megabyte."""

LARGEST_KEPT = 512 * 1024
"""Bytes of the largest of them. What is larger is a sitemap, which nothing else is packed against,
and takes three times its size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """An answer as it came: `url` is the address that gave it, `body` its content without content
    coding."""

    url: str
    fetched_at: str
    http_status: int
    headers: Headers
    body: bytes

    def header(self, name: str) -> str:
        """The last value of a header, by its name in lower case; empty where there is none."""
        return next((value for key, value in reversed(self.headers) if key.lower() == name), "")


class CaptureReader:
    """Reads answers out of an open captures' file at `path`."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection = connection
        self.path = path
        self._dictionaries: OrderedDict[int, Dictionary] = OrderedDict()

    def read(self, answer_id: int, body_hash: str) -> StoredAnswer:
        """The answer of that number, whose body has this SHA-256 in hex (empty for an empty body).

        Raises CaptureLost where it is not there, cannot be unpacked or is another's.
        """
        row = self._row(answer_id)
        try:
            headers, body = split_answer(self._unpacked(row), row[4])
        except Damaged as error:
            raise CaptureLost(f"{self.path}: answer {answer_id} is damaged: {error}") from error
        if digest(body) != body_hash:
            raise CaptureLost(
                f"{self.path}: answer {answer_id} is not the one that the archive refers to, by its hash"
            )
        return StoredAnswer(
            url=row[1], fetched_at=row[2], http_status=row[3], headers=headers, body=body
        )

    def dictionary(self, answer_id: int) -> Dictionary:
        """An answer as what others are packed against. Raises CaptureLost."""
        if answer_id in self._dictionaries:
            self._dictionaries.move_to_end(answer_id)
            return self._dictionaries[answer_id]
        try:
            raw = self._unpacked(self._row(answer_id))
        except Damaged as error:
            raise CaptureLost(f"{self.path}: answer {answer_id} is damaged: {error}") from error
        made = Dictionary(raw)
        if len(raw) > LARGEST_KEPT:
            return made
        self._dictionaries[answer_id] = made
        if len(self._dictionaries) > KEPT_DICTIONARIES:
            self._dictionaries.popitem(last=False)
        return made

    def close(self) -> None:
        self.connection.close()

    def _row(self, answer_id: int) -> tuple[int, str, str, int, int, int, int | None, bytes]:
        try:
            row: tuple[int, str, str, int, int, int, int | None, bytes] | None = (
                self.connection.execute(
                    "SELECT id, url, fetched_at, http_status, head_bytes, body_bytes, base_id, data FROM answers WHERE id = ?",
                    [answer_id],
                ).fetchone()
            )
        except (sqlite3.DatabaseError, OverflowError) as error:
            raise CaptureLost(f"cannot read {self.path}: {error}") from error
        if row is None:
            raise CaptureLost(
                f"{self.path} has no answer {answer_id}: is it the file that belongs to this archive?"
            )
        return row

    def _unpacked(self, row: tuple[int, str, str, int, int, int, int | None, bytes]) -> bytes:
        answer_id, *_, head_bytes, body_bytes, base_id, data = row
        if base_id is None:
            return unpack(data, head_bytes + body_bytes)
        if base_id >= answer_id:
            raise Damaged(f"it is packed against {base_id}, which is younger")
        return self.dictionary(base_id).unpack(data, head_bytes + body_bytes)


def open_reader(path: Path) -> CaptureReader:
    """Open the captures at `path` for reading alone. Raises CaptureLost where there are none,
    ArchiveError for a file of another kind."""
    try:
        return CaptureReader(open_for_reading(path, CAPTURES).conn, path)
    except NoArchive as error:
        raise CaptureLost(
            f"no captures at {path}: what was answered is kept there, or where ARCHIVE_CAPTURES says"
        ) from error


def try_reader(path: Path) -> CaptureReader | None:
    """As `open_reader`, or None where there is no file."""
    try:
        return open_reader(path)
    except CaptureLost:
        return None


def digest(body: bytes) -> str:
    """SHA-256 in hex, or empty for an empty body."""
    return hashlib.sha256(body).hexdigest() if body else ""
