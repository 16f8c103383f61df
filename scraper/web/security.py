"""The checks of every request, and headers that stop archived content from running or loading
anything."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from datasette.utils.asgi import Response

from scraper.exceptions import NoArchive
from scraper.web.captured_page import FRAME_POLICY
from scraper.web.csv_cells import clean_csv, is_csv_request
from scraper.web.database import note_request
from scraper.web.password import PasswordCheck
from scraper.web.pictures import IMAGES
from scraper.web.request_checks import (
    ASKED,
    is_allowed_fetch,
    is_allowed_host,
    is_allowed_method,
)

if TYPE_CHECKING:
    from datasette.app import Datasette

_ASGI = Callable[
    [Mapping[str, Any], Callable[..., Any], Callable[..., Awaitable[None]]], Awaitable[None]
]

PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Content-Security-Policy of our pages: only files of `static/` load."""

TABLE_POLICY: Final = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Content-Security-Policy of Datasette's own pages. They have inline scripts and styles, escape
archived text, and load nothing from other hosts."""

IMAGE_POLICY: Final = "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'"
"""Content-Security-Policy of an archived image that is opened by itself."""

_OUR_PATHS: Final = re.compile(
    r"^/(?:$|robots\.txt$|web/"
    r"|-/(?:blogkeep|post|changes|evidence|capture|image|timemap|timegate|stores?|search|phrase"
    r"|absent|audit|related|plots|advice|healthz)"
    r"(?:[/.]|$))"
)


_OFFERED: Final = re.compile(
    r"^/(?!-/)|^/-/static(?:-plugins)?/"
    r"|^/-/(?:actor|jump|metadata|plugins|queries|schema|settings|versions)(?:\.json)?$"
)
"""What is offered of Datasette's own: tables and questions, what their pages need, and what says
which program runs here. Not tokens, permissions, messages, debugging, and where files are."""

_CAPTURE_PATH: Final = re.compile(r"^/-/capture/[0-9]+(/frame)?$")

HEALTHZ: Final = "/-/healthz"
"""The path of health probes, which need no password."""


class SecurityMiddleware:
    """ASGI middleware around Datasette: refuses requests for other hosts and of other sites, checks
    the password, and sets security headers."""

    def __init__(self, app: _ASGI, datasette: Datasette) -> None:
        self._app = app
        # Read at each request: Datasette wraps its application before `make_datasette` sets the
        # plugin's state.
        self._datasette = datasette

    async def __call__(
        self,
        scope: Mapping[str, Any],
        receive: Callable[..., Any],
        send: Callable[..., Awaitable[None]],
    ) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = _path(scope, self._datasette)
        is_ours = _OUR_PATHS.match(path) is not None
        send_secured = with_headers(send, _policy(path))
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal.asgi_send(send_secured)
            return
        state = self._datasette.blogkeep
        is_here = is_ours or state.is_plain or _OFFERED.match(path) is not None
        cluster = state.cluster
        if cluster is not None and cluster.is_below(path):
            try:
                await cluster(scope, receive, send)  # its pages have headers of their own
            except NoArchive:  # nothing is sent yet
                is_here = False
            else:
                return
        if is_csv_request(path, scope["query_string"]):
            send_secured = clean_csv(send_secured)
        if not is_here:
            scope = _to_nothing(scope, path)
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        # Our own pages bound what they ask by themselves.
        note_request(() if is_ours else (name for name, _ in query))
        await self._app(scope, receive, send_secured)

    def _refusal(self, scope: Mapping[str, Any]) -> Response | None:
        """Return the response to a request that is refused, or None."""
        state = self._datasette.blogkeep
        headers = dict(scope["headers"])
        server = (scope.get("server") or ("",))[0]
        if not is_allowed_host(scope["headers"], allowed=state.hosts, server=server):
            return _misdirected()
        if not is_allowed_fetch(scope["method"], headers):
            return _other_site()
        if not _has_text_cookies(scope["headers"]):
            return Response.text("A cookie of this request is no text.\n", HTTPStatus.BAD_REQUEST)
        path = _path(scope, self._datasette)
        if not (state.is_plain or is_allowed_method(scope["method"], path)):
            return _read_only()
        if state.password is None or path == HEALTHZ:
            return None
        client = (scope.get("client") or ("",))[0]
        return _check_password(state.password, headers.get(b"authorization", b""), client)


def _has_text_cookies(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Check that the cookies of a request, none of which is ours, are the text that Datasette
    takes them for."""
    cookies = b";".join(value for name, value in headers if name == b"cookie")
    return cookies.decode("utf-8", "ignore").encode() == cookies


def _policy(path: str) -> str:
    """The Content-Security-Policy of a path."""
    if path.startswith(IMAGES):
        return IMAGE_POLICY
    capture = _CAPTURE_PATH.match(path)
    if capture is not None:
        return FRAME_POLICY if capture[1] else f"{PAGE_POLICY}; frame-src 'self'"
    return PAGE_POLICY if _OUR_PATHS.match(path) else TABLE_POLICY


def _path(scope: Mapping[str, Any], datasette: Datasette) -> str:
    """The path of a request below Datasette's base URL."""
    path: str = scope["path"].removeprefix(datasette.setting("base_url").rstrip("/"))
    return path


def _to_nothing(scope: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """The same request for an address at which there is nothing, in Datasette neither."""
    nothing = scope["path"].removesuffix(path) + "/-/nothing"
    return {**scope, "path": nothing, "raw_path": nothing.encode(), ASKED: path}


async def robots() -> Response:
    """Disallow all robots: the archived texts belong to others."""
    return Response.text("User-agent: *\nDisallow: /\n")


def with_headers(
    send: Callable[..., Awaitable[None]], policy: str
) -> Callable[[dict[str, Any]], Awaitable[None]]:
    """Wrap an ASGI `send` so that the response carries our headers in place of its own."""
    ours = _security_headers(policy)

    async def send_secured(event: dict[str, Any]) -> None:
        if event["type"] == "http.response.start":
            others = [
                (name, value)
                for name, value in event.get("headers") or []
                if name.lower() not in ours
            ]
            event = {**event, "headers": [*others, *ours.items()]}
        await send(event)

    return send_secured


def _security_headers(policy: str) -> dict[bytes, bytes]:
    headers = {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "x-robots-tag": "noindex, nofollow",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }
    return {name.encode(): value.encode() for name, value in headers.items()}


def _check_password(password: PasswordCheck, authorization: bytes, client: str) -> Response | None:
    """Return the response to a request without the password, or None."""
    now = time.monotonic()
    wait_s = password.seconds_to_wait(client, now)
    if wait_s and authorization:
        return _throttled(wait_s)
    if password.is_correct(authorization, client, now):
        return None
    return _unauthorized()


def _throttled(wait_s: float) -> Response:
    return Response.text(
        "Too many wrong passwords. Wait before the next one.\n",
        HTTPStatus.TOO_MANY_REQUESTS,
        {"retry-after": str(math.ceil(wait_s))},
    )


def _misdirected() -> Response:
    return Response.text(
        "This host name is not served here. `blogkeep serve --host-name NAME` allows one.\n",
        HTTPStatus.MISDIRECTED_REQUEST,
    )


def _other_site() -> Response:
    return Response.text(
        "Another website caused this request. It may link to this page, but not load it.\n",
        HTTPStatus.FORBIDDEN,
    )


def _read_only() -> Response:
    return Response.text(
        "This archive is for reading.\n",
        HTTPStatus.METHOD_NOT_ALLOWED,
        {"allow": "GET, HEAD"},
    )


def _unauthorized() -> Response:
    return Response.text(
        "This archive requires a password.",
        401,
        {"www-authenticate": 'Basic realm="Blogkeep", charset="UTF-8"'},
    )
