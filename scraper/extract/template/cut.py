"""A page that was cut within its post, whatever closes it then."""

from __future__ import annotations

from typing import Final

from scraper.extract.dom import visible_text
from scraper.extract.page.parsed_page import as_parsed
from scraper.extract.page.text import letters_only
from scraper.extract.post import find_post
from scraper.extract.template.settle import SavedPage
from scraper.items import Template

CUT: Final = "the page ends within the post: what stood behind it before is gone"


def is_cut(before: SavedPage, page: SavedPage, template: Template | None) -> bool:
    """Return whether a page ends with its body, though something stood behind that on the page
    `before`: nobody who edits a post takes a theme's foot away. Raises ExtractionError."""
    return _ends_with_body(page, template) and not _ends_with_body(before, template)


def _ends_with_body(saved: SavedPage, template: Template | None) -> bool:
    page = as_parsed(saved.html, url=saved.url, charset=saved.charset)
    container, _ = find_post(page, feed_entry=saved.entry, template=template)
    words = letters_only(visible_text(container))
    if page.body is None or not words:
        return False
    return letters_only(visible_text(page.body)).endswith(words)
