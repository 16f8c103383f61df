"""`python -m tests.bench.layered FILE crawl blog …`: a `scrapy` command that notes in FILE what CPU
each layer took, as JSON.

The functions at which one layer calls the next are wrapped for this run; a call costs a microsecond
more for it, some five calls a page. Extraction is what the process took that reads the pages, those
that list posts too; what is left is fetching.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scrapy.cmdline import execute

from scraper.archive.write.session import ArchiveSession
from scraper.extensions import crawl_run
from scraper.spiders import blog, discovery, responses

LAYERS: tuple[tuple[str, object, tuple[str, ...]], ...] = (
    ("judge", blog, ("read_failure",)),
    ("judge", crawl_run, ("read_response",)),
    ("judge", responses, ("read_response", "read_failure")),
    ("listings", discovery, ("parse_sitemap", "parse_feed")),
    ("archive", ArchiveSession, ("save", "finish")),
)


def main(arguments: list[str]) -> None:
    """Run the command; write seconds of CPU by layer. Exits as the command does."""
    file, *command = arguments
    taken = {layer: 0.0 for layer, _, _ in LAYERS}
    for layer, owner, names in LAYERS:
        for name in names:
            setattr(owner, name, _timed(getattr(owner, name), layer, taken))
    try:
        execute(["scrapy", *command])
    finally:
        # Pages are read in a process of their own, which has ended by now.
        worker = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken["extract"] = worker.ru_utime + worker.ru_stime
        Path(file).write_text(json.dumps(taken))


def _timed(function: Callable[..., Any], layer: str, taken: dict[str, float]) -> Callable[..., Any]:
    def timed(*args: Any, **kwargs: Any) -> Any:
        started = time.thread_time_ns()
        try:
            return function(*args, **kwargs)
        finally:
            taken[layer] += (time.thread_time_ns() - started) / 1e9

    return timed


if __name__ == "__main__":
    main(sys.argv[1:])
