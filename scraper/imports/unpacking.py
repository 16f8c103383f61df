"""Unpack WARC files as they are read, within bounds."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Final

from scraper.exceptions import ImportProblem

MOST_UNPACKED: Final = 16 * 1024**3
"""Bytes to which a file may unpack, a package with all its WARC files: these are cut at one
gigabyte, packed."""
MOST_RECORDS: Final = 5_000_000
_GZIP = b"\x1f\x8b"


class Allowance:
    """What has been read of a file, or of a package: members of a ZIP may overlap, and each be as
    large as a file may be."""

    def __init__(self) -> None:
        self._bytes = self._records = 0

    def add_bytes(self, number: int) -> None:
        """Count unpacked bytes. Raises ImportProblem beyond MOST_UNPACKED."""
        self._bytes += number
        if self._bytes > MOST_UNPACKED:
            raise ImportProblem(f"unpacks to more than {MOST_UNPACKED // 1024**3} GiB")

    def add_record(self) -> None:
        """Count a record. Raises ImportProblem beyond MOST_RECORDS."""
        self._records += 1
        if self._records > MOST_RECORDS:
            raise ImportProblem(f"holds more than {MOST_RECORDS:,} records")


@contextmanager
def unpacked(file: IO[bytes], allowance: Allowance) -> Iterator[CountedStream]:
    """The bytes of a WARC file, unpacked. Python's reader raises EOFError where a gzip stream is
    cut short; FastWARC's own ends there without a word."""
    start = file.read(2)
    file.seek(0)
    if start != _GZIP:
        yield CountedStream(file, allowance)
        return
    with gzip.GzipFile(fileobj=file) as unpacked:
        yield CountedStream(unpacked, allowance)  # type: ignore[arg-type]


class CountedStream:
    """A stream that may not give more than is allowed; `count` bytes came of it so far."""

    def __init__(self, stream: IO[bytes], allowance: Allowance) -> None:
        self._stream, self._allowance = stream, allowance
        self.count = 0

    def tell(self) -> int:
        return self.count

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.count += len(data)
        self._allowance.add_bytes(len(data))
        return data
