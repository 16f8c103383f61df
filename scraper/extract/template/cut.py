"""A page that was cut within its post, whatever closes it then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from scraper.extract.dom import visible_text
from scraper.extract.page.parsed_page import as_parsed
from scraper.extract.page.text import letters_only
from scraper.extract.post import find_post
from scraper.extract.template.settle import SavedPage
from scraper.extract.template.sights import PageFetch
from scraper.items import Template

CUT: Final = "the page ends within the post: what stood behind it before is gone"

_END: Final = 20  # letters with which a post ends
_LEAST_POSTS: Final = 2


def is_cut(before: SavedPage, page: SavedPage, template: Template | None) -> bool:
    """Return whether a page ends with its body, though something stood behind that on the page
    `before`: nobody who edits a post takes a theme's foot away. Raises ExtractionError."""
    return _ends_with_body(page, template) and not _ends_with_body(before, template)


def ends_so_elsewhere(posts: Sequence[Sequence[PageFetch]], template: Template | None) -> bool:
    """Return whether two posts, given by an earlier page and one of today, end with their bodies
    today, and with the same words as before, when something stood behind them: then their theme
    shows nothing behind a post now. Raises ExtractionError."""
    pairs = [[_body_and_page(sight.page, template) for sight in sights] for sights in posts]
    ends = [
        bool(before and body) and page.endswith(body) and body.endswith(before[-_END:])
        for (before, then), (body, page) in pairs
        if not then.endswith(before)
    ]
    return sum(ends) >= _LEAST_POSTS


def _ends_with_body(saved: SavedPage, template: Template | None) -> bool:
    body, page = _body_and_page(saved, template)
    return bool(body) and page.endswith(body)


def _body_and_page(saved: SavedPage, template: Template | None) -> tuple[str, str]:
    """The letters of a page's body and those of all of it."""
    page = as_parsed(saved.html, url=saved.url, charset=saved.charset)
    container, _ = find_post(page, feed_entry=saved.entry, template=template)
    found = container, page.body
    body, whole = (letters_only(visible_text(node)) if node else "" for node in found)
    return body, whole
