"""Plots of posts, changes, words and discount codes over time, each with its numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from datasette.utils.asgi import Response

from scraper.archive.queries import plots as queries
from scraper.archive.queries.run_query import Connection
from scraper.archive.queries.stores import find_store_id, read_store_names
from scraper.history.humanize import moment
from scraper.web.drawings import plot_data
from scraper.web.drawings.plot_data import CodePlot, Plot
from scraper.web.page_context import PageContext, page_view


@dataclass(frozen=True, slots=True, kw_only=True)
class Plots:
    """The content of the page."""

    stores: tuple[str, ...]
    plots: tuple[Plot, ...]
    codes: CodePlot


@page_view
async def view(page: PageContext) -> Response:
    """Render the plots; `?store=` one store, `?by=kind` changes by kind instead of severity."""
    return await page.render(
        "plots.html", found=await _read_plots(page), store=page.arg("store"), by=page.arg("by")
    )


@page_view
async def as_json(page: PageContext) -> Response:
    """Return the numbers of the plots as JSON."""
    return Response.json(asdict(await _read_plots(page)))


async def _read_plots(page: PageContext) -> Plots:
    by = "kind" if page.arg("by") == "kind" else "severity"
    return await page.query_cached(_make_plots, page.arg("store"), by)


def _make_plots(connection: Connection, store: str, by: str) -> Plots:
    store_id = find_store_id(connection, store)
    extent = queries.read_extent(connection, store_id)
    posts = queries.count_posts_by_month(connection, store_id)
    words = queries.read_words_by_month(connection, store_id)
    codes = queries.read_code_periods(connection, store_id, limit=plot_data.MAX_CODES)
    crawls = queries.read_last_crawls(connection, store_id, limit=plot_data.MAX_CRAWLS)
    changes = queries.count_changes_by_crawl(
        connection, store_id, since=crawls[0].id if crawls else 0
    )
    crawl_names = {
        crawl.id: moment(crawl.started_at) + ("" if store else f", {crawl.store}")
        for crawl in crawls
    }
    return Plots(
        stores=tuple(read_store_names(connection)),
        plots=(
            plot_data.plot_posts(posts, extent.until),
            plot_data.plot_changes(
                crawls, changes, by=by, n_crawls=extent.n_crawls, names=crawl_names
            ),
            plot_data.plot_words(words, extent.until),
        ),
        codes=plot_data.plot_codes(codes, n_codes=extent.n_codes, until=extent.until),
    )
