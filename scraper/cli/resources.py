"""Report in one line that file descriptors, memory or disk space ran out, that the libraries of an
extra are missing, or that no cluster is set."""

from __future__ import annotations

import errno
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from scraper.cli.settings import CommandSettings
from scraper.exceptions import MissingLibrary, OutOfResources, UsageProblem

if TYPE_CHECKING:
    from scraper.cluster.database import ClusterDatabase
    from scraper.cluster.depot import ObjectDepot

NEEDED_DESCRIPTORS: Final = 64
"""For a crawl and for the web interface: event loop, archive and captures, connections."""

CLUSTER_DESCRIPTORS: Final = 1024
"""For the web interface of a cluster: nine connections of each archive that is open."""

VERIFY_DESCRIPTORS: Final = 12
"""For `verify`: archive, captures, and temporary files of SQLite."""

CRAWL_MEMORY: Final = 192 << 20
"""Bytes of address space for a crawl: the program and its libraries take 170 MB of it, and where
less is left while they load, Python itself may abort."""

FORK_SERVER_MEMORY: Final = 272 << 20
"""For the process from which crawls are forked, which loads more."""

EXTRAS: Final = {
    "cluster": frozenset({"obstore", "procrastinate", "psycopg", "psycopg_pool"}),
    "lake": frozenset({"pyarrow"}),
    "mcp": frozenset({"mcp"}),
    "opentimestamps": frozenset({"opentimestamps"}),
}
"""The libraries of each extra that a command needs."""

_FILES: Final = "too many open files: raise the limit (ulimit -n)"
_MEMORY: Final = "out of memory"
_DISK: Final = "no space left on the disk, or the limit of a file's size is reached"
_ERRNOS: Final = {
    errno.EMFILE: _FILES,
    errno.ENFILE: _FILES,
    errno.ENOMEM: _MEMORY,
    errno.ENOSPC: _DISK,
    errno.EDQUOT: _DISK,
    errno.EFBIG: _DISK,
}
_SQLITE_CODES: Final = {
    7: _MEMORY,  # SQLITE_NOMEM
    10: "an error while reading or writing the disk",  # SQLITE_IOERR
    13: _DISK,  # SQLITE_FULL
    14: "a database cannot be opened, perhaps for want of file descriptors",  # SQLITE_CANTOPEN
}
_LOADER_MESSAGES: Final = {
    "failed to map segment": _MEMORY,
    "cannot allocate memory": _MEMORY,
    "Too many open files": _FILES,
    "can't start new thread": "no thread can be started: out of memory or processes",
    # Of a library in C, and of Python itself, that lack it.
    "error return without exception set": _MEMORY,
    "returned NULL without setting an exception": _MEMORY,
}


def describe_exhaustion(error: BaseException) -> str:
    """Return which resource was exhausted, or an empty string for any other error."""
    if isinstance(error, MemoryError):
        return _MEMORY
    if isinstance(error, OSError) and error.errno in _ERRNOS:
        return _ERRNOS[error.errno]
    # An error of sqlite3, which only the archive imports.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _SQLITE_CODES:
        return f"{_SQLITE_CODES[code]} ({error})"
    if isinstance(error, (ImportError, RuntimeError, SystemError)):
        message = str(error)
        return next((reason for part, reason in _LOADER_MESSAGES.items() if part in message), "")
    return ""


def require_descriptors(needed: int = NEEDED_DESCRIPTORS) -> None:
    """Raise the process's limit of file descriptors to `needed`, as far as the system allows it.
    Raises OutOfResources if it is lower."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard == resource.RLIM_INFINITY or hard >= needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
        return
    raise OutOfResources(
        f"{needed} file descriptors are needed, the limit is {hard}: raise it (ulimit -n {needed})"
    )


def require_memory(needed: int = CRAWL_MEMORY) -> None:
    """Raises OutOfResources if the process may have less address space than `needed` bytes."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY and limit < needed:
        raise OutOfResources(
            f"{needed >> 20} MB of memory are needed, the limit is {limit >> 20} MB: raise it "
            f"(ulimit -v {needed >> 10})"
        )


@contextmanager
def libraries_of(extra: str) -> Iterator[None]:
    """Import what needs the libraries of an extra within this. Raises MissingLibrary."""
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library not in EXTRAS[extra]:
            raise
        raise MissingLibrary(
            f"the library {library} is not installed: run pip install 'blogkeep[{extra}]'"
        ) from error


def connection_string(settings: CommandSettings) -> str:
    """The setting ARCHIVE_CLUSTER. Raises UsageProblem without one."""
    conninfo = str(settings["ARCHIVE_CLUSTER"])
    if not conninfo:
        raise UsageProblem(
            "ARCHIVE_CLUSTER is not set: a connection string, such as "
            "postgresql://blogkeep@db.example/blogkeep"
        )
    return conninfo


@contextmanager
def open_cluster_and_depot(
    settings: CommandSettings,
) -> Iterator[tuple[ClusterDatabase, ObjectDepot]]:
    """The database and the depot of the cluster that is set. Raises ClusterError, UsageProblem,
    MissingLibrary."""
    conninfo = connection_string(settings)
    with libraries_of("cluster"):
        from scraper.cluster.database import open_cluster  # noqa: PLC0415 - an extra
        from scraper.cluster.depot import ObjectDepot  # noqa: PLC0415
    depot = ObjectDepot.at(settings["ARCHIVE_DEPOT"])
    with open_cluster(conninfo) as database:
        yield database, depot
