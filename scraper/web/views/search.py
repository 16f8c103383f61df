"""Search: over what stands now, and over all that ever stood."""

from __future__ import annotations

from urllib.parse import urlencode

from datasette.utils.asgi import Response
from markupsafe import Markup, escape

from scraper.archive.queries import search as archive
from scraper.web.page_context import PageContext, page

PAGE = 20


@page
async def view(room: PageContext) -> Response:
    """`?q=` words, `?ever=1` over all history."""
    words, ever, at = room.arg("q"), bool(room.arg("ever")), room.number("from")
    found = await room.query(
        archive.search, words, ever=ever, store=room.arg("store"), offset=at, limit=PAGE
    )
    asked = {"q": words, "store": room.arg("store"), "ever": "1" if ever else ""}
    return await room.page(
        "search.html",
        words=words,
        ever=ever,
        found=found,
        most=archive.MOST_HITS,
        mark=marked,
        older=_address(asked, at + PAGE) if at + PAGE < found.n_posts else "",
        newer=_address(asked, max(at - PAGE, 0)) if at else "",
    )


def marked(snippet: str) -> Markup:
    """A snippet with the words that were found marked; all else is text."""
    opened, closed = archive.MARKS
    return Markup(str(escape(snippet)).replace(opened, "<mark>").replace(closed, "</mark>"))


def _address(asked: dict[str, str], at: int) -> str:
    return "?" + urlencode(
        {name: value for name, value in {**asked, "from": str(at) if at else ""}.items() if value}
    )
