"""When was it said: in which revisions of which posts a phrase stood, when it went, and whether it
came back."""

from __future__ import annotations

from urllib.parse import urlencode

from datasette.utils.asgi import Response

from scraper.archive.queries import search as archive
from scraper.web.page_context import PageContext, page

PAGE = 20


@page
async def view(room: PageContext) -> Response:
    """`?q=` the phrase."""
    phrase, at = room.arg("q").strip(), room.number("from")
    found = await room.query(
        archive.find_phrase, phrase, store=room.arg("store"), offset=at, limit=PAGE
    )
    asked = {"q": phrase, "store": room.arg("store")}
    more = {name: value for name, value in asked.items() if value}
    return await room.page(
        "phrase.html",
        phrase=phrase,
        found=found,
        most=archive.MOST_HITS,
        older="?" + urlencode({**more, "from": at + PAGE}) if at + PAGE < found.n_posts else "",
    )
