"""Read captures. Each opens in constant time: it is packed against another at most twice over."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from scraper.archive.captures.packing import (
    DamagedAnswer,
    Dictionary,
    Headers,
    split_answer,
    unpack,
)
from scraper.archive.captures.schema import CAPTURES
from scraper.archive.database import MAX_VALUE_BYTES, open_for_reading
from scraper.archive.rows import read_row
from scraper.exceptions import CaptureLost, NoArchive
from scraper.items import hash_body

CACHED_DICTIONARIES = 4
"""How many dictionaries stay unpacked in memory: those of one post and of its store are needed
again at once. Each takes about a megabyte."""

MOST_DEPTH = 2
"""How often an answer is packed against another that is packed itself."""

LARGEST_CACHED = 512 * 1024
"""Bytes of the largest cached dictionary. Larger answers are sitemaps, which serve no other answer
as dictionary and take three times their size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """An answer as the server sent it: `url` is the address that gave it, `body` its content
    without content coding."""

    url: str
    fetched_at: str
    http_status: int
    headers: Headers
    body: bytes

    def header(self, name: str) -> str:
        """Return the last value of a header, by its name in lower case; empty without one."""
        return next((value for key, value in reversed(self.headers) if key.lower() == name), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _PackedAnswer:
    id: int
    url: str
    fetched_at: str
    http_status: int
    header_bytes: int
    body_bytes: int
    dictionary_id: int | None
    data: bytes


class CaptureReader:
    """Reads answers from an open captures' file at `path`."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection = connection
        self.path = path
        self._dictionaries: OrderedDict[int, Dictionary] = OrderedDict()

    def read(self, answer_id: int, body_hash: str) -> StoredAnswer:
        """Return the answer with this id, whose body has this SHA-256 in hex (empty for an empty
        body).

        Raises CaptureLost if it is missing, cannot be unpacked, or has another body.
        """
        packed = self._load(answer_id)
        headers, body = self._split(packed)
        if hash_body(body) != body_hash:
            raise CaptureLost(
                f"{self.path}: answer {answer_id} is not the one that the archive refers to: "
                "its hash differs"
            )
        return StoredAnswer(
            url=packed.url,
            fetched_at=packed.fetched_at,
            http_status=packed.http_status,
            headers=headers,
            body=body,
        )

    def raw(self, answer_id: int, depth: int = 0) -> bytes:
        """Return headers and body of an answer as they were packed, one on which others depend
        `depth` times over. Raises CaptureLost."""
        packed = self._load(answer_id)
        try:
            return self._unpack(packed, depth)
        except DamagedAnswer as error:
            raise self._damaged(answer_id, error) from error

    def dictionary(self, answer_id: int, depth: int = 0) -> Dictionary:
        """Return an answer as dictionary for packing others; `depth` as in `raw`. Raises
        CaptureLost."""
        if answer_id in self._dictionaries:
            self._dictionaries.move_to_end(answer_id)
            return self._dictionaries[answer_id]
        raw = self.raw(answer_id, depth)
        dictionary = Dictionary(raw)
        if len(raw) <= LARGEST_CACHED:
            self._cache(answer_id, dictionary)
        return dictionary

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def _cache(self, answer_id: int, dictionary: Dictionary) -> None:
        self._dictionaries[answer_id] = dictionary
        if len(self._dictionaries) > CACHED_DICTIONARIES:
            self._dictionaries.popitem(last=False)

    def _load(self, answer_id: int) -> _PackedAnswer:
        try:
            packed = read_row(self.connection, _PackedAnswer, _ANSWER, [answer_id])
        except (sqlite3.DatabaseError, OverflowError) as error:
            raise CaptureLost(f"cannot read {self.path}: {error}") from error
        if packed is None:
            raise CaptureLost(
                f"{self.path} has no answer {answer_id}: does it belong to this archive?"
            )
        return packed

    def _split(self, packed: _PackedAnswer) -> tuple[Headers, bytes]:
        try:
            return split_answer(self._unpack(packed), packed.header_bytes)
        except DamagedAnswer as error:
            raise self._damaged(packed.id, error) from error

    def _unpack(self, packed: _PackedAnswer, depth: int = 0) -> bytes:
        """Unpack an answer. Raises DamagedAnswer, also where it would cost more than ours do."""
        size = packed.header_bytes + packed.body_bytes
        if size > MAX_VALUE_BYTES:
            raise DamagedAnswer(f"it has {size:,} bytes, more than an answer may have")
        if depth > MOST_DEPTH:
            raise DamagedAnswer("it is packed against others more often than we do")
        if packed.dictionary_id is None:
            return unpack(packed.data, size)
        if packed.dictionary_id >= packed.id:
            raise DamagedAnswer(f"it is packed against {packed.dictionary_id}, which is younger")
        return self.dictionary(packed.dictionary_id, depth + 1).unpack(packed.data, size)

    def _damaged(self, answer_id: int, error: DamagedAnswer) -> CaptureLost:
        return CaptureLost(f"{self.path}: answer {answer_id} is damaged: {error}")


_ANSWER = """
    SELECT id, url, fetched_at, http_status, header_bytes, body_bytes, dictionary_id, data
    FROM answers WHERE id = ?
"""


def open_reader(path: Path) -> CaptureReader:
    """Open the captures at `path` for reading. Raises CaptureLost if there are none, ArchiveError
    for a file of another kind."""
    try:
        return CaptureReader(open_for_reading(path, CAPTURES).conn, path)
    except NoArchive as error:
        raise CaptureLost(
            f"no captures at {path}: answers are stored there, or where ARCHIVE_CAPTURES points"
        ) from error


def try_reader(path: Path) -> CaptureReader | None:
    """Open the captures at `path` as `open_reader` does, or return None if there is no file."""
    try:
        return open_reader(path)
    except CaptureLost:
        return None
