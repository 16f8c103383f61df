"""Processes of their own: the demo server, whose CPU is nobody's, and the clients, whose CPU, time
and memory are measured."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

PROJECT = Path(__file__).resolve().parents[2]
LONGEST_RUN_S = 300.0
"""A client that takes longer hangs, unless more was asked of it; it is ended, and the bench
fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What one run of a client took: user and system CPU together, wall time, and the most memory
    it ever held.

    Linux counts into the last what the process weighed that started it, so the bench itself must
    stay smaller than any client.
    """

    cpu_s: float
    wall_s: float
    peak_mb: float


class Client(Protocol):
    """How a client is run. The bench starts each from nothing, for a fork's memory is not its own;
    a test of what is counted may fork."""

    def __call__(self, arguments: Sequence[str], *, longest_s: float = LONGEST_RUN_S) -> Usage: ...


class ClientFailed(Exception):
    """Raised by `run_client` when a client exits with trouble; its message ends with what the
    client said last."""


def run_client(arguments: Sequence[str], *, longest_s: float = LONGEST_RUN_S) -> Usage:
    """Run ``python arguments…`` in the project's folder to its end. Raises ClientFailed unless it
    exits with 0 within `longest_s`."""
    with tempfile.TemporaryFile() as said:
        started = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env=own_environment(),
        )
        guard = threading.Timer(longest_s, process.kill)
        guard.start()
        # wait4 alone says what this one child took; getrusage(RUSAGE_CHILDREN) adds all of them
        # up.
        _, status, used = os.wait4(process.pid, 0)
        wall_s = time.monotonic() - started
        guard.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            last_words = said.read()[-2000:].decode("utf-8", "replace")
            raise ClientFailed(
                f"{' '.join(arguments)} exited with {process.returncode}:\n{last_words}"
            )
    return Usage(cpu_s=used.ru_utime + used.ru_stime, wall_s=wall_s, peak_mb=used.ru_maxrss / 1000)


@contextmanager
def demo_server(posts: int, page_bytes: int) -> Iterator[str]:
    """A bulk store of so many posts on loopback; yields its address."""
    command = [sys.executable, "-m", "tests.bulk_store", str(posts), str(page_bytes)]
    with subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, env=own_environment()
    ) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            if not url:
                raise ClientFailed("the demo server did not start")
            yield url
        finally:
            process.terminate()


def own_environment() -> dict[str, str]:
    """The caller's environment without settings of ours: every bench runs under the project's
    defaults."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ARCHIVE_", "SCRAPY_"))
    }
