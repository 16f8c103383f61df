"""An archived image by the hash of its bytes."""

from __future__ import annotations

from datasette.utils.asgi import Response

from scraper.archive.queries.pages.images import read_image
from scraper.shopify.responses.content_checks import image_type
from scraper.web.page_context import PageContext, page_view
from scraper.web.pictures import RASTER


@page_view
async def view(page: PageContext) -> Response:
    """Return the bytes. What is drawn as pixels is shown; anything else, an SVG too, is a file to
    download, since a browser could run what is in it."""
    digest: str = page.request.url_vars["hash"]
    _, body = await page.query(read_image, page.captures, digest)
    media_type = image_type(body)
    headers = {"cache-control": "private, max-age=31536000, immutable"}
    if media_type in RASTER:
        return Response(body, headers=headers, content_type=media_type)
    suffix = "svg" if media_type else "bin"
    headers["content-disposition"] = f'attachment; filename="{digest[:12]}.{suffix}"'
    return Response(body, headers=headers, content_type="application/octet-stream")
