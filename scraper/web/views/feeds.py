"""The newest changes as an Atom feed, as a JSON Feed and as JSON, with the filters of the page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from datasette.utils.asgi import Response
from lxml import etree

from scraper.archive.queries.change_feed import ChangeFilter, FeedPage, read_feed
from scraper.history import humanize
from scraper.history.changes import CLAIMS, Change, claims_of
from scraper.history.diff.passages import as_plain_text
from scraper.history.diff.words import Run
from scraper.history.web_paths import change_path
from scraper.printable import fit_xml, printable
from scraper.web.page_context import PageContext, page_view
from scraper.web.parts.change_filter import parameters_of, query_string, read_filter

PAGE_SIZE = 50
ATOM = "http://www.w3.org/2005/Atom"


@page_view
async def as_json(page: PageContext) -> Response:
    """Return a page of the feed as JSON: `items`, and `older`, the cursor of the next page."""
    feed = await page.query(
        read_feed, read_filter(page), before=page.arg("before"), limit=PAGE_SIZE
    )
    return Response.json(
        {"items": [_as_values(feed, change) for change in feed.changes], "older": feed.older}
    )


def _as_values(feed: FeedPage, change: Change) -> dict[str, Any]:
    """A change as JSON values, with its changed sentences as text."""
    return {**asdict(change), "excerpt": as_plain_text(feed.excerpts.get(change.id, ()))}


@page_view
async def as_atom(page: PageContext) -> Response:
    """Return the newest changes as an Atom feed (RFC 4287)."""
    criteria = read_filter(page)
    found = await page.query(read_feed, criteria, limit=PAGE_SIZE)
    changes = found.changes
    html_url = page.absolute_url("/-/changes" + query_string(criteria))
    atom_url = page.absolute_url("/-/changes.atom" + query_string(criteria))
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
    criteria = read_filter(page)
    found = await page.query(read_feed, criteria, limit=PAGE_SIZE)
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _feed_title(criteria),
        "home_page_url": page.absolute_url("/-/changes" + query_string(criteria)),
        "feed_url": page.absolute_url("/-/changes/feed.json" + query_string(criteria)),
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
    filters = [f"{name} {value}" for name, value in parameters_of(criteria).items()]
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
    if not change.group_id:
        lines += claims_of(change.fields)
    if excerpt:
        lines.append(as_plain_text(excerpt))
    for field in change.fields:
        if field.field != CLAIMS and not (excerpt and field.field == "text"):
            label = humanize.FIELDS.get(field.field, field.field)
            lines.append(f"{label}: “{field.old}” → “{field.new}”")
    return "\n".join(lines)


def _add(parent: Any, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = fit_xml(printable(text))
