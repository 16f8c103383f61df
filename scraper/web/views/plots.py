"""Plots: posts, changes, words and discount codes over time, each with its numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from datasette.utils.asgi import Response

from scraper.archive.queries import plots as archive
from scraper.archive.queries.run_with_timeout import Connection
from scraper.history.humanize import moment
from scraper.web import plot_data
from scraper.web.page_context import PageContext, page
from scraper.web.plot_data import CodePlot, Plot


@dataclass(frozen=True, slots=True, kw_only=True)
class Plots:
    """All that the page shows."""

    stores: tuple[str, ...]
    plots: tuple[Plot, ...]
    codes: CodePlot


@page
async def view(room: PageContext) -> Response:
    """`?store=` one store, `?by=kind` the changes by kind and not by severity."""
    found = await _read(room)
    return await room.page(
        "plots.html", found=found, store=room.arg("store"), by=room.arg("by"), worth=plot_data.worth
    )


@page
async def as_json(room: PageContext) -> Response:
    """The same numbers for machines."""
    return Response.json(asdict(await _read(room)))


async def _read(room: PageContext) -> Plots:
    by = "kind" if room.arg("by") == "kind" else "severity"
    return await room.query_cached(_make, room.arg("store"), by)


def _make(connection: Connection, store: str, by: str) -> Plots:
    store_id = archive.store_number(connection, store)
    ends = archive.bounds(connection, store_id)
    crawls = archive.last_crawls(connection, store_id, limit=plot_data.MOST_CRAWLS)
    changes = archive.changes_by_crawl(connection, store_id, since=crawls[0].id if crawls else 0)
    names = {
        crawl.id: moment(crawl.started_at) + ("" if store else f", {crawl.store}")
        for crawl in crawls
    }
    plots = (
        plot_data.plot_posts(archive.posts_by_month(connection, store_id), ends.until),
        plot_data.plot_changes(crawls, changes, by=by, n_crawls=ends.n_crawls, names=names),
        plot_data.plot_words(archive.words_by_month(connection, store_id), ends.until),
    )
    spans = archive.code_spans(connection, store_id, limit=plot_data.MOST_CODES)
    codes = plot_data.plot_codes(spans, n_codes=ends.n_codes, until=ends.until)
    return Plots(stores=tuple(archive.store_names(connection)), plots=plots, codes=codes)
