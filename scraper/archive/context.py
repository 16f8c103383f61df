"""The crawl that is being written: what every writing function needs to know of it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from scraper.archive.captures.keeper import CaptureKeeper
from scraper.items import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlContext:
    """A crawl, or an import, of one store. `extractor` names the rules that read the pages; `captures` keeps what was answered, None
    where only rows are wanted."""

    connection: sqlite3.Connection
    store_id: int
    store_name: str
    store_origin: str
    crawl_id: int
    kind: str
    started_at: str
    origin: Origin
    extractor: str
    captures: CaptureKeeper | None = None
