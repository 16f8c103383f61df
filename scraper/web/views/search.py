"""One search over everything that was ever said; a pasted address leads to its post."""

from __future__ import annotations

from datasette.utils.asgi import Response
from markupsafe import Markup, escape

from scraper.archive.queries.posts import find_at_address
from scraper.archive.queries.search import MARKS, MAX_MATCHES, MAX_QUERY_CHARS, search
from scraper.history.store_addresses import pasted_addresses
from scraper.history.web_paths import post_path
from scraper.web.page_context import PageContext, page_view
from scraper.web.parts.query_string import encode_query

PAGE_SIZE = 20
MAX_ADDRESS_CHARS = 2000


@page_view
async def view(page: PageContext) -> Response:
    """Render the hits of `?q=` among all revisions, with `?now=1` among the current texts alone.

    If `?q=` is the address of a post, redirect to it.
    """
    query, store, offset = page.arg("q"), page.arg("store"), page.int_arg("from")
    only_now = bool(page.arg("now"))
    is_address = bool(pasted_addresses(query)) and len(query) <= MAX_ADDRESS_CHARS
    if is_address:
        posts = await page.query(find_at_address, query)
        if len(posts) == 1:
            return Response.redirect(page.path(post_path(posts[0].id)))
    # An address that leads nowhere is longer than a query may be.
    words = query[:MAX_QUERY_CHARS] if is_address else query
    found = await page.query_slow(
        search, words, all_revisions=not only_now, store=store, offset=offset, limit=PAGE_SIZE
    )
    parameters = {"q": query, "store": store, "now": "1" if only_now else ""}
    next_page, previous_page = "", ""
    if offset + PAGE_SIZE < found.n_posts:
        next_page = encode_query({**parameters, "from": offset + PAGE_SIZE})
    if offset:
        previous_page = encode_query({**parameters, "from": max(offset - PAGE_SIZE, 0)})
    return await page.render(
        "search.html",
        query=query,
        is_address=is_address and "/" in query,
        only_now=only_now,
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
