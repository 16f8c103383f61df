"""Hashes of a database's bytes, in a file beside it while it is closed. SQLite has no checksum of
its own: no other check reads what lies unused in its pages."""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
import struct
from collections.abc import Collection, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Final

from scraper.archive.locks import file_identity, file_lock

logger = logging.getLogger(__name__)

PIECE: Final = 256 * 1024
"""Bytes that share a hash. A crawl that finds nothing new in a large archive changes few pieces;
smaller ones would make the list of hashes large."""

# https://www.sqlite.org/fileformat2.html#the_write_ahead_log: page size and checkpoint sequence
# number; then frames, each a page with a header that begins with its number.
_LOG_HEADER = struct.Struct(">8xII16x")
_FRAME_HEADER: Final = 24


def hashes_path(path: Path) -> Path:
    """Where the hashes of the database at `path` stand: what GNU's ``split -b 256K
    --filter=sha256sum PATH`` prints."""
    return Path(f"{path.resolve()}.hashes")


class HashedConnection(sqlite3.Connection):
    """A writing connection. Its database has no hashes from its opening on, and gets them when it
    is closed by the last process that has it open: a kill leaves none.

    To be opened under the lock of the file, before anything is written. Only pieces with a changed
    page are read again, so that damage to others stays visible.
    """

    def __init__(self, path: Path, *, timeout_s: float) -> None:
        self._path: Path | None = path.resolve()
        self._timeout_s = timeout_s
        self._before = _take_hashes(self._path)
        super().__init__(path, timeout=timeout_s, isolation_level=None)
        self._opened = file_identity(path)

    def close(self) -> None:
        """Close the database, and write its hashes if nobody else has it open."""
        path, self._path = self._path, None
        if path is None:
            super().close()
            return
        try:
            # Whoever opens it for writing waits.
            with file_lock(path, timeout_s=self._timeout_s):
                changed = _changed_pieces(_log(path))
                super().close()
                if self._opened == file_identity(path) and not _log(path).exists():
                    write_hashes(path, self._before, changed)
        except OSError as error:
            super().close()
            # No failure: whatever else the disk or the system refuses, the command reports.
            logger.info("%s cannot be written: %s", hashes_path(path), error)


def write_hashes(
    path: Path, before: Sequence[str] = (), changed: Collection[int] | None = None
) -> None:
    """Write the hashes of a database that nobody has open, with those `before` of all pieces but
    the `changed` ones; None stands for all. Raises OSError."""
    text = "".join(f"{line}\n" for line in _hash_pieces(path, before, changed))
    fresh = hashes_path(path).with_name(f"{hashes_path(path).name}.new")
    try:
        with fresh.open("w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, hashes_path(path))
    finally:
        fresh.unlink(missing_ok=True)


def compare_hashes(path: Path) -> Iterator[tuple[str, str] | str | None]:
    """Compare the bytes of the database at `path` with its hashes: yields a problem, None for each
    sound piece, or why nothing can be compared.

    No connection of this process may have it open: closing the file releases the locks that SQLite
    has on it (https://www.sqlite.org/howtocorrupt.html).
    """
    if not path.exists():
        return
    name, noted = hashes_path(path).name, _read_hashes(path)
    pairs = zip_longest(noted or (), _hash_pieces(path) if noted is not None else ())
    differing = []
    for number, (expected, found) in enumerate(pairs):
        if expected == found:
            yield None
        else:
            differing.append(number)
    if noted is None or noted != _read_hashes(path):  # it is being written
        why = (
            "a command has it open or was killed"
            if _log(path).exists()
            else "it is a copy or they could not be written"
        )
        yield f"{path.name} is without {name}: {why}"
    elif differing:
        yield (
            str(path),
            f"{len(differing):,} of its pieces of {PIECE:,} bytes, the first from byte "
            f"{differing[0] * PIECE:,} on, are not as they were when Blogkeep closed it: it is "
            f"damaged, or another program changed or replaced it; if that was meant, delete {name}",
        )


def _log(path: Path) -> Path:
    return Path(f"{path.resolve()}-wal")


def _take_hashes(path: Path) -> Sequence[str]:
    """Remove the hashes of a database and return them; none where a write-ahead log was left, whose
    pages belong to it too."""
    found = _read_hashes(path)
    hashes_path(path).unlink(missing_ok=True)
    log = _log(path)
    return () if found is None or (log.exists() and log.stat().st_size) else found


def _read_hashes(path: Path) -> Sequence[str] | None:
    try:
        return hashes_path(path).read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return None


def _changed_pieces(log: Path) -> set[int] | None:
    """The pieces of which a write-ahead log has a page; None where it was begun again, so that it
    no longer has all."""
    try:
        file = log.open("rb")
    except FileNotFoundError:
        return set()
    with file:
        header = file.read(_LOG_HEADER.size)
        if len(header) < _LOG_HEADER.size:
            return set()
        page_size, begun_again = _LOG_HEADER.unpack(header)
        if begun_again:
            return None
        pieces = set()
        while page := int.from_bytes(file.read(4)):
            pieces.add((page - 1) * page_size // PIECE)
            file.seek(_FRAME_HEADER - 4 + page_size, os.SEEK_CUR)
        return pieces


def _hash_pieces(
    path: Path, before: Sequence[str] = (), changed: Collection[int] | None = None
) -> Iterator[str]:
    """The hash of each piece of a file, from `before` where only `changed` ones differ."""
    count = -(-path.stat().st_size // PIECE)
    # The last piece of the file, then or now, may have another length.
    same = set() if changed is None else {*range(min(len(before), count) - 1)}.difference(changed)
    with path.open("rb") as file:
        for number in range(count):
            if number in same:
                yield before[number]
                continue
            file.seek(number * PIECE)
            yield f"{hashlib.sha256(file.read(PIECE)).hexdigest()}  -"
