"""The front page: the health of each store, open incidents, and the latest changes."""

from __future__ import annotations

from datasette.utils.asgi import Response

from scraper.archive.queries.pages.front import (
    MAX_COUNTED,
    FrontPage,
    count_changes_after,
    read_front_page,
)
from scraper.archive.queries.run_query import Connection
from scraper.timestamps import utc_now
from scraper.web.next_runs import describe_next_run
from scraper.web.page_context import PageContext, page_view

MAX_CHANGES = 12


@page_view
async def view(page: PageContext) -> Response:
    """Render the front page."""
    found, next_runs = await page.query(_read, page)
    return await page.render(
        "front.html",
        stores=found.stores,
        incidents=found.incidents,
        next_runs=next_runs,
        totals=found.totals,
        latest=found.latest,
        canned_queries=page.canned_queries(),
        now=utc_now(),
    )


def _read(connection: Connection, page: PageContext) -> tuple[FrontPage, dict[int, str]]:
    """Read the page, and for the stores with incidents when they are crawled next."""
    found = read_front_page(connection, limit=MAX_CHANGES)
    failing = {incident.store_id: incident.origin for incident in found.incidents}
    failing.pop(0, None)
    return found, {
        store_id: describe_next_run(connection, page.state.stores_file, origin)
        for store_id, origin in failing.items()
    }


@page_view
async def count_new(page: PageContext) -> Response:
    """Return how many changes there are after `?change=`, the newest that a visitor has seen."""
    count = await page.query(count_changes_after, page.int_arg("change"))
    return Response.json({"count": count, "is_cut": count >= MAX_COUNTED})
