"""The crawl that is being written: what every writing function needs to know of it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Protocol

from scraper.archive.write.store.listings import ListingStore
from scraper.items import Origin


class StoreContext(Protocol):
    """What reads or writes one store's rows on a connection: a crawl, or kept pages that are read
    again.

    `addresses` are the origins at which the store stood, its present one last.
    """

    @property
    def connection(self) -> sqlite3.Connection: ...
    @property
    def store_id(self) -> int: ...
    @property
    def addresses(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlContext:
    """A crawl, an import or a re-extraction of one store. `extractor` names the rules that read the
    pages; `listings` what its sources named; `addresses` are the origins at which the store stood,
    its present one last."""

    connection: sqlite3.Connection
    store_id: int
    store_name: str
    crawl_id: int
    kind: str
    started_at: str
    origin: Origin
    extractor: str
    listings: ListingStore
    addresses: tuple[str, ...]
