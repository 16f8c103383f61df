"""Full-text search over current texts, or over all revisions."""

from __future__ import annotations

from urllib.parse import urlencode

from datasette.utils.asgi import Response
from markupsafe import Markup, escape

from scraper.archive.queries.search import MARKS, MAX_MATCHES, search
from scraper.web.page_context import PageContext, page_view

PAGE_SIZE = 20


@page_view
async def view(page: PageContext) -> Response:
    """Render the hits of `?q=`; `?ever=1` searches all revisions."""
    query, store, offset = page.arg("q"), page.arg("store"), page.int_arg("from")
    all_revisions = bool(page.arg("ever"))
    found = await page.query_slow(
        search, query, all_revisions=all_revisions, store=store, offset=offset, limit=PAGE_SIZE
    )
    parameters = {"q": query, "store": store, "ever": "1" if all_revisions else ""}
    next_page, previous_page = "", ""
    if offset + PAGE_SIZE < found.n_posts:
        next_page = _page_url(parameters, offset + PAGE_SIZE)
    if offset:
        previous_page = _page_url(parameters, max(offset - PAGE_SIZE, 0))
    return await page.render(
        "search.html",
        query=query,
        all_revisions=all_revisions,
        found=found,
        max_matches=MAX_MATCHES,
        highlight=highlight,
        next_page=next_page,
        previous_page=previous_page,
    )


def highlight(snippet: str) -> Markup:
    """Escape a snippet and mark its matches."""
    start, end = MARKS
    return Markup(str(escape(snippet)).replace(start, "<mark>").replace(end, "</mark>"))


def _page_url(parameters: dict[str, str], offset: int) -> str:
    values = {**parameters, "from": offset}
    return "?" + urlencode({name: value for name, value in values.items() if value})
