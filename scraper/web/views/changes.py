"""Changes as a stream: a page, a feed and JSON, all by the same filters in the address."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any
from urllib.parse import urlencode

from datasette.utils.asgi import Response
from lxml import etree

from scraper.archive.queries import change_stream as archive
from scraper.archive.queries.change_stream import FACETS, Filter, StreamItem
from scraper.graph.exports import fit_xml
from scraper.history import humanize
from scraper.history.web_paths import change_path
from scraper.web.page_context import PageContext, page

PAGE = 50
MOST_MEMBERS = 1000
ATOM = "http://www.w3.org/2005/Atom"


@page
async def view(room: PageContext) -> Response:
    """The stream, fifty lines a page."""
    wanted = _filter(room)
    found = await room.query(archive.read_changes, wanted, before=room.arg("before"), limit=PAGE)
    stream = found.stream
    return await room.page(
        "changes.html",
        wanted=wanted,
        items=stream.items,
        older=_address(wanted, before=stream.older) if stream.older else "",
        newest=_address(wanted) if room.arg("before") else "",
        facets=archive.count_facets(await room.query_cached(archive.read_cells), wanted),
        narrowed={
            name: getattr(wanted, name)
            for name in FACETS
            if getattr(wanted, name) not in ("", "observed")
        },
        without={name: _address(wanted, **{name: ""}) for name in FACETS},
        narrow=lambda name, value: _address(wanted, **{name: value}),
        feed=_address(wanted),
        crawls=found.crawls,
    )


@page
async def group(room: PageContext) -> Response:
    """The posts of one group."""
    found = await room.query(archive.read_group, room.part("group"), limit=MOST_MEMBERS)
    return await room.page("group.html", group=found)


@page
async def as_json(room: PageContext) -> Response:
    """The stream for machines: `items`, and the mark under which `older` ones go on."""
    stream = await room.query(
        archive.read_stream, _filter(room), before=room.arg("before"), limit=PAGE
    )
    return Response.json({"items": [asdict(item) for item in stream.items], "older": stream.older})


@page
async def as_atom(room: PageContext) -> Response:
    """The newest of the stream as an Atom feed (RFC 4287)."""
    wanted = _filter(room)
    stream = await room.query(archive.read_stream, wanted, limit=PAGE)
    here = room.address("/-/changes" + _address(wanted))
    feed = etree.Element("feed", nsmap={None: ATOM})
    _add(
        feed,
        "title",
        "Changes" + "".join(f", {name} {value}" for name, value in _asked(wanted).items()),
    )
    _add(feed, "id", here)
    _add(feed, "updated", stream.items[0].not_after if stream.items else "1970-01-01T00:00:00Z")
    etree.SubElement(feed, "link", rel="alternate", type="text/html", href=here)
    etree.SubElement(
        feed, "link", rel="self", href=room.address("/-/changes.atom" + _address(wanted))
    )
    for item in stream.items:
        _add_entry(room, feed, item)
    body = etree.tostring(feed, xml_declaration=True, encoding="utf-8")
    return Response(body, content_type="application/atom+xml; charset=utf-8")


def _add_entry(room: PageContext, feed: Any, item: StreamItem) -> None:
    entry = etree.SubElement(feed, "entry")
    place = change_path(post_id=item.post_id, old=item.old, new=item.new, group_id=item.group_id)
    _add(
        entry, "title", item.summary or f"{humanize.KINDS.get(item.kind, item.kind)}: {item.title}"
    )
    _add(entry, "id", room.address(place) + f"#change-{item.id}")
    _add(entry, "updated", item.not_after)
    author = etree.SubElement(entry, "author")
    _add(author, "name", item.store)
    etree.SubElement(entry, "link", rel="alternate", type="text/html", href=room.address(place))
    for term in (item.kind, item.severity):
        etree.SubElement(entry, "category", term=term)
    told = [humanize.bracket(item.not_before, item.not_after)]
    told += [
        f"{humanize.FIELDS.get(change.field, change.field)}: “{change.old}” → “{change.new}”"
        for change in item.fields
    ]
    _add(entry, "summary", "\n".join(told))


def _add(parent: Any, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = fit_xml(text)


def _filter(room: PageContext) -> Filter:
    texts = {name: room.arg(name) for name in FACETS}
    texts["origin"] = texts["origin"] or "observed"
    return Filter(
        **texts,
        first=bool(room.arg("first")),
        after=room.number("after"),
        until=room.number("until"),
    )


def _asked(wanted: Filter) -> dict[str, str]:
    """What of a filter is not as it is by itself."""
    plain = Filter()
    told = {
        part.name: getattr(wanted, part.name)
        for part in fields(Filter)
        if getattr(wanted, part.name) != getattr(plain, part.name)
    }
    return {
        name: str(int(value)) if isinstance(value, bool) else str(value)
        for name, value in told.items()
    }


def _address(wanted: Filter, **other: str) -> str:
    """The query under which a filter stands, with other values for some of it; an empty one leaves
    its part out."""
    asked = {**_asked(wanted), **other}
    told = urlencode({name: value for name, value in asked.items() if value})
    return f"?{told}" if told else ""
