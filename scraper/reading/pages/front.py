"""The front page: is the archive alive, and what is new."""

from __future__ import annotations

from datasette.utils.asgi import Response

from scraper.archive.room import front as archive
from scraper.archive.room.stream import Filter, read_stream
from scraper.reading.room import Room, page

LATEST = 12


@page
async def view(room: Room) -> Response:
    """Stores and their health, what changed lately, open trouble, and a search over everything."""
    return await room.page(
        "front.html",
        stores=await room.ask(archive.store_cards),
        incidents=await room.ask(archive.open_incidents),
        holdings=await room.ask(archive.holdings),
        latest=(await room.ask(read_stream, Filter(), limit=LATEST)).items,
        questions=room.questions(),
    )
