"""The stored pages of a post in order of time, and the feeds of a crawl."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from scraper.archive.captures.reader import CaptureReader, StoredAnswer
from scraper.archive.rows import read_rows
from scraper.archive.store_lookup import addresses_of
from scraper.archive.store_templates import NO_TEMPLATE, load_template
from scraper.archive.write.post.pending import load_volatile_fields
from scraper.crawl_evidence import CapturedFeed, CapturedPage
from scraper.exceptions import CaptureLost
from scraper.items import Template


class PostPage(NamedTuple):
    """A page that showed a post, fetched at `at` (UTC), as the archive observed it: as a revision,
    None where it is no sight of the post. `answer` is the stored page, None if it is not stored."""

    capture_id: int
    at: str
    revision_id: int | None
    answer: CapturedPage | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _PageRow:
    id: int
    crawl_id: int
    revision_id: int | None
    url: str
    final_url: str
    fetched_at: str
    resource_type: str
    is_file: bool
    template: str
    body_id: int | None
    body_hash: str


class CapturedPages:
    """The stored pages of one store; `reader` is None without a captures' file, `addresses` are the
    origins of the store."""

    def __init__(
        self, connection: sqlite3.Connection, reader: CaptureReader | None, store_id: int
    ) -> None:
        self.connection = connection
        self.store_id = store_id
        self._reader = reader
        self._templates: dict[str, Template | None] = {NO_TEMPLATE: None}
        self.addresses = addresses_of(connection, store_id)
        self._stood_at: dict[int, tuple[str, ...]] = {}
        self._volatile: dict[int, frozenset[str]] = {}

    def of_post(self, post_id: int) -> Iterator[PostPage]:
        """Yield every page that showed a post, in the order in which they were saved."""
        for page in read_rows(self.connection, _PageRow, _PAGES, [post_id]):
            yield PostPage(page.id, page.fetched_at, page.revision_id, self._captured(page))

    def _captured(self, page: _PageRow) -> CapturedPage | None:
        answer = self._read(page.body_id, page.body_hash)
        if answer is None:
            return None
        return CapturedPage(
            store_origin=self.addresses[-1],
            addresses=self._addresses_in(page.crawl_id),
            crawl_id=page.crawl_id,
            url=page.url,
            final_url=page.final_url,
            fetched_at=page.fetched_at,
            resource_type=page.resource_type,
            imported=bool(page.is_file),
            headers=answer.headers,
            body=answer.body,
            template=self._template(page.template),
        )

    def volatile_fields_in(self, crawl_id: int) -> frozenset[str]:
        """Return the fields that varied by themselves when a crawl began."""
        if crawl_id not in self._volatile:
            self._volatile[crawl_id] = frozenset(load_volatile_fields(self.connection, crawl_id))
        return self._volatile[crawl_id]

    def feeds_of(self, crawl_id: int) -> Iterator[CapturedFeed]:
        """Yield the feeds of a crawl that are stored."""
        for url, body_id, body_hash in self.connection.execute(_FEEDS, [crawl_id]).fetchall():
            if answer := self._read(body_id, body_hash):
                yield CapturedFeed(url=url, body=answer.body)

    def _read(self, body_id: int | None, body_hash: str) -> StoredAnswer | None:
        if self._reader and body_id is not None:
            with suppress(CaptureLost):
                return self._reader.read(body_id, body_hash)
        return None

    def _addresses_in(self, crawl_id: int) -> tuple[str, ...]:
        if crawl_id not in self._stood_at:
            self._stood_at[crawl_id] = addresses_of(
                self.connection, self.store_id, crawl_id=crawl_id
            )
        return self._stood_at[crawl_id]

    def _template(self, version: str) -> Template | None:
        if version not in self._templates:
            self._templates[version] = load_template(self.connection, self.store_id, version)
        return self._templates[version]


_PAGES = """
    SELECT captures.id, crawl_id, revision_id, url, final_url, fetched_at, resource_type,
        crawls.kind = 'import' AND http_status = 0 AS is_file, captures.template, body_id, body_hash
    FROM captures JOIN crawls ON crawls.id = captures.crawl_id
    WHERE post_id = ? AND verdict = 'ok' ORDER BY captures.id
"""
_FEEDS = """
    SELECT url, body_id, body_hash FROM captures
    WHERE crawl_id = ? AND resource_type = 'feed' AND verdict = 'ok' ORDER BY id
"""
