"""Write captures: each packed against an earlier answer of its own address, or against a page of
its store."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from scraper.archive.captures.owner import claim_captures
from scraper.archive.captures.packing import Dictionary, join_answer, pack
from scraper.archive.captures.reader import MOST_DEPTH, CaptureReader
from scraper.archive.captures.schema import CAPTURES
from scraper.archive.database import check_in_place, open_for_writing, write_errors
from scraper.archive.locks import file_identity
from scraper.archive.rows import read_row
from scraper.archive.statements import insert, transaction
from scraper.exceptions import ArchiveError, CaptureLost
from scraper.items import Capture

SHARED = frozenset({"post", "index"})
"""Resource types whose pages share a theme, so that one page serves all as dictionary. Feeds,
sitemaps and such are packed against earlier answers of their own address only."""

POOR_SHARE = 0.5
"""An earlier answer of the same address no longer serves as dictionary if a page of the store would
take less than this share of the space."""

POOR = 1 / 12
"""Packed size, as a share of an answer's size, above which the store's page is doubted as
dictionary: on real pages it gives 1/60."""

POOR_IN_A_ROW = 3
"""After so many pages in a row that it does not serve, the last of them becomes the store's page:
its theme has changed. A single one is an odd page."""


class _Packed(NamedTuple):
    data: bytes
    dictionary_id: int | None
    depth: int
    serves_store: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _EarlierAnswer:
    id: int
    depth: int
    size: int


class CaptureWriter:
    """Writes answers into the captures' file at `path`. `after` is the highest id that the archive
    refers to already.

    New ids are above that one too: a file that was lost and begun again never gives an id twice.
    `warnings` are lines for a person: what is wrong with the file, though it can still be written.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, *, after: int) -> None:
        self.connection = connection
        self.path = path
        self.warnings: list[str] = []
        self._after = after
        self._opened = file_identity(path)
        self._reader = CaptureReader(connection, path)
        self._poor: Counter[tuple[str, str]] = Counter()

    def save(self, capture: Capture, *, store: str, resource_type: str) -> int | None:
        """Write an answer to the disk and return its id; None if nothing was received. `store` is
        the store's origin.

        Raises ArchiveError.
        """
        if not capture.headers and not capture.body:
            return None
        url = capture.answer_url or capture.url
        raw, header_bytes = join_answer(capture.headers, capture.body)
        with write_errors(self.path):
            packed = self._pack(
                raw,
                url=url,
                store=store,
                resource_type=resource_type,
                good=capture.verdict == "ok",
            )
            with transaction(self.connection):
                answer_id = self._insert(capture, url, packed, header_bytes)
                if packed.serves_store:
                    self.connection.execute(_SET_DICTIONARY, [store, resource_type, answer_id])
        return answer_id

    def _insert(self, capture: Capture, url: str, packed: _Packed, header_bytes: int) -> int:
        (next_id,) = self.connection.execute(
            "SELECT coalesce(max(id), 0) + 1 FROM answers"
        ).fetchone()
        return insert(
            self.connection,
            "answers",
            id=max(next_id, self._after + 1),
            url=url,
            fetched_at=capture.fetched_at,
            http_status=capture.http_status,
            body_hash=capture.body_hash,
            body_bytes=len(capture.body),
            header_bytes=header_bytes,
            dictionary_id=packed.dictionary_id,
            depth=packed.depth,
            data=packed.data,
        )

    def missing(self, archive: sqlite3.Connection, crawl_id: int) -> list[int]:
        """Return the ids of a crawl's captures whose answers the file does not hold."""
        rows = archive.execute(
            "SELECT id, body_id, body_hash FROM captures "
            "WHERE crawl_id = ? AND body_id IS NOT NULL",
            [crawl_id],
        )
        with write_errors(self.path):
            return [
                capture_id
                for capture_id, body_id, body_hash in rows.fetchall()
                if not self._holds(body_id, body_hash)
            ]

    def check_newest(self, archive: sqlite3.Connection) -> None:
        """Add a warning if the file lacks the newest answer that the archive refers to: it was
        lost, or belongs to another archive."""
        row = archive.execute(
            "SELECT body_id, body_hash FROM captures "
            "WHERE body_id IS NOT NULL ORDER BY body_id DESC LIMIT 1"
        ).fetchone()
        if row is None:
            return
        body_id, body_hash = row
        with write_errors(self.path):
            if not self._holds(body_id, body_hash):
                self.warnings.append(
                    f"{self.path} does not hold answer {body_id}, to which the archive refers: put "
                    "the right file back if there is one; new answers are stored in this one, and "
                    "blogkeep verify lists the lost ones"
                )

    def check_in_place(self) -> None:
        """Raise ArchiveError if another file, or none, stands where this one was opened: whatever
        is written is lost."""
        check_in_place(self.path, self._opened)

    def close(self) -> None:
        """Close the file and merge its write-ahead log, so that a copy of this one file is
        complete."""
        with write_errors(self.path):
            self.connection.close()

    def _pack(self, raw: bytes, *, url: str, store: str, resource_type: str, good: bool) -> _Packed:
        earlier = read_row(self.connection, _EarlierAnswer, _EARLIER, [url])
        dictionary = self._dictionary(earlier.id) if earlier else None
        if earlier is None or dictionary is None:
            return self._pack_first(raw, store=store, resource_type=resource_type, good=good)
        packed = _Packed(dictionary.pack(raw), earlier.id, earlier.depth + 1)
        if len(packed.data) <= POOR_SHARE * earlier.size:
            return packed
        first = self._pack_first(raw, store=store, resource_type=resource_type, good=good)
        return first if len(packed.data) > POOR_SHARE * len(first.data) else packed

    def _pack_first(self, raw: bytes, *, store: str, resource_type: str, good: bool) -> _Packed:
        """Pack an answer without an earlier one of its address."""
        if resource_type not in SHARED:
            return _Packed(pack(raw), None, 0)
        row = self.connection.execute(
            "SELECT answer_id FROM dictionaries WHERE store = ? AND resource_type = ?",
            [store, resource_type],
        ).fetchone()
        (dictionary_id,) = row or (None,)
        dictionary = self._dictionary(dictionary_id) if dictionary_id else None
        if dictionary is None:
            return _Packed(pack(raw), None, 0, serves_store=good)
        packed = _Packed(dictionary.pack(raw), dictionary_id, 1)
        if not good or self._serves(raw, packed, (store, resource_type)):
            return packed
        return _Packed(pack(raw), None, 0, serves_store=True)

    def _serves(self, raw: bytes, packed: _Packed, key: tuple[str, str]) -> bool:
        """Whether the store's page still serves as dictionary; counts the answers in a row for
        which it does not."""
        is_poor = len(packed.data) > POOR * len(raw)
        self._poor[key] = (
            self._poor[key] + 1 if is_poor and len(packed.data) > POOR_SHARE * len(pack(raw)) else 0
        )
        if self._poor[key] < POOR_IN_A_ROW:
            return True
        self._poor[key] = 0
        return False

    def _dictionary(self, answer_id: int) -> Dictionary | None:
        """Return an answer as dictionary, or None if it is damaged: a lost answer must not prevent
        the writing of new ones."""
        try:
            return self._reader.dictionary(answer_id)
        except CaptureLost as error:
            if str(error) not in self.warnings:
                self.warnings.append(str(error))
            return None

    def _holds(self, answer_id: int, body_hash: str) -> bool:
        row = self.connection.execute(
            "SELECT 1 FROM answers WHERE id = ? AND body_hash = ?", [answer_id, body_hash]
        ).fetchone()
        return row is not None


def open_capture_writer(path: Path, archive: sqlite3.Connection) -> CaptureWriter:
    """Open the captures of an archive for writing; create the file if it is missing. Raises
    ArchiveError for a file of another kind, or of another archive."""
    (after,) = archive.execute("SELECT coalesce(max(body_id), 0) FROM captures").fetchone()
    connection = open_for_writing(path, CAPTURES).conn
    try:
        claim_captures(archive, connection, path)
    except ArchiveError:
        connection.close()
        raise
    writer = CaptureWriter(connection, path, after=after)
    writer.check_newest(archive)
    return writer


@contextmanager
def capture_writer(path: Path, archive: sqlite3.Connection) -> Iterator[CaptureWriter]:
    """Open the captures as `open_capture_writer` does, and close them at the end of the block."""
    writer = open_capture_writer(path, archive)
    try:
        yield writer
    finally:
        writer.close()


# The depth stands as a number: the index of addresses is one of `depth < 2` alone.
_EARLIER = f"""
    SELECT id, depth, length(data) AS size FROM answers
    WHERE url = ? AND depth < {MOST_DEPTH} ORDER BY id DESC LIMIT 1
"""
_SET_DICTIONARY = """
    INSERT INTO dictionaries (store, resource_type, answer_id) VALUES (?, ?, ?)
    ON CONFLICT (store, resource_type) DO UPDATE SET answer_id = excluded.answer_id
"""
