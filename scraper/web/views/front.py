"""The front page: the health of each store, open incidents, and the latest changes."""

from __future__ import annotations

from datasette.utils.asgi import Response

from scraper.archive.queries.front_page import read_front_page
from scraper.web.page_context import PageContext, page_view

MAX_CHANGES = 12


@page_view
async def view(page: PageContext) -> Response:
    """Render the front page."""
    found = await page.query(read_front_page, limit=MAX_CHANGES)
    return await page.render(
        "front.html",
        stores=found.stores,
        incidents=found.incidents,
        totals=found.totals,
        latest=found.latest,
        canned_queries=page.canned_queries(),
    )
