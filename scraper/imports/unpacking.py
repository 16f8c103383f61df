"""Unpack a WARC file as it is read, within a bound."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Final

from scraper.exceptions import ImportProblem

MOST_UNPACKED: Final = 16 * 1024**3
"""Bytes to which one file may unpack: WARC files are cut at one gigabyte, packed."""
_GZIP = b"\x1f\x8b"


@contextmanager
def unpacked(file: IO[bytes]) -> Iterator[CountedStream]:
    """The bytes of a WARC file, unpacked. Python's reader raises EOFError where a gzip stream is
    cut short; FastWARC's own ends there without a word."""
    start = file.read(2)
    file.seek(0)
    if start != _GZIP:
        yield CountedStream(file)
        return
    with gzip.GzipFile(fileobj=file) as unpacked:
        yield CountedStream(unpacked)  # type: ignore[arg-type]


class CountedStream:
    """A stream that may not give more than MOST_UNPACKED bytes."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.count = 0

    def tell(self) -> int:
        return self.count

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.count += len(data)
        if self.count > MOST_UNPACKED:
            raise ImportProblem(f"unpacks to more than {MOST_UNPACKED // 1024**3} GiB")
        return data
