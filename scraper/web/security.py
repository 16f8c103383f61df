"""What stands before every page: the password, and headers by which nothing archived can run or
reach out."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from datasette.utils.asgi import Response

if TYPE_CHECKING:
    from datasette.app import Datasette

_ASGI = Callable[
    [Mapping[str, Any], Callable[..., Any], Callable[..., Awaitable[None]]], Awaitable[None]
]

ROOM_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
"""Pages of ours: what stands in `static/`, and nothing else."""

TABLES_POLICY: Final = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Datasette's own pages carry scripts and styles in the page; archived text is escaped there, and
nothing comes from outside."""

_ROOM: Final = re.compile(
    r"^/(?:$|robots\.txt$|room/|-/(?:post|changes|search|phrase|related|plots)(?:[/.]|$))"
)


class SecurityMiddleware:
    """An ASGI application around Datasette's."""

    def __init__(self, app: _ASGI, datasette: Datasette) -> None:
        self._app = app
        # Asked at each request: Datasette wraps its application before `serving` has told it what
        # to keep.
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
        path = scope["path"].removeprefix(self._datasette.setting("base_url").rstrip("/"))
        policy = ROOM_POLICY if _ROOM.match(path) else TABLES_POLICY

        async def send_guarded(event: dict[str, Any]) -> None:
            if event["type"] == "http.response.start":
                event = {
                    **event,
                    "headers": [*_without_ours(event.get("headers") or []), *_headers(policy)],
                }
            await send(event)

        password = self._datasette.blogkeep.password.encode()
        if password and not _tells(password, dict(scope["headers"]).get(b"authorization", b"")):
            answer = Response.text(
                "This archive asks for its password.",
                401,
                {"www-authenticate": 'Basic realm="Blogkeep", charset="UTF-8"'},
            )
            await answer.asgi_send(send_guarded)
            return
        await self._app(scope, receive, send_guarded)


async def robots() -> Response:
    """Robots are asked to stay away: what is here is somebody else's text."""
    return Response.text("User-agent: *\nDisallow: /\n")


def _tells(password: bytes, header: bytes) -> bool:
    """Whether an Authorization header holds the password, under any name (RFC 7617)."""
    scheme, _, told = header.partition(b" ")
    if scheme.lower() != b"basic":
        return False
    try:
        name_and_password = base64.b64decode(told.strip(), validate=True)
    except binascii.Error:
        return False
    return hmac.compare_digest(name_and_password.partition(b":")[2], password)


def _headers(policy: str) -> list[tuple[bytes, bytes]]:
    told = {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "x-robots-tag": "noindex, nofollow",
        "cross-origin-opener-policy": "same-origin",
    }
    return [(name.encode(), value.encode()) for name, value in told.items()]


def _without_ours(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    ours = {name for name, _ in _headers("")}
    return [(name, value) for name, value in headers if name.lower() not in ours]
