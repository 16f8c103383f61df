"""The front page: is the archive alive, and what is new."""

from __future__ import annotations

from datasette.utils.asgi import Response

from scraper.archive.queries import front_page as archive
from scraper.web.page_context import PageContext, page

LATEST = 12


@page
async def view(room: PageContext) -> Response:
    """Stores and their health, what changed lately, open trouble, and a search over everything."""
    found = await room.query(archive.read_front, limit=LATEST)
    return await room.page(
        "front.html",
        stores=found.stores,
        incidents=found.incidents,
        holdings=found.holdings,
        latest=found.latest,
        questions=room.questions(),
    )
