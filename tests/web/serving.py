"""An archive behind the real `blogkeep serve`, in a process of its own."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import httpx

from tests.conftest import ENDS_S, ROOT, quiet_environment
from tests.warm import Warm


@contextmanager
def served(archive: Path, *options: str, warm: Warm | None = None) -> Iterator[str]:
    """The address at which an archive is served on a free port of loopback, by a fork of `warm` or
    of a process that is begun for it."""
    with serving("--db", str(archive), *options, warm=warm) as url:
        yield url


@contextmanager
def serving(*options: str, warm: Warm | None = None) -> Iterator[str]:
    """The address of `blogkeep serve` with options, as `served` has it."""
    words = ["serve", "--port", "0", *options]
    with nullcontext(warm) if warm else closing(Warm(ROOT)) as parent:
        process = parent.start(words, folder=ROOT, environment=quiet_environment())
        try:
            found = re.search(r"http://\S+?(?=/ )", process.first_line(ENDS_S))
            assert found is not None, process.communicate(ENDS_S)
            get(found[0])  # it listens already
            yield found[0]
        finally:
            process.send_signal(signal.SIGTERM)
            # Killed by the signal, it would leave its temporary files.
            assert process.wait(ENDS_S) == 0


def get(url: str, **options: Any) -> httpx.Response:
    """Ask a server, which may take its time on a busy machine."""
    return httpx.get(url, timeout=ENDS_S, **options)
