"""Related posts: a picture, the numbers from which a browser draws it, and the same as lists."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlencode

from datasette.utils.asgi import Response

from scraper.archive.queries.graph_history import blog_labels, read_graph_history, read_near
from scraper.archive.queries.plots import store_names, store_number
from scraper.archive.queries.run_with_timeout import Connection
from scraper.graph.measures import EDITORIAL_KINDS
from scraper.web.graph_data import (
    KINDS,
    MOST_POSTS,
    GraphPicture,
    links_data,
    make_graph_picture,
    posts_data,
)
from scraper.web.graph_filter import MOST_ROWS, GraphFilter, GraphView, filter_graph
from scraper.web.page_context import PageContext, page

MAX_VIEWS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A picture and its numbers as they are sent, made once for all who look."""

    picture: GraphPicture
    posts: str
    links: str
    stores: tuple[str, ...]
    blogs: tuple[str, ...]
    views: dict[GraphFilter, GraphView] = field(default_factory=dict)

    def view(self, wanted: GraphFilter) -> GraphView:
        """What is to be seen of it, kept for whoever asks the same."""
        if wanted not in self.views:
            if len(self.views) >= MAX_VIEWS:
                self.views.clear()
            self.views[wanted] = filter_graph(self.picture, wanted)
        return self.views[wanted]


@page
async def view(room: PageContext) -> Response:
    """`?store=`, `?blog=` by its label, `?kind=` repeated, `?on=` a time, `?post=` and `?steps=`
    around a post, or `?q=` its title."""
    made, wanted = await _made(room), _filter(room)
    title = room.arg("q")
    if title:
        wanted = replace(wanted, post=_find(made.picture, title))
    # A post beyond the picture's bounds has a picture of its own.
    around = wanted.post if wanted.post and made.picture.place_of(wanted.post) is None else 0
    if around:
        made = await room.query_cached(_make, "", "", around)
    shown = made.view(wanted)
    middle = next((row.dot for row in shown.posts if row.dot.id == wanted.post), None)
    return await room.page(
        "related.html",
        made=made,
        picture=made.picture,
        shown=shown,
        wanted=wanted,
        middle=middle,
        missed=title if title and not middle else "",
        most=MOST_ROWS,
        start=room.number("from"),
        around=around,
        data=_address({"store": room.arg("store"), "blog": room.arg("blog"), "around": around}),
        here=lambda **other: _here(room, wanted, **other),
    )


@page
async def as_json(room: PageContext) -> Response:
    """The posts of the picture."""
    return _json((await _made(room)).posts)


@page
async def links_as_json(room: PageContext) -> Response:
    """The links of the picture."""
    return _json((await _made(room)).links)


async def _made(room: PageContext) -> Made:
    return await room.query_cached(
        _make, room.arg("store"), room.arg("blog"), room.number("around")
    )


def _make(connection: Connection, store: str, blog: str, around: int) -> Made:
    store_id = store_number(connection, store)
    stores, blogs = store_names(connection), blog_labels(connection, store_id)
    past = (
        read_near(connection, around, limit=MOST_POSTS)
        if around
        else read_graph_history(connection, store_id, store)
    )
    picture = make_graph_picture(past, blog=blog, around=around)
    compact: Callable[[Any], str] = json.JSONEncoder(
        ensure_ascii=False, separators=(",", ":")
    ).encode
    return Made(
        picture=picture,
        posts=compact(posts_data(picture)),
        links=compact(links_data(picture)),
        stores=tuple(stores),
        blogs=tuple(blogs),
    )


def _filter(room: PageContext) -> GraphFilter:
    named = room.request.args.getlist("kind")
    chosen = (
        [kind for kind in KINDS if kind in named]
        if named
        else [kind for kind in KINDS if kind in EDITORIAL_KINDS]
    )
    return GraphFilter(
        kinds=tuple(chosen),
        on=room.arg("on"),
        post=room.number("post"),
        steps=2 if room.arg("steps") == "2" else 1,
    )


def _find(picture: GraphPicture, title: str) -> int:
    """The best ranked post of that title, or else of one that holds it; 0 where there is none."""
    sought = title.casefold().strip()
    same = (dot.id for dot in picture.dots if dot.title.casefold() == sought)
    alike = (dot.id for dot in picture.dots if sought in dot.title.casefold())
    return next(same, 0) or next(alike, 0)


def _here(room: PageContext, wanted: GraphFilter, **other: object) -> str:
    """The address of what is looked at, with other values for some of it; an empty one leaves its
    part out."""
    kinds = room.request.args.getlist("kind")
    asked = {
        "store": room.arg("store"),
        "blog": room.arg("blog"),
        "colour": room.arg("colour"),
        "on": wanted.on,
        "post": wanted.post,
    }
    return _address({**asked, "kind": kinds, "steps": wanted.steps if wanted.post else "", **other})


def _address(asked: dict[str, object]) -> str:
    return "?" + urlencode({name: value for name, value in asked.items() if value}, doseq=True)


def _json(text: str) -> Response:
    return Response(text, content_type="application/json; charset=utf-8")
