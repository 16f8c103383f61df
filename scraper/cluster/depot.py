"""A depot in a folder or an object store: S3, Google Cloud Storage, Azure, by its address."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import obstore
import zstandard
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

from scraper.exceptions import DepotUnavailable, NoArchive, UsageProblem

ARCHIVE: Final = "archive.db.zst"
CAPTURES: Final = "captures.db.zst"
LEVEL: Final = 3
"""Of the compression: archives shrink to a fifth, captures are compressed already."""

RETRY_S: Final = 20
"""How long the client of an object store tries again by itself, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivePair:
    """The two files of an archive: posts and their history, and the captures."""

    archive: Path
    captures: Path


class ObjectDepot:
    """The depot at an address such as ``s3://bucket/folder``, or in a folder: where the archive of
    a store is between two runs. What was stored under a key never changes.

    The key of a generation is ``STORE/GENERATION-FENCE``; the archive and its captures are an
    object each, so that a reader of the archive alone fetches no captures. The archive's object is
    written last: where it is, the pair is whole.
    """

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    @classmethod
    def at(cls, address: str) -> ObjectDepot:
        """The depot of a folder or URL. Raises UsageProblem for an address that is neither."""
        if not address:
            raise UsageProblem("ARCHIVE_DEPOT is not set: a folder, or s3://, gs:// or az://")
        if "://" not in address:
            folder = Path(address).absolute()
            folder.mkdir(parents=True, exist_ok=True)
            return cls(LocalStore(folder, automatic_cleanup=True))
        try:
            return cls(
                from_url(address, retry_config={"retry_timeout": timedelta(seconds=RETRY_S)})
            )
        except (BaseError, ValueError) as error:
            raise UsageProblem(f"ARCHIVE_DEPOT: {first_line(error)}") from error

    def fetch(self, key: str, into: ArchivePair) -> None:
        """Write the files of a key. Raises DepotUnavailable, or NoArchive where there is none."""
        with _depot_errors(key):
            self.fetch_captures(key, into.captures)
            if not into.captures.stat().st_size:
                into.captures.unlink()
            self.fetch_archive(key, into.archive)

    def fetch_archive(self, key: str, into: Path) -> None:
        """Write the archive of a key without its captures. Raises as `fetch` does."""
        with _depot_errors(key):
            self._read(f"{key}/{ARCHIVE}", into)

    def fetch_captures(self, key: str, into: Path) -> None:
        """Write the captures of a key, an empty file where there are none. Raises as `fetch`."""
        with _depot_errors(key):
            self._read(f"{key}/{CAPTURES}", into)

    def store(self, key: str, pair: ArchivePair) -> int:
        """Store files under a key that is new; returns their stored size in bytes. Raises
        DepotUnavailable."""
        with _depot_errors(key):
            pair.captures.touch()  # an archive without captures has an empty object of them
            size = self._write(f"{key}/{CAPTURES}", pair.captures)
            return size + self._write(f"{key}/{ARCHIVE}", pair.archive)

    def keys(self, store: str) -> Collection[str]:
        """The keys of a store. Raises DepotUnavailable."""
        with _depot_errors(store):
            found = obstore.list(self._store, prefix=f"{store}/").collect()
        paths = [str(meta["path"]) for meta in found]
        return {path.rpartition("/")[0] for path in paths}

    def delete(self, key: str) -> None:
        """Delete what is stored under a key. Raises DepotUnavailable."""
        with _depot_errors(key):
            for name in (ARCHIVE, CAPTURES):  # what is not whole is found by nobody
                try:
                    obstore.delete(self._store, f"{key}/{name}")
                except NotFoundError:
                    continue

    def _read(self, path: str, into: Path) -> None:
        stream = obstore.get(self._store, path).stream()
        decompressor = zstandard.ZstdDecompressor().decompressobj()
        with into.open("wb") as file:
            for chunk in stream:
                file.write(decompressor.decompress(bytes(chunk)))
        if not decompressor.eof:
            raise zstandard.ZstdError(f"{path} is cut short")

    def _write(self, path: str, source: Path) -> int:
        packed = source.with_name(f"{source.name}.zst")
        try:
            with source.open("rb") as file, packed.open("wb") as out:
                zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).copy_stream(file, out)
            with packed.open("rb") as whole:
                obstore.put(self._store, path, whole)
            return packed.stat().st_size
        finally:
            packed.unlink(missing_ok=True)


@contextmanager
def _depot_errors(key: str) -> Iterator[None]:
    try:
        yield
    except (NotFoundError, FileNotFoundError) as error:
        raise NoArchive(f"the depot has nothing under {key}: {first_line(error)}") from error
    except (BaseError, OSError, zstandard.ZstdError) as error:
        raise DepotUnavailable(f"the depot cannot be used: {first_line(error)}") from error


def first_line(error: Exception) -> str:
    """The first line of an error's message."""
    return str(error).strip().partition("\n")[0]
