"""Compare every byte of the files with what it was when they were closed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from scraper.archive.file_hashes import compare_hashes
from scraper.archive.verify import Check


def check_bytes(*paths: Path) -> Check:
    """Return a check of the bytes of closed databases. It reads them at once: no connection of this
    process may have them open."""
    findings = [finding for path in paths for finding in compare_hashes(path)]

    def check(_: sqlite3.Connection) -> Iterator[tuple[str, str] | str | None]:
        yield from findings

    return check
