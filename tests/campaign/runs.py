"""What scenarios share: the real commands in processes of their own, forked from one that has the
program loaded, and a log of what was held and what was not."""

from __future__ import annotations

import os
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tests.conftest import ENDS_S, ROOT, crawl_words, quiet_environment, starter
from tests.warm import Running, Warm


@dataclass
class Log:
    """Counts what was held, and keeps what failed."""

    report: Callable[[str], None]
    held: int = 0
    failures: list[str] = field(default_factory=list)

    def check(self, holds: bool, what: str) -> bool:
        """Note that something holds, or report that it does not."""
        self.held += holds
        if not holds:
            self.failures.append(what)
            self.report(f"FAILED {what}")
        return holds


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Where a scenario works: an empty `folder`, its own `chance`, and the `log`."""

    folder: Path
    chance: random.Random
    log: Log

    def archive(self, name: str, copied: Path | None = None) -> Path:
        """The place of an archive, a copy of another one with its captures where that is given."""
        db = self.folder / name / "archive.db"
        db.parent.mkdir(parents=True)
        if copied:
            copy_archive(copied, db)
        return db


def copy_archive(db: Path, to: Path) -> None:
    """Copy an archive that nobody writes, and its captures."""
    for name in ("archive.db", "captures.db"):
        shutil.copy(db.parent / name, to.parent / name)


def start(url: str, db: Path, *more: str, file_bytes: int | None = None) -> Running:
    """Begin a crawl, none of whose files may grow beyond `file_bytes`."""
    limits = [(resource.RLIMIT_FSIZE, file_bytes)] if file_bytes is not None else []
    return begin(*crawl_words(url, db, *more), limits=limits)


def begin(*words: str, **how: Any) -> Running:
    """Begin a command, as the fixture `start` does."""
    return starter(_warm())(*words, **how)


@cache
def _warm() -> Warm:
    return Warm(ROOT)


def crawl(url: str, db: Path, *more: str) -> tuple[int, str]:
    """Crawl to the end; the exit code, and what was said to a person."""
    running = start(url, db, *more)
    done = running.done(ENDS_S)
    return done.code, done.out + done.err


def crawl_by_clock(
    url: str, db: Path, *more: str, ahead: int, step: int = 0, after: int = 0
) -> None:
    """Crawl by a clock that is `ahead` seconds of the machine's, and set `step` seconds forward
    after so many readings. Raises RuntimeError where the crawl fails."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.campaign.stepped_clock", *crawl_words(url, db, *more)],
        cwd=ROOT,
        env={**os.environ, "AHEAD": str(ahead), "STEP": str(step), "AFTER": str(after)},
        capture_output=True,
        text=True,
        timeout=ENDS_S,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)


def killed_after(seconds: float, url: str, db: Path, *more: str) -> bool:
    """Crawl, and kill it after so many seconds. Says whether it still ran."""
    running = start(url, db, *more)
    try:
        running.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        running.kill()
        running.communicate()
        return True
    return False


def verified(db: Path) -> tuple[bool, str]:
    """Whether `scrapy verify` finds nothing, and what it says."""
    words = ["verify", "--db", str(db)]
    done = _warm().run(words, folder=ROOT, environment=quiet_environment(), timeout_s=ENDS_S)
    return done.code == 0, done.out + done.err


def timed(run: Callable[[], object]) -> float:
    """How many seconds something takes."""
    begun = time.monotonic()
    run()
    return time.monotonic() - begun
