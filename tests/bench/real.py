"""The saved article pages of real stores, beside trafilatura where it is installed: CPU a page of
extraction alone, in this process."""

from __future__ import annotations

import gc
import gzip
import importlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from scraper.exceptions import ExtractionError
from scraper.extract import extract_post

PAGES = Path(__file__).resolve().parents[2] / ".." / "shared" / "pages"
AIM_MS = 5.0
OURS, THEIRS = "extract_post", "trafilatura"
_ROUNDS = 3

Extractor = Callable[[bytes, str], object]
"""Takes a page and its address."""


@dataclass(frozen=True, slots=True)
class RealPages:
    """Milliseconds of CPU of each page by extractor, each the median of the rounds; empty where
    there are no pages."""

    cpu_ms: dict[str, list[float]]

    def medians(self) -> dict[str, float]:
        return {name: median(taken) for name, taken in self.cpu_ms.items() if taken}


def measure_real_pages(folder: Path = PAGES, rounds: int = _ROUNDS) -> RealPages:
    """Every extractor reads every page in turn, so that what else the machine does falls on all
    alike; a first, short round warms up."""
    pages, extractors = _article_pages(folder), _extractors()
    for extract in extractors.values():
        for html, url in pages[:10]:
            extract(html, url)
    gc.collect()
    return RealPages(
        {name: taken for name, taken in _in_turn(extractors, pages, rounds).items() if taken}
    )


def _in_turn(
    extractors: dict[str, Extractor], pages: list[tuple[bytes, str]], rounds: int
) -> dict[str, list[float]]:
    runs: dict[str, list[list[float]]] = {name: [[] for _ in pages] for name in extractors}
    for _ in range(rounds):
        for number, (html, url) in enumerate(pages):
            for name, extract in extractors.items():
                runs[name][number].append(_cpu_ms(extract, html, url))
    return {name: [median(taken) for taken in of_pages] for name, of_pages in runs.items()}


def _cpu_ms(extract: Extractor, html: bytes, url: str) -> float:
    started = time.process_time_ns()
    extract(html, url)
    return (time.process_time_ns() - started) / 1e6


def _extractors() -> dict[str, Extractor]:
    return {OURS: _ours} | ({THEIRS: theirs} if (theirs := _trafilatura()) else {})


def _ours(html: bytes, url: str) -> object:
    try:
        return extract_post(html, url=url)
    except ExtractionError:
        return None


def _trafilatura() -> Extractor | None:
    """trafilatura with what a post has besides its text: links, images, metadata. No dependency of
    ours, so perhaps not there."""
    try:
        bare_extraction = importlib.import_module("trafilatura").bare_extraction
    except ImportError:
        return None

    def theirs(html: bytes, url: str) -> object:
        return bare_extraction(
            html, url=url, with_metadata=True, include_links=True, include_images=True
        )

    return theirs


def _article_pages(folder: Path) -> list[tuple[bytes, str]]:
    """Each saved article page and its address."""
    listed = folder / "manifest.json"
    entries = json.loads(listed.read_text(encoding="utf-8")) if listed.is_file() else []
    return [
        (gzip.decompress((folder / entry["file"]).read_bytes()), entry["url"])
        for entry in entries
        if entry["kind"] == "article"
    ]
