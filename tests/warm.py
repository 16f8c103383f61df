"""A process that has the program loaded, and forks itself for each command: what a start costs is paid once, not by every crawl.

The child has words, folder, environment, standard streams and an end of its own, and runs what `python -m scrapy` runs: Scrapy's entry
point, which reads the settings and installs the reactor anew. Nothing of a run is left behind in the parent, which has neither.
"""

from __future__ import annotations

import gc
import json
import os
import selectors
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

PACKAGES = ("scrapy.commands", "scraper.commands", "scraper.spiders", "scraper.middlewares")
MODULES = ("scrapy.cmdline", "scraper.extensions", "scraper.pipelines", "scraper.demo", "uvloop")
"""What a crawl imports; the settings not among them, for they read the environment."""


@dataclass(frozen=True)
class Done:
    """A command that has ended: its exit code (negative: the signal that ended it), what it printed, and its peak of memory."""

    code: int
    out: str
    err: str
    peak_kb: int


class Warm:
    """Runs one command after the other, each in a fork of one process that lives as long as this object is open."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "tests.warm"]
        self._process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, words: Sequence[str], *, folder: Path, environment: Mapping[str, str], timeout_s: float) -> Done:
        """Run `scrapy` with these words; after `timeout_s` it is killed, and subprocess.TimeoutExpired raised."""
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            order = {"words": words, "folder": str(folder), "environment": dict(environment), "streams": [_path(out), _path(err)]}
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            pid = self._told()["pid"]
            late = not self._tells_within(timeout_s)
            if late:
                os.kill(pid, 9)
            told = self._told()
            out.seek(0)
            err.seek(0)
            done = Done(told["code"], out.read(), err.read(), told["peak_kb"])
        if late:
            raise subprocess.TimeoutExpired(["scrapy", *words], timeout_s, done.out, done.err)
        return done

    def close(self) -> None:
        self._process.communicate()

    def _tells_within(self, timeout_s: float) -> bool:
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            return bool(selector.select(timeout_s))

    def _told(self) -> dict[str, int]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the warm process has ended: {self._process.wait()}"
        told: dict[str, int] = json.loads(line)
        return told


def _path(file: Any) -> str:
    """A name under which another process of ours can open an open file."""
    return f"/proc/{os.getpid()}/fd/{file.fileno()}"


def serve() -> None:
    """Fork for each order that comes in; the child never returns."""
    load()
    gc.freeze()
    for line in iter(sys.stdin.readline, ""):
        pid = os.fork()
        if not pid:
            run(**json.loads(line))
        _tell(pid=pid)
        _, status, usage = os.wait4(pid, 0)
        _tell(code=os.waitstatus_to_exitcode(status), peak_kb=usage.ru_maxrss)


def _tell(**told: int) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def load() -> None:
    from scrapy.utils.misc import walk_modules_iter  # noqa: PLC0415

    for package in PACKAGES:
        list(walk_modules_iter(package))
    for module in MODULES:
        import_module(module)
    assert not {"twisted.internet.reactor", "scraper.settings"} & set(sys.modules)


def run(words: list[str], folder: str, environment: dict[str, str], streams: list[str]) -> NoReturn:
    """Become the command: what comes after is what comes after `python -m scrapy`, its end by SystemExit included."""
    from scrapy.cmdline import execute  # noqa: PLC0415

    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, name in enumerate([os.devnull, *streams]):
        opened = os.open(name, os.O_RDWR if number else os.O_RDONLY)
        os.dup2(opened, number)
        os.close(opened)
    sys.argv = ["scrapy", *words]
    execute()
    sys.exit()


if __name__ == "__main__":
    serve()
