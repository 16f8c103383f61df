"""The feed of changes as a page, as an Atom feed and as JSON, with the same filters in the URL."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any
from urllib.parse import urlencode

from datasette.utils.asgi import Response
from lxml import etree

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
from scraper.graph.exports import fit_xml
from scraper.history import humanize
from scraper.history.changes import Change
from scraper.history.diff.passages import as_plain_text
from scraper.history.diff.words import Run
from scraper.history.web_paths import change_path
from scraper.printable import printable
from scraper.timestamps import parse_day
from scraper.web.page_context import PageContext, page_view

PAGE_SIZE = 50
MAX_MEMBERS = 1000
RANGES = ("after", "until", "since", "to")
"""Parameters that limit the changes to a time."""

ATOM = "http://www.w3.org/2005/Atom"


@page_view
async def view(page: PageContext) -> Response:
    """Render a page of the feed with its filters."""
    criteria = _filter(page)
    feed, crawls = await page.query(_read_page, criteria, page.arg("before"))
    facet_counts = await page.query_cached(read_facet_counts)
    return await page.render(
        "changes.html",
        criteria=criteria,
        changes=feed.changes,
        excerpts=feed.excerpts,
        older=_query_string(criteria, before=feed.older) if feed.older else "",
        newest=_query_string(criteria) if page.arg("before") else "",
        facets=count_facets(facet_counts, criteria),
        active=_active_filters(criteria),
        without={name: _query_string(criteria, **{name: ""}) for name in FACETS},
        without_range=_query_string(criteria, **dict.fromkeys(RANGES, "")),
        others={
            name: value
            for name, value in _parameters(criteria).items()
            if name not in {"since", "to"}
        },
        n_stores=len({crawl.store for crawl in crawls}),
        filter_by=lambda name, value: _query_string(criteria, **{name: value}),
        feed=_query_string(criteria),
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


@page_view
async def as_json(page: PageContext) -> Response:
    """Return a page of the feed as JSON: `items`, and `older`, the cursor of the next page."""
    feed = await page.query(read_feed, _filter(page), before=page.arg("before"), limit=PAGE_SIZE)
    return Response.json(
        {"items": [_as_values(feed, change) for change in feed.changes], "older": feed.older}
    )


def _as_values(feed: FeedPage, change: Change) -> dict[str, Any]:
    """A change as JSON values, with its changed sentences as text."""
    return {**asdict(change), "excerpt": as_plain_text(feed.excerpts.get(change.id, ()))}


@page_view
async def as_atom(page: PageContext) -> Response:
    """Return the newest changes as an Atom feed (RFC 4287)."""
    criteria = _filter(page)
    found = await page.query(read_feed, criteria, limit=PAGE_SIZE)
    changes = found.changes
    html_url = page.absolute_url("/-/changes" + _query_string(criteria))
    atom_url = page.absolute_url("/-/changes.atom" + _query_string(criteria))
    feed = etree.Element("feed", nsmap={None: ATOM})
    _add(feed, "title", _feed_title(criteria))
    _add(feed, "id", html_url)
    _add(feed, "updated", changes[0].not_after if changes else "1970-01-01T00:00:00Z")
    etree.SubElement(feed, "link", rel="alternate", type="text/html", href=html_url)
    etree.SubElement(feed, "link", rel="self", href=atom_url)
    for change in changes:
        _add_entry(page, feed, change, found.excerpts.get(change.id, ()))
    body = etree.tostring(feed, xml_declaration=True, encoding="utf-8")
    return Response(body, content_type="application/atom+xml; charset=utf-8")


@page_view
async def as_json_feed(page: PageContext) -> Response:
    """Return the newest changes as a JSON Feed (https://www.jsonfeed.org/version/1.1/)."""
    criteria = _filter(page)
    found = await page.query(read_feed, criteria, limit=PAGE_SIZE)
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _feed_title(criteria),
        "home_page_url": page.absolute_url("/-/changes" + _query_string(criteria)),
        "feed_url": page.absolute_url("/-/changes/feed.json" + _query_string(criteria)),
        "items": [
            _feed_item(page, change, found.excerpts.get(change.id, ())) for change in found.changes
        ],
    }
    body = printable(json.dumps(feed, ensure_ascii=False))
    return Response(body, content_type="application/feed+json; charset=utf-8")


def _feed_item(page: PageContext, change: Change, excerpt: Sequence[Run]) -> dict[str, Any]:
    url = _change_url(page, change)
    return {
        "id": f"{url}#change-{change.id}",
        "url": url,
        "title": _title(change),
        "content_text": _summary(change, excerpt),
        "date_published": change.not_after,
        "authors": [{"name": change.store}],
        "tags": [change.kind, change.severity],
    }


def _add_entry(page: PageContext, feed: Any, change: Change, excerpt: Sequence[Run]) -> None:
    url = _change_url(page, change)
    entry = etree.SubElement(feed, "entry")
    _add(entry, "title", _title(change))
    _add(entry, "id", f"{url}#change-{change.id}")
    _add(entry, "updated", change.not_after)
    _add(etree.SubElement(entry, "author"), "name", change.store)
    etree.SubElement(entry, "link", rel="alternate", type="text/html", href=url)
    for term in (change.kind, change.severity):
        etree.SubElement(entry, "category", term=term)
    _add(entry, "summary", _summary(change, excerpt))


def _feed_title(criteria: ChangeFilter) -> str:
    filters = [f"{name} {value}" for name, value in _parameters(criteria).items()]
    return ", ".join(["Changes", *filters])


def _title(change: Change) -> str:
    return f"{humanize.KINDS.get(change.kind, change.kind)}: {change.subject}"


def _change_url(page: PageContext, change: Change) -> str:
    return page.absolute_url(
        change_path(
            post_id=change.post_id,
            old=change.old_revision,
            new=change.new_revision,
            group_id=change.group_id,
        )
    )


def _summary(change: Change, excerpt: Sequence[Run]) -> str:
    lines = [humanize.bracket(change.not_before, change.not_after)]
    if excerpt:
        lines.append(as_plain_text(excerpt))
    for field in change.fields:
        if not (excerpt and field.field == "text"):
            label = humanize.FIELDS.get(field.field, field.field)
            lines.append(f"{label}: “{field.old}” → “{field.new}”")
    return "\n".join(lines)


def _add(parent: Any, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = fit_xml(printable(text))


def _filter(page: PageContext) -> ChangeFilter:
    facets = {name: page.arg(name) for name in FACETS}
    facets["origin"] = facets["origin"] or "observed"
    return ChangeFilter(
        **facets,
        first=bool(page.arg("first")),
        after=page.int_arg("after"),
        until=page.int_arg("until"),
        since=_day(page.arg("since")),
        to=_day(page.arg("to")),
    )


def _day(text: str) -> str:
    """A day of the query string, empty if it is none."""
    try:
        return parse_day(text).isoformat()
    except ValueError:
        return ""


def _active_filters(criteria: ChangeFilter) -> dict[str, str]:
    """The facets that restrict the feed, except the default origin."""
    values = {name: getattr(criteria, name) for name in FACETS}
    return {name: value for name, value in values.items() if value not in ("", "observed")}


def _parameters(criteria: ChangeFilter) -> dict[str, str]:
    """The properties of a filter that differ from the default, as URL parameters."""
    default = ChangeFilter()
    parameters = {}
    for field in fields(ChangeFilter):
        value = getattr(criteria, field.name)
        if value != getattr(default, field.name):
            parameters[field.name] = "1" if value is True else str(value)
    return parameters


def _query_string(criteria: ChangeFilter, **changed: str) -> str:
    """The query string of a filter with some parameters changed; an empty value drops its
    parameter."""
    parameters = {**_parameters(criteria), **changed}
    encoded = urlencode({name: value for name, value in parameters.items() if value})
    return f"?{encoded}" if encoded else ""
