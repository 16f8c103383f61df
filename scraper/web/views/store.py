"""The page of a store: its health in words, its blogs, its posts with the last changed first."""

from __future__ import annotations

from datasette.utils.asgi import Response

from scraper.archive.queries.pages.store import STATES, StorePage, read_store_page
from scraper.archive.queries.run_query import Connection
from scraper.timestamps import utc_now
from scraper.web.next_runs import describe_next_run
from scraper.web.page_context import PageContext, page_view
from scraper.web.parts.query_string import encode_query

PAGE_SIZE = 50


@page_view
async def view(page: PageContext) -> Response:
    """Render the page; `?state=` and `?blog=` (by its id) restrict the posts, `?from=` is the first
    of them."""
    state = page.arg("state") if page.arg("state") in STATES else ""
    blog, start = page.int_arg("blog"), page.int_arg("from")
    found, next_run = await page.query(_read, page, state, blog, start)
    return await page.render(
        "store.html",
        found=found,
        store=found.store,
        next_run=next_run,
        state=state,
        blog=blog,
        start=start,
        page_size=PAGE_SIZE,
        states=STATES,
        url_with=lambda **changed: encode_query({"state": state, "blog": blog, **changed}),
        now=utc_now(),
    )


def _read(
    connection: Connection, page: PageContext, state: str, blog: int, start: int
) -> tuple[StorePage, str]:
    found = read_store_page(
        connection,
        page.path_arg("store"),
        state=state,
        blog_id=blog,
        offset=start,
        limit=PAGE_SIZE,
    )
    return found, describe_next_run(connection, page.state.stores_file, found.store.origin)
