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
from threading import Lock
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
    return _hashes(Path(os.path.realpath(path)))


_READING: Final = Lock()
"""Held while a file is hashed: no connection of this process may open it meanwhile, for closing the
file releases the locks that SQLite has on it (https://www.sqlite.org/howtocorrupt.html)."""


class HashedConnection(sqlite3.Connection):
    """A writing connection. Its database has no hashes from its opening on, and gets them when it
    is closed by the last process that has it open: a kill leaves none.

    To be opened under the lock of the file, before anything is written. Only pieces with a changed
    page are read again, so that damage to others stays visible.
    """

    def __init__(self, path: Path, *, timeout_s: float) -> None:
        self._path: Path | None = Path(os.path.realpath(path))
        self._timeout_s = timeout_s
        with _READING:
            self._before = _take_hashes(self._path)
            super().__init__(path, timeout=timeout_s, isolation_level=None)
        self._opened, self._written = file_identity(path), _size_and_time(path)

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
                if self._written != _size_and_time(path):  # the log may have been emptied into it
                    changed = None
                super().close()
                if self._opened != file_identity(path) or _log(path).exists():
                    return
                fresh = _FreshHashes(path)
                _READING.acquire()
            with fresh.file:
                try:
                    fresh.write(self._before, changed)
                finally:
                    _READING.release()
                with file_lock(path, timeout_s=self._timeout_s):
                    fresh.put_in_place()
        except OSError as error:
            super().close()
            # No failure: whatever else the disk or the system refuses, the command reports.
            logger.info("%s cannot be written: %s", _hashes(path), error)


def write_hashes(path: Path) -> None:
    """Write the hashes of a database that nobody has open. Raises OSError."""
    fresh = _FreshHashes(Path(os.path.realpath(path)))
    with fresh.file:
        fresh.write()
        fresh.put_in_place()


class _FreshHashes:
    """Hashes in the making, of a closed database that anybody may open meanwhile: whoever does so
    for writing removes them. To be begun and put in place under its lock. Raises OSError."""

    def __init__(self, path: Path) -> None:
        self._path, self._fresh = path, _fresh_path(path)
        self._fresh.unlink(missing_ok=True)
        self.file = self._fresh.open("x", encoding="ascii")
        self._begun, self._written = file_identity(self._fresh), _size_and_time(path)

    def write(self, before: Sequence[str] = (), changed: Collection[int] | None = None) -> None:
        """Write them, with those `before` of all pieces but the `changed` ones; None stands for
        all."""
        self.file.writelines(f"{line}\n" for line in _hash_pieces(self._path, before, changed))
        self.file.flush()
        os.fsync(self.file.fileno())

    def put_in_place(self) -> None:
        """Give them their name, unless somebody opened the database."""
        if self._begun != file_identity(self._fresh):
            return
        if self._written == _size_and_time(self._path) and not _log(self._path).exists():
            os.replace(self._fresh, _hashes(self._path))
        else:
            self._fresh.unlink()


def remove_remains(path: Path) -> None:
    """Remove what a database that was at `path` left beside it, before another takes its place:
    its hashes, and its write-ahead log, which SQLite would take for that of the other."""
    file = Path(os.path.realpath(path))
    for remains in (_hashes(file), _log(file), Path(f"{file}-shm")):
        remains.unlink(missing_ok=True)


def compare_hashes(path: Path) -> Iterator[tuple[str, str] | str | None]:
    """Compare the bytes of the database at `path` with its hashes: yields a problem, None for each
    sound piece, or why nothing can be compared.

    No connection of this process may have it open: closing the file releases the locks that SQLite
    has on it (https://www.sqlite.org/howtocorrupt.html).
    """
    if not path.exists():
        return
    file = Path(os.path.realpath(path))
    name = _hashes(file).name
    try:
        noted = _read_hashes(file)
    except OSError as error:
        yield f"{name} cannot be read: {error.strerror}"
        return
    pairs = zip_longest(noted or (), _hash_pieces(path) if noted is not None else ())
    differing = []
    for number, (expected, found) in enumerate(pairs):
        if expected == found:
            yield None
        else:
            differing.append(number)
    if noted is None or noted != _read_hashes(file):  # it is being written
        yield f"{path.name} is without {name}: {_why_without(file)}"
    elif differing:
        yield (
            str(path),
            f"{len(differing):,} of its pieces of {PIECE:,} bytes, the first from byte "
            f"{differing[0] * PIECE:,} on, are not as they were when Blogkeep closed it: it is "
            f"damaged, another program changed or replaced it, or {name} is of another file; "
            f"if that was meant, delete {name}",
        )


def _why_without(path: Path) -> str:
    log = _log(path)
    if _fresh_path(path).exists() or (log.exists() and log.stat().st_size):
        return "a command has it open or was killed, or a reader closed it last"
    why = "it is a copy, or they could not be written"
    # Readers leave an empty log.
    return f"a command has it open, {why}" if log.exists() else why


# To resolve a path takes longer than most that is done with it: what follows takes a resolved one.


def _hashes(file: Path) -> Path:
    return Path(f"{file}.hashes")


def _fresh_path(file: Path) -> Path:
    return Path(f"{file}.hashes.new")


def _size_and_time(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _log(file: Path) -> Path:
    return Path(f"{file}-wal")


def _take_hashes(path: Path) -> Sequence[str]:
    """Remove the hashes of a database and return them; none where a write-ahead log was left, whose
    pages belong to it too."""
    try:
        found = _read_hashes(path)
    except OSError:
        found = None
    for file in (_hashes(path), _fresh_path(path)):
        if file.is_file():  # what else has that name counts nowhere
            file.unlink(missing_ok=True)
    log = _log(path)
    return () if found is None or (log.exists() and log.stat().st_size) else found


def _read_hashes(path: Path) -> Sequence[str] | None:
    try:
        return _hashes(path).read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return None


def _changed_pieces(log: Path) -> set[int] | None:
    """The pieces of which a write-ahead log has a page; None where it was begun again, so that it
    no longer has all that was written since the database was opened."""
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
