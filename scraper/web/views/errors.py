"""Pages for errors: wrong addresses, refusals, failures; and the answer to health probes."""

from __future__ import annotations

import logging
from http import HTTPStatus
from traceback import walk_tb
from typing import TYPE_CHECKING, Any

from datasette.database import QueryInterrupted
from datasette.utils.asgi import Base400, NotFound, Response
from datasette.views.base import DatasetteError
from markupsafe import Markup

from scraper.archive.queries.run_query import MISUSE, run_with_timeout
from scraper.archive.queries.status import check_readable
from scraper.printable import single_line
from scraper.web.config import PLUGIN_NAME
from scraper.web.request_checks import ASKED

if TYPE_CHECKING:
    from datasette.app import Datasette

logger = logging.getLogger(__name__)

PROBE_TIMEOUT_MS = 2000
_OF_SQL = (*MISUSE, OverflowError)
_OF_WORDS = (*_OF_SQL, ArithmeticError, AssertionError, LookupError, TypeError, ValueError)
MAX_LOGGED = 300
"""Characters of an address or a message in the log."""


async def respond(datasette: Datasette, request: Any, exception: Exception) -> Response:
    """Answer a request that failed, and write one line into the log."""
    status, title, message = _describe(exception)
    reason = message
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        reason = f"{type(exception).__name__}: {exception}"
        if _is_for_words(request, exception):
            status, title = HTTPStatus.BAD_REQUEST, "The request failed"
            message = f"{type(exception).__name__} for the words of this address: change them."
    level = logging.ERROR if status >= HTTPStatus.INTERNAL_SERVER_ERROR else logging.WARNING
    path = request.scope.get(ASKED, request.path)
    logger.log(level, "%d %s: %s", status, _one_line(path), _one_line(reason))
    return await _respond(datasette, request, status, title, message)


async def refuse(datasette: Datasette, request: Any, message: str) -> Response:
    """Answer a request for what the visitor may not see."""
    title = "You may not see this page"
    return await _respond(datasette, request, HTTPStatus.FORBIDDEN, title, message)


async def healthz(datasette: Datasette) -> Response:
    """Answer a probe: 200 if the archive can be read, else 503. Needs no password, and says
    nothing about the archive."""
    database = datasette.get_database(datasette.blogkeep.database)
    try:
        await database.run(lambda found: run_with_timeout(found, PROBE_TIMEOUT_MS, check_readable))
    except Exception as error:  # noqa: BLE001 - whatever it is, the archive cannot be read
        logger.error("503 /-/healthz: %s", _one_line(str(error)))
        return Response.text("the archive cannot be read\n", HTTPStatus.SERVICE_UNAVAILABLE)
    return Response.text("ok\n")


def _describe(exception: Exception) -> tuple[int, str, str]:
    """Status, title and message of an error for its page."""
    if isinstance(exception, NotFound):
        return HTTPStatus.NOT_FOUND, "Page not found", "There is nothing at this address."
    if isinstance(exception, DatasetteError):
        message = exception.message
        if exception.message_is_html:
            message = Markup(message)
        # A column or a parameter that is not there is 500 in Datasette.
        is_default = exception.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        status = HTTPStatus.BAD_REQUEST if is_default else exception.status
        return status, exception.title or "The request failed", message
    if isinstance(exception, Base400):
        return exception.status, "The request failed", str(exception)
    if isinstance(exception, QueryInterrupted):
        return HTTPStatus.BAD_REQUEST, "The query took too long", "Ask for less at once."
    title = "This page failed"
    return HTTPStatus.INTERNAL_SERVER_ERROR, title, "The reason is in the log of the server."


def _is_for_words(request: Any, exception: Exception) -> bool:
    """Whether a page of Datasette's own failed for words of its address that it does not check."""
    names = (frame.f_globals.get("__name__", "") for frame, _ in walk_tb(exception.__traceback__))
    callers = [one for one in names if one.startswith(("datasette.", "scraper."))]
    is_ours = "".join(callers[-1:]).startswith("scraper.")
    has_words = "database" in request.url_vars and bool(request.query_string)
    return has_words and isinstance(exception, _OF_SQL if is_ours else _OF_WORDS)


async def _respond(
    datasette: Datasette, request: Any, status: int, title: str, message: str
) -> Response:
    if request.path.endswith(".json"):
        error = {"ok": False, "error": str(message), "status": status, "title": title}
        return Response.json(error, status=status)
    html = await datasette.render_template(
        f"{PLUGIN_NAME}/error.html",
        {"title": title, "detail": message, "database": datasette.blogkeep.database},
        request=request,
    )
    return Response.html(html, status=status)


def _one_line(text: str) -> str:
    return single_line(text)[:MAX_LOGGED]
