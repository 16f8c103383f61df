"""The filter of changes as parameters of a URL, both ways."""

from __future__ import annotations

from dataclasses import fields

from scraper.archive.queries.change_feed import FACETS, ChangeFilter
from scraper.web.page_context import PageContext
from scraper.web.parts.query_string import encode_query


def read_filter(page: PageContext) -> ChangeFilter:
    """Return the filter of a request's parameters."""
    facets = {name: page.arg(name) for name in FACETS}
    facets["origin"] = facets["origin"] or "observed"
    return ChangeFilter(
        **facets,
        first=bool(page.arg("first")),
        after=page.int_arg("after"),
        until=page.int_arg("until"),
        since=page.day_arg("since"),
        to=page.day_arg("to"),
    )


def parameters_of(criteria: ChangeFilter) -> dict[str, str]:
    """The properties of a filter that differ from the default, as URL parameters."""
    default = ChangeFilter()
    parameters = {}
    for field in fields(ChangeFilter):
        value = getattr(criteria, field.name)
        if value != getattr(default, field.name):
            parameters[field.name] = "1" if value is True else str(value)
    return parameters


def query_string(criteria: ChangeFilter, **changed: str) -> str:
    """The query string of a filter with some parameters changed; an empty value drops its
    parameter."""
    return encode_query({**parameters_of(criteria), **changed}).removesuffix("?")
