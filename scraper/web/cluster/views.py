"""The front page of a cluster, and where its index leads: to the archives of its stores."""

from __future__ import annotations

import asyncio
from typing import Final, Literal

from datasette.utils.asgi import Response

from scraper.archive.maintenance.merged_index import IndexedArchive, find_archive
from scraper.exceptions import NoSuchPost
from scraper.history.web_paths import ARCHIVES, evidence_path, post_path, store_path
from scraper.timestamps import utc_now
from scraper.web.page_context import PageContext, page_view

MAX_WORDS: Final = 200
"""Characters of a part of a store's name."""


@page_view
async def front(page: PageContext) -> Response:
    """Render the catalogue: all stores, or those whose name or host holds `?store=`."""
    cluster = page.state.cluster
    assert cluster is not None
    # No text of PostgreSQL holds U+0000.
    words = page.arg("store").replace("\0", "").strip().lower()[:MAX_WORDS]
    found = await asyncio.to_thread(cluster.source.read_overview, words)
    return await page.render(
        "cluster.html",
        found=found,
        words=words,
        stores_path=ARCHIVES,
        has_page=lambda store: cluster.is_below(f"{ARCHIVES}{store}/"),
        evidence_path=evidence_path,
        now=utc_now(),
    )


@page_view
async def post(page: PageContext) -> Response:
    """Redirect to a post in the archive of its store."""
    number = page.path_arg("post")
    archive = await _find(page, "posts", number)
    below = page.request.url_vars["below"] or ""
    return _redirect(page, archive, post_path(number - archive.posts_moved) + below)


@page_view
async def change(page: PageContext) -> Response:
    """Redirect to the evidence of a change in the archive of its store."""
    number = page.path_arg("change")
    archive = await _find(page, "changes", number)
    return _redirect(page, archive, evidence_path(number - archive.changes_moved))


@page_view
async def store(page: PageContext) -> Response:
    """Redirect to the page of a store in its archive."""
    number = page.path_arg("store")
    archive = await _find(page, "stores", number)
    return _redirect(page, archive, store_path(number - archive.stores_moved))


async def _find(
    page: PageContext, table: Literal["stores", "posts", "changes"], number: int
) -> IndexedArchive:
    archive = await page.query(find_archive, table, number)
    if archive is None:
        raise NoSuchPost("the index has nothing under this number: search again")
    return archive


def _redirect(page: PageContext, archive: IndexedArchive, path: str) -> Response:
    query = f"?{page.request.query_string}" if page.request.query_string else ""
    return Response.redirect(f"{page.path(ARCHIVES)}{archive.name}{path}{query}")
