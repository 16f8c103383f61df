"""One crawl of a store at a time: a lock beside the archive, which the system releases when the
process dies."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from filelock import FileLock, Timeout

from scraper.exceptions import AlreadyCrawling, ArchiveError
from scraper.history.store_addresses import host_key


def lock_store(archive: Path, origin: str, others: Iterable[str] = ()) -> ExitStack:
    """Lock the store at `origin` and at its `others` for this process, until the returned stack is
    closed or the process ends.

    Scheme and leading ``www.`` are ignored. Raises AlreadyCrawling if another process has the lock,
    ArchiveError if no lock can be created.
    """
    with ExitStack() as locks:
        for name in sorted({_name(address) for address in (origin, *others)}):
            lock = FileLock(f"{archive}.{name}.lock", timeout=0)
            try:
                archive.parent.mkdir(parents=True, exist_ok=True)
                lock.acquire()
            except Timeout as error:
                raise AlreadyCrawling(
                    f"{origin} is being crawled into {archive} already; "
                    "run this again when that crawl has ended"
                ) from error
            except OSError as error:
                raise ArchiveError(f"cannot lock {archive}: {error}") from error
            locks.callback(lock.release)
        return locks.pop_all()


def _name(origin: str) -> str:
    return re.sub(r"[^a-z0-9.-]", "_", host_key(origin))


def is_locked(archive: Path, origin: str) -> bool:
    """Whether another process is crawling the store at `origin` into the archive. Raises
    ArchiveError if no lock can be created."""
    try:
        lock_store(archive, origin).close()
    except AlreadyCrawling:
        return True
    return False
