"""Where the archive of a store is between two runs: the protocol of depots."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivePair:
    """The two files of an archive: posts and their history, and the captures."""

    archive: Path
    captures: Path


class Depot(Protocol):
    """Holds a pair of files under each key. What was stored under a key never changes.

    One machine has none: its archive stays where crawls write it.
    """

    def fetch(self, key: str, into: ArchivePair) -> None:
        """Write the files of a key. Raises DepotUnavailable, or NoArchive where there is none."""

    def store(self, key: str, pair: ArchivePair) -> int:
        """Store files under a key that is new; returns their stored size in bytes. Raises
        DepotUnavailable."""

    def keys(self, store: str) -> Collection[str]:
        """The keys of a store. Raises DepotUnavailable."""

    def delete(self, key: str) -> None:
        """Delete what is stored under a key. Raises DepotUnavailable."""
