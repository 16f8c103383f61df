"""The page that a crawl is working on, in a small file beside the archive: when a crawl hangs and
is killed, or runs out of memory there, the file still names the page."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from scraper.archive.locks import store_file

Step = Literal["judging", "saving"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentPage:
    """A post's page in work; `body_hash` as in `Capture`."""

    url: str
    body_hash: str
    step: Step


class CurrentPageFile:
    """The file of one crawl, made at the first page. Each page writes its line over the last one,
    which takes a few microseconds."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = -1
        self._page: CurrentPage | None = None
        self.is_final = False

    @contextmanager
    def working_on(self, page: CurrentPage) -> Iterator[None]:
        """Name the page while the body of the with statement runs, and for good (`is_final`) where
        memory runs out in it."""
        before = self._page
        self._write(page)
        try:
            yield
        except MemoryError:
            self.is_final = True
            raise
        finally:
            self._write(before)

    def remove(self) -> None:
        """Remove the file, also that of an earlier crawl."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        with suppress(OSError):
            self.path.unlink()

    def _write(self, page: CurrentPage | None) -> None:
        if self.is_final:
            return
        self._page = page
        line = json.dumps(asdict(page)) if page else ""
        with suppress(OSError):  # where it cannot be written the archive cannot, which reports it
            if self._fd < 0:
                self._fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
            os.pwrite(self._fd, f"{line}\n".encode(), 0)


def current_page_path(archive: Path, origin: str) -> Path:
    """The file of the crawl of the store at `origin`."""
    return Path(f"{store_file(archive, origin)}.page")


def take_current_page(archive: Path, origin: str) -> CurrentPage | None:
    """Read and remove the file of a crawl that has ended; None where it names no page."""
    path = current_page_path(archive, origin)
    try:
        line, _, _ = path.read_text(encoding="utf-8").partition("\n")
        with suppress(OSError):
            path.unlink()
        return CurrentPage(**json.loads(line)) if line else None
    except (OSError, ValueError, TypeError):
        return None
