"""Saved pages and text dumps, as commands read them."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from scraper.archive.database import MOST_BODY
from scraper.exceptions import ImportProblem
from scraper.extract.page.parsed_page import decode

PAGES = (".html", ".htm", ".html.gz", ".htm.gz")
DUMPS = (".txt",)


def is_dump(path: Path) -> bool:
    """Whether a file is a text dump of a page, by its name."""
    return path.name.lower().endswith(DUMPS)


def decode_dump(body: bytes) -> str:
    """The text of a dump."""
    return decode(body)


def read_file(path: Path) -> bytes:
    """What a file holds, unpacked. Raises ImportProblem where it cannot be read or is larger than
    any page."""
    try:
        with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as file:
            body = file.read(MOST_BODY + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ImportProblem(f"cannot be read: {error}") from error
    if len(body) > MOST_BODY:
        raise ImportProblem(f"larger than {MOST_BODY // 1024 // 1024} MiB")
    return body
