"""Pages that the archive stores, as what varies on them is learned."""

from __future__ import annotations

from scraper.crawl_evidence import StoredSight
from scraper.documents.charsets import declared_charset, to_utf8
from scraper.extract.template.settle import SavedPage
from scraper.extract.template.sights import PageFetch
from scraper.items import FeedEntry


def stored_fetch(stored: StoredSight, entry: FeedEntry | None) -> PageFetch:
    """A stored page of a post, with its entry of the feed where there is one."""
    charset = declared_charset(stored.content_type)
    page = SavedPage(to_utf8(stored.body), stored.final_url, entry, charset)
    return PageFetch(page, stored.fetched_at, stored.is_control)
