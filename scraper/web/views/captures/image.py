"""An archived image by the hash of its bytes."""

from __future__ import annotations

from contextlib import closing
from http import HTTPStatus
from pathlib import Path
from typing import Final

from datasette.utils.asgi import Response

from scraper.archive.captures.reader import try_reader
from scraper.archive.queries.pages.images import read_image
from scraper.archive.queries.run_query import Connection
from scraper.exceptions import CaptureLost
from scraper.responses.content_checks import image_type
from scraper.web.page_context import PageContext, page_view
from scraper.web.pictures import RASTER

LOST_BOX: Final = """\
<svg xmlns="http://www.w3.org/2000/svg" width="320" height="80" role="img">
<title>This image is lost: the archive has no bytes of it</title>
<rect x="1" y="1" width="318" height="78" fill="#fff" stroke="#777" stroke-dasharray="4"/>
<text x="160" y="36" text-anchor="middle" font-family="sans-serif" font-size="14" fill="#444"
>This image is lost:</text>
<text x="160" y="56" text-anchor="middle" font-family="sans-serif" font-size="14" fill="#444"
>the archive has no bytes of it</text>
</svg>
"""
"""What a page shows in place of an image whose bytes are lost or damaged."""


@page_view
async def view(page: PageContext) -> Response:
    """Return the bytes. What is drawn as pixels is shown; anything else, an SVG too, is a file to
    download, since a browser could run what is in it. A page gets a box for what is lost."""
    digest: str = page.request.url_vars["hash"]
    try:
        body = await page.query(_read, page.state.captures, digest)
    except CaptureLost:
        accepted = page.request.headers.get("accept", "")
        if "text/html" in accepted or "image/" not in accepted:
            raise
        headers = {"cache-control": "no-store"}
        return Response(LOST_BOX, HTTPStatus.NOT_FOUND, headers, "image/svg+xml")
    media_type = image_type(body)
    headers = {"cache-control": "private, max-age=31536000, immutable"}
    if media_type in RASTER:
        return Response(body, headers=headers, content_type=media_type)
    suffix = "svg" if media_type else "bin"
    headers["content-disposition"] = f'attachment; filename="{digest[:12]}.{suffix}"'
    return Response(body, headers=headers, content_type="application/octet-stream")


def _read(connection: Connection, captures: Path, digest: str) -> bytes:
    reader = try_reader(captures)
    if reader is None:
        raise CaptureLost("the archive has no bytes of images")
    with closing(reader):
        return read_image(connection, reader, digest)
