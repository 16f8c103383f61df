"""What there is to read again: a post's kept pages in the order in which they came, and the feeds
of a crawl."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress

from scraper.archive.captures.reader import CaptureReader
from scraper.archive.write.store.relocation import addresses_of
from scraper.archive.write.store.templates import NO_TEMPLATE, load_template
from scraper.exceptions import CaptureLost
from scraper.items import CapturedFeed, CapturedPage, Template


class CapturedPages:
    """The kept pages of one store; `reader` is None where there is no file of captures, `addresses`
    are the origins at which it stood."""

    def __init__(
        self, connection: sqlite3.Connection, reader: CaptureReader | None, store_id: int
    ) -> None:
        self.connection = connection
        self.store_id = store_id
        self._reader = reader
        self._templates: dict[str, Template | None] = {NO_TEMPLATE: None}
        self.addresses = addresses_of(connection, store_id)
        self._stood_at: dict[int, tuple[str, ...]] = {}

    def of_post(self, post_id: int) -> Iterator[CapturedPage | str]:
        """Everything that showed a post, in the order in which it came; of what is not at hand, the
        time at which it came (UTC)."""
        for row in self.connection.execute(_PAGES, [post_id]).fetchall():
            (
                capture_id,
                crawl_id,
                url,
                final_url,
                fetched_at,
                resource_type,
                kind,
                template,
                body_id,
                body_hash,
            ) = row
            answer = None
            with suppress(CaptureLost):
                answer = (
                    self._reader.read(body_id, body_hash)
                    if self._reader and body_id is not None
                    else None
                )
            if answer is None:
                yield str(fetched_at)
                continue
            yield CapturedPage(
                capture_id=capture_id,
                crawl_id=crawl_id,
                store_origin=self.addresses[-1],
                addresses=self._addresses_in(crawl_id),
                url=url,
                final_url=final_url,
                fetched_at=fetched_at,
                resource_type=resource_type,
                imported=kind == "import",
                headers=answer.headers,
                body=answer.body,
                template=self._template(template),
            )

    def feeds_of(self, crawl_id: int) -> Iterator[CapturedFeed]:
        """The feeds that a crawl had at hand, as far as they are kept."""
        for url, body_id, body_hash in self.connection.execute(_FEEDS, [crawl_id]).fetchall():
            with suppress(CaptureLost):
                if self._reader and body_id is not None:
                    yield CapturedFeed(url=url, body=self._reader.read(body_id, body_hash).body)

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
    SELECT captures.id, crawl_id, url, final_url, fetched_at, resource_type, crawls.kind, captures.template, body_id, body_hash
    FROM captures JOIN crawls ON crawls.id = captures.crawl_id WHERE post_id = ? AND verdict = 'ok' ORDER BY captures.id
"""
_FEEDS = "SELECT url, body_id, body_hash FROM captures WHERE crawl_id = ? AND resource_type = 'feed' AND verdict = 'ok' ORDER BY id"
