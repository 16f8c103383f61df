"""Keeping captures: each packed against a page of its store, or against an earlier answer of its
own address."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from scraper.archive.captures.packing import Dictionary, join_answer, pack
from scraper.archive.captures.reader import CaptureReader
from scraper.archive.captures.schema import CAPTURES
from scraper.archive.database import check_in_place, file_identity, open_for_writing, write_errors
from scraper.archive.statements import insert, transaction
from scraper.exceptions import CaptureLost
from scraper.items import Capture

SHARED = frozenset({"post", "index"})
"""What shares a theme with its like, so that one page serves as dictionary for all; feeds, sitemaps
and such have their own earlier answers alone."""

LARGE = 0.5
"""Share of what a page of the store would give, above which an address's own earlier answer serves
no longer."""

POOR = 1 / 12
"""Share of an answer's own size, above which it is asked whether a page of the store serves at all:
on real pages it gives 1/60."""

POOR_IN_A_ROW = 3
"""So many pages for which it did not serve make the last of them the store's page: its theme has
changed. One alone is an odd page."""


class _Packed(NamedTuple):
    data: bytes
    base_id: int | None
    depth: int
    serves_store: bool = False


class CaptureWriter:
    """Writes answers into the captures' file at `path`; `after` is the highest number that the
    archive refers to already.

    Numbers are given above that one too, so that a file that was lost and begun anew never answers
    for one that it did not see. `complaints` are lines for a person: what is wrong with the file,
    though answers can still be kept.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, *, after: int) -> None:
        self.connection = connection
        self.path = path
        self.complaints: list[str] = []
        self._after = after
        self._opened = file_identity(path)
        self._reader = CaptureReader(connection, path)
        self._poor: Counter[tuple[str, str]] = Counter()

    def keep(self, capture: Capture, *, store: str, resource_type: str) -> int | None:
        """Put an answer on the disk and return its number; None where nothing came. `store` is the
        store's origin.

        Raises ArchiveError.
        """
        if not capture.headers and not capture.body:
            return None
        url = capture.answer_url or capture.url
        raw, head_bytes = join_answer(capture.headers, capture.body)
        with write_errors(self.path):
            packed = self._packed(
                raw, url=url, store=store, resource_type=resource_type, good=capture.verdict == "ok"
            )
            with transaction(self.connection):
                (number,) = self.connection.execute(
                    "SELECT coalesce(max(id), 0) + 1 FROM answers"
                ).fetchone()
                answer_id = insert(
                    self.connection,
                    "answers",
                    id=max(number, self._after + 1),
                    url=url,
                    fetched_at=capture.fetched_at,
                    http_status=capture.http_status,
                    body_hash=capture.body_hash,
                    body_bytes=len(capture.body),
                    head_bytes=head_bytes,
                    base_id=packed.base_id,
                    depth=packed.depth,
                    data=packed.data,
                )
                if packed.serves_store:
                    self.connection.execute(_SET_BASE, [store, resource_type, answer_id])
        return answer_id

    def lost(self, archive: sqlite3.Connection, crawl_id: int) -> list[int]:
        """Captures of a crawl that refer to an answer which the file does not hold, by their
        numbers in the archive."""
        rows = archive.execute(
            "SELECT id, body_id, body_hash FROM captures WHERE crawl_id = ? AND body_id IS NOT NULL",
            [crawl_id],
        )
        with write_errors(self.path):
            return [
                capture_id
                for capture_id, body_id, body_hash in rows.fetchall()
                if not self._holds(body_id, body_hash)
            ]

    def check_newest(self, archive: sqlite3.Connection) -> None:
        """Complain where the newest answer that the archive refers to is not in the file: it was
        lost, or is another archive's."""
        row = archive.execute(
            "SELECT body_id, body_hash FROM captures WHERE body_id IS NOT NULL ORDER BY body_id DESC LIMIT 1"
        ).fetchone()
        with write_errors(self.path):
            if row and not self._holds(*row):
                self.complaints.append(
                    f"{self.path} does not hold answer {row[0]}, to which the archive refers: put the right file back if there is one; "
                    "what is fetched now is kept in this one, and scrapy verify names what is lost"
                )

    def check_in_place(self) -> None:
        """Raises ArchiveError where the file does not stand any more where it was opened: what is
        written into it is lost."""
        check_in_place(self.path, self._opened)

    def close(self) -> None:
        """Close the file, its write-ahead log moved into it: copied by itself, it is whole."""
        with write_errors(self.path):
            self.connection.close()

    def _packed(
        self, raw: bytes, *, url: str, store: str, resource_type: str, good: bool
    ) -> _Packed:
        own = self.connection.execute(
            "SELECT id, depth, length(data) FROM answers WHERE url = ? AND depth < 2 ORDER BY id DESC LIMIT 1",
            [url],
        ).fetchone()
        dictionary = self._dictionary(own[0]) if own else None
        if dictionary is None:
            return self._fresh(raw, store=store, resource_type=resource_type, good=good)
        own_id, depth, fresh_size = own
        packed = _Packed(dictionary.pack(raw), own_id, depth + 1)
        if len(packed.data) <= LARGE * fresh_size:
            return packed
        fresh = self._fresh(raw, store=store, resource_type=resource_type, good=good)
        return fresh if len(packed.data) > LARGE * len(fresh.data) else packed

    def _fresh(self, raw: bytes, *, store: str, resource_type: str, good: bool) -> _Packed:
        """An answer packed without an earlier one of its address."""
        if resource_type not in SHARED:
            return _Packed(pack(raw), None, 0)
        row = self.connection.execute(
            "SELECT answer_id FROM bases WHERE store = ? AND resource_type = ?",
            [store, resource_type],
        ).fetchone()
        dictionary = self._dictionary(row[0]) if row else None
        if dictionary is None:
            return _Packed(pack(raw), None, 0, serves_store=good)
        packed = _Packed(dictionary.pack(raw), row[0], 1)
        if not good:
            return packed
        if len(packed.data) <= POOR * len(raw):
            self._poor[store, resource_type] = 0
            return packed
        alone = pack(raw)
        self._poor[store, resource_type] = (
            self._poor[store, resource_type] + 1 if len(packed.data) > LARGE * len(alone) else 0
        )
        if self._poor[store, resource_type] < POOR_IN_A_ROW:
            return packed
        self._poor[store, resource_type] = 0
        return _Packed(alone, None, 0, serves_store=True)

    def _dictionary(self, answer_id: int) -> Dictionary | None:
        """An answer to pack others against, or None where it is damaged: one that is lost must not
        keep new ones out."""
        try:
            return self._reader.dictionary(answer_id)
        except CaptureLost as error:
            if str(error) not in self.complaints:
                self.complaints.append(str(error))
            return None

    def _holds(self, answer_id: int, body_hash: str) -> bool:
        row = self.connection.execute(
            "SELECT body_hash FROM answers WHERE id = ?", [answer_id]
        ).fetchone()
        return row is not None and str(row[0]) == body_hash


def open_capture_writer(path: Path, archive: sqlite3.Connection) -> CaptureWriter:
    """Open the captures of an archive for writing, made where they are missing. Raises ArchiveError
    for a file of another kind."""
    (after,) = archive.execute("SELECT coalesce(max(body_id), 0) FROM captures").fetchone()
    keeper = CaptureWriter(open_for_writing(path, CAPTURES).conn, path, after=after)
    keeper.check_newest(archive)
    return keeper


@contextmanager
def capture_writer(path: Path, archive: sqlite3.Connection) -> Iterator[CaptureWriter]:
    """`open_capture_writer` for as long as the block lasts."""
    keeper = open_capture_writer(path, archive)
    try:
        yield keeper
    finally:
        keeper.close()


_SET_BASE = """
    INSERT INTO bases (store, resource_type, answer_id) VALUES (?, ?, ?)
    ON CONFLICT (store, resource_type) DO UPDATE SET answer_id = excluded.answer_id
"""
