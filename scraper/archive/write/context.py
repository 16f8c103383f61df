"""The running crawl, as every writing function needs it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Protocol

from scraper.archive.write.store.listings import ListingStore
from scraper.history.timeline import CONFIRM_SIGHTS
from scraper.items import Origin


class StoreContext(Protocol):
    """Access to the rows of one store: a crawl, or stored pages that are extracted again.

    `addresses` are the origins of the store, its present one last.
    """

    @property
    def connection(self) -> sqlite3.Connection: ...
    @property
    def store_id(self) -> int: ...
    @property
    def addresses(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlContext:
    """A crawl, an import or a re-extraction of one store. `extractor` is the version of the
    extraction, `listings` are what its sources list, `addresses` the origins of the store, its
    present one last; `confirm_sights` as in `history.timeline`."""

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
    confirm_sights: int = CONFIRM_SIGHTS
