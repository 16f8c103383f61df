"""What scenarios share: the real commands in processes of their own, and a log of what was held and
what was not."""

from __future__ import annotations

import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import ROOT, crawl_words

LIMIT_S = 180.0


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


def start(
    url: str, db: Path, *more: str, file_bytes: int = resource.RLIM_INFINITY
) -> subprocess.Popen[str]:
    """Begin a crawl, none of whose files may grow beyond `file_bytes`."""
    command = [sys.executable, "-m", "scrapy", *crawl_words(url, db, *more)]

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))

    return subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limit,  # noqa: PLW1509 - it sets the limit alone
    )


def crawl(url: str, db: Path, *more: str) -> tuple[int, str]:
    """Crawl to the end; the exit code, and what was said to a person."""
    running = start(url, db, *more)
    out, err = running.communicate(timeout=LIMIT_S)
    return running.returncode, out + err


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
    command = [sys.executable, "-m", "scrapy", "verify", "--db", str(db)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    return done.returncode == 0, done.stdout + done.stderr


def timed(run: Callable[[], object]) -> float:
    """How many seconds something takes."""
    begun = time.monotonic()
    run()
    return time.monotonic() - begun
