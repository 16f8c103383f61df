"""An archive behind the real `scrapy serve`, in a process of its own."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.conftest import ROOT


@contextmanager
def served(archive: Path, *options: str) -> Iterator[str]:
    """The address at which an archive is served on a free port of loopback."""
    command = [sys.executable, "-m", "scrapy", "serve", "--db", str(archive), "--port", "0", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            found = re.search(r"http://\S+?(?=/ )", process.stdout.readline())
            assert found is not None, process.stderr.read()
            _wait_for(found[0])
            yield found[0]
        finally:
            process.terminate()
            process.wait(10)


def _wait_for(url: str) -> None:
    for _ in range(200):
        try:
            httpx.get(url, timeout=5)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"nothing answers at {url}")
