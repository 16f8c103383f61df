"""The graph of related posts: a picture that browsers draw from JSON, the same as lists, and the
sentences that should link to what."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from datasette.utils.asgi import Response

from scraper.archive.queries.graph_history import (
    read_graph_history,
    read_neighbourhood,
)
from scraper.archive.queries.run_query import Connection
from scraper.archive.queries.stores import find_store_id, read_blog_labels, read_store_names
from scraper.archive.queries.texts.advice import EVERY, AdviceList, read_advice
from scraper.graph.measures import EDITORIAL_KINDS
from scraper.printable import csv_cell, printable
from scraper.web.drawings.graph_data import (
    KINDS,
    MAX_POSTS,
    GraphPicture,
    links_data,
    make_graph_picture,
    posts_data,
)
from scraper.web.drawings.graph_filter import MAX_ROWS, GraphFilter, GraphView, filter_graph
from scraper.web.page_context import PageContext, page_view
from scraper.web.parts.query_string import encode_query

MAX_VIEWS: Final = 20
ORPHANS: Final = 20
"""Orphans of a page of advice."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CachedGraph:
    """A picture, and the views of it that visitors have opened. Equal to no other, so that it is a
    key of what is computed from it."""

    picture: GraphPicture
    stores: tuple[str, ...]
    blogs: tuple[str, ...]
    views: dict[GraphFilter, GraphView] = field(default_factory=dict)

    def view(self, criteria: GraphFilter) -> GraphView:
        """Return the view of a filter; at most `MAX_VIEWS` are cached."""
        if criteria not in self.views:
            if len(self.views) >= MAX_VIEWS:
                self.views.clear()
            self.views[criteria] = filter_graph(self.picture, criteria)
        return self.views[criteria]


@page_view
async def view(page: PageContext) -> Response:
    """Render the page.

    `?store=`, `?blog=` by its label, `?kind=` repeated, `?on=` a time, `?post=` and `?steps=` for
    the neighbourhood of a post, or `?q=` for a post by its title.
    """
    graph, criteria = await _read_graph(page), _filter(page)
    title = page.arg("q")
    if title:
        criteria = replace(criteria, post=_find_by_title(graph.picture, title))
    # A post beyond MAX_POSTS gets a picture of its own neighbourhood.
    center = 0
    if criteria.post and graph.picture.index_of(criteria.post) is None:
        center = criteria.post
        graph = await page.query_cached(_make_graph, "", "", center)
    shown = graph.view(criteria)
    selected = next((row.node for row in shown.posts if row.node.id == criteria.post), None)
    return await page.render(
        "related.html",
        graph=graph,
        picture=graph.picture,
        shown=shown,
        criteria=criteria,
        selected=selected,
        not_found=title if title and not selected else "",
        max_rows=MAX_ROWS,
        start=page.int_arg("from"),
        center=center,
        data_query=encode_query(
            {"store": page.arg("store"), "blog": page.arg("blog"), "around": center}
        ),
        url_with=lambda **changed: _url_with(page, criteria, **changed),
    )


@page_view
async def as_json(page: PageContext) -> Response:
    """Return the posts of the picture as JSON."""
    return await _as_json(page, posts_data)


@page_view
async def links_as_json(page: PageContext) -> Response:
    """Return the links of the picture as JSON."""
    return await _as_json(page, links_data)


@page_view
async def advice(page: PageContext) -> Response:
    """Render the page; `?store=` restricts it to a store by its name, `?from=` is the first
    orphan."""
    start = page.int_arg("from")
    found = await _read_advice(page, start, ORPHANS)
    store = page.arg("store")
    return await page.render(
        "advice.html",
        found=found,
        start=start,
        page_size=ORPHANS,
        store=store,
        csv_path=page.path("/-/advice.csv") + encode_query({"store": store}),
        url_from=lambda at: encode_query({"store": store, "from": at}),
    )


@page_view
async def advice_as_csv(page: PageContext) -> Response:
    """Return all advice of `?store=` as CSV."""
    found = await _read_advice(page, 0, EVERY)
    out = io.StringIO()
    csv.writer(out).writerows([csv_cell(cell) for cell in row] for row in found.rows())
    headers = {"content-disposition": 'attachment; filename="links.csv"'}
    return Response(out.getvalue(), headers=headers, content_type="text/csv; charset=utf-8")


async def _read_graph(page: PageContext) -> CachedGraph:
    return await page.query_cached(
        _make_graph, page.arg("store"), page.arg("blog"), page.int_arg("around")
    )


def _make_graph(connection: Connection, store: str, blog: str, center: int) -> CachedGraph:
    store_id = find_store_id(connection, store)
    if center:
        history = read_neighbourhood(connection, center, limit=MAX_POSTS)
    else:
        history = read_graph_history(connection, store_id, blog, limit=MAX_POSTS)
    return CachedGraph(
        picture=make_graph_picture(history),
        stores=tuple(read_store_names(connection)),
        blogs=tuple(read_blog_labels(connection, store_id)),
    )


async def _as_json(
    page: PageContext, make_data: Callable[[GraphPicture], dict[str, Any]]
) -> Response:
    text = await page.query_cached(_make_json, make_data, await _read_graph(page))
    return Response(text, content_type="application/json; charset=utf-8")


def _make_json(
    _: Connection, make_data: Callable[[GraphPicture], dict[str, Any]], graph: CachedGraph
) -> str:
    # The page shows these texts, so they are made printable rather than escaped.
    return printable(
        json.dumps(make_data(graph.picture), ensure_ascii=False, separators=(",", ":"))
    )


def _filter(page: PageContext) -> GraphFilter:
    requested = page.request.args.getlist("kind") or EDITORIAL_KINDS
    return GraphFilter(
        kinds=tuple(kind for kind in KINDS if kind in requested),
        on=page.arg("on"),
        post=page.int_arg("post"),
        steps=2 if page.arg("steps") == "2" else 1,
    )


async def _read_advice(page: PageContext, offset: int, limit: int) -> AdviceList:
    return await page.query_cached(read_advice, page.arg("store"), offset=offset, limit=limit)


def _find_by_title(picture: GraphPicture, title: str) -> int:
    """Return the id of the highest ranked post with this title, or else of one whose title contains
    it; 0 if there is none."""
    query = title.casefold().strip()
    equal = (node.id for node in picture.nodes if node.title.casefold() == query)
    containing = (node.id for node in picture.nodes if query in node.title.casefold())
    return next(equal, 0) or next(containing, 0)


def _url_with(page: PageContext, criteria: GraphFilter, **changed: object) -> str:
    """The URL of this view with some parameters changed; an empty value drops its parameter."""
    parameters: dict[str, object] = {
        "store": page.arg("store"),
        "blog": page.arg("blog"),
        "colour": page.arg("colour"),
        "on": criteria.on,
        "post": criteria.post,
        "kind": page.request.args.getlist("kind"),
        "steps": criteria.steps if criteria.post else "",
    }
    return encode_query({**parameters, **changed})
