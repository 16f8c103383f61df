"""Locks beside the files that they protect. The system releases them when the process dies; their
files are removed when they are released."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from scraper.exceptions import AlreadyCrawling, ArchiveError
from scraper.history.store_addresses import host_file_name


@contextmanager
def file_lock(path: Path, timeout_s: float) -> Iterator[None]:
    """Lock the file at `path`, which may not exist yet, by the file ``PATH.lock``; -1 waits without
    end. Raises Timeout, OSError.

    The file is removed before the lock is released. A process that has it open and locks it then
    finds that it has no name any more, and creates another (`filelock` checks this).
    """
    # One file has one lock, also where symbolic links lead to it.
    lock_path = Path(f"{os.path.realpath(path)}.lock")
    with FileLock(lock_path, timeout=timeout_s):
        own = file_identity(lock_path)
        try:
            yield
        finally:
            if own == file_identity(lock_path):
                with suppress(OSError):
                    lock_path.unlink()


def file_identity(path: Path) -> tuple[int, int] | None:
    """Return the identity (device and inode) of the file at a path, or None without one."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def lock_store(archive: Path, origin: str, others: Iterable[str] = ()) -> ExitStack:
    """Lock the store at `origin` and at its `others` for this process, until the returned stack is
    closed or the process ends.

    Scheme and leading ``www.`` are ignored. Raises AlreadyCrawling if another process has the lock,
    ArchiveError if no lock can be created.
    """
    with ExitStack() as locks:
        for path in sorted({store_file(archive, address) for address in (origin, *others)}):
            try:
                archive.parent.mkdir(parents=True, exist_ok=True)
                locks.enter_context(file_lock(path, timeout_s=0))
            except Timeout as error:
                raise AlreadyCrawling(
                    f"{origin} is being crawled into {archive} already; "
                    "run this again when that crawl has ended"
                ) from error
            except OSError as error:
                raise ArchiveError(f"cannot lock {archive}: {error}") from error
        return locks.pop_all()


def beside(archive: Path, name: str) -> Path:
    """The path of another file of an archive: ``NAME.db`` beside ``archive.db``, and
    ``SHOP.NAME.db`` beside ``SHOP.db``, so that two archives in one folder have one each."""
    prefix = "" if archive.name == "archive.db" else f"{archive.stem}."
    return archive.with_name(f"{prefix}{name}.db")


def store_file(archive: Path, origin: str) -> Path:
    """The path, without its suffix, of what stands beside an archive for the store at `origin`,
    whose scheme and leading ``www.`` are ignored."""
    return Path(f"{os.path.realpath(archive)}.{host_file_name(origin)}")


def is_locked(archive: Path, origin: str) -> bool:
    """Whether another process is crawling the store at `origin` into the archive. Raises
    ArchiveError if no lock can be created."""
    if not Path(f"{store_file(archive, origin)}.lock").exists():
        return False
    try:
        lock_store(archive, origin).close()
    except AlreadyCrawling:
        return True
    return False
