"""An archived image by the hash of its bytes."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from datasette.utils.asgi import Response

from scraper.archive.captures.reader import try_reader
from scraper.archive.queries.pages.images import read_image
from scraper.archive.queries.run_query import Connection
from scraper.exceptions import CaptureLost
from scraper.shopify.responses.content_checks import image_type
from scraper.web.page_context import PageContext, page_view
from scraper.web.pictures import RASTER


@page_view
async def view(page: PageContext) -> Response:
    """Return the bytes. What is drawn as pixels is shown; anything else, an SVG too, is a file to
    download, since a browser could run what is in it."""
    digest: str = page.request.url_vars["hash"]
    body = await page.query(_read, page.state.captures, digest)
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
