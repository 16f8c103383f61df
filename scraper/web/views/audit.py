"""The audit as a page with filters in the URL, as CSV and as JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Final

from datasette.utils.asgi import Response

from scraper.archive.queries.facets import Values, highest_first, newest_first, total_by_facet
from scraper.archive.queries.run_query import Connection
from scraper.archive.queries.texts.audit import (
    GRADES,
    Audit,
    Finding,
    as_values,
    read_ahead,
    read_audit,
    write_csv,
)
from scraper.printable import printable
from scraper.timestamps import end_of_day
from scraper.web.config import PluginState
from scraper.web.page_context import PageContext, page_view
from scraper.web.parts.query_string import encode_query

FACETS: Final = ("grade", "book", "rule", "store", "blog", "since")
PAGE_SIZE: Final = 50
MOST_CPU_S: Final = 2.0
"""Seconds of CPU in which a request reads posts that no request has read yet."""

FIRST: Final = "first"
NEVER: Final = "never"
"""Values of the facet `since` beside months: there when first seen, never seen by a fetch."""


@page_view
async def view(page: PageContext) -> Response:
    """Render the page. `?on=` a day audits what stood at its end; `?grade=`, `?book=`, `?rule=`,
    `?store=`, `?blog=` and `?since=` choose, `?from=` is the first claim shown."""
    found, chosen = await _read_audit(page), _chosen(page)
    selected = _select(found.findings, chosen)
    start = page.int_arg("from")

    def url_with(**changed: object) -> str:
        return encode_query({"on": page.day_arg("on"), **chosen, **changed})

    return await page.render(
        "audit.html",
        audit=found,
        findings=selected[start : start + PAGE_SIZE],
        n_selected=len(selected),
        n_selected_posts=len({finding.post_id for finding in selected}),
        chosen={name: value for name, value in chosen.items() if value},
        facets=_count_facets(found.findings, chosen),
        labels={finding.claim.rule: finding.claim.title for finding in found.findings},
        on=page.day_arg("on"),
        start=start,
        page_size=PAGE_SIZE,
        url_with=url_with,
        filter_by=lambda name, value: url_with(**{name: value}),
    )


@page_view
async def as_csv(page: PageContext) -> Response:
    """Return the claims that a page's filters choose, all of them, as CSV."""
    found = await _read_audit(page)
    lines = io.StringIO()
    write_csv(_select(found.findings, _chosen(page)), lines)
    return Response(printable(lines.getvalue()), content_type="text/csv; charset=utf-8")


@page_view
async def as_json(page: PageContext) -> Response:
    """Return the claims that a page's filters choose, all of them, as JSON."""
    found = await _read_audit(page)
    values = as_values(found, page.state.claim_reader)
    values["claims"] = _select(found.findings, _chosen(page))
    body = json.dumps(values, ensure_ascii=False, default=asdict)
    return Response(printable(body), content_type="application/json; charset=utf-8")


async def _read_audit(page: PageContext) -> Audit:
    """Audit by the books of ours. A large archive is read over several requests."""
    day = page.day_arg("on")
    time = end_of_day(day) if day else ""
    version = page.datasette.get_database(page.state.database).data_version
    n_unread = await page.query_long(_read_ahead, page.state, time, version)
    query = page.query_long if n_unread else page.query_cached
    return await query(read_audit, page.state.claim_reader, time=time, only_known=n_unread > 0)


def _read_ahead(
    connection: Connection, state: PluginState, time: str, read_version: Callable[[], int]
) -> int:
    # The first visitor loads the books too, in the thread of the query.
    reader = state.claim_reader
    version = read_version()
    return read_ahead(connection, reader, time=time, most_cpu_s=MOST_CPU_S, version=version)


def _chosen(page: PageContext) -> dict[str, str]:
    return {name: page.arg(name) for name in FACETS}


def _select(findings: Sequence[Finding], chosen: Mapping[str, str]) -> list[Finding]:
    wanted = {name: value for name, value in chosen.items() if value}
    with_values = ((finding, _values(finding)) for finding in findings)
    return [
        finding
        for finding, values in with_values
        if all(wanted[name] in values[name] for name in wanted)
    ]


def _values(finding: Finding) -> Values:
    since, claim, came = finding.since, finding.claim, NEVER
    if since:
        came = since.not_after[:7] if since.not_before else FIRST
    return {
        "grade": (claim.grade,),
        "book": (finding.book,),
        "rule": (claim.rule,),
        "store": (finding.store,),
        "blog": (finding.blog,),
        "since": (came,),
    }


def _count_facets(
    findings: Sequence[Finding], chosen: Mapping[str, str]
) -> dict[str, list[tuple[str, int]]]:
    totals = total_by_facet(((_values(finding), 1) for finding in findings), chosen)
    counted = {name: highest_first(total) for name, total in totals.items()}
    counted["grade"].sort(key=lambda value: GRADES.index(value[0]))
    counted["since"] = newest_first(totals["since"])
    return counted
