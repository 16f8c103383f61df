"""One crawl of a store at a time: a lock beside the archive that the system takes back from whoever
dies."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from filelock import FileLock, Timeout

from scraper.exceptions import AlreadyCrawling, ArchiveError
from scraper.history.store_addresses import host_key


def lock_store(archive: Path, origin: str, others: Iterable[str] = ()) -> ExitStack:
    """Hold the store at `origin`, and at the `others` at which it may be known too, for this
    process, until what is returned is closed or the process ends, however it does.

    The scheme and a leading ``www.`` make no other store. Raises AlreadyCrawling where another
    process holds it, ArchiveError where no lock can be made.
    """
    with ExitStack() as held:
        for name in sorted({_name(address) for address in (origin, *others)}):
            lock = FileLock(f"{archive}.{name}.lock", timeout=0)
            try:
                archive.parent.mkdir(parents=True, exist_ok=True)
                lock.acquire()
            except Timeout as error:
                raise AlreadyCrawling(
                    f"{origin} is being crawled into {archive} already; run this again when that crawl has ended"
                ) from error
            except OSError as error:
                raise ArchiveError(f"cannot lock {archive}: {error}") from error
            held.callback(lock.release)
        return held.pop_all()


def _name(origin: str) -> str:
    return re.sub(r"[^a-z0-9.-]", "_", host_key(origin))


def is_locked(archive: Path, origin: str) -> bool:
    """Whether another process is crawling the store at `origin` into the archive. Raises
    ArchiveError where no lock can be made."""
    try:
        lock_store(archive, origin).close()
    except AlreadyCrawling:
        return True
    return False
