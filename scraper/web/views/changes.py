"""The feed of changes as a page with filters in the URL, and the posts of a group of changes."""

from __future__ import annotations

from datasette.utils.asgi import Response

from scraper.archive.queries.change_feed import (
    FACETS,
    ChangeFilter,
    FeedPage,
    count_facets,
    read_facet_counts,
    read_feed,
)
from scraper.archive.queries.changes import read_group
from scraper.archive.queries.crawls import CrawlRow, read_recent_crawls
from scraper.archive.queries.run_query import Connection
from scraper.web.page_context import PageContext, page_view
from scraper.web.parts.change_filter import parameters_of, query_string, read_filter

PAGE_SIZE = 50
MAX_MEMBERS = 1000
RANGES = ("after", "until", "since", "to")
"""Parameters that limit the changes to a time."""


@page_view
async def view(page: PageContext) -> Response:
    """Render a page of the feed with its filters."""
    criteria = read_filter(page)
    # The stream as it is linked everywhere: its sentences are compared once for each new crawl.
    query = page.query if page.request.query_string else page.query_cached
    feed, crawls = await query(_read_page, criteria, page.arg("before"))
    facet_counts = await page.query_cached(read_facet_counts)
    return await page.render(
        "changes.html",
        criteria=criteria,
        changes=feed.changes,
        excerpts=feed.excerpts,
        older=query_string(criteria, before=feed.older) if feed.older else "",
        newest=query_string(criteria) if page.arg("before") else "",
        facets=count_facets(facet_counts, criteria),
        active=_active_filters(criteria),
        without={name: query_string(criteria, **{name: ""}) for name in FACETS},
        without_range=query_string(criteria, **dict.fromkeys(RANGES, "")),
        others={
            name: value
            for name, value in parameters_of(criteria).items()
            if name not in {"since", "to"}
        },
        n_stores=len({crawl.store for crawl in crawls}),
        filter_by=lambda name, value: query_string(criteria, **{name: value}),
        feed=query_string(criteria),
        crawls=crawls,
    )


def _read_page(
    connection: Connection, criteria: ChangeFilter, before: str
) -> tuple[FeedPage, list[CrawlRow]]:
    """Read the feed and the crawls to choose from at one moment."""
    feed = read_feed(connection, criteria, before=before, limit=PAGE_SIZE)
    return feed, read_recent_crawls(connection, criteria.store)


@page_view
async def group(page: PageContext) -> Response:
    """Render the posts of a group of changes."""
    found = await page.query(read_group, page.path_arg("group"), limit=MAX_MEMBERS)
    return await page.render("group.html", group=found)


def _active_filters(criteria: ChangeFilter) -> dict[str, str]:
    """The facets that restrict the feed, except the default origin."""
    values = {name: getattr(criteria, name) for name in FACETS}
    return {name: value for name, value in values.items() if value not in ("", "observed")}
