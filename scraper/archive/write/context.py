"""The running crawl, as every writing function needs it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from typing import Final, Protocol

from scraper.archive.write.store.listings import ListingStore
from scraper.history.diff.blocks import Block
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
class CrawlRules:
    """What settings say of a crawl. A difference without a witness is a change at `confirm_sights`
    sights in a row (`history.timeline`), `removal_hours` lie at least between the crawls that
    remove a post (`history.removal`), and with `accepted` an operator has confirmed the date.
    `images`: the images of posts are fetched, each again within `image_days` (0: only with its
    post); `archived_images` are the addresses of those that an import has; it takes no others."""

    confirm_sights: int = CONFIRM_SIGHTS
    removal_hours: float = 0
    accepted: bool = False
    images: bool = False
    image_days: float = 0
    archived_images: frozenset[str] = frozenset()


DEFAULT_RULES: Final = CrawlRules()


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlContext:
    """A crawl, an import or a re-extraction of one store. `extractor` is the version of the
    extraction, `listings` are what its sources list, `addresses` the origins of the store, its
    present one last, `last_good_at` is when its last good crawl before this one started, if there
    is one. `answered`: its pages are answers of the server, each at its own time, as a crawl or a
    WARC file has them; of a file that somebody saved, nobody knows that.
    `volatile_fields` and `volatile_blocks` vary by themselves on the store's posts, each in so many
    crawls (`history.reconcile`, `history.diff.blocks`)."""

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
    last_good_at: str = ""
    rules: CrawlRules = DEFAULT_RULES
    answered: bool = True
    volatile_fields: Counter[str] = field(default_factory=Counter)
    volatile_blocks: Counter[Block] = field(default_factory=Counter)
