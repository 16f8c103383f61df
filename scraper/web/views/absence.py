"""The proof that a phrase is not said: fetches at which it did not stand, as sentences to cite."""

from __future__ import annotations

from dataclasses import dataclass

from datasette.utils.asgi import Response

from scraper.archive.queries.run_query import Connection
from scraper.archive.queries.texts.absence import (
    AbsenceReport,
    Scope,
    read_absence,
    read_places,
    read_scope,
)
from scraper.archive.queries.texts.absence_sentences import absence_sentences
from scraper.timestamps import span_of_days, utc_now
from scraper.web.page_context import PageContext, page_view
from scraper.web.parts.query_string import encode_query

PATH = "/-/absent"


@page_view
async def view(page: PageContext) -> Response:
    """Render the fetches at which `?q=` did not stand in the post `?post=`, or in the store or blog
    `?in=`, from the day `?since=` to the day `?until=`."""
    phrase, since, until = page.arg("q").strip(), page.day_arg("since"), page.day_arg("until")
    post, place = page.int_arg("post"), page.arg("in")
    found = await page.query_slow(_read, phrase, post, place, span_of_days(since, until))
    asked = {"q": phrase, "post": post, "in": place, "since": since, "until": until}
    return await page.render(
        "absence.html",
        found=found,
        asked=asked,
        url=page.absolute_url(PATH + encode_query(asked)),
        made_at=utc_now(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What was asked about and shown. Without a phrase there is no `report`."""

    places: list[str]
    scope: Scope
    report: AbsenceReport | None
    sentences: list[str]


def _read(
    connection: Connection, phrase: str, post_id: int, place: str, span: tuple[str, str]
) -> _Found:
    places = read_places(connection)
    scope = read_scope(connection, post_id, place, places)
    report = read_absence(connection, phrase, scope, *span) if phrase else None
    return _Found(
        places=places,
        scope=scope,
        report=report,
        sentences=list(absence_sentences(report, scope)) if report else [],
    )
