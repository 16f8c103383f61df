"""Template filters, and the labels of links and of ends of crawls on pages.

The labels of changes, fields, verdicts, incidents and crawl health stand in
`scraper.history.humanize`, which alerts and evidence bundles share.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from markupsafe import Markup, escape

from scraper.claims.quotations import shorten_passage
from scraper.history.changes import claims_of
from scraper.history.humanize import (
    FIELDS,
    HEALTH,
    INCIDENTS,
    KINDS,
    VERDICTS,
    age,
    bracket,
    day,
    discount,
    exact,
    exact_span,
    moment,
    month,
    number,
    plural,
    span,
    stamp,
    times,
)
from scraper.history.web_paths import change_path, evidence_path, post_path, store_path
from scraper.printable import printable
from scraper.timestamps import parse_timestamp_or_none
from scraper.web.parts.citations import as_text

LINK_KINDS: Final = {
    "inline": "linked in the text",
    "related_list": "listed as related by the author",
    "related_widget": "shown as related by the theme",
    "older": "older post",
    "newer": "newer post",
    "previous": "previous post in the theme",
    "next": "next post in the theme",
    "similar": "similar text",
    "copy": "copy of the text",
}
"""Labels of `links.kind`."""

OUTCOMES: Final = {
    "complete": "complete",
    "incomplete": "not complete",
    "blocked": "refused by the store",
    "outage": "the store did not answer",
    "killed": "killed, and resumed by the next one",
    "running": "under way",
}
"""Labels of `crawls.outcome`."""


def when(value: str) -> Markup:
    """A time element: the day as text, the exact time on hover; empty for an empty value."""
    if not parse_timestamp_or_none(value):
        return escape(value)
    exact = value.replace("T", " ").replace("Z", " UTC")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(value, exact, day(value))


def cell_path(row: Any, column: str) -> str:
    """The path of the page that a cell names, by the ids beside it in its row; empty without one.

    `row` maps the names of columns to values; `post_id` may stand there as Datasette's pair of
    value and label.
    """
    known = set(row.keys())
    if column in {"post", "title", "from_post", "post_title"} and "post_id" in known:
        return post_path(_id_of(row["post_id"]))
    if column == "title" and {"article_id", "revision_count"} <= known:
        return post_path(_id_of(row["id"]))
    if column == "change_id":
        return evidence_path(_id_of(row["change_id"]))
    if column == "name" and "store_id" in known:
        return store_path(_id_of(row["store_id"]))
    return ""


def _id_of(value: Any) -> int:
    return int(value["value"] if isinstance(value, dict) else value or 0)


def printable_output(value: Any) -> Any:
    """Return what a template writes without control characters, marks that reorder text, and hidden
    characters; markup stays markup."""
    if not isinstance(value, str) or (value.isascii() and value.isprintable()):
        return value
    shown = printable(value)
    if shown is value:
        return value
    return Markup(shown) if isinstance(value, Markup) else shown


def _lookup(labels: dict[str, str]) -> Callable[[str], str]:
    return lambda value: labels.get(value, value)


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "day": day,
    "shorten": shorten_passage,
    "month": month,
    "moment": moment,
    "exact": exact,
    "exact_span": lambda period: exact_span(period.first_seen_at, period.last_seen_at),
    "age": age,
    "stamp": stamp,
    "when": when,
    "number": number,
    "plural": plural,
    "times": times,
    "kind": _lookup(KINDS),
    "field_name": _lookup(FIELDS),
    "claims": claims_of,
    "link_kind": _lookup(LINK_KINDS),
    "verdict": _lookup(VERDICTS),
    "incident": _lookup(INCIDENTS),
    "health": _lookup(HEALTH),
    "outcome": _lookup(OUTCOMES),
    "bracket": lambda change: bracket(change.not_before, change.not_after),
    "citation_text": as_text,
    "evidence_path": lambda change: evidence_path(change.id),
    "change_path": lambda change: change_path(
        post_id=change.post_id,
        old=change.old_revision,
        new=change.new_revision,
        group_id=change.group_id,
    ),
    "between": lambda ends: bracket(*ends),
    "discount": lambda code: discount(code.kind, code.value, code.currency),
    "span": lambda period: span(period.first_seen_at, period.last_seen_at),
}
"""The template filters; `bracket` and `span` take an object that has both times."""
