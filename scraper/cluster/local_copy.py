"""The archive of a store on a worker's disk: fetched where the disk has an older one, stored in the
depot while crawls write it."""

from __future__ import annotations

import shutil
from collections.abc import Container
from contextlib import suppress
from pathlib import Path
from typing import Final

from scraper.archive.captures.schema import captures_path
from scraper.archive.maintenance.backup import copy_pair
from scraper.cluster.depot import ArchivePair, ObjectDepot

_MARK: Final = "generation"


class LocalCopy:
    """The files of one store in a folder.

    The file `generation` there holds the key under which the depot has what the files began from.
    They may hold more than that: what a crawl has written since. While the cluster names the same
    key, nobody else has published, and a crawl that was killed is resumed from them.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        archive = folder / "archive.db"
        self.pair = ArchivePair(archive=archive, captures=captures_path(archive, ""))

    def bring_up_to_date(self, depot: ObjectDepot, key: str) -> None:
        """Have the files of `key` here, none for an empty key. Raises DepotUnavailable, NoArchive,
        OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._mark() == key:
            return
        (self.folder / _MARK).unlink(missing_ok=True)
        for path in self.folder.iterdir():
            if path.is_file() and not path.name.endswith(".lock"):
                path.unlink()
        if key:
            depot.fetch(key, self.pair)
        self.mark(key)

    def mark(self, key: str) -> None:
        """Note that the depot has the files of here, or earlier ones, under a key."""
        fresh = self.folder / f"{_MARK}.new"
        fresh.write_text(key, encoding="utf-8")
        fresh.replace(self.folder / _MARK)

    def store(self, depot: ObjectDepot, key: str) -> int:
        """Store a consistent copy of the files under a key; returns its size in bytes. Raises
        DepotUnavailable, ArchiveError."""
        folder = self.folder / "copy"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            archive, captures = folder / "archive.db", folder / "captures.db"
            copy_pair(self.pair.archive, self.pair.captures, archive, captures)
            return depot.store(key, ArchivePair(archive=archive, captures=captures))
        finally:
            with suppress(OSError):
                shutil.rmtree(folder)

    def discard(self) -> None:
        """Forget what the files began from: they are fetched again before they are used."""
        (self.folder / _MARK).unlink(missing_ok=True)

    def _mark(self) -> str | None:
        try:
            return (self.folder / _MARK).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None


def remove_oldest(folder: Path, most: int, *, busy: Container[str]) -> None:
    """Remove the local copies that were used longest ago, so that `most` stay, except `busy` ones:
    the depot has what they hold."""
    marks = list(folder.glob(f"*/{_MARK}"))
    if len(marks) <= most:
        return
    for mark in sorted(marks, key=_used_at)[: len(marks) - most]:
        if mark.parent.name not in busy:
            shutil.rmtree(mark.parent, ignore_errors=True)


def _used_at(mark: Path) -> float:
    try:
        return mark.stat().st_mtime
    except OSError:
        return 0.0
