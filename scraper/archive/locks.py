"""One crawl of a store at a time: a lock beside the archive that the system takes back from whoever dies."""

from __future__ import annotations

import re
from pathlib import Path

from filelock import FileLock, Timeout

from scraper.exceptions import AlreadyCrawling, ArchiveError


def lock_store(archive: Path, origin: str) -> FileLock:
    """Hold the store at `origin` for this process, until the lock is released or the process ends, however it does.

    The scheme and a leading ``www.`` make no other store. Raises AlreadyCrawling where another process holds it, ArchiveError where no
    lock can be made.
    """
    name = re.sub(r"[^a-z0-9.-]", "_", origin.lower().partition("://")[2].removeprefix("www."))
    lock = FileLock(f"{archive}.{name}.lock", timeout=0)
    try:
        archive.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise AlreadyCrawling(f"{origin} is being crawled into {archive} already; run this again when that crawl has ended") from error
    except OSError as error:
        raise ArchiveError(f"cannot lock {archive}: {error}") from error
    return lock


def is_locked(archive: Path, origin: str) -> bool:
    """Whether another process is crawling the store at `origin` into the archive. Raises ArchiveError where no lock can be made."""
    try:
        lock_store(archive, origin).release()
    except AlreadyCrawling:
        return True
    return False
