"""Captures by address and time, as other web archives answer: Memento (RFC 7089), and addresses
like those of the Wayback Machine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote

from datasette.utils.asgi import Response

from scraper.archive.queries.pages.mementos import Memento, Mementos, read_mementos
from scraper.timestamps import parse_timestamp
from scraper.web.page_context import PageContext, page_view
from scraper.web.parts.citations import plain_address

TIMEMAP: Final = "/-/timemap/link/"
TIMEGATE: Final = "/-/timegate/"

_LINK_FORMAT: Final = "application/link-format; charset=utf-8"
_FIRST: Final = "00000101000000"
"""What a time of fewer than 14 digits leaves out."""


@page_view
async def timemap(page: PageContext) -> Response:
    """Return the list of all captures of an address (section 5)."""
    found = await page.query(read_mementos, _address(page))
    itself = page.absolute_url(TIMEMAP + plain_address(found.url))
    span = f'from="{_http_date(found.all[0].at)}"; until="{_http_date(found.all[-1].at)}"'
    lines = [
        f'<{plain_address(found.url)}>; rel="original"',
        f'<{itself}>; rel="self"; type="application/link-format"; {span}',
        f'<{page.absolute_url(TIMEGATE + plain_address(found.url))}>; rel="timegate"',
        *(_memento_line(page, found.all, place) for place in range(len(found.all))),
    ]
    return Response(",\n".join(lines) + "\n", content_type=_LINK_FORMAT)


@page_view
async def timegate(page: PageContext) -> Response:
    """Lead to the capture that is nearest to the time of the header Accept-Datetime, or to the
    newest (section 4)."""
    found = await page.query(read_mementos, _address(page))
    asked = page.request.headers.get("accept-datetime", "")
    try:
        wanted = parsedate_to_datetime(asked) if asked else None
    except (ValueError, OverflowError):
        text = "Accept-Datetime takes a date as HTTP writes it\n"
        return Response.text(text, status=HTTPStatus.BAD_REQUEST)
    memento = _nearest(found.all, wanted) if wanted else found.all[-1]
    response = Response.redirect(page.path(_path(memento)))
    original = f'<{plain_address(found.url)}>; rel="original"'
    response.headers |= {"Vary": "accept-datetime", "Link": f"{original}, {_others(page, found)}"}
    return response


@page_view
async def at_time(page: PageContext) -> Response:
    """Lead from ``/web/20210304/ADDRESS`` to the nearest capture, and from ``/web/*/ADDRESS`` to
    the post."""
    found = await page.query(read_mementos, _address(page))
    digits = page.request.url_vars["time"]
    if digits == "*":
        return Response.redirect(page.path(f"/-/post/{found.post_id}"))
    try:
        moment = datetime.strptime(f"{digits}{_FIRST[len(digits) :]}+0000", "%Y%m%d%H%M%S%z")
    except ValueError:
        return Response.text(f"{digits} is no time\n", status=HTTPStatus.BAD_REQUEST)
    memento = _nearest(found.all, moment)
    return Response.redirect(page.path(f"/-/capture/{memento.capture_id}"))


def memento_headers(page: PageContext, found: Mementos) -> dict[str, str]:
    """The headers of a captured page: when it was captured, of what, and where the others are."""
    return {
        "Memento-Datetime": _http_date(found.all[0].at),
        "Link": f'<{plain_address(found.url)}>; rel="original", {_others(page, found)}',
    }


def _others(page: PageContext, found: Mementos) -> str:
    """Where the captures of a post are listed, and where one is found by its time."""
    gate, listed = (
        page.absolute_url(path + plain_address(found.url)) for path in (TIMEGATE, TIMEMAP)
    )
    return f'<{gate}>; rel="timegate", <{listed}>; rel="timemap"; type="application/link-format"'


def _address(page: PageContext) -> str:
    return unquote(page.request.url_vars["url"])


def _path(memento: Memento) -> str:
    return f"/-/capture/{memento.capture_id}/frame"


def _nearest(mementos: Sequence[Memento], moment: datetime) -> Memento:
    wanted = moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def distance(memento: Memento) -> timedelta:
        return abs(parse_timestamp(memento.at) - wanted)

    return min(mementos, key=distance)


def _memento_line(page: PageContext, mementos: Sequence[Memento], place: int) -> str:
    memento = mementos[place]
    names = ["first"] * (place == 0) + ["last"] * (place == len(mementos) - 1) + ["memento"]
    date = _http_date(memento.at)
    return f'<{page.absolute_url(_path(memento))}>; rel="{" ".join(names)}"; datetime="{date}"'


def _http_date(at: str) -> str:
    return format_datetime(parse_timestamp(at).astimezone(UTC), usegmt=True)
